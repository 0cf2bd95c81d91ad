"""Lines of a pen made as thick as MNIST's digits are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

USUAL_WIDTH, THIN = 2.3, 1.4
"""Width of strokes in pixels of the box that a digit is scaled into: the median of MNIST's first 1 000 test digits, and
what one in a hundred of them is below. As `_width` measures it, in digits enlarged eight times."""

INKED = 64
"""Ink from here on (0…255) is line, however it thins out."""

SPECK = 0.02
"""Share of the largest connected line below which ink is dirt that is not made thicker."""


def thickened(ink: NDArray[np.uint8], box: int) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Ink uint8 [H, W], 0…255, its lines dilated where they would be thin once it is scaled into a box of pixels.

    Where they are thick enough it is returned as it is, and no words on what was done with it.
    """
    from scipy import ndimage

    lines, found = ndimage.label(ink >= INKED, structure=np.ones((3, 3)))
    areas = np.bincount(lines.ravel())[1:]
    if found == 0:
        return ink, ()
    kept = np.flatnonzero(areas >= SPECK * areas.max()) + 1
    line = np.isin(lines, kept)
    sides = [np.ptp(np.flatnonzero(line.any(axis=axis))) + 1 for axis in (0, 1)]
    pixel = max(sides) / box
    width = _width(line)
    if width >= THIN * pixel:
        return ink, ()
    radius = (USUAL_WIDTH * pixel - width) / 2
    around = np.pad(line, int(np.ceil(radius)) + 1)
    distance = ndimage.distance_transform_edt(~around)
    thick = np.rint(255 * np.clip(radius + 0.5 - distance, 0, 1)).astype(np.uint8)
    return np.maximum(thick, np.pad(ink, int(np.ceil(radius)) + 1)), (
        "thin lines made as thick as a digit's",
    )


def _width(line: NDArray[np.bool_]) -> float:
    """Mean width of strokes: in a stripe of w pixels the mean distance from the pixels around is a quarter of w + 2."""
    from scipy.ndimage import distance_transform_edt

    distance = distance_transform_edt(np.pad(line, 1))
    return max(1.0, 4 * float(distance[distance > 0].mean()) - 2)
