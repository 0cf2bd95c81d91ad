"""A picture with what it is above it and what C says of it below."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.percentages import percent
from lsd_studio.ui.app.theme import BODY, CAPTION, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import edge_colour, label_colour
from lsd_studio.ui.widgets.layouts import tell_size
from lsd_studio.ui.widgets.pictures import paint_picture, picture_image
from lsd_studio.ui.widgets.plain_text import tip_words

ABOVE, BELOW = 20, 22
"""Pixels of the two lines of text."""

DOT = 14
"""Pixels that the label's dot takes before its name."""


class PictureTile(QWidget):
    """One square picture, captioned; empty until it is shown one."""

    def __init__(self, themes: ThemeManager, caption: str) -> None:
        super().__init__()
        self._themes = themes
        self._caption = caption
        self.image: QImage | None = None
        self._label: int | None = None
        self._label_name, self._percent = "", ""
        self._preferred = 96
        self.marked = False
        self.setMinimumSize(56, 56 + ABOVE + BELOW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(caption)
        themes.changed.connect(self.update)

    @property
    def reading(self) -> str:
        """What C reads, as far as there is room for it."""
        return "" if self._label is None else self._fitted_reading()[1]

    @property
    def hidden_words(self) -> str:
        """All of the words, where there is no room for them."""
        name_is_cut = not self.reading.startswith(isolated(self._label_name))
        captions = QFontMetrics(font(CAPTION, bold=self.marked))
        unsaid = "" if self._percent in self.reading else f"  {self._percent}"
        if not (name_is_cut or unsaid) and captions.horizontalAdvance(self._caption) <= self.width():
            return ""
        return "\n".join(filter(None, (self._caption, self._label_name + unsaid)))

    def show_picture(
        self, picture: np.ndarray, caption: str, label: int, label_name: str, probability: float
    ) -> None:
        """Show a picture uint8 [H, W, C] and that C reads a label in it with a probability of 0…1."""
        self.image = picture_image(picture)
        self._caption = caption
        self._label = label
        self._label_name, self._percent = label_name, percent(probability)
        self.setAccessibleName(caption)
        self.setAccessibleDescription(f"The classifier reads {label_name} with {percent(probability)}")
        self.update()

    def show_image(self, picture: np.ndarray, caption: str) -> None:
        """Show a picture uint8 [H, W, C] that C was not asked about."""
        self.clear(caption)
        self.image = picture_image(picture)
        self.setAccessibleName(caption)
        self.setAccessibleDescription("")

    def clear(self, caption: str | None = None) -> None:
        """Show an empty frame."""
        self.image, self._label, self._label_name, self._percent = None, None, "", ""
        if caption is not None:
            self._caption = caption
        self.update()

    def prefer(self, edge: int) -> None:
        """Take so many pixels each way for the picture where there is room."""
        if edge != self._preferred:
            self._preferred = edge
            tell_size(self)

    def sizeHint(self) -> QSize:
        return QSize(self._preferred, self._preferred + ABOVE + BELOW)

    def event(self, event: QEvent) -> bool:
        """Show all of the words as a tool tip, where there is no room for them."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.hidden_words:
            QToolTip.showText(event.globalPos(), tip_words(self.hidden_words), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        edge = self._edge(min(self.width(), self.height() - ABOVE - BELOW) - 2)
        left, top = (self.width() - edge) // 2, (self.height() - edge - ABOVE - BELOW) // 2
        square = QRectF(left, top + ABOVE, edge, edge)
        painter.setPen(theme.colour("accent" if self.marked else "muted"))
        painter.setFont(font(CAPTION, bold=self.marked))
        words = _elided(painter.fontMetrics(), self._caption, self.width())
        painter.drawText(QRectF(0, top, self.width(), ABOVE - 4), Qt.AlignmentFlag.AlignCenter, words)
        if self.image is None:
            painter.fillRect(square, theme.colour("raised"))
        paint_picture(
            painter,
            self.image,
            square,
            theme.colour("accent" if self.marked else "line"),
            smooth=self.image is not None and self.image.width() > edge,
        )
        if self._label is None:
            return
        below = QRectF(0, square.bottom() + 4, self.width(), BELOW - 4)
        chosen, reading = self._fitted_reading()
        painter.setFont(chosen)
        wide = painter.fontMetrics().horizontalAdvance(reading)
        start = max(0.0, (self.width() - wide - DOT) / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(edge_colour(self._label, theme.colour("surface")))
        painter.setBrush(label_colour(self._label))
        painter.drawEllipse(QPointF(start + 5, below.center().y()), 4, 4)
        painter.setPen(theme.colour("text"))
        painter.drawText(below.adjusted(start + DOT, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, reading)

    def _fitted_reading(self) -> tuple[QFont, str]:
        """What C reads, in a font in which all of it has room; in the smaller one its name is cut short, and it is the
        name alone where there would be room for less than three letters of it.
        """
        for chosen in (font(BODY), font(CAPTION)):
            metrics, ending = QFontMetrics(chosen), f"  {self._percent}"
            room = self.width() - DOT - metrics.horizontalAdvance(ending)
            if metrics.horizontalAdvance(self._label_name) <= room:
                break
        else:
            if room < 3 * metrics.averageCharWidth():
                return chosen, _elided(metrics, self._label_name, self.width() - DOT)
        return chosen, f"{isolated(_elided(metrics, self._label_name, room))}{ending}"

    def _edge(self, room: int) -> int:
        """The largest edge that gives every pixel of the picture the same whole number of the screen's."""
        wide = 28 if self.image is None else self.image.width()
        return room if room < wide else room // wide * wide


def _elided(metrics: QFontMetrics, words: str, room: int) -> str:
    if metrics.horizontalAdvance(words) <= room:
        return words
    return metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0, room))
