"""Fonts for text in any script: DejaVu Sans, which comes with matplotlib, then whatever is installed here."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

SHAPELESS = ("Cc", "Cf", "Zs", "Mn", "Me")
"""Categories of characters that need no glyph of their own."""


@cache
def first_font() -> Path:
    """The file of DejaVu Sans: Latin, Greek, Cyrillic, Arabic and mathematics."""
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def fonts_for(text: str) -> tuple[Path, ...]:
    """Font files that have between them all letters of a text that any font here has; DejaVu Sans is the first."""
    missing = frozenset(letter for letter in text if not has_letter(first_font(), letter))
    return (first_font(), *_installed_fonts(missing)) if missing else (first_font(),)


def has_letter(file: Path, letter: str) -> bool:
    """Whether a font can draw a character."""
    return unicodedata.category(letter) in SHAPELESS or bool(_font(file).get_char_index(ord(letter)))


def with_escapes(text: str) -> str:
    r"""The text with letters that no font here has as escapes such as \u8fd0, so that names stay different."""
    fonts = fonts_for(text)
    return "".join(
        letter if any(has_letter(font, letter) for font in fonts) else ascii(letter)[1:-1] for letter in text
    )


@lru_cache(maxsize=64)
def _installed_fonts(letters: frozenset[str]) -> tuple[Path, ...]:
    """As few of the fonts that are installed as have all of these letters that any has, upright ones first."""
    has: dict[Path, tuple[frozenset[str], bool]] = {}
    for file in sorted(map(Path, font_manager.findSystemFonts())):
        try:
            font = _font(file)
        except (OSError, RuntimeError):  # no font that FreeType reads
            continue
        found = frozenset(letter for letter in letters if font.get_char_index(ord(letter)))
        if found and font.scalable:
            has[file] = found, font.style_name in ("Regular", "Book", "Medium")
    chosen: list[Path] = []
    while has:
        best = max(has, key=lambda file: (len(has[file][0] & letters), has[file][1]))
        if not has[best][0] & letters:
            break
        chosen.append(best)
        letters -= has.pop(best)[0]
    return tuple(chosen)


@lru_cache(maxsize=16)
def _font(file: Path) -> FT2Font:
    return FT2Font(str(file))
