"""Any plot of the window as a figure for publication: what is drawn in it, read back from its items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.figures.spec import (
    Axis,
    Dash,
    Heatmap,
    Ink,
    Line,
    Mark,
    Panel,
    Part,
    PlotFigure,
    Points,
    Rule,
    Steps,
)
from lsd_studio.palette import TOL_MUTED
from lsd_studio.ui.app.theme import Theme
from lsd_studio.ui.plots.plots import Plot

__all__ = ["panel_of", "plot_figures"]

INKS: tuple[Ink, ...] = ("blue", "red", "teal", "orange", "purple")
DASHES: dict[Qt.PenStyle, Dash] = {
    Qt.PenStyle.DashLine: "dashed",
    Qt.PenStyle.CustomDashLine: "dashed",
    Qt.PenStyle.DotLine: "dotted",
    Qt.PenStyle.DashDotLine: "dashdot",
}
MARKS: dict[str, Mark] = {"o": "dot", "d": "diamond", "x": "cross", "+": "cross"}
ACROSS = 2
"""Panels in a row."""


def plot_figures(inside: QWidget, name: str, source: str, theme: Theme) -> tuple[PlotFigure, ...]:
    """All plots that can be seen inside a widget together, then each alone; none where none shows anything.

    Args:
        name: of the workspace.
        source: what is shown was computed from, in words.
        theme: the window's.
    """
    plots = [plot for plot in inside.findChildren(Plot) if plot.isVisible()]
    panels = [panel for plot in plots if (panel := panel_of(plot, theme)) is not None]
    if not panels:
        return ()
    stem = name.lower().replace(" ", "-")
    singles = tuple(
        PlotFigure(f"{stem}-{place}", panel.title, (panel,), source)
        for place, panel in enumerate(panels, start=1)
    )
    if len(singles) == 1:
        return singles
    return (
        PlotFigure(stem, f"{name}, all plots", tuple(panels), source, columns=ACROSS, wide=True),
        *singles,
    )


def panel_of(plot: Plot, theme: Theme) -> Panel | None:
    """A plot as it is seen, with its ends; None where nothing is drawn in it."""
    inks = _Inks(theme)
    item = plot.getPlotItem()
    parts = [part for each in item.items if each.isVisible() for part in _parts(each, inks)]
    if not any(not isinstance(part, Rule) for part in parts):
        return None
    (left, right), (low, high) = item.viewRange()
    bottom_words, left_words = plot.words
    logarithmic = [item.getAxis(side).logMode for side in ("bottom", "left")]
    return Panel(
        tuple(parts),
        Axis(bottom_words, logarithmic=logarithmic[0], limits=_ends(left, right, logarithmic[0])),
        Axis(left_words, logarithmic=logarithmic[1], limits=_ends(low, high, logarithmic[1])),
        title=plot.accessibleName(),
    )


def _ends(low: float, high: float, logarithmic: bool) -> tuple[float, float]:
    return (10**low, 10**high) if logarithmic else (low, high)


def _parts(item: object, inks: _Inks) -> Iterator[Part]:
    match item:
        case pg.PlotDataItem():
            x, y = item.getOriginalDataset()
            if x is not None and y is not None and len(y):
                yield from _data(item, np.asarray(x), np.asarray(y), inks)
        case pg.PlotCurveItem():
            x, y = item.getData()
            if x is not None and y is not None and len(y):
                yield _line(item.name() or "", x, y, item.opts["pen"], inks)
        case pg.ScatterPlotItem():
            x, y = item.getData()
            if len(x):
                brush = item.opts["brush"]
                yield Points(
                    item.name() or "points", x, y, inks.of(_colour(brush)), _mark(item.opts["symbol"])
                )
        case pg.InfiniteLine() if item.angle in (0, 90):
            axis: Literal["left", "bottom"] = "bottom" if item.angle == 90 else "left"
            pen = pg.mkPen(item.pen)
            yield Rule(
                item.name() or "reference", float(item.value()), axis, inks.of(pen.color()), _dash(pen)
            )
        case pg.ImageItem() if item.image is not None and item.image.ndim == 2:
            place = item.mapRectToParent(item.boundingRect())
            edges = place.left(), place.right(), place.top(), place.bottom()
            low, high = item.getLevels()
            yield Heatmap("value", np.asarray(item.image), ends=(float(low), float(high)), edges=edges)
        case _:
            pass


def _data(item: pg.PlotDataItem, x: np.ndarray, y: np.ndarray, inks: _Inks) -> Iterator[Part]:
    name, pen, symbol = item.name() or "", item.opts["pen"], item.opts["symbol"]
    if item.opts.get("stepMode") == "center":
        yield Steps(name or "steps", x, y, inks.of(pg.mkPen(pen).color()))
    elif pen is None:
        yield Points(name or "points", x, y, inks.of(_colour(item.opts["symbolBrush"])), _mark(symbol))
    else:
        yield _line(name, x, y, pen, inks, "" if symbol is None else _mark(symbol))


def _line(name: str, x: np.ndarray, y: np.ndarray, pen: object, inks: _Inks, mark: Mark = "") -> Line:
    drawn = pg.mkPen(pen)
    width = max(1.0, drawn.widthF() / 1.5)
    return Line(name or "line", x, y, inks.of(drawn.color()), dash=_dash(drawn), mark=mark, width=width)


def _mark(symbol: object) -> Mark:
    return MARKS.get(symbol, "dot") if isinstance(symbol, str) else "dot"


def _dash(pen: QPen) -> Dash:
    return DASHES.get(pen.style(), "solid")


def _colour(brush: object) -> QColor:
    return QBrush(pg.mkBrush(brush)).color()


class _Inks:
    """The inks of one plot: labels keep their own, the theme's greys stay grey, others come in their turn."""

    def __init__(self, theme: Theme) -> None:
        self._known: dict[str, Ink] = {colour.lower(): label for label, colour in enumerate(TOL_MUTED)}
        self._known[theme.text.lower()] = "black"
        self._known |= {grey.lower(): "grey" for grey in (theme.muted, theme.line)}
        self._given = 0

    def of(self, colour: QColor) -> Ink:
        """The ink for a colour of the window."""
        name = colour.name()
        if name not in self._known:
            self._known[name] = INKS[self._given % len(INKS)]
            self._given += 1
        return self._known[name]
