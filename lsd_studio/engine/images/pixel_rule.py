"""One rule by which all images of a set become 8-bit pixels: found once over the set, kept, and used ever after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lsd_studio.files.json_text import Strict

Ground = Literal["black", "white"]

Finite = Annotated[float, Field(allow_inf_nan=False)]
Range = tuple[float, float]
"""Least and greatest value."""


class PixelRule(Strict):
    """How the images of a set become 8-bit pixels.

    Attributes:
        channels: 1 for grey, 3 for colour.
        integers: the numbers that become 0 and 255 in images of more than 8 bits; None where the set has none.
        floats: the same for images of floating-point numbers.
        ground: what shows where images are transparent; None where none is.
    """

    channels: Literal[1, 3]
    integers: tuple[Finite, Finite] | None = None
    floats: tuple[Finite, Finite] | None = None
    ground: Ground | None = None

    @model_validator(mode="after")
    def _ranges_ascend(self) -> PixelRule:
        for name, limits in (("integers", self.integers), ("floats", self.floats)):
            if limits is not None and limits[0] > limits[1]:
                raise ValueError(f"{name} must ascend")
        return self

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the rule does that is not seen in plain 8-bit images; none where it does nothing."""
        sentences = []
        if self.integers is not None:
            sentences.append(f"Numbers {self.integers[0]:g}…{self.integers[1]:g} become 0…255 in all images.")
        if self.floats is not None:
            sentences.append(f"Numbers {self.floats[0]:g}…{self.floats[1]:g} become 0…255 in all images.")
        if self.ground is not None:
            sentences.append(f"All images are laid on {self.ground} where they are transparent.")
        return tuple(sentences)


@dataclass(frozen=True)
class Look:
    """What the rule needs to know of one image.

    Attributes:
        size: width and height in pixels, the turn that a camera noted made.
        colour: whether it has colours.
        integers, floats: least and greatest of its numbers, where it has more than 8 bits.
        drawn, opacity: means over its pixels of brightness times opacity, 0…255, and of opacity, 0…1, where it is
            transparent somewhere; else 0.
    """

    size: tuple[int, int]
    colour: bool
    integers: Range | None = None
    floats: Range | None = None
    drawn: float = 0.0
    opacity: float = 0.0


def find_rule(looks: Iterable[Look]) -> PixelRule:
    """The rule of a set of images, one at least.

    Most images' kind, grey or colour, is taken for all. Integers are scaled by the range of the bits that the whole
    set uses (10, 12, 14 or 16), other numbers by the least and greatest of the whole set. Transparent images are laid
    on the ground that they stand out from as a whole: black if they are bright, else white.
    """
    all_looks = list(looks)
    colours = sum(look.colour for look in all_looks)
    transparent = [look for look in all_looks if look.opacity > 0]
    bright = sum(look.drawn for look in transparent) > 127.5 * sum(look.opacity for look in transparent)
    integers = _union(look.integers for look in all_looks)
    return PixelRule(
        channels=3 if 2 * colours > len(all_looks) else 1,
        integers=None if integers is None else bits_of(*integers),
        floats=_union(look.floats for look in all_looks),
        ground=None if not transparent else "black" if bright else "white",
    )


def bits_of(low: float, high: float) -> Range:
    """The range of the bits that integers between these use, as cameras and scanners store them; else as it is."""
    if low < 0 or high > 65535:
        return low, high
    return 0.0, 2.0 ** next(bits for bits in (8, 10, 12, 14, 16) if high < 2**bits) - 1


def _union(ranges: Iterable[Range | None]) -> Range | None:
    found = [limits for limits in ranges if limits is not None]
    return (min(low for low, _ in found), max(high for _, high in found)) if found else None
