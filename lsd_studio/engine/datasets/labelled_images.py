"""Images with labels, and the part of the training images that is held out for choices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsd_studio.engine.datasets.folder_reading import FolderReading
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.vocabulary import Split

Progress = Callable[[str, float], None]
"""Called with what is being done, in words, and the share of it that is done, 0…1."""

UNLABELLED = ("unlabelled",)
"""The label names of images without labels: one for all."""

LARGEST_HELD_OUT_PART = 10_000


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """One split of a labelled image set.

    Attributes:
        name: the source it was loaded from, as given to `load_data_set`.
        images: uint8 [N, C, H, W], 0…255.
        labels: int64 [N], 0…l−1.
        label_names: l names, in the order of the labels.
        checksum: SHA-256 (hexadecimal) over the files the split was read from; a part of a split keeps it.
        reading: how the folder was read that they come from; None where they come from none.
        notes: one sentence each on what a reader must know of them.

    Raises:
        ValueError: the arrays do not have these shapes, types or ranges.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    label_names: tuple[str, ...]
    checksum: str
    split: Split
    reading: FolderReading | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise ValueError(
                f"images must be uint8 [N, C, H, W], not {self.images.dtype} {self.images.shape}"
            )
        if self.labels.shape != self.images.shape[:1] or self.labels.dtype != np.int64:
            raise ValueError(f"labels must be int64 [N], not {self.labels.dtype} {self.labels.shape}")
        if self.labels.size and not 0 <= self.labels.min() <= self.labels.max() < self.number_of_labels:
            raise ValueError(f"labels must be 0…{self.number_of_labels - 1}")

    def __len__(self) -> int:
        """Number of images N."""
        return len(self.labels)

    @property
    def number_of_labels(self) -> int:
        """Number of labels l."""
        return len(self.label_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of every image."""
        _, channels, height, width = self.images.shape
        return channels, height, width

    def part(self, start: int, end: int) -> LabelledImages:
        """The images from `start` up to `end`, with their labels; the same memory, not a copy of it."""
        return replace(self, images=self.images[start:end], labels=self.labels[start:end])

    def take(self, indices: ArrayLike) -> LabelledImages:
        """The images at `indices` (integers or a boolean mask [N]), in that order, with their labels."""
        chosen = np.asarray(indices)
        return replace(self, images=self.images[chosen], labels=self.labels[chosen])


def hold_out(training: LabelledImages, count: int | None = None) -> tuple[LabelledImages, LabelledImages]:
    """Split training images into those to train on and the last `count`, on which choices are made.

    Test images are never used for choices. By default a sixth is held out, at most 10 000: of MNIST's 60 000
    training images the last 10 000.

    Raises:
        StudioError: `training` is a test split, or `count` leaves one of the parts empty.
    """
    if training.split != "train":
        raise StudioError(
            "Choices are made on held-out training images: give the training split, not the test split."
        )
    total = len(training)
    held = min(LARGEST_HELD_OUT_PART, max(1, total // 6)) if count is None else count
    if not 0 < held < total:
        raise StudioError(
            f"{held} of {total} training images cannot be held out: at least one image must be in each part."
        )
    return training.part(0, total - held), training.part(total - held, total)


def scale_pixels(images_uint8: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pixels 0…255 as float32 in [−1, 1] (R1), of the same shape."""
    return images_uint8.astype(np.float32) / np.float32(127.5) - np.float32(1)
