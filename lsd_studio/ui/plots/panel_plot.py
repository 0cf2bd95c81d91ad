"""A panel of a figure in the window: what an export draws on white, in the theme's colours."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsItem

from lsd_studio.engine.figures.spec import Axis, Dash, Heatmap, Line, Mark, Panel, Part, Points, Rule, Steps
from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.plots.plots import LEAST_PLOT, Plot, density_colours

DASHES: dict[Dash, Qt.PenStyle] = {
    "solid": Qt.PenStyle.SolidLine,
    "dashed": Qt.PenStyle.DashLine,
    "dotted": Qt.PenStyle.DotLine,
    "dashdot": Qt.PenStyle.DashDotLine,
}
MARKS: dict[Mark, tuple[str | None, float]] = {
    "": (None, 0.0), "dot": ("o", 8.0), "ring": ("o", 8.0), "cross": ("x", 8.0), "diamond": ("d", 10.5),
}  # fmt: skip
"""Symbols and their pixels, where they are of size 1."""

LINE = 1.5
"""Pixels of a line of width 1."""


class PanelPlot(Plot):
    """Shows lines, points, steps, rules and heatmaps of a panel; it can be neither moved nor zoomed."""

    def __init__(self, themes: ThemeManager, name: str) -> None:
        self._panel = Panel(())
        self._colours: Mapping[str, QColor] = {}
        super().__init__(themes, "", "", name)
        self.setMouseEnabled(x=False, y=False)
        self.setMinimumHeight(LEAST_PLOT)

    def show_panel(self, panel: Panel, colours: Mapping[str, QColor] | None = None) -> None:
        """Show a panel; `colours` are those of lines, by their names, that differ from their inks'."""
        self._panel, self._colours = panel, colours or {}
        self.name_axes(_words(panel.bottom), _words(panel.left))
        self.restyle()

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self._draw()

    def _draw(self) -> None:
        item, panel, theme = self.getPlotItem(), self._panel, self._themes.theme
        item.clear()
        item.setLogMode(x=panel.bottom.logarithmic, y=panel.left.logarithmic)
        for part in panel.parts:
            for drawn in self._items(part, theme):
                item.addItem(drawn)
        for side, axis in (("bottom", panel.bottom), ("left", panel.left)):
            ticks = [(_place(axis, place), words) for place, words in axis.ticks]
            item.getAxis(side).setTicks([ticks] if ticks else None)
        box, ranges = item.getViewBox(), {}
        for number, axis in ((pg.ViewBox.XAxis, panel.bottom), (pg.ViewBox.YAxis, panel.left)):
            if axis.limits is None:
                box.enableAutoRange(number)
            else:
                ranges["yRange" if number else "xRange"] = [_place(axis, end) for end in axis.limits]
        if ranges:
            box.setRange(**ranges, padding=0)  # both at once, for the aspect may be locked

    def _items(self, part: Part, theme: Theme) -> Iterator[QGraphicsItem]:
        match part:
            case Line():
                colour = self._colours.get(part.name) or ink_colour(part.ink, theme)
                pen = pg.mkPen(colour, width=LINE * part.width, style=DASHES[part.dash])
                yield from self._drawn(part, colour, pen, 0.75)
            case Points():
                yield from self._drawn(part, ink_colour(part.ink, theme), None, part.size)
            case Steps():
                pen = pg.mkPen(ink_colour(part.ink, theme), width=LINE, style=DASHES[part.dash])
                yield pg.PlotDataItem(part.edges, part.heights, stepMode="center", pen=pen)
            case Rule():
                pen = pg.mkPen(ink_colour(part.ink, theme), width=LINE, style=DASHES[part.dash])
                across, axis = (90, self._panel.bottom) if part.axis == "bottom" else (0, self._panel.left)
                yield pg.InfiniteLine(_place(axis, part.value), angle=across, pen=pen)
            case Heatmap(edges=(left, right, low, high)):
                # the square root lets cells be seen that hold little
                _, most = part.ends or (0.0, float(np.nanmax(part.values)))
                image = pg.ImageItem(np.sqrt(part.values), levels=(0.0, math.sqrt(max(most, 1e-9))))
                image.setColorMap(density_colours(theme))
                image.setRect(QRectF(left, low, right - left, high - low))
                yield image
            case _:
                raise TypeError(f"The window shows no {type(part).__name__} in a plot.")

    def _drawn(
        self, part: Line | Points, colour: QColor, pen: QPen | None, size: float
    ) -> Iterator[QGraphicsItem]:
        """The values with their marks, and the bars of their intervals."""
        hollow, (symbol, pixels) = part.mark in ("ring", "cross"), MARKS[part.mark]
        yield pg.PlotDataItem(
            part.x, part.y, pen=pen, connect="finite", symbol=symbol, symbolSize=size * pixels,
            symbolBrush=None if hollow else colour,
            symbolPen=pg.mkPen(colour, width=LINE) if hollow else self._themes.theme.colour("surface"),
        )  # fmt: skip
        if part.low is not None and part.high is not None:
            bottom = self._panel.bottom
            x = np.log10(part.x) if bottom.logarithmic else part.x
            beam = 0.02 * (bottom.limits[1] - bottom.limits[0]) if bottom.limits and pen is None else 0.0
            bars = pg.mkPen(colour, width=LINE if pen is None else 1.0)
            yield pg.ErrorBarItem(
                x=x, y=part.y, top=part.high - part.y, bottom=part.y - part.low, beam=beam, pen=bars
            )


def _words(axis: Axis) -> str:
    return f"{axis.title} ({axis.unit})" if axis.unit else axis.title


def _place(axis: Axis, value: float) -> float:
    return math.log10(value) if axis.logarithmic else value
