"""A plane of codes that is panned and zoomed, with a code under the pointer and curves over the points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy

from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.plots.plots import Plot
from lsd_studio.ui.plots.point_cloud import PointCloud, picture_of_cells
from lsd_studio.ui.widgets.label_colours import Classes

REACH = 14.0
"""Pixels within which the pointer finds a code."""

FAINT = 0.3
"""Opacity of codes while others count."""

STEP, ZOOM = 0.1, 0.8
"""Share of the view that an arrow key moves it by, and that a key leaves of it."""


@dataclass(frozen=True, eq=False)
class Overlay:
    """A curve over the points.

    Args:
        places: float [N, 2]; NaN breaks it.
        role: of the theme's colours.
        width: in pixels; dashed: how it is drawn.
    """

    places: np.ndarray
    role: str = "text"
    width: float = 1.5
    dashed: bool = False


class CloudPlot(Plot):
    """Codes in their labels' colours, as points or as an image of their density; those without a label in one colour.

    Dragging moves; arrow keys move, + and − zoom, Home shows all.

    Signals:
        hovered: x and y of the place under the pointer, in the units of the axes; NaN where there is none.
        clicked: x and y of a place that was clicked.
        looked: a person has moved or zoomed the view; whether all points are visible now.
    """

    hovered = Signal(float, float)
    clicked = Signal(float, float)
    looked = Signal(bool)

    def __init__(self, themes: ThemeManager, name: str) -> None:
        self.cloud = PointCloud()
        self._image = pg.ImageItem()
        self._cells: tuple[np.ndarray, np.ndarray, QRectF] | None = None
        self._classes = Classes()
        self._coloured = True
        self._extent = QRectF()
        self.is_zoomed = False
        self._wanted: QRectF | None = None
        self._others = PointCloud()
        self._overlays: list[tuple[Overlay, pg.PlotCurveItem]] = []
        self._mark = pg.ScatterPlotItem(size=15, pxMode=True)
        super().__init__(themes, "", "", name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(224, 200)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        plot = self.getPlotItem()
        plot.vb.setAspectLocked(True)
        plot.getAxis("left").setWidth(52)
        for side in ("left", "bottom"):
            plot.getAxis(side).setStyle(maxTickLevel=0)
        self._others.setOpacity(FAINT)
        for item in (self._others, self._image, self.cloud, self._mark):
            plot.addItem(item, ignoreBounds=True)
        self._mark.setZValue(20)
        plot.vb.sigRangeChangedManually.connect(self._zoom_by_hand)
        plot.vb.sigResized.connect(self._fit_again)
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._click)

    # --- what is shown --------------------------------------------------------------------------------------------

    def use_labels(self, number: int) -> None:
        """There are so many labels from now on."""
        self.hold_classes(Classes(number))
        self._paint(self._themes.theme)

    def hold_classes(self, classes: Classes) -> None:
        """What is shown next is of these classes, in place of labels."""
        self._classes = classes

    def colour_labels(self, coloured: bool) -> None:
        """Colour codes by their labels, or all alike."""
        self._coloured = coloured
        self._paint(self._themes.theme)

    def show_points(self, points: np.ndarray, labels: np.ndarray, extent: QRectF | None = None) -> None:
        """Show points float [N, 2] with labels int [N], −1 where there is none.

        Args:
            extent: holds all there are; None: these and the others that are shown.
        """
        self._cells = None
        self._image.hide()
        self.cloud.show_points(points, labels)
        around = self.cloud.boundingRect().united(self._others.boundingRect())
        self._extent = around if extent is None else extent
        self._paint(self._themes.theme)

    def show_density(self, counts: np.ndarray, majority: np.ndarray, window: QRectF, extent: QRectF) -> None:
        """Show points in cells [rows, columns] of a window, row 0 at the bottom, with their most frequent label."""
        self._cells, self._extent = (counts, majority, window), extent
        self.cloud.show_points(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
        self._image.show()
        self._paint(self._themes.theme)

    def show_others(self, points: np.ndarray) -> None:
        """Show points float [N, 2], of no class, faint beneath the ones that count."""
        self._others.show_points(points, np.zeros(len(points), dtype=np.int64))

    def clear_codes(self) -> None:
        """Show nothing."""
        self.show_others(np.zeros((0, 2)))
        self.show_points(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
        self.show_overlays(())
        self.mark(None)

    def show_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Draw curves over the points, in place of those before."""
        for _, item in self._overlays:
            self.removeItem(item)
        self._overlays = []
        for overlay in overlays:
            item = pg.PlotCurveItem(*overlay.places.T.astype(float), connect="finite")
            item.setZValue(10)
            self.addItem(item, ignoreBounds=True)
            self._overlays.append((overlay, item))
        self._paint_overlays(self._themes.theme)

    def mark(self, place: tuple[float, float] | None) -> None:
        """Ring a place; None rings none."""
        if place is None:
            self._mark.clear()
        else:
            self._mark.setData([place[0]], [place[1]])

    @Slot()
    def show_all(self) -> None:
        """Zoom out to all points."""
        self.is_zoomed, self._wanted = False, None
        if not self._extent.isEmpty():
            self.plotItem.vb.setRange(self._extent, padding=0.03)

    def look_as(self, other: CloudPlot) -> None:
        """Show what another one shows."""
        self.hold_as(other)
        self.plotItem.vb.setRange(other.plotItem.vb.viewRect(), padding=0.0)

    def hold_as(self, other: CloudPlot) -> None:
        """Keep the same part visible as another one, when there is more or less room."""
        self.is_zoomed, self._wanted = other.is_zoomed, other._wanted

    def show_rect(self, rect: QRectF) -> None:
        """Show a part of the plane, in the units of the axes."""
        self.is_zoomed, self._wanted = True, rect
        self.plotItem.vb.setRange(rect, padding=0.0)

    def reach(self) -> tuple[float, float]:
        """How far along x and y the pointer finds a code, in the units of the axes."""
        wide, high = self.plotItem.vb.viewPixelSize()
        return REACH * wide, REACH * high

    def pixel_of(self, place: QPointF) -> QPointF:
        """Where a place is, in pixels of the viewport."""
        return QPointF(self.mapFromScene(self.plotItem.vb.mapViewToScene(place)))

    # --- hands ----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrow keys, zoom with + and −, show all with Home."""
        box = self.plotItem.vb
        rect = box.viewRect()
        moves = {
            Qt.Key.Key_Left: (-STEP, 0.0), Qt.Key.Key_Right: (STEP, 0.0),
            Qt.Key.Key_Up: (0.0, STEP), Qt.Key.Key_Down: (0.0, -STEP),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in moves:
            right, up = moves[key]
            box.translateBy(x=right * rect.width(), y=up * rect.height())
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            box.scaleBy((ZOOM, ZOOM))
        elif key is Qt.Key.Key_Minus:
            box.scaleBy((1 / ZOOM, 1 / ZOOM))
        elif key is Qt.Key.Key_Home:
            self.show_all()
            self.looked.emit(True)
        else:
            super().keyPressEvent(event)
        if key in moves or key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._zoom_by_hand()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(float("nan"), float("nan"))

    @Slot()
    def _zoom_by_hand(self) -> None:
        self.is_zoomed, self._wanted = True, self.plotItem.vb.viewRect()
        self.looked.emit(False)

    @Slot()
    def _fit_again(self) -> None:
        """There is more or less room: make what was asked for, all or a part, visible again."""
        if not self.is_zoomed:
            self.show_all()
        elif self._wanted is not None:
            self.show_rect(self._wanted)

    @Slot(object)
    def _moved(self, place: QPointF) -> None:
        if self.plotItem.vb.sceneBoundingRect().contains(place):
            where = self.plotItem.vb.mapSceneToView(place)
            self.hovered.emit(where.x(), where.y())

    @Slot(object)
    def _click(self, click: MouseClickEvent) -> None:
        inside = self.plotItem.vb.sceneBoundingRect().contains(click.scenePos())
        if inside and click.button() == Qt.MouseButton.LeftButton:
            where = self.plotItem.vb.mapSceneToView(click.scenePos())
            self.clicked.emit(where.x(), where.y())

    # --- colours --------------------------------------------------------------------------------------------------

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.getPlotItem().showGrid(x=False, y=False)
        self._mark.setPen(pg.mkPen(theme.colour("text"), width=2))
        self._mark.setBrush(pg.mkBrush(None))
        others = theme.colour("muted")
        self._others.colour(np.array([(others.red(), others.green(), others.blue())], dtype=np.uint8))
        self._paint(theme)
        self._paint_overlays(theme)

    def _paint(self, theme: Theme) -> None:
        palette = self._palette(theme)
        self.cloud.colour(palette)
        if self._cells is not None:
            counts, majority, window = self._cells
            picture = picture_of_cells(counts, majority, palette)
            self._image.setImage(picture, autoLevels=False, levels=(0, 255))
            self._image.setRect(window)

    def _palette(self, theme: Theme) -> np.ndarray:
        """A colour for each label, and a last one, which is also that of −1, for codes without any."""
        ground, plain = theme.colour("surface"), theme.colour("accent")
        labels = self._classes.colours(ground, theme.colour("muted"))
        colours = [*(labels if self._coloured else [plain] * len(labels)), plain]
        return np.array([(each.red(), each.green(), each.blue()) for each in colours], dtype=np.uint8)

    def _paint_overlays(self, theme: Theme) -> None:
        for overlay, item in self._overlays:
            style = Qt.PenStyle.DashLine if overlay.dashed else Qt.PenStyle.SolidLine
            item.setPen(pg.mkPen(theme.colour(overlay.role), width=overlay.width, style=style))
