"""Pictures of ink made such as MNIST's digits are.

MNIST's own protocol (LeCun, Cortes): a digit is scaled, aspect ratio kept, into a box of 20×20 pixels, antialiased,
and moved by whole pixels so that its centre of mass lies at the centre of the 28×28 image. For other sizes the box
keeps that ratio, 20/28.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.images.files import match_channels
from lsd_studio.engine.images.geometry import border, reduced, resized
from lsd_studio.engine.images.stroke_width import thickened

BOX_RATIO = 20 / 28
"""Side of the box that a digit is scaled into over the side of its image (MNIST)."""

_DARK = 32
"""Border pixels of an image that looks like the data set are darker than this (0…255)."""

_BRIGHT = 128
"""The brightest pixel of an image that looks like the data set is no darker than this (0…255)."""

_LEAST_CONTRAST = 12
"""A picture whose pixels differ by less (0…255) shows nothing."""

LARGEST_SIDE = 16
"""Larger pictures are reduced to no less than this many times the network's side before they are looked at."""


def as_digit(pixels: NDArray[np.uint8], size: tuple[int, int]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """A picture of ink uint8 [H, W] or [H, W, 3] as a digit of MNIST's, grey [h, w], and what that took in words.

    Ink on a bright ground is inverted, the ground taken away, thin lines made thicker, and the ink placed. A picture
    that has this size and look already is returned as it is.
    """
    height, width = size
    pixels, smaller = reduced(pixels, LARGEST_SIDE * max(size))
    pixels, grey = match_channels(pixels, 1)
    if pixels.shape == size and border(pixels).max() < _DARK and pixels.max() >= _BRIGHT:
        as_it_is = f"left as it is: {width}×{height} pixels, bright on a dark ground already"
        return pixels, (*smaller, *grey, as_it_is)
    ink, separated = _ink_on_black(pixels)
    ink, thicker = thickened(ink, _box(size))
    placed, placing = place_as_digit(ink, size)
    return placed, (*smaller, *grey, *separated, *thicker, *placing)


def _ink_on_black(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Ink 0…255 of a grey picture: how far each pixel is from the ground, which the border shows.

    The ground is the border's median; ink is on the side of it that reaches farther. What the border itself varies
    by (paper, noise: three times its 95th percentile) counts as ground, and the strongest ink becomes 255.
    """
    values = pixels.astype(np.float32)
    edge = border(values)
    ground = float(np.median(edge))
    dark_on_light = ground - float(values.min()) > float(values.max()) - ground
    contrast = ground - values if dark_on_light else values - ground
    strongest = float(contrast.max())
    if strongest < _LEAST_CONTRAST:
        return np.zeros_like(pixels), ()
    noise = min(3 * float(np.percentile(np.abs(edge - ground), 95)), strongest / 2)
    ink = np.clip((contrast - noise) * (255 / (strongest - noise)), 0, 255)
    steps = []
    if dark_on_light:
        steps.append("inverted: dark on light")
    if noise > 0 or strongest < 250:
        steps.append("ground taken away and contrast stretched")
    return np.rint(ink).astype(np.uint8), tuple(steps)


def place_as_digit(
    ink: NDArray[np.uint8], size: tuple[int, int]
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Ink scaled into the box and moved by whole pixels until its centre of mass is nearest to the centre.

    MNIST's centre is the pixel (H/2, W/2): the centres of mass of its test digits lie within half a pixel of row 14
    and column 14. What would leave the image is moved back into it.
    """
    height, width = size
    placed = np.zeros(size, np.uint8)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if rows.size == 0:
        return placed, ("empty: nothing but ground",)
    digit = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    box = _box(size)
    scale = box / max(digit.shape)
    digit = resized(digit, (max(1, round(digit.shape[0] * scale)), max(1, round(digit.shape[1] * scale))))
    weights = digit.astype(np.float64)
    total = weights.sum()
    if total == 0:
        return placed, ("empty: the ink is too faint to see",)
    row = float(weights.sum(axis=1) @ np.arange(digit.shape[0]) / total)
    column = float(weights.sum(axis=0) @ np.arange(digit.shape[1]) / total)
    top = int(np.clip(round(height / 2 - row), 0, height - digit.shape[0]))
    left = int(np.clip(round(width / 2 - column), 0, width - digit.shape[1]))
    placed[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return placed, (f"scaled into a box of {box}×{box} pixels", "centred by mass")


def _box(size: tuple[int, int]) -> int:
    return max(1, round(min(size) * BOX_RATIO))
