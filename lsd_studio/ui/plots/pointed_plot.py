"""Plots that know what of them is under the pointer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QEvent, QPointF, QRectF, Slot

from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.plots.plots import Plot, signed_colours

Thing = TypeVar("Thing")


class PointedPlot(Plot, Generic[Thing]):
    """A plot of things, such as curves or cells, that reports the one under the pointer and the one that was clicked.

    A kind of plot has `thing_at`, `tell` and `pick` of its own; Qt's metaclass leaves no room for abstract methods.
    """

    def __init__(
        self,
        themes: ThemeManager,
        bottom: str,
        left: str,
        name: str = "",
        axes: Mapping[str, pg.AxisItem] | None = None,
    ) -> None:
        self._under: Thing | None = None
        super().__init__(themes, bottom, left, name, axes)
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._clicked)

    def thing_at(self, where: QPointF) -> Thing | None:
        """What is at a place of the view, in the units of the axes."""
        raise NotImplementedError

    def tell(self, thing: Thing | None) -> None:
        """Say that something else is under the pointer now; None: nothing."""
        raise NotImplementedError

    def pick(self, thing: Thing) -> None:
        """Say that something was clicked."""
        raise NotImplementedError

    def pixel_of(self, place: QPointF) -> QPointF:
        """Where a place in the units of the axes is, in pixels of the viewport."""
        return QPointF(self.mapFromScene(self.plotItem.vb.mapViewToScene(place)))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point_at(None)

    @Slot(object)
    def _moved(self, place: QPointF) -> None:
        self._point_at(self._thing_in_scene(place))

    @Slot(object)
    def _clicked(self, click: MouseClickEvent) -> None:
        thing = self._thing_in_scene(click.scenePos())
        if thing is not None:
            self.pick(thing)

    def _thing_in_scene(self, place: QPointF) -> Thing | None:
        box = self.plotItem.vb
        return self.thing_at(box.mapSceneToView(place)) if box.sceneBoundingRect().contains(place) else None

    def _point_at(self, thing: Thing | None) -> None:
        if thing != self._under:
            self._under = thing
            self.tell(thing)


class MatrixPlot(PointedPlot[tuple[int, int]]):
    """A square matrix in colours on both sides of 0, row 0 at the top, with their scale; cell i, j is from j, i on."""

    def __init__(
        self,
        themes: ThemeManager,
        bottom: str,
        left: str,
        name: str,
        axes: Mapping[str, pg.AxisItem] | None = None,
        *,
        bar_width: int,
        scale: str = "",
    ) -> None:
        self.image = pg.ImageItem()
        self._cell = pg.PlotCurveItem()
        self._bar = pg.ColorBarItem(
            interactive=False, width=bar_width, colorMap=signed_colours(themes.theme), values=(-1.0, 1.0)
        )
        self._bar.axis.enableAutoSIPrefix(False)
        self._scale = scale
        self._size = 0
        super().__init__(themes, bottom, left, name, axes)
        plot = self.getPlotItem()
        plot.vb.invertY(True)
        plot.vb.setAspectLocked(True)
        plot.vb.setDefaultPadding(0.0)
        plot.layout.addItem(self._bar, 2, 5)
        plot.layout.setColumnFixedWidth(4, 8)

    def hold_rows(self, size: int, least_cells: int) -> None:
        """The matrix has so many rows from now on, 0 for none; one zooms in to `least_cells` of them."""
        self._size = size
        if size:
            self.plotItem.vb.setLimits(
                xMin=-size,
                xMax=2 * size,
                yMin=-size,
                yMax=2 * size,
                minXRange=least_cells,
                minYRange=least_cells,
            )

    def name_scale(self, scale: str) -> None:
        """Say what the colours mean, with its unit."""
        self._scale = scale
        self._fit_words()

    def _named_axes(self) -> list[tuple[pg.AxisItem, str]]:
        return [*super()._named_axes(), (self._bar.axis, self._scale)]

    def frame_cell(self, row: int, column: int) -> None:
        """Frame a cell; −1 frames none."""
        self._cell.setVisible(row >= 0)
        if row >= 0:
            self._cell.setData(
                [column, column + 1, column + 1, column, column], [row, row, row + 1, row + 1, row]
            )

    def cell_centre(self, row: int, column: int) -> QPointF:
        """The middle of a cell, in pixels of the viewport."""
        return self.pixel_of(QRectF(column, row, 1, 1).center())

    def thing_at(self, where: QPointF) -> tuple[int, int] | None:
        """Row and column of the cell there."""
        row, column = int(where.y() // 1), int(where.x() // 1)
        return (row, column) if 0 <= row < self._size and 0 <= column < self._size else None

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.getPlotItem().showGrid(x=False, y=False)
        self.image.setColorMap(signed_colours(theme))
        self._bar.setColorMap(signed_colours(theme))
        self._cell.setPen(pg.mkPen(theme.colour("text"), width=2))
