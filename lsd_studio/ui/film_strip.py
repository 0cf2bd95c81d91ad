"""Pictures along a path, as in Figure 8: a row an image, a column a step."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.ui.path_curves import AXIS
from lsd_studio.ui.pictures import picture_image
from lsd_studio.ui.theme import BODY, ThemeManager, font

__all__ = ["FilmStrip"]

RIGHT = 12
"""Pixels left free at the right, as beside the plots."""


class FilmStrip(QWidget):
    """Decoded codes at every step of a path; the column nearest to the handle is framed.

    Signals:
        place_wanted: a person pointed at a place of the path, in legs.
    """

    place_wanted = Signal(float)

    def __init__(self, themes: ThemeManager, name: str) -> None:
        super().__init__()
        self._themes = themes
        self._film: QImage | None = None
        self._places = np.zeros(0)
        self._shape = 1, 1
        self._position = 0.0
        self.hint = ""
        self.setAccessibleName(name)
        self.setMinimumHeight(48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        themes.changed.connect(self.update)

    def show_pictures(self, places: np.ndarray, pictures: np.ndarray) -> None:
        """Show pictures uint8 [S, N, H, W, C] of N images at S places, in legs."""
        steps, images, height, width, channels = pictures.shape
        film = pictures.transpose(1, 2, 0, 3, 4).reshape(images * height, steps * width, channels)
        self._film, self._places, self._shape = picture_image(film), places, (images, steps)
        self.update()

    def show_place(self, position: float) -> None:
        """Frame the column nearest to a place."""
        self._position = position
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._film = None
        self.update()

    def sizeHint(self) -> QSize:
        """Room for one row."""
        return QSize(480, 96)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Want the handle at the column that is pointed at."""
        self._want(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Want the handle where a person drags."""
        self._want(event.position())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the film and the frame around one column."""
        theme = self._themes.theme
        painter = QPainter(self)
        if self._film is None:
            painter.setPen(theme.colour("muted"))
            painter.setFont(font(BODY))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.hint)
            return
        area = self._area()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, self._film)
        wide = area.width() / self._shape[1]
        column = int(np.abs(self._places - self._position).argmin())
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(area.left() + column * wide, area.top(), wide, area.height()))

    def _area(self) -> QRectF:
        """Where the film is: as wide as the plots' axis, its pictures square."""
        images, steps = self._shape
        room = QRectF(self.rect()).adjusted(AXIS, 1, -RIGHT, -1)
        edge = min(room.width() / steps, room.height() / images)
        return QRectF(room.left(), room.center().y() - edge * images / 2, edge * steps, edge * images)

    def _want(self, point: QPointF) -> None:
        if self._film is None:
            return
        area = self._area()
        column = int((point.x() - area.left()) / area.width() * self._shape[1])
        self.place_wanted.emit(float(self._places[min(max(column, 0), self._shape[1] - 1)]))
