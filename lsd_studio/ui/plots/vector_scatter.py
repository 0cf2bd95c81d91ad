"""One value for each vector, as a point in its label's colour."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QSizePolicy

from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.plots.axes import LogAxis
from lsd_studio.ui.plots.pointed_plot import PointedPlot
from lsd_studio.ui.widgets.label_colours import edge_colour


class VectorScatter(PointedPlot[int]):
    """Values against the vectors in their order, set outer and label inner; lines part the sets.

    A full point is a vector that C reads as its own label, a ring one that it does not. A line or a curve can be laid
    beside the points, to hold them against.

    Signals:
        pointed: index of the vector under the pointer, or −1.
        selected: index of the vector that was clicked.
    """

    pointed = Signal(int)
    selected = Signal(int)

    def __init__(self, themes: ThemeManager, left: str, *, logarithmic: bool = False) -> None:
        self.values: np.ndarray | None = None
        self._kept: np.ndarray | None = None
        self._labels = 1
        self._logarithmic = logarithmic
        self._points = pg.ScatterPlotItem(size=6, pxMode=True)
        self._reference = pg.PlotCurveItem(connect="finite")
        self._sets = pg.PlotCurveItem(connect="pairs", antialias=False)
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        axes: dict[str, pg.AxisItem] = {"bottom": _SetAxis("bottom")}
        if logarithmic:
            axes["left"] = LogAxis("left")
        super().__init__(themes, "vectors by set i, labels α within", left, axes=axes)
        plot = self.getPlotItem()
        plot.vb.setMouseEnabled(x=False, y=False)
        plot.getAxis("left").setWidth(56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        for item in (self._sets, self._reference, self._mark, self._points):
            plot.addItem(item, ignoreBounds=True)
        self._mark.hide()

    def show_values(
        self,
        values: np.ndarray,
        kept: np.ndarray,
        labels: int,
        span: tuple[float, float],
        reference: np.ndarray | None = None,
    ) -> None:
        """Show values [M] of vectors of `labels` labels on an axis over `span`; `reference` [M] is drawn as a curve."""
        self.values, self._kept, self._labels = values, kept, labels
        size = len(values)
        low, high = (math.log10(end) for end in span) if self._logarithmic else span
        self.plotItem.vb.setRange(xRange=(-1, size), yRange=(low, high), padding=0.0)
        self.getAxis("bottom").use(size, labels)
        bounds = np.repeat(np.arange(0, size + 1, labels) - 0.5, 2)
        self._sets.setData(bounds, np.tile([low, high], len(bounds) // 2))
        if reference is None:
            self._reference.clear()
        else:
            self._reference.setData(np.arange(size, dtype=float), self._scaled(reference))
        self._paint_points()

    def clear_values(self) -> None:
        """Show nothing."""
        self.values = None
        self._points.clear()
        self._reference.clear()
        self._sets.clear()

    def select(self, vector: int) -> None:
        """Mark a vector as the selected one; −1 marks none."""
        self._mark.setVisible(vector >= 0)
        self._mark.setValue(vector)

    def point_of(self, vector: int) -> QPointF:
        """Where a vector's point is, in pixels of the viewport."""
        assert self.values is not None
        return self.pixel_of(QPointF(vector, float(self._scaled(self.values)[vector])))

    def thing_at(self, where: QPointF) -> int | None:
        """The vector that is nearest along the axis."""
        vector = round(where.x())
        return vector if self.values is not None and 0 <= vector < len(self.values) else None

    def tell(self, thing: int | None) -> None:
        self.pointed.emit(-1 if thing is None else thing)

    def pick(self, thing: int) -> None:
        self.selected.emit(thing)

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.getPlotItem().showGrid(x=False, y=True, alpha=0.12)
        self._reference.setPen(pg.mkPen(theme.colour("text"), width=1.5, dash=[4, 3]))
        self._sets.setPen(pg.mkPen(theme.colour("line")))
        self._mark.setPen(pg.mkPen(theme.colour("accent"), width=1.5))
        self._paint_points()

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        if not self._logarithmic:
            return values
        return np.log10(np.maximum(values, np.finfo(float).tiny))

    def _paint_points(self) -> None:
        if self.values is None or self._kept is None:
            return
        theme = self._themes.theme
        surface = theme.colour("surface")
        colours = [edge_colour(label, surface) for label in range(self._labels)]
        size = len(self.values)
        brushes = [colours[k % self._labels] if self._kept[k] else surface for k in range(size)]
        self._points.setData(
            x=np.arange(size, dtype=float),
            y=self._scaled(self.values),
            pen=[pg.mkPen(colours[k % self._labels], width=1.5) for k in range(size)],
            brush=[pg.mkBrush(brush) for brush in brushes],
        )


class _SetAxis(pg.AxisItem):
    """Ticks in the middle of each set, with its number."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._size, self._labels = 0, 1
        self.setStyle(tickLength=0, tickAlpha=0)

    def use(self, size: int, labels: int) -> None:
        self._size, self._labels = size, labels
        self.picture = None
        self.update()

    def tickValues(self, least: float, largest: float, size: float) -> list[tuple[float, list[float]]]:
        starts = range(0, self._size, self._labels)
        return [(self._labels, [start + (self._labels - 1) / 2 for start in starts])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [str(int(value // self._labels) + 1) for value in values]
