"""A sheet of pictures, each with the label that C reads in it."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.runs.frames import PictureGroup
from lsd_studio.percentages import percent
from lsd_studio.ui.app.theme import CAPTION, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import edge_colour
from lsd_studio.ui.widgets.pictures import picture_sheet

HEAD, GAP = 20, 2
LEAST_EDGE = 26
"""Pixels below which a digit can no longer be read; then fewer are shown."""

TITLES = {
    "generated": "Generated, at a fixed z",
    "data": "Data",
    "given": "Given to the encoder",
    "encoded": "Encoded and decoded",
    "random": "From random z",
}


class PictureSheet(QWidget):
    """Pictures of one kind in rows, each underlined in the colour of the label that C reads in it."""

    def __init__(self, themes: ThemeManager, kind: str) -> None:
        super().__init__()
        self._themes = themes
        self._title = TITLES[kind]
        self._group: PictureGroup | None = None
        self._label_names: tuple[str, ...] = ()
        self._sheet: tuple[int, int, QPixmap] | None = None
        self.setMinimumSize(3 * LEAST_EDGE, HEAD + 3 * LEAST_EDGE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self._title)
        themes.changed.connect(self.update)

    def show_group(self, group: PictureGroup | None, label_names: tuple[str, ...]) -> None:
        self._group, self._label_names, self._sheet = group, label_names, None
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(8 * 30, HEAD + 8 * 30)

    def event(self, event: QEvent) -> bool:
        """Say of a picture, where the pointer rests, what C reads in it."""
        if isinstance(event, QHelpEvent):
            place = self._place_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._words(place) if place >= 0 else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.setPen(theme.colour("text"))
        painter.setFont(font(CAPTION, bold=True))
        painter.drawText(QRectF(0, 0, self.width(), HEAD - 2), Qt.AlignmentFlag.AlignVCenter, self._title)
        if self._group is None or not len(self._group.pictures):
            return
        columns, rows, edge = self._shape()
        if self._sheet is None or self._sheet[:2] != (columns, rows):
            sheet = picture_sheet(self._group.pictures[: columns * rows], columns)
            self._sheet = columns, rows, QPixmap.fromImage(sheet)
        cell = edge + GAP
        high, wide = self._group.pictures.shape[1:3]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, edge < wide)
        for place in range(min(len(self._group.pictures), columns * rows)):
            x, y = place % columns, place // columns
            target = QRectF(x * cell, HEAD + y * cell, edge, edge)
            painter.drawPixmap(target, self._sheet[2], QRectF(x * wide, y * high, wide, high))
            label = int(self._group.labels[place])
            line = edge_colour(label, theme.colour("surface"))
            painter.fillRect(QRectF(target.left(), target.bottom() - 2, edge, 2), line)

    def _shape(self) -> tuple[int, int, float]:
        """Columns, rows and edge: all pictures as large as they fit, or as many as can still be read."""
        assert self._group is not None
        total = len(self._group.pictures)
        wide, high = self.width() + GAP, self.height() - HEAD + GAP
        columns = max(range(1, total + 1), key=lambda each: min(wide / each, high / math.ceil(total / each)))
        cell = min(wide / columns, high / math.ceil(total / columns))
        rows = math.ceil(total / columns)
        if cell - GAP < LEAST_EDGE:
            columns = max(1, min(total, int(wide // (LEAST_EDGE + GAP))))
            cell = min(wide / columns, high)
            rows = min(math.ceil(total / columns), int(high // cell))
        return columns, rows, math.floor(cell - GAP)

    def _place_at(self, position: QPointF) -> int:
        if self._group is None or not len(self._group.pictures):
            return -1
        columns, rows, edge = self._shape()
        x, y = int(position.x() // (edge + GAP)), int((position.y() - HEAD) // (edge + GAP))
        place = y * columns + x
        inside = 0 <= x < columns and 0 <= y < rows and position.y() >= HEAD
        return place if inside and place < len(self._group.pictures) else -1

    def _words(self, place: int) -> str:
        assert self._group is not None
        name = isolated(self._label_names[int(self._group.labels[place])])
        words = f"C reads {name}, {percent(float(self._group.probabilities[place]))}"
        if self._group.labels_given is not None:
            given = self._label_names[int(self._group.labels_given[place])]
            words += f"; the image's label is {isolated(given)}"
        return words
