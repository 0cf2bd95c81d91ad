"""Figure 5a: a batch of test images as dots, the true label and what LSD reads."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lsd_studio.engine.evaluation.findings import Latent
from lsd_studio.engine.figures.panels.evaluation import BATCH
from lsd_studio.engine.operations.evaluate import Evaluation
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.app.theme import CAPTION, Theme, ThemeManager, font
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.widgets.painting import paint_hint, paint_line
from lsd_studio.ui.widgets.pictures import paint_picture, picture_image
from lsd_studio.ui.widgets.plain_text import tip_words

LEFT, TOP, RIGHT = 72, 12, 12


class BatchDots(QWidget):
    """One column for each image of a batch: its picture, a ring at its true label, and a dot where LSD reads that label
    or a cross where it reads another.

    Signals:
        picked: place in the test set of an image that was clicked or chosen with Enter.
    """

    picked = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._label_names: tuple[str, ...] = ()
        self._first = 0
        self._truth = self._read = np.empty(0, np.int64)
        self._pictures: list[QImage] = []
        self._column = -1
        self._hint = ""
        self.setMouseTracking(True)
        self.setMinimumSize(480, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Batch of test images (Figure 5a)")
        themes.changed.connect(self.update)

    @property
    def wrong(self) -> int:
        """How many images of the batch are read wrong."""
        return int((self._truth != self._read).sum())

    def show_batch(self, evaluation: Evaluation, latent: Latent, reading: Reading, batch: int) -> None:
        """Show the batch at this place, counted from 0."""
        self._first = batch * BATCH
        part = slice(self._first, self._first + BATCH)
        self._label_names = evaluation.label_names
        self._truth = evaluation.findings.labels[part]
        self._read = evaluation.findings.reads[latent, reading].statistics.first_read[part]
        self._pictures = [picture_image(pixels.transpose(1, 2, 0)) for pixels in evaluation.images[part]]
        self._column = -1
        self.setAccessibleDescription(f"{len(self._truth) - self.wrong} correct, {self.wrong} wrong")
        self.update()

    def clear(self, hint: str) -> None:
        """Show no images, and say why."""
        self._hint = hint
        self._truth = self._read = np.empty(0, np.int64)
        self._pictures = []
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(1000, 200)

    def column_centre(self, column: int) -> QPointF:
        """The middle of an image's column."""
        return QPointF(self._x(column), self.height() / 2)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self._column_at(event.position()))
        if self._column >= 0:
            QToolTip.showText(event.globalPosition().toPoint(), tip_words(self._words(self._column)), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if (column := self._column_at(event.position())) >= 0:
            self.picked.emit(self._first + column)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk along the batch with the arrow keys, pick with Enter."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and len(self._truth):
            self._point_at(min(max(self._column + step, 0), len(self._truth) - 1))
            self.setAccessibleDescription(tip_words(self._words(self._column)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._column >= 0:
            self.picked.emit(self._first + self._column)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not len(self._truth):
            paint_hint(painter, theme, self.rect(), self._hint)
            return
        self._paint_rows(painter, theme)
        for column in range(len(self._truth)):
            self._paint_column(painter, theme, column)

    def _words(self, column: int) -> str:
        truth, read = self._label_names[self._truth[column]], self._label_names[self._read[column]]
        verdict = "correct" if truth == read else "wrong"
        return f"Test image {self._first + column}: label {truth}, LSD reads {read} ({verdict}). Click to decompose it."

    def _point_at(self, column: int) -> None:
        if column != self._column:
            self._column = column
            self.update()

    def _wide(self) -> float:
        return (self.width() - LEFT - RIGHT) / BATCH

    def _edge(self) -> float:
        return min(self._wide() - 6, max(20.0, 0.17 * self.height()), 84.0)

    def _x(self, column: int) -> float:
        return LEFT + (column + 0.5) * self._wide()

    def _bottom(self) -> float:
        return self.height() - self._edge() - 26

    def _y(self, label: int) -> float:
        rows = len(self._label_names)
        return self._bottom() - (label + 0.5) * (self._bottom() - TOP) / rows

    def _column_at(self, place: QPointF) -> int:
        column = int((place.x() - LEFT) // self._wide()) if place.x() >= LEFT else -1
        return column if 0 <= column < len(self._truth) else -1

    def _paint_rows(self, painter: QPainter, theme: Theme) -> None:
        painter.setFont(font(CAPTION))
        high = (self._bottom() - TOP) / len(self._label_names)
        every = max(1, round(14 / high + 0.49))
        for label, name in enumerate(self._label_names):
            y = self._y(label)
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(LEFT, y), QPointF(self.width() - RIGHT, y))
            if label % every == 0:
                painter.setPen(theme.colour("muted"))
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                paint_line(painter, QRectF(20, y - 9, LEFT - 30, 18), name, right)
        painter.save()
        painter.setPen(theme.colour("muted"))
        painter.translate(12, (TOP + self._bottom()) / 2)
        painter.rotate(-90)
        painter.drawText(QRectF(-60, -9, 120, 18), Qt.AlignmentFlag.AlignCenter, "label")
        painter.restore()
        painter.setPen(theme.colour("muted"))
        bottom = self.height() - 20
        painter.drawText(QRectF(8, bottom, LEFT - 16, 18), Qt.AlignmentFlag.AlignRight, "image")

    def _paint_column(self, painter: QPainter, theme: Theme, column: int) -> None:
        x, wide = self._x(column), self._wide()
        truth, read = int(self._truth[column]), int(self._read[column])
        wrong = truth != read
        if column == self._column or wrong:
            ground = ink_colour("red", theme) if wrong else theme.colour("muted")
            ground.setAlpha(48 if column == self._column else 22)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(
                QRectF(x - wide / 2 + 1, TOP - 6, wide - 2, self.height() - TOP + 4), 4, 4
            )
        radius = min(10.0, 0.42 * (self._bottom() - TOP) / len(self._label_names))
        paint_ring(painter, QPointF(x, self._y(truth)), radius, ink_colour("blue", theme))
        here = QPointF(x, self._y(read))
        if wrong:
            paint_cross(painter, here, radius * 0.85, ink_colour("red", theme))
        else:
            paint_dot(painter, here, radius * 0.62, ink_colour("teal", theme))
        edge = self._edge()
        square = QRectF(x - edge / 2, self._bottom() + 4, edge, edge)
        line = ink_colour("red", theme) if wrong else theme.colour("line")
        paint_picture(painter, self._pictures[column], square, line)
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        place = QRectF(x - wide / 2 - 6, self.height() - 20, wide + 12, 18)
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, str(self._first + column))


def paint_ring(painter: QPainter, centre: QPointF, radius: float, colour: QColor) -> None:
    """What is true."""
    painter.setPen(QPen(colour, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, radius, radius)


def paint_dot(painter: QPainter, centre: QPointF, radius: float, colour: QColor) -> None:
    """Read right."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(centre, radius, radius)


def paint_cross(painter: QPainter, centre: QPointF, radius: float, colour: QColor) -> None:
    """Read wrong."""
    painter.setPen(QPen(colour, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for up in (-1, 1):
        painter.drawLine(centre + QPointF(-radius, up * radius), centre + QPointF(radius, -up * radius))
