"""The Pearson correlation of every component with every other, as a heatmap (R30)."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent

from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.plots.pointed_plot import MatrixPlot

BAR, AXIS = 10, 44
"""Pixels of the bar of colours, and of the numbers beside the matrix and beside the bar."""


class PearsonHeatmap(MatrixPlot):
    """An M × M matrix of correlations, row against column, blue −1 over the ground 0 to red 1.

    Dragging moves; a click picks a pair, arrow keys walk from pair to pair.

    Attributes:
        values: the matrix shown, float [M, M]; NaN where a component is constant.

    Signals:
        pointed: row and column under the pointer, or −1, −1.
        picked: row and column that were clicked or come to with an arrow key.
    """

    pointed = Signal(int, int)
    picked = Signal(int, int)

    def __init__(self, themes: ThemeManager) -> None:
        self.values: np.ndarray | None = None
        self._chosen = (-1, -1)
        self._axes = {side: _CellAxis(side) for side in ("bottom", "left")}
        super().__init__(
            themes,
            "component",
            "component",
            "Pearson correlations of the components",
            self._axes,
            bar_width=BAR,
            scale="Pearson correlation",
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        plot = self.getPlotItem()
        plot.getAxis("left").setWidth(AXIS)
        self._bar.axis.setWidth(AXIS)
        for item in (self.image, self._cell):
            plot.addItem(item, ignoreBounds=True)

    def show_matrix(self, values: np.ndarray) -> None:
        """Show correlations float [M, M], −1…1."""
        self.values = values
        self.image.setImage(values, autoLevels=False, levels=(-1.0, 1.0))
        self.hold_rows(len(values), least_cells=3)
        for axis in self._axes.values():
            axis.use(len(values))
        self.plotItem.vb.setRange(QRectF(0, 0, len(values), len(values)), padding=0.01)
        self.choose(-1, -1)

    def clear_matrix(self) -> None:
        self.values = None
        self.image.clear()
        self.hold_rows(0, least_cells=3)
        self.choose(-1, -1)

    def choose(self, row: int, column: int) -> None:
        """Frame a pair without a signal; −1 frames none."""
        self._chosen = row, column
        self.frame_cell(row, column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk to the next pair with an arrow key."""
        steps = {
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None or self.values is None:
            super().keyPressEvent(event)
            return
        last = len(self.values) - 1
        row, column = (min(max(at + by, 0), last) for at, by in zip(self._chosen, step, strict=True))
        self.pick((row, column))

    def tell(self, thing: tuple[int, int] | None) -> None:
        self.pointed.emit(*(thing or (-1, -1)))

    def pick(self, thing: tuple[int, int]) -> None:
        self.choose(*thing)
        self.picked.emit(*thing)


class _CellAxis(pg.AxisItem):
    """Ticks in the middle of cells, with the numbers of their components."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._size = 0

    def use(self, size: int) -> None:
        """Number so many cells."""
        self._size = size
        self.picture = None
        self.update()

    def tickValues(self, least: float, largest: float, size: float) -> list[tuple[float, list[float]]]:
        """The middles of as many cells as have room for a number."""
        room = 28 if self.orientation == "bottom" else 18
        wanted = abs(largest - least) * room / max(size, 1.0)
        power = 10 ** math.floor(math.log10(max(wanted, 1.0)))
        step = next(step * power for step in (1, 2, 5, 10) if step * power >= wanted)
        first, last = sorted((least, largest))
        numbers = range(0, self._size, step)
        return [(step, [number + 0.5 for number in numbers if first <= number + 0.5 <= last])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [str(int(value)) for value in values]
