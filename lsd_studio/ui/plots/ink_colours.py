"""The inks of figures as colours of the window: each stands out from the surface of its theme at 3 : 1."""

from __future__ import annotations

from PySide6.QtGui import QColor

from lsd_studio.engine.figures.spec import Ink
from lsd_studio.ui.app.theme import Theme
from lsd_studio.ui.widgets.label_colours import edge_colour

ON_LIGHT = {"blue": "#2C5FC9", "red": "#C2371C", "teal": "#1D7A46", "orange": "#B05A00", "purple": "#6B4FA0"}
ON_DARK = {"blue": "#8AB0FF", "red": "#FF8468", "teal": "#6FCF97", "orange": "#FFB668", "purple": "#C8B0FF"}


def ink_colour(ink: Ink, theme: Theme) -> QColor:
    """The colour of an ink in a theme; black and grey are those of its words."""
    if isinstance(ink, int):
        return edge_colour(ink, theme.colour("surface"))
    if ink in ("black", "grey"):
        return theme.colour("text" if ink == "black" else "muted")
    return QColor((ON_DARK if theme.name == "dark" else ON_LIGHT)[ink])
