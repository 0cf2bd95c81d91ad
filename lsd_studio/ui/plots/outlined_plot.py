"""A plane of codes on which a box or a lasso is drawn around some, and on which selected codes stand out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPolygonF
from PySide6.QtWidgets import QGraphicsPolygonItem

from lsd_studio.engine.latent.selection import How
from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.plots.cloud_plot import FAINT, CloudPlot
from lsd_studio.ui.plots.picture_cloud import PictureCloud, PlacedPicture
from lsd_studio.ui.plots.point_cloud import PointCloud

Tool = Literal["move", "box", "lasso"]
"""What a drag does: it moves the view, or draws."""

GROUP_ROLES = ("accent", "warning")
"""Of the theme's colours, for the groups A and B."""

APART = 3
"""Pixels between two corners of a lasso, at least, and the size of the smallest outline."""

FILL = 36
"""Opacity of what is within an outline while it is drawn, 0…255."""


class OutlinedPlot(CloudPlot):
    """Dragging draws where a tool for it is in use: with Shift to add, with Ctrl to remove; Escape gives it up.

    Enter selects what is visible, so that a view that was moved and zoomed with keys is a box.

    Signals:
        outlined: corners float64 [P, 2] in the units of the axes, and what becomes of the codes within (`How`).
        escaped: Escape was pressed while nothing was being drawn.
    """

    outlined = Signal(object, str)
    escaped = Signal()

    def __init__(self, themes: ThemeManager, name: str) -> None:
        self._tool: Tool = "move"
        self._corners: list[QPoint] = []
        self._how: How = "replace"
        self._selected = PointCloud()
        self.pictures = PictureCloud()
        self._outline = QGraphicsPolygonItem()
        super().__init__(themes, name)
        self._selected.setZValue(5)
        self.pictures.setZValue(6)
        self._outline.setZValue(25)
        self._outline.hide()
        for item in (self._selected, self.pictures, self._outline):
            self.plotItem.addItem(item, ignoreBounds=True)

    def use_tool(self, tool: Tool) -> None:
        """Let a drag do this from now on."""
        self._tool = tool
        self._drop()
        drawing = tool != "move"
        self.viewport().setCursor(Qt.CursorShape.CrossCursor if drawing else Qt.CursorShape.ArrowCursor)

    def show_selected(self, points: np.ndarray, groups: np.ndarray) -> None:
        """Let selected codes float [N, 2] of groups int [N], 0 for A and 1 for B, stand out; none lets all do."""
        self._selected.show_points(points, groups)
        for item in (self.cloud, self._image):
            item.setOpacity(FAINT if len(points) else 1.0)

    def show_none_selected(self) -> None:
        """Let no code stand out."""
        self.show_selected(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))

    def show_pictures(
        self,
        points: np.ndarray,
        labels: np.ndarray,
        groups: np.ndarray,
        images: Sequence[QImage | None],
        around: QRectF | None = None,
    ) -> None:
        """Show pictures of codes in the places of their points, within a part of the plane.

        Args:
            points: float [K, 2]; labels: int [K], −1 where there is none.
            groups: int [K], 0 for A and 1 for B, which then stand out, −1 for none.
            images: K of them; where there is none, the point remains.
        """
        frames = np.where(groups >= 0, groups, np.where(labels < 0, -1, labels + len(GROUP_ROLES)))
        faint = (groups < 0) & bool((groups >= 0).any())
        self.pictures.show_pictures(
            [
                PlacedPicture(QPointF(*point), image, frame, FAINT if is_faint else 1.0)
                for point, image, frame, is_faint in zip(
                    points.tolist(), images, frames.tolist(), faint.tolist(), strict=True
                )
                if image is not None
            ],
            around,
        )

    def clear_codes(self) -> None:
        super().clear_codes()
        self.pictures.show_pictures(())

    def _paint(self, theme: Theme) -> None:
        super()._paint(theme)
        self.pictures.colour(np.concatenate([_group_palette(theme), self._palette(theme)]))

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self._selected.colour(_group_palette(theme))
        inside = theme.colour("text")
        self._outline.setPen(pg.mkPen(inside, width=1.5, style=Qt.PenStyle.DashLine))
        inside.setAlpha(FILL)
        self._outline.setBrush(inside)

    # --- hands ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin an outline, where a tool for it is in use."""
        place = event.position().toPoint()
        inside = self.plotItem.vb.sceneBoundingRect().contains(self.mapToScene(place))
        if self._tool == "move" or event.button() != Qt.MouseButton.LeftButton or not inside:
            super().mousePressEvent(event)
            return
        self._corners, self._how = [place], _how(event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on."""
        if not self._corners:
            super().mouseMoveEvent(event)
            return
        place = event.position().toPoint()
        if self._tool == "box":
            self._corners = [self._corners[0], place]
        elif (place - self._corners[-1]).manhattanLength() >= APART:
            self._corners.append(place)
        self._outline.setPolygon(QPolygonF(self._places()))
        self._outline.show()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close the outline; one that is as small as a point says nothing."""
        if not self._corners:
            super().mouseReleaseEvent(event)
            return
        xs, ys = [corner.x() for corner in self._corners], [corner.y() for corner in self._corners]
        places, how = self._places(), self._how
        self._drop()
        if min(max(xs) - min(xs), max(ys) - min(ys)) >= APART:
            self._emit(places, how)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give up what is being drawn with Escape; select what is visible with Enter."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            if self._corners:
                self._drop()
            else:
                self.escaped.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            view = QPolygonF(self.plotItem.vb.viewRect())
            self._emit(view.toList()[:4], _how(event.modifiers()))
        else:
            super().keyPressEvent(event)

    def _places(self) -> list[QPointF]:
        """The corners of the outline, in the units of the axes."""
        corners = self._corners
        if self._tool == "box":
            (first, last) = corners[0], corners[-1]
            corners = [first, QPoint(last.x(), first.y()), last, QPoint(first.x(), last.y())]
        return [self.plotItem.vb.mapSceneToView(self.mapToScene(corner)) for corner in corners]

    def _drop(self) -> None:
        self._corners = []
        self._outline.hide()

    def _emit(self, places: list[QPointF], how: How) -> None:
        self.outlined.emit(np.array([(place.x(), place.y()) for place in places]), how)


def _group_palette(theme: Theme) -> np.ndarray:
    colours = [theme.colour(role) for role in GROUP_ROLES]
    return np.array([(each.red(), each.green(), each.blue()) for each in colours], dtype=np.uint8)


def _how(keys: Qt.KeyboardModifier) -> How:
    if keys & Qt.KeyboardModifier.ShiftModifier:
        return "add"
    return "remove" if keys & Qt.KeyboardModifier.ControlModifier else "replace"
