"""A folder of images looked over before anything is trained on it: how many, of what labels and sizes, and a few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.datasets.folder_files import find_files
from lsd_studio.engine.images.files import flatten_transparency, look_at, match_channels, read_image
from lsd_studio.engine.images.framing import Framing

SHOWN = 12
"""Images that are shown of a folder."""

LARGEST_EDGE, STEP, LEAST_EDGE = 64, 4, 8
"""Pixels: the edge that is offered at most, of what it is a multiple, and at least (the networks' own, R3)."""


@dataclass(frozen=True, eq=False)
class FolderSurvey:
    """What a folder of images holds.

    Attributes:
        counts: images of each label, by name.
        split: how many are for training and for testing where folders say it; None where images' content will.
        sizes: width and height of images with how many have it, the most frequent first.
        framing: how they come to one size; None where they have one that networks take.
        pictures: uint8 [N, H, W, 3], a few as they will be, of all labels in turn.
        notes: a sentence each on what was left out.
    """

    counts: dict[str, int]
    split: tuple[int, int] | None
    sizes: tuple[tuple[tuple[int, int], int], ...]
    framing: Framing | None
    pictures: NDArray[np.uint8]
    notes: tuple[str, ...]


def survey_folder(folder: Path, framing: Framing | None = None) -> FolderSurvey:
    """Look over a folder of images with one sub-folder a label; without a framing they are cropped where needed.

    Raises:
        StudioError: it holds no such images, or one cannot be read.
    """
    found = find_files(folder, labelled=True)
    looks = [look_at(file.path) for file in found.files]
    sizes = Counter(look.size for look in looks)
    framing = framing or _suggested([look.size for look in looks])
    by_label = Counter(found.labels[file.label] for file in found.files)
    chosen = [file for file in found.files if file.split != "test"] or list(found.files)
    labels = sorted({file.label for file in chosen})
    turns = [[file for file in chosen if file.label == label] for label in labels]
    some = [turn[place] for place in range(SHOWN) for turn in turns if place < len(turn)][:SHOWN]
    shown_at = framing or Framing(way="crop", height=looks[0].size[1], width=looks[0].size[0])
    pictures = []
    for file in some:
        flat = flatten_transparency(read_image(file.path).pixels, None)[0]
        pictures.append(match_channels(shown_at.framed(flat), 3)[0])
    says_split = found.files[0].split is not None
    tests = sum(file.split == "test" for file in found.files)
    return FolderSurvey(
        counts=dict(by_label),
        split=(len(found.files) - tests, tests) if says_split else None,
        sizes=tuple(sizes.most_common()),
        framing=framing,
        pictures=np.stack(pictures),
        notes=found.notes,
    )


def _suggested(sizes: Sequence[tuple[int, int]]) -> Framing | None:
    """A square that half of the images fill, where they do not have one size that networks take."""
    width, height = sizes[0]
    if len(set(sizes)) == 1 and width == height and not width % STEP and width >= LEAST_EDGE:
        return None
    middle = int(np.median([min(size) for size in sizes]))
    edge = min(max(middle // STEP * STEP, LEAST_EDGE), LARGEST_EDGE)
    return Framing(way="crop", height=edge, width=edge)
