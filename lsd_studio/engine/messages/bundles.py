"""The bundle in use, and the test images to pick from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from lsd_studio.engine.messages.choices import Reading
from lsd_studio.engine.messages.core import Event, LaneName, Request


@dataclass(frozen=True)
class OpenBundle(Request):
    """Open a bundle (or a finished run, or a shipped bundle by its name) and use it from now on. Answer: BundleOpened.

    None is the first of the bundles that are shipped.
    """

    path: Path | None = None


@dataclass(frozen=True)
class LoadTestImages(Request):
    """Read the test images of a data set by name or folder. Answer: TestImagesLoaded."""

    lane: ClassVar[LaneName] = "loading"

    source: str


@dataclass(frozen=True)
class BundleOpened(Event):
    """The bundle now in use.

    Args:
        vector_pictures: uint8 [M, H, W, C], every ξ decoded, set outer and label inner.
        vector_labels: int64 [M], what C reads in each; vector_probabilities: float32 [M], how surely.
        shipped: names of the bundles that come with this installation; ships: whether this is one, as it came.
        milliseconds: from request to answer.
    """

    path: Path
    name: str
    profile: str
    data_set: str
    label_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    latent_dimensions: int
    reading: Reading
    vector_pictures: np.ndarray
    vector_labels: np.ndarray
    vector_probabilities: np.ndarray
    shipped: tuple[str, ...]
    ships: bool
    milliseconds: float

    @property
    def number_of_labels(self) -> int:
        """l, the number of labels."""
        return len(self.label_names)


@dataclass(frozen=True)
class TestImagesLoaded(Event):
    """Test images to pick from: images uint8 [N, C, H, W], labels int64 [N] into `label_names`, the bundle's.

    `notes` are one sentence each on what a reader must know of them.
    """

    __test__ = False

    name: str
    images: np.ndarray
    labels: np.ndarray
    label_names: tuple[str, ...]
    notes: tuple[str, ...] = ()
