"""The quasi-eigenbasis: built, shown, audited, compared with others over the same η, used and saved (R11–R15, R35).

A basis is named by its key, as long as the bundle's networks are open; None names the one in use.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from lsd_studio.engine.basis.measures import BasisView, DecodedVectors, LatentDensities, Measures, Repetition
from lsd_studio.engine.basis.progress import BasisStep
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.operations.bundles import OpenedBundle, bundle_name, opened_bundle
from lsd_studio.engine.platform.seeds import checked_seed
from lsd_studio.engine.steps import Doing, report_doing
from lsd_studio.engine.vocabulary import Complement, SetOne, Source

if TYPE_CHECKING:
    from lsd_studio.engine.basis.variant import BasisVariant
    from lsd_studio.engine.basis.variants import BasisVariants
    from lsd_studio.engine.models.inference import Networks

VARIANTS = "basis variants"
"""The note of the session that holds them."""


@dataclass(frozen=True, eq=False)
class BasisMeasured:
    """One more orthogonalisation is measured, `done` of `wanted`; pictures: uint8 [M, H, W, C], its ξ decoded."""

    measures: Measures
    pictures: np.ndarray
    done: int
    wanted: int


@dataclass(frozen=True, eq=False)
class SamplesDrawn:
    """More latent vectors, decoded, for the mosaics that are not full yet.

    Args:
        pictures: uint8 [B, H, W, C], the new ones; labels: int64 [B], C's label of each, their mosaic.
        counts: int64 [l], pictures that each label has now, of `each` wanted.
        draws: latent vectors drawn so far.
    """

    source: Source
    pictures: np.ndarray
    labels: np.ndarray
    counts: np.ndarray
    each: int
    draws: int


@dataclass(frozen=True, eq=False)
class LabelSamples:
    """The mosaics of a source are full, or 20 draws for each picture wanted were made.

    Args:
        counts: int64 [l], pictures of each label; fewer than `each` for a label that is too rare.
        draws: latent vectors drawn.
        densities: of the same latent vectors.
    """

    source: Source
    counts: np.ndarray
    each: int
    draws: int
    densities: LatentDensities


BasisProgress: TypeAlias = Doing | BasisStep | BasisMeasured | SamplesDrawn


class BasisOperations(Operations):
    """Bases over the open bundle's networks. The bundle stays as it is until one of them is used or saved."""

    @operation("analysis", scope="networks")
    def show(self, basis: str | None = None) -> BasisView:
        """Describe a basis."""
        variants = self._variants()
        return self._view(variants, self._chosen(variants, basis))

    @operation("analysis", key="build basis", scope="networks")
    def build(
        self,
        vectors: int | None = None,
        seed: int | None = None,
        set_one: SetOne | None = None,
        complement: Complement | None = None,
    ) -> Generator[BasisProgress, None, BasisView]:
        """Gather latent sets with the bundle's networks, average them to η, and make ξ of η (R11–R13).

        What is None is taken from the bundle's profile, the seed from its last basis. `finish` ends the gathering with
        what there is.

        Args:
            vectors: V, latent vectors averaged for each set and label, 1 or more.
            seed: of all draws, 0 or more.

        Raises:
            StudioError: a setting is out of range, the training images are not here or have changed, a label cannot
                be filled, or η is linearly dependent.
        """
        from lsd_studio.engine.basis.latent_sets import LatentSets
        from lsd_studio.engine.basis.variants import Gathering
        from lsd_studio.engine.runs.profiles import override_profile

        variants, profile = self._variants(), self._session.open_bundle().profile
        asked = {"vectors": vectors, "set_one": set_one, "complement": complement}
        overrides = [f"basis.{name}={value}" for name, value in asked.items() if value is not None]
        settings = override_profile(profile, overrides).basis
        seed = variants.bundle.manifest.seeds.get("basis", 0) if seed is None else checked_seed(seed)
        yield Doing("reading the training images")
        training, _ = variants.images(report_doing)
        sets = LatentSets(variants.bundle.networks, training, settings.vectors, settings.max_draws, seed)
        variants.gathering = Gathering(sets, settings.set_one, settings.complement, seed)
        yield from sets.fill()
        return self._view(variants, (yield from variants.build(variants.gathering)))

    @operation("analysis", key="build basis", scope="networks")
    def finish(self) -> Generator[BasisProgress, None, BasisView]:
        """End the building that is under way, or take up what a stopped one has left, and make ξ of its averages.

        Raises:
            StudioError: nothing is being built, or some label has no vector yet: the sentence names it.
        """
        variants = self._variants()
        if variants.gathering is None:
            raise StudioError("No basis is being built: start to build one first.")
        return self._view(variants, (yield from variants.build(variants.gathering)))

    @operation(scope="networks")
    def keep_frame(self) -> None:
        """End the turning of the frame of a basis that is being built: `build` returns with the frame as it is."""
        self._variants().frame_is_enough.set()

    @operation("analysis", scope="networks")
    def orthogonalise(
        self, set_one: SetOne, complement: Complement, basis: str | None = None
    ) -> Generator[BasisProgress, None, BasisView]:
        """Make another ξ of the η that a basis has."""
        from lsd_studio.engine.basis.orthogonalisation import title

        variants = self._variants()
        yield Doing(title(set_one, complement))
        of = self._chosen(variants, basis)
        return self._view(variants, (yield from variants.orthogonalise(of, set_one, complement)))

    @operation("analysis", scope="networks")
    def compare(
        self, basis: str | None = None, images: int = 2000, seed: int = 0
    ) -> Generator[BasisProgress, None, tuple[Measures, ...]]:
        """Measure all orthogonalisations over the η of a basis, the paper's first (R13, R36, R40, R42).

        Args:
            images: how many held-out training images at most, which neither the networks nor η have seen.
            seed: of the draws of z.
        """
        from lsd_studio.engine.basis.comparison import encode_images, measure_basis
        from lsd_studio.engine.basis.orthogonalisation import CHOICES

        variants = self._variants()
        networks = variants.bundle.networks
        yield Doing("encoding held-out images")
        of = self._chosen(variants, basis)
        _, held_out = variants.images(report_doing)
        chosen = held_out.take(np.arange(max(0, min(images, len(held_out)))))
        encoded = encode_images(networks, chosen, checked_seed(seed))
        rows: list[Measures] = []
        for set_one, complement in CHOICES:
            variant = yield from variants.orthogonalise(of, set_one, complement)
            rows.append(measure_basis(networks, variant, encoded))
            decoded = pictures(networks.decode(variant.basis.xi_))
            yield BasisMeasured(rows[-1], decoded, len(rows), len(CHOICES))
        return tuple(rows)

    @operation("analysis", scope="networks")
    def repeat(
        self, basis: str | None = None, seed: int | None = None, vectors: int | None = None
    ) -> Generator[BasisProgress, None, Repetition]:
        """Build a basis again with another seed, and see which directions repeat (R35).

        Args:
            seed: None: the next after its own.
            vectors: V of the repetition; None: as it has itself.
        """
        from lsd_studio.engine.basis.audit import chance_cosine, repetition_sentence, twin_cosines
        from lsd_studio.engine.basis.latent_sets import LatentSets
        from lsd_studio.engine.basis.variants import Gathering
        from lsd_studio.engine.runs.profiles import override_profile

        variants = self._variants()
        of = self._chosen(variants, basis)
        seed = of.seed + 1 if seed is None else checked_seed(seed)
        vectors = of.vectors if vectors is None else vectors
        settings = override_profile(variants.bundle.profile, [f"basis.vectors={vectors}"]).basis
        networks = variants.bundle.networks
        yield Doing("reading the training images")
        training, _ = variants.images(report_doing)
        sets = LatentSets(networks, training, vectors, settings.max_draws, seed)
        yield from sets.fill()
        twin = yield from variants.build(Gathering(sets, of.set_one, of.complement, seed))
        xi_cosines = twin_cosines(of.basis.xi_, twin.basis.xi_)
        return Repetition(
            key=of.key,
            twin=twin.key,
            seed=seed,
            vectors=vectors,
            xi_cosines=xi_cosines,
            chance=chance_cosine(len(xi_cosines)),
            sentence=repetition_sentence(xi_cosines, networks.number_of_labels, seed),
        )

    @operation("analysis", latest="source", scope="networks")
    def samples(
        self, source: Source, each: int = 1200, seed: int = 0
    ) -> Generator[BasisProgress, None, LabelSamples]:
        """Draw latent vectors until each label (by C∘G) has some, decoded, with their densities (Fig. 3).

        Args:
            each: pictures a label, 1…1200 (30 × 40).
            seed: of the draws.
        """
        from lsd_studio.engine.latent.label_densities import label_latents, latent_densities

        variants = self._variants()
        yield Doing("reading the training images")
        training, _ = variants.images(report_doing)
        networks = variants.bundle.networks
        codes, labels = [], []
        for batch in label_latents(networks, training, source, each, checked_seed(seed)):
            codes.append(batch.codes)
            labels.append(batch.labels)
            yield SamplesDrawn(source, pictures(batch.images), batch.labels, batch.counts, each, batch.draws)
        densities = latent_densities(np.concatenate(codes), np.concatenate(labels), networks.number_of_labels)
        return LabelSamples(source, batch.counts, each, batch.draws, densities)

    @operation(scope="networks")
    def use(self, basis: str) -> OpenedBundle:
        """Use a basis with the bundle's networks from now on, without saving it.

        The files of the bundle stay as they are, and opening the bundle again brings its own basis back.
        """
        from lsd_studio.engine.basis.variant import with_basis

        variants = self._variants()
        variant = variants.variant(basis)
        self._session.use(
            variants.bundle if variant is variants.own else with_basis(variants.bundle, variant)
        )
        self._session.notes[VARIANTS] = variants
        return opened_bundle(self._session.open_bundle())

    @operation("loading", scope="networks")
    def save(self, basis: str, path: Path, replace: bool = False) -> Path:
        """Save the bundle's networks with this basis as a new bundle; its folder is none yet, or an empty one.

        Args:
            replace: whether it may take the place of a bundle that is there, also of the open one, which stays in use
                as it was until it is opened again.

        Raises:
            StudioError: the folder holds something else, or cannot be written.
        """
        from lsd_studio.engine.basis.variant import save_with_basis

        variants = self._variants()
        variant = variants.variant(basis)
        if not replace and path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise StudioError(f"{path} already exists: choose a new folder to save to.")
        save_with_basis(variants.bundle, variant, path)
        return path

    def _variants(self) -> BasisVariants:
        from lsd_studio.engine.basis.variants import BasisVariants

        bundle = self._session.open_bundle()
        variants: BasisVariants | None = self._session.notes.get(VARIANTS)
        if variants is None:  # another analysis may come first
            variants = self._session.notes.setdefault(VARIANTS, BasisVariants(bundle))
        if variants.bundle.networks is not bundle.networks:
            variants = self._session.notes[VARIANTS] = BasisVariants(bundle)
        return variants

    def _chosen(self, variants: BasisVariants, key: str | None) -> BasisVariant:
        in_use = self._session.open_bundle().basis
        return variants.variant_of(in_use) if key is None else variants.variant(key)

    def _view(self, variants: BasisVariants, variant: BasisVariant) -> BasisView:
        from lsd_studio.engine.basis.audit import audit_basis
        from lsd_studio.engine.basis.orthogonalisation import title

        basis, networks = variant.basis, variants.bundle.networks
        eta, xi = (_decoded(networks, vectors, basis.labels_) for vectors in (basis.eta_, basis.xi_))
        return BasisView(
            key=variant.key,
            title=title(variant.set_one, variant.complement),
            bundle=bundle_name(variants.bundle),
            in_use=variant is self._chosen(variants, None),
            set_one=variant.set_one,
            complement=variant.complement,
            vectors=variant.vectors,
            seed=variant.seed,
            counts=variant.counts,
            label_names=variants.bundle.manifest.label_names,
            eta_gram=basis.eta_ @ basis.eta_.T,
            xi_gram=basis.xi_ @ basis.xi_.T,
            overlap=basis.xi_ @ basis.eta_.T,
            eta=eta,
            xi=xi,
            audit=audit_basis(basis, variant.counts, eta.kept, xi.kept, variant.complement),
        )


def _decoded(networks: Networks, vectors: np.ndarray, own_labels: np.ndarray) -> DecodedVectors:
    pixels = networks.decode(vectors)
    probabilities = networks.classify(pixels)
    labels = probabilities.argmax(axis=1)
    return DecodedVectors(
        pictures=pictures(pixels),
        labels=labels,
        probabilities=probabilities.max(axis=1),
        kept=labels == own_labels,
    )
