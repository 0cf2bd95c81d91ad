"""Pairs of images to fit operators on: alike but for one measured property, matched by name, or in sequence (R23)."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from lsd_studio.engine.datasets.folder_files import is_litter
from lsd_studio.engine.datasets.found_images import natural_order
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import SUFFIXES
from lsd_studio.engine.vocabulary import PairMeasure

LARGEST_GROUP = 1000
"""Images of a label that pairs are chosen from."""

OUTER_SHARE = 0.25
"""Share of a label's images on either side that count as thin and thick, or as upright and slanted."""


def thickness(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Thickness of strokes in pixels, float64 [N], of ink uint8 [N, 1, H, W]: ink over the length of its skeleton."""
    return np.array([_thickness(image[0]) for image in images])


def slant(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Slant of the ink to the right in degrees, −90…90, by its second moments, float64 [N], of uint8 [N, 1, H, W].

    The shear that would make columns and rows of the ink uncorrelated, arctan(−μ_xy / μ_yy) with y downwards.
    """
    return np.array([_slant(image[0]) for image in images])


MEASURES = {"thickness": thickness, "slant": slant}


def match_apart(
    values: NDArray[np.float64], codes: NDArray[np.floating], labels: NDArray[np.int64], measure: PairMeasure
) -> NDArray[np.int64]:
    """Indices of pairs int64 [P, 2] of images of one label, far apart in `values` and otherwise as alike as can be.

    Of each label's first 1 000 images, the quarter with the smallest values (for the slant: those nearest to upright)
    is matched with the quarter with the largest, one to one, so that the sum of squared distances of their codes is
    least.

    Args:
        values: [N], what is measured; images of which it is not finite are left out.
        codes: [N, M].

    Raises:
        StudioError: no label has four images.
    """
    pairs = []
    for label in np.unique(labels):
        group = np.flatnonzero((labels == label) & np.isfinite(values))[:LARGEST_GROUP]
        size = int(OUTER_SHARE * len(group))
        if size == 0:
            continue
        low = np.argsort(np.abs(values[group]) if measure == "slant" else values[group], kind="stable")[:size]
        high = np.argsort(-values[group], kind="stable")[:size]
        high = high[~np.isin(high, low)]
        first, second = group[low], group[high]
        rows, columns = linear_sum_assignment(cdist(codes[first], codes[second], "sqeuclidean"))
        pairs.append(np.stack([first[rows], second[columns]], axis=1))
    if not pairs:
        raise StudioError("No label has the four images that pairs are chosen from: use more data.")
    return np.concatenate(pairs)


def files_paired_by_name(folder: Path) -> list[tuple[Path, Path]]:
    """Image files of the subfolders `before` and `after` that have one name but for its ending, by name.

    Raises:
        StudioError: a subfolder is missing, or a file has no partner.
    """
    before, after = (_images_by_stem(folder / name) for name in ("before", "after"))
    lonely = sorted(before.keys() ^ after.keys())
    if lonely:
        raise StudioError(
            f"{lonely[0]} is in only one of {folder / 'before'} and {folder / 'after'}: give every image its partner."
        )
    return [(before[stem], after[stem]) for stem in sorted(before)]


def files_in_sequence(folder: Path) -> list[tuple[Path, Path]]:
    """Each image file of a folder with the next one by name, numbers in names as numbers.

    Raises:
        StudioError: the folder is missing or holds fewer than two images.
    """
    found = _images_by_stem(folder)
    if len(found) < 2:
        raise StudioError(f"{folder} holds no sequence: put at least two images into it.")
    files = [found[stem] for stem in sorted(found, key=natural_order)]
    return list(pairwise(files))


def _images_by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise StudioError(f"{folder} is missing or no folder: name one that holds the images.")
    files = [
        file
        for file in folder.iterdir()
        if file.is_file() and file.suffix.lower() in SUFFIXES and not is_litter(file.name)
    ]
    found = {file.stem: file for file in files}
    if len(found) < len(files):
        raise StudioError(f"Two images in {folder} differ only in the ending of their names: rename one.")
    return found


def _thickness(ink: NDArray[np.uint8]) -> float:
    from skimage.morphology import skeletonize

    length = int(skeletonize(ink > 127).sum())
    return float(ink.sum() / 255 / length) if length else np.nan


def _slant(ink: NDArray[np.uint8]) -> float:
    from skimage.measure import moments_central

    if not ink.any():
        return np.nan
    moments = moments_central(ink.astype(np.float64), order=2)
    return float(np.degrees(np.arctan2(-moments[1, 1], moments[2, 0])))
