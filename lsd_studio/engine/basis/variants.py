"""All bases made over the same networks, and the one that is being gathered."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass

from lsd_studio.engine.basis.latent_sets import LatentSets
from lsd_studio.engine.basis.orthogonalisation import orthogonalise
from lsd_studio.engine.basis.progress import LabelledFrameProgress
from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.basis.variant import BasisVariant, basis_key, own_basis, training_images
from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages, Progress
from lsd_studio.engine.errors import NotAvailableError
from lsd_studio.engine.vocabulary import Complement, SetOne


@dataclass(frozen=True, eq=False)
class Gathering:
    """Latent sets being gathered, and how ξ is to be made of their averages."""

    sets: LatentSets
    set_one: SetOne
    complement: Complement
    seed: int


class BasisVariants:
    """The variants of the basis of one bundle's networks, by their keys.

    Attributes:
        own: the basis of its files.
        gathering: what is being gathered, or was when it was stopped.
        frame_is_enough: set to end the turning of a frame that is under way with the frame as it is.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.gathering: Gathering | None = None
        self.frame_is_enough = threading.Event()
        self._variants: dict[str, BasisVariant] = {}
        self._images: tuple[LabelledImages, LabelledImages] | None = None
        self.own = self._add(own_basis(bundle))

    def variant(self, key: str) -> BasisVariant:
        """The variant of this key.

        Raises:
            NotAvailableError: there is none.
        """
        if key not in self._variants:
            raise NotAvailableError("This basis is no longer available: build it again.")
        return self._variants[key]

    def variant_of(self, basis: QuasiEigenvectors) -> BasisVariant:
        """The variant with this very basis, or the bundle's own where none has it."""
        return next((each for each in self._variants.values() if each.basis is basis), self.own)

    def images(self, progress: Progress | None = None) -> tuple[LabelledImages, LabelledImages]:
        """The training images and the held-out ones, read once.

        Raises:
            StudioError: they are not here, or have changed since.
        """
        if self._images is None:
            self._images = training_images(self.bundle, progress)
        return self._images

    def build(self, gathering: Gathering) -> Generator[LabelledFrameProgress, None, BasisVariant]:
        """Make ξ of the averages of what was gathered.

        Raises:
            StudioError: a set holds no vector yet, or η is linearly dependent.
        """
        sets, set_one, complement = gathering.sets, gathering.set_one, gathering.complement
        training, _ = self.images()
        networks, seed = self.bundle.networks, gathering.seed
        self.frame_is_enough.clear()
        basis = yield from orthogonalise(
            networks, training, sets.eta(), set_one, complement, seed, self.frame_is_enough.is_set
        )
        return self._add(BasisVariant(basis, set_one, complement, sets.wanted, seed, sets.counts))

    def orthogonalise(
        self, of: BasisVariant, set_one: SetOne, complement: Complement
    ) -> Generator[LabelledFrameProgress, None, BasisVariant]:
        """Make another ξ of the same η, unless that was done before."""
        eta, seed = of.basis.eta_, of.seed
        known = self._variants.get(basis_key(eta, set_one, complement, seed))
        if known is not None:
            return known
        training, _ = self.images()
        basis = yield from orthogonalise(self.bundle.networks, training, eta, set_one, complement, seed)
        return self._add(BasisVariant(basis, set_one, complement, of.vectors, seed, of.counts))

    def _add(self, variant: BasisVariant) -> BasisVariant:
        """Hold this variant by its key from now on; the one that already has the key stays."""
        return self._variants.setdefault(variant.key, variant)
