"""The Pearson correlation of every component with every other, as a heatmap (R30)."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent

from lsd_studio.ui.plots import Plot, signed_colours
from lsd_studio.ui.theme import CAPTION, Theme, ThemeManager, font

__all__ = ["PearsonHeatmap"]


class PearsonHeatmap(Plot):
    """An M × M matrix of correlations, row against column, blue −1 over the ground 0 to red 1.

    The wheel zooms, dragging moves; a click picks a pair, arrow keys walk from pair to pair.

    Signals:
        pointed: row and column under the pointer, or −1, −1.
        picked: row and column that were clicked or come to with an arrow key.
    """

    pointed = Signal(int, int)
    picked = Signal(int, int)

    def __init__(self, themes: ThemeManager) -> None:
        self._themes = themes
        self._values: np.ndarray | None = None
        self._at, self._chosen = (-1, -1), (-1, -1)
        self.image = pg.ImageItem()
        self._cell = pg.PlotCurveItem()
        self._bar = pg.ColorBarItem(
            interactive=False, width=10, colorMap=signed_colours(themes.theme), values=(-1.0, 1.0)
        )
        super().__init__(themes, "component", "component", "Pearson correlations of the components")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        plot = self.getPlotItem()
        plot.vb.invertY(True)
        plot.vb.setAspectLocked(True)
        plot.vb.setDefaultPadding(0.0)
        plot.getAxis("left").setWidth(44)
        for item in (self.image, self._cell):
            plot.addItem(item, ignoreBounds=True)
        plot.layout.addItem(self._bar, 2, 5)
        plot.layout.setColumnFixedWidth(4, 8)
        self._bar.axis.setWidth(44)
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._clicked)
        self.dress(themes.theme)

    @property
    def values(self) -> np.ndarray | None:
        """The matrix shown, float [M, M]; NaN where a component is constant."""
        return self._values

    def show_matrix(self, values: np.ndarray) -> None:
        """Show correlations float [M, M], −1…1."""
        self._values = values
        size = len(values)
        self.image.setImage(values, autoLevels=False, levels=(-1.0, 1.0))
        self.plotItem.vb.setLimits(
            xMin=-size, xMax=2 * size, yMin=-size, yMax=2 * size, minXRange=3, minYRange=3
        )
        self.plotItem.vb.setRange(QRectF(0, 0, size, size), padding=0.01)
        self.choose(-1, -1)

    def clear_matrix(self) -> None:
        """Show nothing."""
        self._values = None
        self.image.clear()
        self.choose(-1, -1)

    def choose(self, row: int, column: int) -> None:
        """Frame the pair that is looked at, without telling anyone; −1 frames none."""
        self._chosen = row, column
        if row < 0:
            self._cell.clear()
        else:
            self._cell.setData(
                [column, column + 1, column + 1, column, column], [row, row, row + 1, row + 1, row]
            )

    def cell_centre(self, row: int, column: int) -> QPointF:
        """The middle of a cell, in pixels of the viewport."""
        return QPointF(self.mapFromScene(self.plotItem.vb.mapViewToScene(QPointF(column + 0.5, row + 0.5))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk to the next pair with an arrow key."""
        steps = {
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None or self._values is None:
            super().keyPressEvent(event)
            return
        last = len(self._values) - 1
        row, column = (min(max(at + by, 0), last) for at, by in zip(self._chosen, step, strict=True))
        self._pick(row, column)

    def leaveEvent(self, event: QEvent) -> None:
        """No cell is under the pointer."""
        super().leaveEvent(event)
        self._point_at(-1, -1)

    @Slot(object)
    def dress(self, theme: Theme) -> None:
        """Take the theme's colours."""
        super().dress(theme)
        self.getPlotItem().showGrid(x=False, y=False)
        self.image.setColorMap(signed_colours(theme))
        self._bar.setColorMap(signed_colours(theme))
        self._bar.axis.setPen(pg.mkPen(theme.colour("line")))
        self._bar.axis.setTextPen(pg.mkPen(theme.colour("muted")))
        self._bar.axis.setTickFont(font(CAPTION))
        self._bar.axis.setLabel(
            "Pearson correlation", color=theme.muted, siPrefixEnableRanges=(), **{"font-size": f"{CAPTION}px"}
        )
        self._cell.setPen(pg.mkPen(theme.colour("text"), width=2))

    @Slot(object)
    def _moved(self, place: QPointF) -> None:
        self._point_at(*self._cell_at(place))

    @Slot(object)
    def _clicked(self, click: MouseClickEvent) -> None:
        row, column = self._cell_at(click.scenePos())
        if row >= 0:
            self._pick(row, column)

    def _pick(self, row: int, column: int) -> None:
        self.choose(row, column)
        self.picked.emit(row, column)

    def _cell_at(self, place: QPointF) -> tuple[int, int]:
        box = self.plotItem.vb
        if self._values is None or not box.sceneBoundingRect().contains(place):
            return -1, -1
        where = box.mapSceneToView(place)
        row, column = int(where.y() // 1), int(where.x() // 1)
        size = len(self._values)
        return (row, column) if 0 <= row < size and 0 <= column < size else (-1, -1)

    def _point_at(self, row: int, column: int) -> None:
        if (row, column) != self._at:
            self._at = row, column
            self.pointed.emit(row, column)
