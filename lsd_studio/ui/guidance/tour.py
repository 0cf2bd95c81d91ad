"""The guided tour: a few stops in the real window, each with a light on what it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QRegion, Qt
from PySide6.QtWidgets import QFrame, QWidget

from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.guidance.overlay import Overlay
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.layouts import caption, column, row, scroll_to, title
from lsd_studio.ui.widgets.plain_text import plain_label

WIDTH, DIM = 352, 120

OFTEN = 100
"""Milliseconds between two looks at where the lit widget is."""


@dataclass(frozen=True)
class Stop:
    """A stop of the tour.

    Args:
        title, text: what the card says.
        arrive: brings the window there and returns the widget that the light falls on.
    """

    title: str
    text: str
    arrive: Callable[[], QWidget]


class Tour(Overlay):
    """Goes from stop to stop; what the light falls on can be used meanwhile.

    Signals:
        ended: the person has seen all of it, or enough.
    """

    ended = Signal()

    def __init__(self, themes: ThemeManager, over: QWidget, stops: Sequence[Stop]) -> None:
        super().__init__(over)
        self._themes = themes
        self._stops = tuple(stops)
        self._at = 0
        self._lit: QWidget | None = None
        self._seen: QWidget | None = None
        self._placed = QRect()
        self._follow = QTimer(self, interval=OFTEN)
        self._follow.timeout.connect(self._keep_lit)
        self.setAccessibleName("Guided tour")
        self.heading = title("")
        self.text = plain_label()
        self.text.setWordWrap(True)
        self.text.setAccessibleName("What is to be seen here")
        self.count = caption(name="Stop")
        self.skip = push_button("End the tour", self.put_away)
        self.back = push_button("Back", self._go_back)
        self.following = push_button("Next", self._go_on, default=True)
        buttons = row(self.skip, None, self.back, self.following, margin=(0, GRID, 0, 0))
        self._inside = column(self.count, self.heading, self.text, buttons, margin=2 * GRID)
        self.card = QFrame(self)
        self.card.setProperty("role", "card")
        self.card.setLayout(self._inside)
        themes.changed.connect(self.update)

    @property
    def stop(self) -> Stop:
        """Where the tour is."""
        return self._stops[self._at]

    @Slot()
    def begin(self) -> None:
        """Start at the first stop."""
        self.open()
        self._show(0)

    @Slot()
    def fit(self) -> None:
        """Be as large as what is below, and bring what is lit into sight again."""
        self._seen = None
        super().fit()

    def put_away(self) -> None:
        """End the tour."""
        self._follow.stop()
        super().put_away()
        self.ended.emit()

    def arrange(self) -> None:
        """Put the light on what is to be seen, and the card beside it; the light lets the mouse through."""
        lit = self._placed = self._light()
        self.setMask(QRegion(self.rect()).subtracted(QRegion(lit)))
        self.card.setFixedWidth(WIDTH)
        self._inside.activate()
        high = max(self.card.sizeHint().height(), self.card.heightForWidth(WIDTH))
        self.card.resize(WIDTH, high)
        self.card.move(_beside(lit, self.rect(), WIDTH, high))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go with the arrows."""
        if event.key() == Qt.Key.Key_Right:
            self._go_on()
        elif event.key() == Qt.Key.Key_Left:
            self._go_back()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        light = QRectF(self._light())
        dark = QPainterPath()
        dark.addRect(QRectF(self.rect()))
        dark.addRect(light)
        painter.fillPath(dark, QColor(0, 0, 0, DIM))
        painter.setPen(QPen(self._themes.theme.colour("accent"), 2))
        painter.drawRect(light.adjusted(-1, -1, 1, 1))

    @Slot()
    def _keep_lit(self) -> None:
        """Bring what is lit into sight, once its page is laid out, and follow it where it moves or grows."""
        if self._lit is not self._seen and self._lit is not None:
            self._seen = self._lit
            scroll_to(self._lit)
        if self._light() != self._placed:
            self.arrange()

    def _light(self) -> QRect:
        if self._lit is None or not self._lit.isVisible():
            return QRect()
        place = QRect(self._lit.mapTo(self._over, QPoint(0, 0)), self._lit.size())
        return place.adjusted(-4, -4, 4, 4).intersected(self.rect().adjusted(2, 2, -2, -2))

    def _show(self, at: int) -> None:
        self._at = at
        self._lit, self._seen = self.stop.arrive(), None
        self.count.setText(f"{at + 1} of {len(self._stops)}")
        self.heading.setText(self.stop.title)
        self.text.setText(self.stop.text)
        self.back.setEnabled(at > 0)
        self.following.setText("Done" if at == len(self._stops) - 1 else "Next")
        self.raise_()
        self.arrange()
        self._follow.start()
        self.following.setFocus()

    @Slot()
    def _go_on(self) -> None:
        if self._at + 1 < len(self._stops):
            self._show(self._at + 1)
        else:
            self.put_away()

    @Slot()
    def _go_back(self) -> None:
        if self._at > 0:
            self._show(self._at - 1)


def _beside(lit: QRect, room: QRect, wide: int, high: int) -> QPoint:
    """Where a card of this size stands beside the light: right, left, below or above of it, or in the middle of all."""
    gap = 2 * GRID
    if lit.isEmpty():
        return QPoint((room.width() - wide) // 2, (room.height() - high) // 2)
    top = max(gap, min(lit.top(), room.height() - high - gap))
    left = max(gap, min(lit.left(), room.width() - wide - gap))
    if lit.right() + gap + wide + gap <= room.width():
        return QPoint(lit.right() + gap, top)
    if lit.left() - gap - wide >= gap:
        return QPoint(lit.left() - gap - wide, top)
    if lit.bottom() + gap + high + gap <= room.height():
        return QPoint(left, lit.bottom() + gap)
    if lit.top() - gap - high >= gap:
        return QPoint(left, lit.top() - gap - high)
    return QPoint((room.width() - wide) // 2, room.height() - high - gap)
