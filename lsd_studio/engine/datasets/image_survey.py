"""Images looked over before anything is trained on them: how many, of what labels and sizes, and a few of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.datasets.image_sets import find_images
from lsd_studio.engine.datasets.packed_images import is_packed, read_packed
from lsd_studio.engine.images.files import match_channels
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.images.pixel_rule import find_rule
from lsd_studio.engine.platform.file_names import text_of_path
from lsd_studio.engine.vocabulary import Split

SHOWN = 12
"""Images that are shown of a folder."""

LARGEST_EDGE, STEP, LEAST_EDGE = 64, 4, 8
"""Pixels: the edge that is offered at most, of what it is a multiple, and at least (the networks' own, R3)."""


SPLITS: tuple[Split, Split] = ("train", "test")


@dataclass(frozen=True, eq=False)
class ImageSurvey:
    """What a folder or file of images holds.

    Attributes:
        recognised: how a file of images was understood, "" for a folder of image files.
        counts: images of each label, by name.
        split: how many are for training and for testing where that is said; None where images' content will.
        sizes: width and height of images with how many have it, the most frequent first.
        framing: how they come to one size; None where they have one that networks take.
        pictures: uint8 [N, H, W, 3], a few as they will be, of all labels in turn.
        notes: a sentence each on what was left out.
    """

    recognised: str
    counts: dict[str, int]
    split: tuple[int, int] | None
    sizes: tuple[tuple[tuple[int, int], int], ...]
    framing: Framing | None
    pictures: NDArray[np.uint8]
    notes: tuple[str, ...]


def survey_images(path: Path, framing: Framing | None = None) -> ImageSurvey:
    """Look over the labelled images of a folder or file; without a framing they are cropped where needed.

    Raises:
        StudioError: it holds no such images, or one cannot be read.
    """
    if is_packed(path):
        return _of_packed(path)
    found = find_images(path, labelled=True)
    looks = [file.look() for file in found.images]
    sizes = Counter(look.size for look in looks)
    framing = framing or _suggested([look.size for look in looks])
    by_label = sorted(Counter(file.label for file in found.images).items())
    chosen = [file for file in found.images if file.split != "test"] or list(found.images)
    labels = sorted({file.label for file in chosen})
    turns = [[file for file in chosen if file.label == label] for label in labels]
    some = [turn[place] for place in range(SHOWN) for turn in turns if place < len(turn)][:SHOWN]
    shown_at = framing or Framing(way="crop", height=looks[0].size[1], width=looks[0].size[0])
    rule = find_rule(looks)
    pictures = [match_channels(shown_at.framed(file.read(rule)), 3)[0] for file in some]
    says_split = found.images[0].split is not None
    tests = sum(file.split == "test" for file in found.images)
    return ImageSurvey(
        recognised=found.recognised,
        counts={found.labels[label]: count for label, count in by_label},
        split=(len(found.images) - tests, tests) if says_split else None,
        sizes=tuple(sizes.most_common()),
        framing=framing,
        pictures=np.stack(pictures),
        notes=found.notes,
    )


def _of_packed(folder: Path) -> ImageSurvey:
    train, test = (read_packed(folder, text_of_path(folder), split) for split in SPLITS)
    channels, height, width = train.image_shape
    counts = np.bincount(np.concatenate([train.labels, test.labels]), minlength=train.number_of_labels)
    some = np.moveaxis(train.images[:SHOWN], 1, 3)
    return ImageSurvey(
        recognised="Read as packed images.",
        counts=dict(zip(train.label_names, counts.tolist(), strict=True)),
        split=(len(train), len(test)),
        sizes=(((width, height), len(train) + len(test)),),
        framing=None,
        pictures=np.broadcast_to(some, (*some.shape[:3], 3)) if channels == 1 else some,
        notes=(),
    )


def _suggested(sizes: Sequence[tuple[int, int]]) -> Framing | None:
    """A square that half of the images fill, where they do not have one size that networks take."""
    width, height = sizes[0]
    if len(set(sizes)) == 1 and width == height and not width % STEP and width >= LEAST_EDGE:
        return None
    middle = int(np.median([min(size) for size in sizes]))
    edge = min(max(middle // STEP * STEP, LEAST_EDGE), LARGEST_EDGE)
    return Framing(way="crop", height=edge, width=edge)
