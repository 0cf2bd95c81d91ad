"""Small pictures in the places of points, each framed in the colour of its point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

SMALLEST, LARGEST, ROOM = 20.0, 52.0, 0.6
"""Pixels of the longer side of a picture: at least, at most, and its part of the mean distance between them."""

FRAME = 2.0
"""Pixels of the frame."""


@dataclass(frozen=True, eq=False)
class PlacedPicture:
    """A picture at a place, in the units of the axes.

    Args:
        frame: the row of the palette that colours the frame; opacity: of all, 0…1.
    """

    place: QPointF
    image: QImage
    frame: int
    opacity: float = 1.0


class PictureCloud(pg.GraphicsObject):
    """Pictures that keep their size in pixels; the more there are, the smaller."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[PlacedPicture, ...] = ()
        self._around = QRectF()
        self._palette = np.zeros((1, 3), dtype=np.uint8)

    def show_pictures(self, pictures: Sequence[PlacedPicture], around: QRectF | None = None) -> None:
        """Show pictures within a part of the plane, and no longer those before."""
        self.prepareGeometryChange()
        self.shown, self._around = tuple(pictures), around or QRectF()
        self.update()

    def colour(self, palette: np.ndarray) -> None:
        """Let frames have these colours, uint8 [K, 3]."""
        self._palette = palette
        self.update()

    def boundingRect(self) -> QRectF:
        """More than the part of the plane they were shown in, so that none is cut off while it is moved."""
        return self._around.adjusted(
            -self._around.width(), -self._around.height(), self._around.width(), self._around.height()
        )

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint all of them, the later over the earlier."""
        if not self.shown:
            return
        to_pixels = painter.transform()
        window = to_pixels.mapRect(self.viewRect())
        apart = math.sqrt(window.width() * window.height() / len(self.shown))
        longest = min(max(ROOM * apart, SMALLEST), LARGEST)
        painter.save()
        painter.resetTransform()
        painter.setClipRect(window)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for each in self.shown:
            size = each.image.size()
            scale = longest / max(size.width(), size.height(), 1)
            rect = QRectF(0, 0, size.width() * scale, size.height() * scale)
            rect.moveCenter(to_pixels.map(each.place))
            painter.setOpacity(each.opacity)
            colour = QColor(*(int(part) for part in self._palette[each.frame]))
            painter.fillRect(rect.adjusted(-FRAME, -FRAME, FRAME, FRAME), colour)
            painter.drawImage(rect, each.image)
        painter.restore()
