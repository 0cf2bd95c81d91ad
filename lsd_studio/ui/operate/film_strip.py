"""Pictures along a path, as in Figure 8: a row an image, a column a step; as many rows as can be read."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.ui.app.theme import CAPTION, Theme, ThemeManager, font
from lsd_studio.ui.operate.path_curves import AXIS, RIGHT
from lsd_studio.ui.widgets.painting import paint_hint
from lsd_studio.ui.widgets.pictures import picture_image

LARGE = 44.0
"""Edge in pixels beyond which pictures need not grow for fewer columns."""

LEAST = 22.0
"""Edge in pixels below which a picture cannot be read: where all rows have no room, the first ones are shown."""

CLOSE = 0.85
"""Share of their best height that pictures may have, and of a column that they fill at least, to stand side by side."""


class FilmStrip(QWidget):
    """Decoded codes at every step of a path; the column nearest to the handle is framed, and a picture at a station in
    which C reads another label is marked.

    Attributes:
        rows: how many images are shown.

    Signals:
        place_wanted: a person points or drags to a place of the path, in legs.
        place_settled: the drag is over.
    """

    place_wanted = Signal(float)
    place_settled = Signal()

    def __init__(self, themes: ThemeManager, name: str) -> None:
        super().__init__()
        self._themes = themes
        self._pictures: np.ndarray | None = None
        self._misread = np.zeros((0, 0), dtype=np.bool_)
        self.rows = 0
        self._places = np.zeros(0)
        self._columns: list[QImage] = []
        self._shown = np.zeros(0)
        self._position = 0.0
        self.hint = ""
        self.setAccessibleName(name)
        self.setMinimumHeight(48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        themes.changed.connect(self.update)

    def show_pictures(
        self, places: np.ndarray, pictures: np.ndarray, misread: np.ndarray | None = None
    ) -> None:
        """Show pictures uint8 [S, N, H, W, C] of N images at S places, in legs, and mark those of bool [S, N]."""
        self._places, self._pictures = places, pictures
        self._misread = np.zeros(pictures.shape[:2], dtype=np.bool_) if misread is None else misread
        self._lay_out()
        self.update()

    def show_place(self, position: float) -> None:
        """Frame the column nearest to a place."""
        self._position = position
        self.update()

    def clear(self) -> None:
        self._pictures, self._columns = None, []
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 96)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._columns:
            room = self._room()
            place = (event.position().x() - room.left()) / room.width() * self._shown[-1]
            self.place_wanted.emit(float(self._shown[int(np.abs(self._shown - place).argmin())]))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.place_settled.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        if not self._columns:
            paint_hint(painter, theme, self.rect(), self.hint)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for place, column in zip(self._shown, self._columns, strict=True):
            painter.drawImage(self._area(place), column)
        self._paint_marks(painter, theme)
        self._paint_count(painter, theme)
        nearest = self._shown[int(np.abs(self._shown - self._position).argmin())]
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self._area(nearest))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        """Choose every column, or every second, third, … of a leg, so that pictures are large enough to be read."""
        if self._pictures is None:
            return
        steps, images, height, width, channels = self._pictures.shape
        self.rows = min(images, max(1, int(self._room().height() / LEAST)))
        least = CLOSE * min(self._room().height() / self.rows, LARGE)
        a_leg = max(1, int(np.argmax(self._places >= 1.0)))
        strides = [stride for stride in range(1, a_leg + 1) if a_leg % stride == 0]
        room = self._room().width()
        stride = next((each for each in strides if (steps - 1) / each * least <= room), a_leg)
        columns = self._pictures[::stride, : self.rows].reshape(-1, self.rows * height, width, channels)
        self._columns, self._shown = [picture_image(column) for column in columns], self._places[::stride]

    def _paint_marks(self, painter: QPainter, theme: Theme) -> None:
        """Cut a corner off what C reads otherwise."""
        painter.setBrush(theme.colour("warning"))
        painter.setPen(Qt.PenStyle.NoPen)
        for step, line in np.argwhere(self._misread[:, : self.rows]):
            if self._places[step] not in self._shown:
                continue
            area = self._area(float(self._places[step]))
            edge = area.height() / self.rows
            corner, cut = QPointF(area.right(), area.top() + line * edge), min(10.0, edge / 2.5)
            painter.drawPolygon(QPolygonF([corner, corner - QPointF(cut, 0), corner + QPointF(0, cut)]))

    def _paint_count(self, painter: QPainter, theme: Theme) -> None:
        """Say how many of the images there is room for, where it is not all."""
        assert self._pictures is not None
        images = self._pictures.shape[1]
        if self.rows < images:
            painter.setPen(theme.colour("muted"))
            painter.setFont(font(CAPTION))
            where = QRectF(0, 0, AXIS - RIGHT / 2, self.height())
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, f"{self.rows}\nof {images}")

    def _room(self) -> QRectF:
        return QRectF(self.rect()).adjusted(AXIS, 1, -RIGHT, -1)

    def _area(self, place: float) -> QRectF:
        """Where the column of a place is: in the middle above it, its pictures square."""
        assert self._pictures is not None
        images, room = self.rows, self._room()
        step = room.width() / max(len(self._shown) - 1, 1)
        edge = min(step, room.height() / images, 2 * RIGHT)
        middle = room.left() + place / self._shown[-1] * room.width()
        wide = step if edge > CLOSE * step else edge
        left, top = round(middle - wide / 2), round(room.center().y() - edge * images / 2)
        return QRectF(left, top, round(middle + wide / 2) - left, round(edge * images))
