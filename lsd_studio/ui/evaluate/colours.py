"""The colours of Figures 5 and 6: what is true, right and wrong, and whose accuracy a mark is.

Right and wrong also differ in shape, and the series in their marks, so no meaning hangs on a colour alone.
"""

from __future__ import annotations

from PySide6.QtGui import QColor

from lsd_studio.ui.app.theme import Theme

__all__ = ["figure_colour"]

_COLOURS = {
    "light": {
        "truth": "#2C5FC9",
        "right": "#1D7A46",
        "wrong": "#C2371C",
        "classifier": "#1D7A46",
        "reconstruction": "#2C5FC9",
        "lsd": "#C2371C",
        "floor": "#6B4FA0",
        "second": "#2C5FC9",
        "third": "#B05A00",
        "fourth": "#1D7A46",
    },
    "dark": {
        "truth": "#8AB0FF",
        "right": "#6FCF97",
        "wrong": "#FF8468",
        "classifier": "#6FCF97",
        "reconstruction": "#8AB0FF",
        "lsd": "#FF8468",
        "floor": "#C8B0FF",
        "second": "#8AB0FF",
        "third": "#FFB668",
        "fourth": "#6FCF97",
    },
}


def figure_colour(theme: Theme, what: str) -> QColor:
    """The colour of "truth", "right", "wrong", of the series "classifier", "reconstruction", "lsd" and "floor", and of
    the "second", "third" and "fourth" rank.
    """
    return QColor(_COLOURS[theme.name][what])
