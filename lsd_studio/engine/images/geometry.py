"""Images cut, filled up and scaled to another size; the smallest steps of fitting pictures to networks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def cropped(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The largest part in the middle that has these proportions."""
    rows, columns = pixels.shape[:2]
    kept_rows = max(1, min(rows, round(columns * height / width)))
    kept_columns = max(1, min(columns, round(rows * width / height)))
    top, left = (rows - kept_rows) // 2, (columns - kept_columns) // 2
    return pixels[top : top + kept_rows, left : left + kept_columns]


def padded(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The least image of these proportions that holds all of it in its middle."""
    rows, columns = pixels.shape[:2]
    high, wide = max(rows, round(columns * height / width)), max(columns, round(rows * width / height))
    whole = np.empty((high, wide, *pixels.shape[2:]), np.uint8)
    whole[:] = np.median(border(pixels), axis=0).astype(np.uint8)
    top, left = (high - rows) // 2, (wide - columns) // 2
    whole[top : top + rows, left : left + columns] = pixels
    return whole


def resized(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """At this height and width, antialiased: areas averaged where it shrinks, bicubic where it grows."""
    from PIL import Image  # the window knows this module too

    height, width = size
    if pixels.shape[:2] == size:
        return pixels
    shrinks = height <= pixels.shape[0] and width <= pixels.shape[1]
    method = Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize((width, height), method))


def border(pixels: NDArray[Any]) -> NDArray[Any]:
    """The outermost pixels of an image [H, W] or [H, W, C], each once."""
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def reduced(pixels: NDArray[np.uint8], side: int) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Averaged over whole blocks, so that the longer side is no less than `side`, or as it was."""
    factor = max(pixels.shape[:2]) // side
    if factor < 2:
        return pixels, ()
    from PIL import Image  # the window knows this module too

    image = Image.fromarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)
    smaller = image.reduce((min(factor, image.width), min(factor, image.height)))
    return np.asarray(smaller), (f"reduced by {factor} from {image.width}×{image.height} pixels",)
