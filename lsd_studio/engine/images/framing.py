"""Images of any size brought to one: cropped, padded or stretched, and scaled, or placed as MNIST's digits are."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from lsd_studio.engine.images.geometry import cropped, padded, resized
from lsd_studio.engine.vocabulary import FramingWay
from lsd_studio.files.json_text import Strict

Side = Annotated[int, Field(ge=2, le=4096)]

_DONE = {
    "crop": "cropped in the middle",
    "pad": "padded in the colour of their borders",
    "stretch": "stretched",
}
_AS_DIGITS = (
    "Images that do not look like MNIST's digits already are made such: ink bright on black, thin lines thicker, "
    "scaled into a box and centred by mass, {width}×{height} pixels."
)


class Framing(Strict):
    """How images of a set come to one size.

    Attributes:
        way: "crop" keeps the middle, "pad" keeps all and fills the rest with the median of the border, "stretch" gives
            the proportions up; "digit" takes ink on any ground and places it as MNIST's digits are (`digits`).
        height, width: in pixels.
    """

    way: FramingWay
    height: Side
    width: Side

    @property
    def sentence(self) -> str:
        """What becomes of the images."""
        if self.way == "digit":
            return _AS_DIGITS.format(width=self.width, height=self.height)
        done = _DONE[self.way]
        return f"Images of another size are {done} and scaled to {self.width}×{self.height} pixels."

    def framed(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """An image uint8 [H, W] or [H, W, C] at this size, grey as a digit; one that fits is returned as it is."""
        if self.way == "digit":
            from lsd_studio.engine.images.digits import as_digit  # SciPy, which the window does not load

            return as_digit(pixels, (self.height, self.width))[0]
        if pixels.shape[:2] == (self.height, self.width):
            return pixels
        if self.way == "crop":
            pixels = cropped(pixels, self.height, self.width)
        elif self.way == "pad":
            pixels = padded(pixels, self.height, self.width)
        return resized(pixels, (self.height, self.width))
