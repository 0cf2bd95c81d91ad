"""Curves along a path: what C reads as stacked shares, and what is kept, with a marker where the handle is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QGraphicsItem

from lsd_studio.ui.app.theme import CAPTION, Theme, ThemeManager, font
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.plots.plots import BELOW, Plot
from lsd_studio.ui.widgets.label_colours import label_colour

AXIS, RIGHT = 52, 26
"""Pixels of the left axis and beyond the path's end, so that what is below each other has one axis of the path."""

EDGE = 0.002
"""Share of an axis beyond its ends, without which their numbers are left out."""


class StackedAreas(pg.GraphicsObject):
    """Shares of a whole, one above the other in their labels' colours; painted once and kept as a picture."""

    def __init__(self) -> None:
        super().__init__()
        self._areas: list[QPolygonF] = []
        self._bounds = QRectF(0, 0, 1, 1)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def show_shares(self, places: np.ndarray, shares: np.ndarray) -> None:
        """Show shares [S, l] at places [S] that grow."""
        self.prepareGeometryChange()
        edges = np.cumsum(np.insert(shares, 0, 0.0, axis=1), axis=1)
        to_and_fro = np.concatenate([places, places[::-1]])
        self._areas = [
            pg.functions.arrayToQPolygonF(to_and_fro, np.concatenate([upper, lower[::-1]]))
            for lower, upper in pairwise(edges.T)
        ]
        self._bounds = QRectF(float(places[0]), 0.0, float(places[-1] - places[0]), 1.0)
        self.update()

    def clear(self) -> None:
        self._areas = []
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for label, area in enumerate(self._areas):
            painter.setBrush(label_colour(label))
            painter.drawPolygon(area)


class PathPlot(Plot):
    """Something along a path, against the labels that it visits; a marker shows where the handle is.

    Signals:
        place_wanted: a person points or drags to a place of the path, in legs.
        place_settled: the drag is over.
    """

    place_wanted = Signal(float)
    place_settled = Signal()

    def __init__(self, themes: ThemeManager, left: str, name: str) -> None:
        super().__init__(themes, "labels on the path, a quarter turn apart", left, name)
        self._legs = 1.0
        self._stations: tuple[str, ...] = ()
        self._marker = pg.InfiniteLine(0.0, angle=90, movable=False)
        self._marker.setZValue(10)
        self.addItem(self._marker, ignoreBounds=True)
        self.setMouseEnabled(x=False, y=False)
        plot = self.getPlotItem()
        plot.layout.setContentsMargins(0, 8, RIGHT, BELOW)
        plot.getAxis("left").setWidth(AXIS)
        for side in ("left", "bottom"):
            plot.getAxis(side).setStyle(hideOverlappingLabels=False)

    def show_path(self, path: LabelPath, names: Sequence[str]) -> None:
        """Name the labels of a path along the axis."""
        self._legs = float(path.legs)
        self._stations = tuple(names[label] for label in path.stations)
        self._name_stations()
        self.setXRange(0.0, self._legs, padding=EDGE)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None:
            self._name_stations()

    def _name_stations(self) -> None:
        """Name each label, shortened where it has less room than a leg is long."""
        metrics, room = QFontMetrics(font(CAPTION)), round((self.width() - AXIS - RIGHT) / self._legs) - 4
        names = [metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) for name in self._stations]
        if names:
            self.getPlotItem().getAxis("bottom").setTicks([list(enumerate(names))])

    def show_place(self, position: float) -> None:
        self._marker.setValue(position)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.place_settled.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            place = self.getPlotItem().getViewBox().mapSceneToView(event.position()).x()
            self.place_wanted.emit(min(max(place, 0.0), self._legs))

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.getPlotItem().showGrid(x=False, y=False)  # with a grid, pyqtgraph drops the labels at both ends
        self._marker.setPen(pg.mkPen(theme.colour("text"), width=2))


class SharesPlot(PathPlot):
    """C's probabilities along a path, stacked."""

    def __init__(self, themes: ThemeManager, name: str) -> None:
        super().__init__(themes, "C's probability", name)
        self._areas = StackedAreas()
        self.addItem(self._areas)
        self.setYRange(0.0, 1.0, padding=EDGE)
        self.getPlotItem().getAxis("left").setTicks([[(0.0, "0"), (0.5, "0.5"), (1.0, "1")]])

    def show_shares(self, places: np.ndarray, shares: np.ndarray) -> None:
        """Show probabilities [S, l] at places [S], in legs."""
        self._areas.show_shares(places, shares)

    def clear_shares(self) -> None:
        self._areas.clear()


class MeasuresPlot(PathPlot):
    """One measure along a path, a curve for each operator.

    Args:
        roles: for each curve its name and the role of its colour in the theme.
        step: between the numbers of its axis; at least two of them are visible.
    """

    def __init__(
        self, themes: ThemeManager, left: str, name: str, roles: Sequence[tuple[str, str]], step: float = 0.5
    ) -> None:
        self._roles, self._step = tuple(roles), step
        self._curves: list[pg.PlotDataItem] = []
        super().__init__(themes, left, name)
        self.getPlotItem().getAxis("left").setTickSpacing(step, step)
        self._curves = [self.plot(name=words, skipFiniteCheck=True) for words, _ in roles]

    def show_curve(self, which: int, places: np.ndarray, values: np.ndarray) -> None:
        """Show one curve: values [S] at places [S], in legs."""
        self._curves[which].setData(places, values)
        tops = [curve.yData.max() for curve in self._curves if curve.yData is not None and len(curve.yData)]
        self.setYRange(0.0, max(2 * self._step, *tops), padding=0.05)

    def clear_curve(self, which: int) -> None:
        """Show one curve no more."""
        self._curves[which].setData([], [])

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        for curve, (_, role) in zip(self._curves, self._roles, strict=True):
            curve.setPen(pg.mkPen(theme.colour(role), width=2))
