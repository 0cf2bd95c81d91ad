"""Images of any size brought to one: cropped, padded or stretched, and scaled."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from lsd_studio.engine.vocabulary import FramingWay
from lsd_studio.files.json_text import Strict

Side = Annotated[int, Field(ge=2, le=4096)]

_DONE: dict[FramingWay, str] = {
    "crop": "cropped in the middle",
    "pad": "padded in the colour of their borders",
    "stretch": "stretched",
}


class Framing(Strict):
    """How images of a set come to one size.

    Attributes:
        way: "crop" keeps the middle, "pad" keeps all and fills the rest with the median of the border, "stretch" gives
            the proportions up.
        height, width: in pixels.
    """

    way: FramingWay
    height: Side
    width: Side

    @property
    def sentence(self) -> str:
        """What becomes of images of another size."""
        done = _DONE[self.way]
        return f"Images of another size are {done} and scaled to {self.width}×{self.height} pixels."

    def framed(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """An image uint8 [H, W] or [H, W, C] at this size; one that has it is returned as it is."""
        if pixels.shape[:2] == (self.height, self.width):
            return pixels
        if self.way == "crop":
            pixels = cropped(pixels, self.height, self.width)
        elif self.way == "pad":
            pixels = _padded(pixels, self.height, self.width)
        return resized(pixels, (self.height, self.width))


def cropped(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The largest part in the middle that has these proportions."""
    rows, columns = pixels.shape[:2]
    kept_rows = max(1, min(rows, round(columns * height / width)))
    kept_columns = max(1, min(columns, round(rows * width / height)))
    top, left = (rows - kept_rows) // 2, (columns - kept_columns) // 2
    return pixels[top : top + kept_rows, left : left + kept_columns]


def _padded(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The least image of these proportions that holds all of it in its middle."""
    rows, columns = pixels.shape[:2]
    high, wide = max(rows, round(columns * height / width)), max(columns, round(rows * width / height))
    padded = np.empty((high, wide, *pixels.shape[2:]), np.uint8)
    padded[:] = np.median(border(pixels), axis=0).astype(np.uint8)
    top, left = (high - rows) // 2, (wide - columns) // 2
    padded[top : top + rows, left : left + columns] = pixels
    return padded


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
