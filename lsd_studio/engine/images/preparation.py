"""Any picture or drawing turned into what the networks were trained on, with what was done in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.datasets.labelled_images import scale_pixels
from lsd_studio.engine.images.digits import LARGEST_SIDE, as_digit, place_as_digit
from lsd_studio.engine.images.files import Picture, flatten_transparency, match_channels, read_image
from lsd_studio.engine.images.geometry import cropped, reduced, resized
from lsd_studio.engine.images.pixel_rule import PixelRule

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle


@dataclass(frozen=True, eq=False)
class PreparedImage:
    """What the networks see, float32 [C, H, W] in [−1, 1], and what was done to the picture, in words and in order."""

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


def drawing_for(bundle: Bundle, strokes: NDArray[np.uint8]) -> PreparedImage:
    """A drawing, ink uint8 [h, w] of any size, as a bundle's networks take it: placed as a digit, or as it stands.

    What is drawn for networks that were not made from ink fills as much of the image as of the canvas.
    """
    if bundle.made_from_ink:
        return prepare_drawing(strokes, bundle.networks.image_shape)
    return prepare_image(strokes, bundle.networks.image_shape, like_mnist=False)


def prepare_drawing(strokes: NDArray[np.uint8], image_shape: tuple[int, int, int]) -> PreparedImage:
    """A drawing, ink uint8 [h, w] of any size, centred and scaled as MNIST's digits were; an empty one gives −1."""
    ink, steps = place_as_digit(strokes, image_shape[1:])
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
    pixels, steps = picture.pixels, picture.steps
    planes = pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.dtype != np.uint8 or pixels.size == 0 or pixels.ndim not in (2, 3) or planes > 4:
        raise ValueError(f"pixels must be uint8 [H, W] or [H, W, 1…4], not {pixels.dtype} {pixels.shape}")
    pixels, smaller = reduced(pixels, LARGEST_SIDE * max(height, width))
    pixels, flattened = flatten_transparency(pixels, None if rule is None else rule.ground)
    if like_mnist:
        pixels, fitting = as_digit(pixels, (height, width))
        return _finished(pixels, channels, [*steps, *smaller, *flattened, *fitting])
    pixels, recoloured = match_channels(pixels, channels)
    if pixels.shape[:2] == (height, width):
        fitting = (f"left as it is: {width}×{height} pixels already",)
    else:
        pixels, fitting = _cut_and_scaled(pixels, (height, width))
    return _finished(pixels, channels, [*steps, *smaller, *flattened, *recoloured, *fitting])


def _cut_and_scaled(
    pixels: NDArray[np.uint8], size: tuple[int, int]
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    height, width = size
    middle = cropped(pixels, height, width)
    steps = [f"scaled to {width}×{height} pixels"]
    if middle.shape != pixels.shape:
        steps.insert(0, f"cut to the {middle.shape[1]}×{middle.shape[0]} pixels in the middle")
    return resized(middle, size), tuple(steps)


def _finished(pixels: NDArray[np.uint8], channels: int, steps: tuple[str, ...] | list[str]) -> PreparedImage:
    planes = np.moveaxis(pixels, 2, 0) if pixels.ndim == 3 else np.repeat(pixels[None], channels, axis=0)
    return PreparedImage(np.ascontiguousarray(scale_pixels(planes)), tuple(steps))
