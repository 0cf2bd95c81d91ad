"""The bundle in use, and the test images to pick from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.operators.walks import AS_FOUND, AS_TRAINED, UsualPath
from lsd_studio.engine.vocabulary import Reading, Subject

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle


@dataclass(frozen=True, eq=False)
class BundleInUse:
    """What the bundle now in use says of itself.

    Args:
        hash: of its manifest, and so of all its files; parents: hashes of the bundles that it was made from.
        shipped: names of the bundles that come with this installation; ships: whether this is one, as it came.
        imported: names of those that the user imported.
        usual_path: how a path begins in it.
        prior: that the generator was trained with, in words; "" for N(0, I).
        made_from_ink: whether the networks know images as MNIST's: bright ink on black, scaled and centred.
    """

    path: Path
    name: str
    hash: str
    parents: tuple[str, ...]
    profile: str
    data_set: str
    label_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    latent_dimensions: int
    reading: Reading
    shipped: tuple[str, ...]
    imported: tuple[str, ...]
    ships: bool
    usual_path: UsualPath
    prior: str
    made_from_ink: bool

    @property
    def subject(self) -> Subject:
        """What a person is asked to draw."""
        is_digit = self.made_from_ink and all(name.isdigit() for name in self.label_names)
        return "digit" if is_digit else "picture"

    @property
    def number_of_labels(self) -> int:
        """l, the number of labels."""
        return len(self.label_names)


@dataclass(frozen=True, eq=False)
class OpenedBundle(BundleInUse):
    """The bundle now in use, and what its basis looks like.

    Args:
        vector_pictures: uint8 [M, H, W, C], every ξ decoded, set outer and label inner.
        vector_labels: int64 [M], what C reads in each; vector_probabilities: float32 [M], how surely.
    """

    vector_pictures: np.ndarray
    vector_labels: np.ndarray
    vector_probabilities: np.ndarray


@dataclass(frozen=True, eq=False)
class TestImages:
    """Test images to pick from: images uint8 [N, C, H, W], labels int64 [N] into `label_names`, the bundle's.

    `notes` are one sentence each on what a reader must know of them.
    """

    __test__ = False

    name: str
    images: np.ndarray
    labels: np.ndarray
    label_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


class BundleOperations(Operations):
    """Opens bundles, and reads images that fit the one that is open."""

    @operation(key="open bundle", scope="engine")
    def open(self, path: str | Path | None = None) -> OpenedBundle:
        """Use a bundle from now on: a folder, a finished run, or a shipped one by its name; None: the first of these.

        Raises:
            StudioError: it cannot be opened; the bundle before stays in use.
        """
        return opened_bundle(self._opened(path))

    @operation(key="open bundle", scope="engine")
    def use(self, path: str | Path | None = None) -> BundleInUse:
        """`open` for who shows no vectors: they are not decoded, which takes longer than decomposing an image.

        Raises:
            StudioError: as `open`.
        """
        return bundle_in_use(self._opened(path))

    def _opened(self, path: str | Path | None) -> Bundle:
        from lsd_studio.engine.bundle import open_bundle

        self._session.use(open_bundle(_first_that_ships() if path is None else path))
        return self._session.open_bundle()

    @operation("loading")
    def test_images(self, source: str) -> TestImages:
        """Read the test images of a data set by name or folder; of one that is not on this machine, those that ship.

        Raises:
            StudioError: there are none, or they do not fit the open bundle.
        """
        from lsd_studio.engine.datasets import fit_images, is_available, load_fitting, shipped_examples

        trained_on = self._session.open_bundle().manifest.trained_on
        examples = None if is_available(source) else shipped_examples(source)
        read = (
            load_fitting(trained_on, source, "test") if examples is None else fit_images(examples, trained_on)
        )
        return TestImages(read.name, read.images, read.labels, read.label_names, read.notes)


def opened_bundle(bundle: Bundle) -> OpenedBundle:
    """What a person sees of a bundle that is in use from now on."""
    pixels = bundle.networks.decode(bundle.basis.xi_)
    probabilities = bundle.networks.classify(pixels)
    return OpenedBundle(
        **vars(bundle_in_use(bundle)),
        vector_pictures=pictures(pixels),
        vector_labels=probabilities.argmax(axis=1),
        vector_probabilities=probabilities.max(axis=1),
    )


def bundle_in_use(bundle: Bundle) -> BundleInUse:
    """What a bundle that is in use from now on says of itself."""
    from lsd_studio.engine.basis.variant import UnsavedBundle
    from lsd_studio.engine.bundle import shipped_bundles, ships
    from lsd_studio.engine.bundle.imported import bundles_with_basis

    return BundleInUse(
        path=bundle.path,
        name=bundle_name(bundle),
        hash=bundle.hash,
        parents=bundle.manifest.parents,
        profile=bundle.profile.name,
        data_set=bundle.manifest.data.name,
        label_names=bundle.manifest.label_names,
        image_shape=bundle.networks.image_shape,
        latent_dimensions=bundle.networks.latent_dimensions,
        reading=bundle.profile.reading,
        shipped=shipped_bundles(),
        imported=bundles_with_basis(),
        ships=ships(bundle.path) and not isinstance(bundle, UnsavedBundle),
        usual_path=AS_TRAINED if _trained_to_turn(bundle) else AS_FOUND,
        prior="" if bundle.manifest.prior is None else bundle.manifest.prior.in_words,
        made_from_ink=bundle.made_from_ink,
    )


def _trained_to_turn(bundle: Bundle) -> bool:
    """Whether G and E were fine-tuned together so that turned codes are drawn as their label."""
    joint = bundle.profile.joint
    trained = any(stage.name == "joint" for stage in bundle.manifest.stages)
    return trained and joint is not None and joint.turn_weight > 0


def bundle_name(bundle: Bundle) -> str:
    """The name that a person knows the bundle by: its folder's, or its run's, and whether its basis is unsaved."""
    from lsd_studio.engine.basis.variant import UnsavedBundle
    from lsd_studio.engine.bundle import known_name

    name = known_name(bundle.path)
    return f"{name} (unsaved basis)" if isinstance(bundle, UnsavedBundle) else name


def _first_that_ships() -> str:
    from lsd_studio.engine.bundle import shipped_bundles

    shipped = shipped_bundles()
    if not shipped:
        raise StudioError(
            "No bundle comes with this installation; open a bundle's folder, or train one first."
        )
    return shipped[0]
