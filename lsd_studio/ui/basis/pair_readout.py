"""Two vectors and their inner product: pictures, names, the value in full."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.ui.app.theme import BODY, CAPTION, TITLE, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import edge_colour
from lsd_studio.ui.widgets.pictures import paint_picture, picture_image
from lsd_studio.ui.widgets.vector_names import vector_name, vector_words

__all__ = ["PairReadout"]

HEIGHT, MARGIN, VALUES = 80, 16, 168
"""Pixels: the least height, what of it is no picture, and the values at the right."""


class PairReadout(QWidget):
    """⟨row|column⟩ = value, with both decoded vectors; a hint while nothing is pointed at.

    Args:
        symbol: "η" or "ξ".
    """

    def __init__(self, themes: ThemeManager, symbol: str) -> None:
        super().__init__()
        self._themes = themes
        self._symbol = symbol
        self._pair: tuple[int, int] | None = None
        self._images: tuple[QImage, QImage] | None = None
        self._label_names: tuple[str, ...] = ()
        self._lines: tuple[str, ...] = ()
        self.hint = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(360)
        self.setAccessibleName(f"Inner product of two vectors {symbol}")
        themes.changed.connect(self.update)

    @property
    def words(self) -> str:
        """What is said of the pair, in one line."""
        if self._pair is None:
            return ""
        names = self._label_names
        parts = [
            f"{vector_name(self._symbol, each, names)} ({vector_words(each, names)})" for each in self._pair
        ]
        return f"{' and '.join(parts)}: {', '.join(self._lines)}"

    def show_pair(
        self, pair: tuple[int, int], pictures: np.ndarray, label_names: tuple[str, ...], lines: Sequence[str]
    ) -> None:
        """Show two vectors of `pictures` uint8 [M, H, W, C], and lines about them, the first one large."""
        self._pair, self._label_names, self._lines = pair, label_names, tuple(lines)
        self._images = picture_image(pictures[pair[0]]), picture_image(pictures[pair[1]])
        self.setAccessibleDescription(self.words)
        self.update()

    def clear(self) -> None:
        """Show the hint."""
        self._pair = self._images = None
        self.setAccessibleDescription(self.hint)
        self.update()

    def prefer(self, height: int) -> None:
        """Take so many pixels in height, and give the pictures what they bring."""
        self.setFixedHeight(max(HEIGHT, height))

    def sizeHint(self) -> QSize:
        """Room for two pictures and their names."""
        return QSize(520, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both vectors with their names, and the lines."""
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._pair is None or self._images is None:
            painter.setPen(theme.colour("muted"))
            painter.setFont(font(CAPTION))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, self.hint)
            return
        picture = self.height() - MARGIN
        left, top = 1.0, MARGIN / 2
        wide = self._words_width(picture)
        for vector, image in zip(self._pair, self._images, strict=True):
            edge = edge_colour(vector % len(self._label_names), theme.colour("surface"))
            paint_picture(painter, image, QRectF(left, top, picture, picture), edge)
            painter.setPen(theme.colour("text"))
            painter.setFont(font(BODY, bold=True))
            name = vector_name(self._symbol, vector, self._label_names)
            self._write(painter, QPointF(left + picture + 8, self.height() / 2 - 6), wide, name)
            painter.setPen(theme.colour("muted"))
            painter.setFont(font(CAPTION))
            words = vector_words(vector, self._label_names)
            self._write(painter, QPointF(left + picture + 8, self.height() / 2 + 14), wide, words)
            left += picture + wide + 20
        start = self.height() / 2 - 10 * (len(self._lines) - 1) + 5
        for place, line in enumerate(self._lines):
            painter.setPen(theme.colour("muted" if place else "text"))
            painter.setFont(font(CAPTION) if place else font(TITLE, bold=True))
            painter.drawText(QPointF(left + 8, start + 20 * place), line)

    def _words_width(self, picture: float) -> float:
        """Pixels for the words beside a picture: as many as they need, where there is room beside the values."""
        assert self._pair is not None
        metrics = QFontMetricsF(font(BODY, bold=True))
        needed = max(metrics.horizontalAdvance(vector_words(each, self._label_names)) for each in self._pair)
        return min(needed, (self.width() - VALUES) / 2 - picture - 20)

    def _write(self, painter: QPainter, place: QPointF, wide: float, words: str) -> None:
        fitting = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, int(wide))
        painter.drawText(place, fitting)
