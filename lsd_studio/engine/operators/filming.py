"""Pictures of images on their way, as films show them: what each is called, and several images in one picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.operators.paths import QUARTER
from lsd_studio.percentages import percent

MOST_IN_A_ROW = 5
GAP = 2
"""Pixels between images."""


def place_on_path(names: Sequence[str], position: float) -> str:
    """A position of a path, in legs, as "3" or "3 to 8, 30°"; names are those of the stations in order."""
    leg = int(position)
    if position == leg:
        return names[leg % len(names)]
    return f"{names[leg]} to {names[(leg + 1) % len(names)]}, {QUARTER * (position - leg):.0f}°"


def caption(what: str, label_names: Sequence[str], probabilities: NDArray[np.floating]) -> str:
    """What a picture is, and below it what C reads in it; probabilities [l]."""
    return f"{what}\nreads {label_names[int(probabilities.argmax())]}, {percent(float(probabilities.max()))}"


def in_one_picture(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images [P, N, H, W, C] of P moments as P pictures, the N images beside and below each other on white."""
    moments, count, height, width, channels = pictures.shape
    if count == 1:
        return pictures[:, 0]
    columns = min(count, MOST_IN_A_ROW)
    rows = math.ceil(count / columns)
    sheet = np.full(
        (moments, rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, channels), 255, np.uint8
    )
    for place in range(count):
        top, left = place // columns * (height + GAP), place % columns * (width + GAP)
        sheet[:, top : top + height, left : left + width] = pictures[:, place]
    return sheet
