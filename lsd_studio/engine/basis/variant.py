"""A basis made for a bundle's networks: what it was made from, used in place of the bundle's own, or saved with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.bundle import Bundle, Facts, save_bundle
from lsd_studio.engine.datasets import LabelledImages, Progress, hold_out, load_fitting
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.profiles import override_profile
from lsd_studio.engine.vocabulary import Complement, SetOne


@dataclass(frozen=True, eq=False)
class BasisVariant:
    """A basis and what it was made from.

    Attributes:
        set_one, complement: how ξ was made of η.
        vectors: V asked for.
        counts: int64 [n, l], latent vectors averaged, less than V where the gathering was stopped.
    """

    basis: QuasiEigenvectors
    set_one: SetOne
    complement: Complement
    vectors: int
    seed: int
    counts: NDArray[np.int64]

    @property
    def key(self) -> str:
        """A name that the same η, made orthogonal in the same way with the same seed, always has."""
        return basis_key(self.basis.eta_, self.set_one, self.complement, self.seed)


def basis_key(eta: NDArray[np.float64], set_one: SetOne, complement: Complement, seed: int) -> str:
    """See `BasisVariant.key`."""
    return f"{hashlib.sha256(eta.tobytes()).hexdigest()[:16]} {set_one} {complement} {seed}"


@dataclass(frozen=True, eq=False)
class UnsavedBundle(Bundle):
    """A bundle with a basis that its files do not hold; `path` and `manifest.files` are those of the one it came from.

    Its `hash` names networks and basis together, as that of a saved bundle does.
    """

    def evaluation(self) -> dict[str, object] | None:
        """None: what is kept beside the files was measured with their basis."""
        return None


def own_basis(bundle: Bundle) -> BasisVariant:
    """The basis that a bundle has, made as its profile says."""
    settings = bundle.profile.basis
    shape = (bundle.basis.number_of_sets, bundle.basis.number_of_labels)
    return BasisVariant(
        basis=bundle.basis,
        set_one=settings.set_one,
        complement=settings.complement,
        vectors=settings.vectors,
        seed=bundle.manifest.seeds.get("basis", 0),
        counts=np.full(shape, settings.vectors, dtype=np.int64),
    )


def with_basis(bundle: Bundle, variant: BasisVariant) -> UnsavedBundle:
    """The bundle's networks with this basis.

    Its profile says how the basis was made; V is what every set holds at least.
    """
    profile = override_profile(
        bundle.profile,
        [
            f"basis.vectors={variant.counts.min()}",
            f"basis.set_one={variant.set_one}",
            f"basis.complement={variant.complement}",
        ],
    )
    content = bundle.hash.encode() + variant.basis.eta_.tobytes() + variant.basis.xi_.tobytes()
    return UnsavedBundle(
        path=bundle.path,
        manifest=bundle.manifest.model_copy(
            update={
                "seeds": {**bundle.manifest.seeds, "basis": variant.seed},
                "parents": (*bundle.manifest.parents, bundle.hash),
            }
        ),
        networks=bundle.networks,
        basis=variant.basis,
        profile=profile,
        hash=hashlib.sha256(content).hexdigest(),
    )


def save_with_basis(bundle: Bundle, variant: BasisVariant, path: Path) -> UnsavedBundle:
    """Write the bundle's networks with this basis to the folder `path`, in place of the bundle that may be there.

    Raises:
        StudioError: the disk is full or not writable, or `path` holds something that is no bundle.
    """
    whole = with_basis(bundle, variant)
    save_bundle(
        path,
        profile=whole.profile,
        networks=whole.networks,
        discriminator=bundle.discriminator(),
        basis=whole.basis,
        facts=Facts(**{name: getattr(whole.manifest, name) for name in Facts.model_fields}),
    )
    return whole


def training_images(
    bundle: Bundle, progress: Progress | None = None
) -> tuple[LabelledImages, LabelledImages]:
    """The images that a bundle's networks were trained on, and those held out from training.

    Raises:
        StudioError: they are not here, or have changed since.
    """
    record = bundle.manifest.data
    data = load_fitting(bundle.manifest.trained_on, None, "train", progress)
    if data.checksum != record.checksum:
        raise StudioError(
            f"The training images of {record.name} have changed since this bundle was trained on them: please put the "
            "original images back."
        )
    return hold_out(data)
