"""Lines of text painted below pictures, in any script that a font here has."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from pathlib import Path

from PIL import ImageDraw, ImageFont

from lsd_studio.engine.platform.fonts import fonts_for, has_letter, with_escapes

SIZE, LINE = 11, 15
"""Pixels of the letters, and from one line to the next."""


def paint_line(
    pen: ImageDraw.ImageDraw, middle: float, top: float, words: str, ink: tuple[int, int, int], room: int
) -> None:
    """Paint one line about `middle`, in pixels; what does not fit into the room ends with …."""
    words, whole = with_escapes(words), with_escapes(words)
    while whole and _width(words) > room:
        whole = whole[:-1]
        words = f"{whole.rstrip()}…"
    left = middle - _width(words) / 2
    for font, part in _runs(words):
        pen.text((left, top + SIZE), part, ink, font, anchor="ls")
        left += font.getlength(part)


def _width(words: str) -> float:
    return sum(font.getlength(part) for font, part in _runs(words))


def _runs(words: str) -> list[tuple[ImageFont.FreeTypeFont, str]]:
    """The text in parts, each with the first font that has its letters."""
    fonts = fonts_for(words)

    def first_with(letter: str) -> Path:
        return next((font for font in fonts if has_letter(font, letter)), fonts[0])

    return [(_font(font), "".join(letters)) for font, letters in groupby(words, first_with)]


@lru_cache(maxsize=16)
def _font(file: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), SIZE)
