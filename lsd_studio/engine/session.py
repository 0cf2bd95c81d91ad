"""What the engine's queues share: the open bundle and the current image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from weakref import ref

import numpy as np

from lsd_studio.engine.errors import NotAvailableError, StudioError

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle
    from lsd_studio.engine.latent.dataset import LatentDataset
    from lsd_studio.engine.operations.decompose import DecompositionSettings

Cached = TypeVar("Cached")

Scope = Literal["bundle", "networks", "latent space", "engine"]
"""What an answer belongs to: the bundle that is open when it is asked for; its networks, which stay when another basis
of theirs is used; the codes that are open; or the engine as such."""


@dataclass(frozen=True, eq=False)
class CurrentImage:
    """The image that Decompose shows, encoded.

    Args:
        title: which image it is; steps: what was done to it, in words.
        pixels: float32 [C, H, W] in [−1, 1].
        mean, log_sigma: float32 [M], the posterior.
        settings: how it is decomposed.
        code: [M], the code in use: the mean, a draw, or refined.
    """

    title: str
    steps: tuple[str, ...]
    pixels: np.ndarray
    mean: np.ndarray
    log_sigma: np.ndarray
    settings: DecompositionSettings
    code: np.ndarray
    refined: bool = False


@dataclass
class Session:
    """Read by all queues; bundle and image are written by the interaction queue alone, and are immutable.

    Args:
        bundle: the bundle in use, None before one is opened.
        image: the current image, None before there is one.
        notes: what operations cache from one call to the next, under a name of their own; emptied with a new bundle.
            What an analysis caches is stored with its bundle, since another may be in use by then.
        latent_dataset: the codes that are open, None before there are any; they have a coder of their own, and are
            written by the analysis that encodes them.
    """

    bundle: Bundle | None = None
    image: CurrentImage | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    latent_dataset: LatentDataset | None = None

    def use(self, bundle: Bundle) -> None:
        """Take this bundle, and forget what belonged to the one before."""
        self.bundle, self.image = bundle, None
        self.notes.clear()

    def cached(self, name: str, make: Callable[[], Cached]) -> Cached:
        """The note of this name, made where there is none yet."""
        if name not in self.notes:
            self.notes[name] = make()
        return self.notes[name]

    def scope(self, of: Scope) -> Callable[[], bool]:
        """Whether what is open now of that kind still is, whenever that is asked; always, where nothing is open yet.

        What is returned holds none of it: a call that failed is in a cycle with its error, and may stay for long.
        """
        if of == "latent space" and self.latent_dataset is not None:
            codes = ref(self.latent_dataset)
            return lambda: self.latent_dataset is not None and self.latent_dataset is codes()
        if self.bundle is None or of in ("engine", "latent space"):
            return lambda: True
        if of == "networks":
            networks = ref(self.bundle.networks)
            return lambda: self.bundle is not None and self.bundle.networks is networks()
        bundle = ref(self.bundle)
        return lambda: self.bundle is not None and self.bundle is bundle()

    def open_bundle(self) -> Bundle:
        """The bundle in use.

        Raises:
            StudioError: none is open.
        """
        if self.bundle is None:
            raise StudioError("No bundle is open; open one first.")
        return self.bundle

    def current_image(self) -> CurrentImage:
        """The current image.

        Raises:
            StudioError: no bundle is open, or (NotAvailableError) there is no image yet.
        """
        self.open_bundle()
        if self.image is None:
            raise NotAvailableError("There is no image yet; draw, pick a test image or drop an image file.")
        return self.image

    def open_latent_dataset(self) -> LatentDataset:
        """The codes that are open.

        Raises:
            StudioError: none are.
        """
        if self.latent_dataset is None:
            raise StudioError("No latent space is open; choose a model and a data set first.")
        return self.latent_dataset
