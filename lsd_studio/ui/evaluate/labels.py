"""The confusion matrix, and beside each of its rows the accuracy of that label with its interval."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.evaluation.findings import Read
from lsd_studio.ui.app.theme import BODY, CAPTION, Theme, ThemeManager, font
from lsd_studio.ui.evaluate.formatting import share
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.plots.plots import density_colours
from lsd_studio.ui.widgets.label_colours import label_colour, luminance
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import tip_words

HEAD, GAP, FOOT = 56, 40, 44
BESIDE_NAMES = 44
"""Pixels left of the matrix for the title of its rows and their colours."""
WIDEST_NAME = 120
LEAST_CELL_FOR_NUMBERS = 30


class LabelsView(QWidget):
    """Rows are true labels, columns what LSD reads; cells off the diagonal are coloured by their share of the row.

    Signals:
        picked: true label and label read of a cell that was clicked or chosen with Enter.
    """

    picked = Signal(int, int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.read: Read | None = None
        self._label_names: tuple[str, ...] = ()
        self._shares = np.zeros((0, 0))
        self._at = (-1, -1)
        self._left = BESIDE_NAMES + WIDEST_NAME
        self.setMouseTracking(True)
        self.setMinimumSize(640, 360)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Confusion matrix and accuracy of each label")
        themes.changed.connect(self.update)

    def show_read(self, read: Read | None, label_names: tuple[str, ...] = ()) -> None:
        """Show the confusions of codes read one way."""
        self.read, self._label_names, self._at = read, label_names, (-1, -1)
        if read is not None:
            counts = read.statistics.confusion
            widest = max(map(QFontMetrics(font(CAPTION)).horizontalAdvance, label_names), default=0)
            self._left = BESIDE_NAMES + min(max(widest, BESIDE_NAMES) + 8, WIDEST_NAME)
            self._shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(1000, 560)

    def cell_centre(self, row: int, column: int) -> QPointF:
        """The middle of a cell."""
        return self._cell(row, column).center()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self._cell_at(event.position()))
        if self._at[0] >= 0:
            QToolTip.showText(event.globalPosition().toPoint(), tip_words(self._words(*self._at)), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row, column = self._cell_at(event.position())
        if row >= 0:
            self.picked.emit(row, column)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at((-1, -1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk over the cells with the arrow keys, pick with Enter."""
        steps = {
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is not None and self.read is not None:
            last = len(self._label_names) - 1
            row, column = (min(max(at + by, 0), last) for at, by in zip(self._at, step, strict=True))
            self._point_at((row, column))
            self.setAccessibleDescription(self._words(row, column))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at[0] >= 0:
            self.picked.emit(*self._at)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.read is None:
            return
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_cells(painter, theme)
        self._paint_names(painter, theme)
        self._paint_accuracies(painter, theme)

    def _words(self, row: int, column: int) -> str:
        assert self.read is not None
        counts = self.read.statistics.confusion
        return (
            f"Label {isolated(self._label_names[row])} read as {isolated(self._label_names[column])}: "
            f"{counted(int(counts[row, column]))} of {counted(int(counts[row].sum()))} codes, "
            f"{share(float(self._shares[row, column]))}. Click to see these images."
        )

    def _point_at(self, at: tuple[int, int]) -> None:
        if at != self._at:
            self._at = at
            self.update()

    def _edge(self) -> float:
        labels = max(1, len(self._label_names))
        return min((self.height() - HEAD - FOOT) / labels, 0.6 * (self.width() - self._left - GAP) / labels)

    def _cell(self, row: int, column: int) -> QRectF:
        edge = self._edge()
        return QRectF(self._left + column * edge, HEAD + row * edge, edge, edge)

    def _cell_at(self, place: QPointF) -> tuple[int, int]:
        column = math.floor((place.x() - self._left) / self._edge())
        row = math.floor((place.y() - HEAD) / self._edge())
        labels = len(self._label_names)
        inside = self.read is not None and 0 <= row < labels and 0 <= column < labels
        return (row, column) if inside else (-1, -1)

    def _paint_cells(self, painter: QPainter, theme: Theme) -> None:
        labels = len(self._label_names)
        errors = self._shares * (1 - np.eye(labels))
        largest = max(float(errors.max()), 1e-9)
        colours = density_colours(theme)
        edge = self._edge()
        painter.setFont(font(CAPTION if edge < 44 else BODY))
        for row in range(labels):
            for column in range(labels):
                cell = self._cell(row, column).adjusted(1, 1, -1, -1)
                value = float(self._shares[row, column])
                ground = (
                    theme.colour("raised")
                    if row == column
                    else colours.map(float(np.sqrt(value / largest)) if value else 0.0, mode="qcolor")
                )
                self._paint_cell(painter, theme, cell, ground, value, row == column)
        if self._at[0] >= 0:
            painter.setPen(QPen(theme.colour("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._cell(*self._at).adjusted(1, 1, -1, -1), 3, 3)

    def _paint_cell(
        self, painter: QPainter, theme: Theme, cell: QRectF, ground: QColor, value: float, diagonal: bool
    ) -> None:
        painter.setPen(QPen(theme.colour("line"), 0.5))
        painter.setBrush(ground)
        painter.drawRoundedRect(cell, 3, 3)
        if self._edge() < LEAST_CELL_FOR_NUMBERS or not value:
            return
        painter.setPen(QColor("#101318" if luminance(ground) > 0.35 else "#FFFFFF"))
        text = f"{100 * value:.1f}" if diagonal or value >= 0.0005 else "<0.1"
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_names(self, painter: QPainter, theme: Theme) -> None:
        labels, edge = len(self._label_names), self._edge()
        every = max(1, math.ceil(15 / edge))
        painter.setFont(font(CAPTION))
        for label in range(0, labels, every):
            row, column = self._cell(label, 0), self._cell(0, label)
            swatch = label_colour(label)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(swatch)
            painter.drawRoundedRect(QRectF(self._left - 10, row.top() + 2, 4, edge * min(every, 1) - 4), 2, 2)
            painter.drawRoundedRect(QRectF(column.left() + 2, HEAD - 10, edge - 4, 4), 2, 2)
            painter.setPen(theme.colour("text"))
            name = painter.fontMetrics().elidedText(
                self._label_names[label], Qt.TextElideMode.ElideRight, self._left - BESIDE_NAMES
            )
            painter.drawText(
                QRectF(26, row.top(), self._left - 42, edge),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                name,
            )
            short = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(edge * every))
            if len(short) > 1 or short == name:
                painter.drawText(
                    QRectF(column.left() - 20, HEAD - 30, edge + 40, 18), Qt.AlignmentFlag.AlignCenter, short
                )
        painter.setPen(theme.colour("muted"))
        wide = edge * labels
        painter.drawText(QRectF(self._left, 2, wide, 20), Qt.AlignmentFlag.AlignCenter, "label read by LSD")
        painter.drawText(
            QRectF(self._left, HEAD + wide + 6, wide + GAP, 18),
            Qt.AlignmentFlag.AlignLeft,
            "% of each row; errors coloured by √share" if wide > 300 else "% of each row",
        )
        painter.save()
        painter.translate(14, HEAD + wide / 2)
        painter.rotate(-90)
        painter.drawText(QRectF(-80, -9, 160, 18), Qt.AlignmentFlag.AlignCenter, "true label")
        painter.restore()

    def _paint_accuracies(self, painter: QPainter, theme: Theme) -> None:
        assert self.read is not None
        labels, edge = len(self._label_names), self._edge()
        values = self.read.per_label
        known = values[np.isfinite(values[:, 0])]
        if not len(known):
            return
        low, high = _limits(float(known.min()))
        left, right = self._left + labels * edge + GAP, self.width() - 160.0
        bottom = HEAD + labels * edge

        def across(value: float) -> float:
            return left + (value - low) / (high - low) * (right - left)

        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        painter.drawText(
            QRectF(left, 2, right - left + 150, 20),
            Qt.AlignmentFlag.AlignLeft,
            "accuracy (%) with its 95 % interval over images",
        )
        for tick in np.linspace(low, high, 5):
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(across(tick), HEAD - 4), QPointF(across(tick), bottom))
            painter.setPen(theme.colour("muted"))
            text = f"{100 * tick:.1f}".removesuffix(".0")
            painter.drawText(QRectF(across(tick) - 30, HEAD - 26, 60, 18), Qt.AlignmentFlag.AlignCenter, text)
        self._paint_mean(painter, theme, across(self.read.accuracy), bottom)
        for label, (value, least, most) in enumerate(values):
            if math.isnan(value):
                continue
            y = self._cell(label, 0).center().y()
            colour = ink_colour("red", theme)
            painter.setPen(QPen(colour, 2))
            painter.drawLine(QPointF(across(least), y), QPointF(across(most), y))
            painter.setPen(QPen(theme.colour("surface"), 1))
            painter.setBrush(colour)
            radius = min(5.0, 0.4 * edge)
            painter.drawEllipse(QPointF(across(value), y), radius, radius)
            if edge >= 16:
                painter.setPen(theme.colour("text"))
                painter.drawText(
                    QRectF(right + 16, y - 10, 144, 20),
                    Qt.AlignmentFlag.AlignVCenter,
                    f"{100 * value:.2f}  [{100 * least:.1f}, {100 * most:.1f}]",
                )

    def _paint_mean(self, painter: QPainter, theme: Theme, x: float, bottom: float) -> None:
        """A line where all labels together are."""
        painter.setPen(QPen(theme.colour("muted"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, HEAD - 4), QPointF(x, bottom + 4))
        assert self.read is not None
        painter.drawText(
            QRectF(x - 80, bottom + 6, 160, 18),
            Qt.AlignmentFlag.AlignCenter,
            f"all labels {share(self.read.accuracy)}",
        )


def _limits(least: float) -> tuple[float, float]:
    """Ends of an axis of accuracies up to 1 whose four steps are round."""
    for step in (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25):
        if 1 - 4 * step <= least:
            return 1 - 4 * step, 1.0
    return 0.0, 1.0
