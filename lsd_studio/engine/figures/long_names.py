"""Names of any length at ticks: slanted where they would run into each other, cut with … where they are long."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from matplotlib.axes import Axes

from lsd_studio.engine.figures.style import Style

LONGEST, SHORT = 24, 4
"""Letters of a name, at most; and up to which names are never slanted."""

LETTER = 0.6
"""Width of a letter over the size of its type, on average."""

DRAWN = 0.85
"""Share of a figure's width that is not taken by what is beside its panels."""


def cut_names(names: Sequence[str]) -> list[str]:
    """The names, the longest ones cut, each line by itself."""
    return ["\n".join(map(_cut, name.split("\n"))) for name in names]


def slant_names(axes: Axes, names: Sequence[str], style: Style, *, above: bool = False) -> None:
    """Slant the names below or above a panel where so many of them, evenly spaced, do not fit its width."""
    longest = max((_letters(line) for name in names for line in name.split("\n")), default=0)
    grid = axes.get_gridspec()
    columns = 1 if grid is None else grid.ncols
    room = DRAWN * style.width * 72 / columns / len(names) if names else 0.0
    if longest > SHORT and longest * LETTER * style.small > room:
        for words in axes.get_xticklabels():
            words.set(rotation=45, rotation_mode="anchor", horizontalalignment="left" if above else "right")


def _cut(line: str) -> str:
    if _letters(line) <= LONGEST:
        return line
    while _letters(line) >= LONGEST:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _letters(line: str) -> int:
    """How many letters a line is as wide as; those of Chinese, Japanese and Korean count twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
