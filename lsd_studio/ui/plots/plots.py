"""Plots in the window's colours and typeface."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QSize, Slot

from lsd_studio.palette import SIGNED_ENDS
from lsd_studio.ui.app.theme import CAPTION, Theme, ThemeManager, font

__all__ = ["BELOW", "Plot", "density_colours", "signed_colours"]

BELOW = 3
"""Pixels below the words of the bottom axis, into which their lower parts reach."""

pg.setConfigOptions(imageAxisOrder="row-major", antialias=True)


class Plot(pg.PlotWidget):
    """A plot that follows the theme.

    Args:
        themes: the window's themes.
        bottom, left: what the axes show and its unit, such as "step" or "KL divergence (nats)".
        name: what screen readers call it.
    """

    def __init__(self, themes: ThemeManager, bottom: str, left: str, name: str = "") -> None:
        super().__init__(enableMenu=False)
        self._words = {"bottom": bottom, "left": left}
        self.setAccessibleName(name or f"{left} against {bottom}")
        self.getPlotItem().hideButtons()
        self.getPlotItem().layout.setContentsMargins(0, 8, 12, BELOW)
        themes.changed.connect(self.apply_theme)
        self.apply_theme(themes.theme)

    @property
    def words(self) -> tuple[str, str]:
        """What the bottom and the left axis show."""
        return self._words["bottom"], self._words["left"]

    def name_axes(self, bottom: str, left: str) -> None:
        """Say anew what the axes show."""
        self._words = {"bottom": bottom, "left": left}
        for side, words in self._words.items():
            axis = self.getPlotItem().getAxis(side)
            axis.setLabel(words, siPrefixEnableRanges=())
            axis.resizeEvent()  # pyqtgraph centres the words only then

    def sizeHint(self) -> QSize:
        """The least, whatever is shown: a graphics view's own is its size of now, and what stands beside would never
        come back from a larger window.
        """
        return self.minimumSizeHint()

    @Slot(object)
    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.setBackground(theme.colour("surface"))
        for side, words in self._words.items():
            axis = self.getPlotItem().getAxis(side)
            axis.setPen(pg.mkPen(theme.colour("line")))
            axis.setTextPen(pg.mkPen(theme.colour("muted")))
            axis.setTickFont(font(CAPTION))
            axis.setLabel(words, color=theme.muted, siPrefixEnableRanges=(), **{"font-size": f"{CAPTION}px"})
        self.getPlotItem().showGrid(x=True, y=True, alpha=0.12)


def signed_colours(theme: Theme) -> pg.ColorMap:
    """Blue over the surface's own colour to red, for values from −a to a: 0 is in the middle (after Tol's sunset)."""
    below, above = SIGNED_ENDS
    return pg.ColorMap([0.0, 0.25, 0.5, 0.75, 1.0], [*below, theme.surface, *above])


def density_colours(theme: Theme) -> pg.ColorMap:
    """From the surface's own colour over blue to yellow or dark blue, for counts and densities from 0 up."""
    dark = theme.name == "dark"
    ends = (
        (theme.surface, "#2B5C8A", "#41B7A5", "#F5E663")
        if dark
        else (theme.surface, "#A6D5C8", "#3E8EB5", "#1B2F5E")
    )
    return pg.ColorMap([0.0, 0.33, 0.66, 1.0], list(ends))
