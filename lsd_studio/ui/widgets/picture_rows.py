"""Rows of pictures with a name before each row, such as before, applied and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.ui.app.theme import BODY, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import edge_colour
from lsd_studio.ui.widgets.painting import paint_hint
from lsd_studio.ui.widgets.pictures import picture_image

NAMES, GAP = 68.0, 6.0
"""Pixels for the rows' names, and between pictures."""

LARGEST = 224.0
"""Edge of a picture in pixels, at most."""


class PictureRows(QWidget):
    """Pictures in rows, as large as the room allows; empty rows say what will be there."""

    def __init__(self, themes: ThemeManager, name: str) -> None:
        super().__init__()
        self._themes = themes
        self._names: tuple[str, ...] = ()
        self.images: list[list[QImage]] = []
        self._labels: list[Sequence[int] | None] = []
        self.hint = ""
        self.setAccessibleName(name)
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        themes.changed.connect(self.update)

    def show_rows(self, *rows: tuple[str, np.ndarray, Sequence[int] | None]) -> None:
        """Show rows, each a name, pictures uint8 [N, H, W, C], and what C reads in them, where it was asked."""
        self._names = tuple(name for name, _, _ in rows)
        self.images = [[picture_image(picture) for picture in pictures] for _, pictures, _ in rows]
        self._labels = [labels for _, _, labels in rows]
        self.update()

    def clear(self, hint: str) -> None:
        """Show nothing, and say what to do."""
        self._names, self.images, self._labels, self.hint = (), [], [], hint
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 200)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setFont(font(BODY))
        if not self.images:
            paint_hint(painter, theme, self.rect(), self.hint)
            return
        longest = max(len(row) for row in self.images)
        wide = (self.width() - NAMES - GAP * longest) / longest
        high = (self.height() - GAP * len(self.images)) / len(self.images)
        edge = float(int(max(8.0, min(wide, high, LARGEST))))
        top = (self.height() - len(self.images) * (edge + GAP) + GAP) / 2
        start = NAMES if any(self._names) else (self.width() - longest * (edge + GAP) + GAP) / 2
        for line, (name, images, labels) in enumerate(
            zip(self._names, self.images, self._labels, strict=True)
        ):
            y = top + line * (edge + GAP)
            painter.setPen(theme.colour("muted"))
            painter.drawText(QRectF(0, y, NAMES - 8, edge), Qt.AlignmentFlag.AlignVCenter, name)
            for place, image in enumerate(images):
                square = QRectF(start + place * (edge + GAP), y, edge, edge)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, edge < image.width())
                painter.drawImage(square, image)
                ground = theme.colour("surface")
                frame = theme.colour("line") if labels is None else edge_colour(int(labels[place]), ground)
                painter.setPen(QPen(frame, 1 if labels is None else 2))
                painter.drawRect(square)
