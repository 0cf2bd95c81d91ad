"""Any picture or drawing turned into what the networks were trained on, with what was done in words.

MNIST's own protocol (LeCun, Cortes): a digit is scaled, aspect ratio kept, into a box of 20×20 pixels, antialiased,
and moved by whole pixels so that its centre of mass lies at the centre of the 28×28 image. For other sizes the box
keeps that ratio, 20/28.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lsd_studio.engine.datasets.labelled_images import scale_pixels
from lsd_studio.engine.images.files import Picture, flatten_transparency, match_channels, read_image
from lsd_studio.engine.images.framing import border, cropped, resized
from lsd_studio.engine.images.pixel_rule import PixelRule
from lsd_studio.engine.images.stroke_width import thickened

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle

BOX_RATIO = 20 / 28
"""Side of the box that a digit is scaled into over the side of its image (MNIST)."""

_DARK = 32
"""Border pixels of an image that looks like the data set are darker than this (0…255)."""

_BRIGHT = 128
"""The brightest pixel of an image that looks like the data set is no darker than this (0…255)."""

_LEAST_CONTRAST = 12
"""A picture whose pixels differ by less (0…255) shows nothing."""

_LARGEST_SIDE_LOOKED_AT = 16
"""Larger pictures are reduced to no less than this many times the network's side before they are looked at."""


@dataclass(frozen=True, eq=False)
class PreparedImage:
    """What the networks see.

    Attributes:
        pixels: float32 [C, H, W] in [−1, 1].
        steps: what was done to the picture, in words and in order.
    """

    pixels: NDArray[np.float32]
    steps: tuple[str, ...]


def prepared_for(bundle: Bundle, source: Path | bytes) -> PreparedImage:
    """An image file, or the bytes of one, as a bundle's networks take it: by the rule of the images it was trained on.

    Raises:
        StudioError: it cannot be read, or shows nothing.
    """
    rule = bundle.pixel_rule
    return prepare_image(
        read_image(source, rule), bundle.networks.image_shape, like_mnist=bundle.made_from_ink, rule=rule
    )


def prepare_drawing(strokes: NDArray[np.uint8], image_shape: tuple[int, int, int]) -> PreparedImage:
    """A drawing centred and scaled as MNIST's digits were.

    Args:
        strokes: uint8 [h, w], ink 0…255, of any size.

    Returns:
        The prepared image; an empty drawing gives −1 everywhere.
    """
    ink, steps = _place_as_mnist(strokes, image_shape[1:])
    return _finished(ink, image_shape[0], steps)


def prepare_image(
    picture: Picture | NDArray[np.uint8],
    image_shape: tuple[int, int, int],
    *,
    like_mnist: bool,
    rule: PixelRule | None = None,
) -> PreparedImage:
    """A picture of any size, grey or colour, made such as the networks were trained on.

    For networks trained on images like MNIST's (bright ink on black, scaled and centred), ink on a bright ground is
    inverted, the ground taken away, thin lines made thicker, and the ink placed as MNIST's digits are. For others the
    picture is cut to the aspect ratio of the networks' images and scaled. A picture that has their size and look
    already is left alone.

    Args:
        picture: what `read_image` gave, or uint8 pixels as in `Picture`.
        like_mnist: whether they were trained on images like MNIST's.
        rule: that of the images they were trained on, whose ground shows where the picture is transparent.

    Raises:
        ValueError: the pixels are not uint8 [H, W] or [H, W, 1…4], or there are none.
    """
    if not isinstance(picture, Picture):
        picture = Picture(picture)
    channels, height, width = image_shape
    pixels, steps = picture.pixels, list(picture.steps)
    planes = pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.dtype != np.uint8 or pixels.size == 0 or pixels.ndim not in (2, 3) or planes > 4:
        raise ValueError(f"pixels must be uint8 [H, W] or [H, W, 1…4], not {pixels.dtype} {pixels.shape}")
    pixels, reduced = _reduced(pixels, _LARGEST_SIDE_LOOKED_AT * max(height, width))
    steps += reduced
    pixels, flattened = flatten_transparency(pixels, None if rule is None else rule.ground)
    steps += flattened
    pixels, recoloured = match_channels(pixels, 1 if like_mnist else channels)
    steps += recoloured
    fits = pixels.shape[:2] == (height, width)
    if not like_mnist:
        if not fits:
            pixels, scaled = _cut_and_scaled(pixels, (height, width))
            steps += scaled
        else:
            steps.append(f"left as it is: {width}×{height} pixels already")
        return _finished(pixels, channels, steps)
    if fits and border(pixels).max() < _DARK and pixels.max() >= _BRIGHT:
        steps.append(f"left as it is: {width}×{height} pixels, bright on a dark ground already")
        return _finished(pixels, channels, steps)
    ink, separated = _ink_on_black(pixels)
    ink, thicker = thickened(ink, _box((height, width)))
    placed, placing = _place_as_mnist(ink, (height, width))
    return _finished(placed, channels, [*steps, *separated, *thicker, *placing])


def _reduced(pixels: NDArray[np.uint8], side: int) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Averaged over whole blocks, so that the longer side is no less than `side`, or as it was."""
    factor = max(pixels.shape[:2]) // side
    if factor < 2:
        return pixels, ()
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)
    reduced = image.reduce((min(factor, image.width), min(factor, image.height)))
    return np.asarray(reduced), (f"reduced by {factor} from {image.width}×{image.height} pixels",)


def _cut_and_scaled(
    pixels: NDArray[np.uint8], size: tuple[int, int]
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    height, width = size
    middle = cropped(pixels, height, width)
    steps = [f"scaled to {width}×{height} pixels"]
    if middle.shape != pixels.shape:
        steps.insert(0, f"cut to the {middle.shape[1]}×{middle.shape[0]} pixels in the middle")
    return resized(middle, size), tuple(steps)


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


def _place_as_mnist(
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


def _finished(pixels: NDArray[np.uint8], channels: int, steps: tuple[str, ...] | list[str]) -> PreparedImage:
    planes = np.moveaxis(pixels, 2, 0) if pixels.ndim == 3 else np.repeat(pixels[None], channels, axis=0)
    return PreparedImage(np.ascontiguousarray(scale_pixels(planes)), tuple(steps))
