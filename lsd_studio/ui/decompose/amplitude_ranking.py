"""The amplitudes of an image, ranked: signed bars in their labels' colours, the first ones with their pictures."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operations.decompose import DecomposedImage
from lsd_studio.percentages import percent
from lsd_studio.ui.app.theme import CAPTION, GRID, Theme, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import edge_colour, label_colour
from lsd_studio.ui.widgets.number_formatting import signed_number
from lsd_studio.ui.widgets.painting import paint_hint
from lsd_studio.ui.widgets.pictures import paint_picture, picture_image
from lsd_studio.ui.widgets.vector_card import paint_card
from lsd_studio.ui.widgets.vector_names import vector_name, vector_words

LEFT, RIGHT, TOP, NAMES = 56, 24, 20, 20
"""Pixels for the axis, its other end, the values above bars, and the names below the pictures."""

SHARE, LARGEST_SHARE = 0.66, 0.75
"""How much of the width goes to the first vectors, whose bars have pictures; at most, where set 1 is whole then."""

LARGEST_NAME = 88
"""Pixels for the name of a vector below its picture, at most."""


class AmplitudeRanking(QWidget):
    """All M amplitudes of a code, by rank.

    Signals:
        hovered: the index of the vector under the pointer, or −1.
        selected: the index of the vector that was clicked or reached by arrow keys.
    """

    hovered = Signal(int)
    selected = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._bundle: OpenedBundle | None = None
        self._pictures: list[QImage] = []
        self.shown: DecomposedImage | None = None
        self._rank = -1
        self._marked: int | None = None
        self._limits = (0.0, 1.0, 0.5)
        self._columns_for = (0, 0, 0)
        self._columns: list[QRectF] = []
        self._portraits: dict[tuple[int, int, str, bool], QPixmap] = {}
        self._ground = QPixmap()
        self._ground_for: tuple[object, ...] = ()
        self._widest_name = 0
        self.hint = ""
        self.setMouseTracking(True)
        self.setMinimumHeight(176)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Amplitude ranking")
        themes.changed.connect(self.update)

    @property
    def order(self) -> str:
        """How the bars are ordered, in words."""
        if self.shown is not None and self.shown.reading == "signed":
            return "set 1 by falling c, then the other sets by falling |c|"
        return "all sets by falling |c|"

    def show_bundle(self, bundle: OpenedBundle) -> None:
        """Use the vectors of a bundle from now on."""
        self._bundle, self.shown, self._rank, self._marked = bundle, None, -1, None
        self._pictures = [picture_image(picture) for picture in bundle.vector_pictures]
        self._portraits.clear()
        metrics = QFontMetrics(font(CAPTION, bold=True))
        names = (metrics.horizontalAdvance(self.vector_name(vector)) for vector in range(len(self._pictures)))
        self._widest_name = min(max(names), LARGEST_NAME)
        self.update()

    def show_decomposition(self, decomposed: DecomposedImage) -> None:
        """Show the amplitudes of an image."""
        self.shown = decomposed
        self._limits = limits(float(decomposed.amplitudes.min()), float(decomposed.amplitudes.max()))
        name = self.vector_name(decomposed.winner)
        self.setAccessibleDescription(
            f"First is {name} with amplitude {decomposed.amplitudes[decomposed.winner]:+.2f}"
        )
        self.update()

    def clear(self, hint: str) -> None:
        """Show no amplitudes, and say what to do."""
        self.shown, self._rank, self.hint = None, -1, hint
        self.update()

    def mark(self, vector: int) -> None:
        """Mark the bar of the selected vector."""
        self._marked = vector
        self.update()

    def vector_name(self, vector: int) -> str:
        """A vector by its label α and set i, as ξ(α, i)."""
        return "" if self._bundle is None else vector_name("ξ", vector, self._bundle.label_names)

    def _fitting_name(self, vector: int, metrics: QFontMetrics, room: int) -> str:
        """A vector's name; of a label that is too long for the room as much as there is room for, the set whole."""
        name = self.vector_name(vector)
        if self._bundle is None or metrics.horizontalAdvance(name) <= room:
            return name
        label = self._bundle.label_names[vector % self._bundle.number_of_labels]
        around = metrics.horizontalAdvance(name) - metrics.horizontalAdvance(label)
        elided = metrics.elidedText(label, Qt.TextElideMode.ElideRight, max(room - around, 0))
        return name.replace(label, elided or "…", 1)

    def vector_at(self, position: QPointF) -> int:
        """The vector whose bar is under a place, or −1."""
        rank = self._rank_at(position)
        return -1 if rank < 0 or self.shown is None else int(self.shown.ranking[rank])

    def bar_centre(self, rank: int) -> QPointF:
        """The middle of the column of the bar at a rank (from 0)."""
        return self._column(rank).center()

    def sizeHint(self) -> QSize:
        return QSize(720, 176)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self._rank_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if (vector := self.vector_at(event.position())) >= 0:
            self.selected.emit(vector)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk along the bars with the arrow keys."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or self.shown is None:
            super().keyPressEvent(event)
            return
        self._point_at(min(max(self._rank + step, 0), len(self.shown.ranking) - 1))
        vector = int(self.shown.ranking[self._rank])
        self.setAccessibleDescription(
            f"{self.vector_name(vector)}, amplitude {self.shown.amplitudes[vector]:+.2f}"
        )
        self.selected.emit(vector)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.shown is None or self._bundle is None:
            paint_hint(painter, theme, self.rect(), self.hint)
            return
        self._paint_ground(painter, theme)
        self._paint_bars(painter, theme)
        self._paint_end_of_set_one(painter, theme)
        for rank in range(self._with_pictures()):
            self._paint_portrait(painter, theme, rank)
        if self._rank >= 0:
            self._paint_card(painter, theme)

    def _point_at(self, rank: int) -> None:
        if rank == self._rank:
            return
        self._rank = rank
        self.hovered.emit(-1 if rank < 0 or self.shown is None else int(self.shown.ranking[rank]))
        self.update()

    def _with_pictures(self) -> int:
        total = 0 if self.shown is None else len(self.shown.ranking)
        labels = 0 if self._bundle is None else self._bundle.number_of_labels
        room = (self.width() - LEFT) / self._slot()
        of_set_one = labels if labels <= LARGEST_SHARE * room else 0
        return min(total, max(1, int(SHARE * room), of_set_one))

    def _picture(self) -> int:
        """Edge of the pictures, growing with the room."""
        return min(max(36, self.height() // 7), 72)

    def _slot(self) -> int:
        return max(self._picture() + 12, self._widest_name)

    def _bars_height(self) -> int:
        return self.height() - TOP - self._picture() - NAMES - 4

    def _column(self, rank: int) -> QRectF:
        return self._all_columns()[rank]

    def _all_columns(self) -> list[QRectF]:
        assert self.shown is not None
        place = self.width(), self.height(), len(self.shown.ranking)
        if place != self._columns_for:
            self._columns_for, self._columns = place, self._lay_out_columns(len(self.shown.ranking))
        return self._columns

    def _lay_out_columns(self, total: int) -> list[QRectF]:
        first, height = self._with_pictures(), self._bars_height()
        wide = self._slot() if first < total else (self.width() - LEFT - RIGHT) / total
        columns = [QRectF(LEFT + rank * wide, TOP, wide, height) for rank in range(first)]
        if first < total:
            start = LEFT + first * wide + 2 * GRID
            wide = (self.width() - start - RIGHT) / (total - first)
            columns += [QRectF(start + place * wide, TOP, wide, height) for place in range(total - first)]
        return columns

    def _rank_at(self, position: QPointF) -> int:
        if self.shown is None or position.x() < LEFT:
            return -1
        first, total = self._with_pictures(), len(self.shown.ranking)
        for rank in (int((position.x() - LEFT) // self._column(0).width()), *range(first, total)):
            if rank < total and self._column(rank).left() <= position.x() < self._column(rank).right():
                return rank
        return -1

    def _height_of(self, amplitude: float) -> float:
        low, high, _ = self._limits
        return TOP + (high - amplitude) / (high - low) * self._bars_height()

    def _paint_ground(self, painter: QPainter, theme: Theme) -> None:
        """What stays while amplitudes move: axis and ranks, painted once for a size, a scale and a theme."""
        assert self.shown is not None
        ratio = self.devicePixelRatioF()
        key = self.width(), self.height(), ratio, len(self.shown.ranking), self._limits, theme.name
        if key != self._ground_for:
            ground = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            ground.setDevicePixelRatio(ratio)
            ground.fill(Qt.GlobalColor.transparent)
            on_ground = QPainter(ground)
            on_ground.setFont(font(CAPTION))
            self._paint_axis(on_ground, theme)
            self._paint_ranks(on_ground)
            on_ground.end()
            self._ground, self._ground_for = ground, key
        painter.drawPixmap(0, 0, self._ground)

    def _paint_axis(self, painter: QPainter, theme: Theme) -> None:
        low, high, step = self._limits
        for tick in range(round(low / step), round(high / step) + 1):
            y = self._height_of(tick * step)
            painter.setPen(QPen(theme.colour("muted" if tick == 0 else "line"), 1))
            painter.drawLine(QPointF(LEFT - 4, y), QPointF(self.width() - RIGHT, y))
            painter.setPen(theme.colour("muted"))
            text = f"{tick * step:.{max(0, -math.floor(math.log10(step)))}f}".replace("-", "−")
            painter.drawText(
                QRectF(0, y - 10, LEFT - GRID, 20),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                text,
            )

    def _paint_ranks(self, painter: QPainter) -> None:
        assert self.shown is not None
        first, total = self._with_pictures(), len(self.shown.ranking)
        if first == total:
            return
        y = TOP + self._bars_height() + GRID
        step = max(10, 10 ** math.floor(math.log10(total / 4))) * (2 if total > 60 else 1)
        metrics, left = painter.fontMetrics(), self._column(first).left()
        apart = (self.width() - RIGHT - left) / (total - first)
        while step * apart < metrics.horizontalAdvance(str(total)) + GRID:
            step *= 2
        for rank in range(step, total + 1, step):
            if rank > first:
                middle = self._column(rank - 1).center().x()
                painter.drawText(QRectF(middle - 24, y, 48, 16), Qt.AlignmentFlag.AlignCenter, str(rank))
        words, place = "rank of the vector", QRectF(left, y + 20, self.width() - RIGHT - left, 16)
        fits = metrics.horizontalAdvance(words) <= place.width()
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words if fits else "rank")

    def _paint_bars(self, painter: QPainter, theme: Theme) -> None:
        assert self.shown is not None
        assert self._bundle is not None
        labels = self._bundle.number_of_labels
        edges = [edge_colour(label, theme.colour("surface")) for label in range(labels)]
        outlines = [(QPen(edge, 1), label_colour(label)) for label, edge in enumerate(edges)]
        zero = self._height_of(0)
        ends = (zero - self.shown.amplitudes * (zero - self._height_of(1))).tolist()
        columns = self._all_columns()
        for rank, (column, vector) in enumerate(zip(columns, self.shown.ranking.tolist(), strict=True)):
            end = ends[vector]
            wide = column.width()
            if rank == self._rank:
                painter.fillRect(column.adjusted(0, -4, 0, 4), theme.colour("raised"))
            if vector == self._marked:
                below = QRectF(column.left(), column.bottom() + 1, max(wide, 3), 3)
                painter.fillRect(below, theme.colour("accent"))
            inset = 10 if wide > 40 else min(1.0, wide * 0.12)
            bar = QRectF(column.left() + inset, min(zero, end), wide - 2 * inset, abs(end - zero))
            if wide <= 4:
                painter.fillRect(bar, edges[vector % labels])
                continue
            pen, brush = outlines[vector % labels]
            painter.setPen(pen)
            painter.setBrush(brush)
            painter.drawRect(bar)

    def _paint_end_of_set_one(self, painter: QPainter, theme: Theme) -> None:
        """Where, read signed, the vectors of set 1 end and the others begin anew with the largest."""
        assert self.shown is not None
        assert self._bundle is not None
        labels = self._bundle.number_of_labels
        if self.shown.reading != "signed" or len(self.shown.ranking) <= labels:
            return
        column = self._column(labels)
        painter.setPen(QPen(theme.colour("muted"), 1, Qt.PenStyle.DashLine))
        x = round(column.left()) - 0.5
        painter.drawLine(QPointF(x, 2), QPointF(x, column.bottom()))
        painter.setFont(font(CAPTION))
        painter.drawText(QRectF(x - 104, 2, 100, 16), Qt.AlignmentFlag.AlignRight, "set 1, by c")
        painter.drawText(QRectF(x + 4, 2, 120, 16), Qt.AlignmentFlag.AlignLeft, "others, by |c|")

    def _paint_portrait(self, painter: QPainter, theme: Theme, rank: int) -> None:
        """The amplitude above a bar, and its vector's picture and name below."""
        assert self.shown is not None
        assert self._bundle is not None
        vector = int(self.shown.ranking[rank])
        amplitude = float(self.shown.amplitudes[vector])
        column, end = self._column(rank), self._height_of(max(amplitude, 0.0))
        painter.setPen(theme.colour("text"))
        painter.setFont(font(CAPTION, bold=vector == self.shown.winner))
        above = QRectF(column.left() - 4, end - 18, column.width() + 8, 16)
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, signed(amplitude))
        bottom = TOP + self._bars_height() + 4
        corner = QPointF(column.center().x() - self._slot() / 2 - 4, bottom - 1)
        painter.drawPixmap(corner, self._portrait(vector, theme, bold=vector == self.shown.winner))

    def _portrait(self, vector: int, theme: Theme, *, bold: bool) -> QPixmap:
        """A vector's framed picture with its name below, painted once; as wide as its column and 8 pixels more."""
        assert self._bundle is not None
        size, wide = self._picture(), self._slot() + 8
        key = vector, size, theme.name, bold
        if key not in self._portraits:
            ratio = self.devicePixelRatioF()
            portrait = QPixmap(round(wide * ratio), round((size + NAMES + 2) * ratio))
            portrait.setDevicePixelRatio(ratio)
            portrait.fill(Qt.GlobalColor.transparent)
            painter = QPainter(portrait)
            edge = edge_colour(vector % self._bundle.number_of_labels, theme.colour("surface"))
            paint_picture(painter, self._pictures[vector], QRectF((wide - size) / 2, 1, size, size), edge)
            painter.setPen(theme.colour("text"))
            painter.setFont(font(CAPTION, bold=bold))
            below = QRectF(0, size + 5, wide, 16)
            name = self._fitting_name(vector, painter.fontMetrics(), wide)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)
            painter.end()
            self._portraits[key] = portrait
        return self._portraits[key]

    def _paint_card(self, painter: QPainter, theme: Theme) -> None:
        assert self.shown is not None
        assert self._bundle is not None
        vector, names = int(self.shown.ranking[self._rank]), self._bundle.label_names
        read = names[int(self._bundle.vector_labels[vector])]
        lines = (
            vector_name("ξ", vector, names),
            vector_words(vector, names),
            f"rank {self._rank + 1}, c = {signed_number(float(self.shown.amplitudes[vector]), 3)}",
            f"C reads {read}, {percent(float(self._bundle.vector_probabilities[vector]))}",
        )
        room, beside = QRectF(self.rect()), self._column(self._rank)
        paint_card(painter, theme, room, beside, self._pictures[vector], lines)


def signed(amplitude: float) -> str:
    """An amplitude with its sign, and none where it rounds to nothing."""
    text = f"{amplitude:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text.replace("-", "−")


def limits(least: float, largest: float) -> tuple[float, float, float]:
    """Ends of an axis that holds 0 and these two, and the step between its ticks."""
    low, high = min(0.0, least), max(0.0, largest)
    step = nice_step((high - low) or 1.0)
    return math.floor(low / step) * step, math.ceil(high / step) * step or step, step


def nice_step(span: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides a span into three to six."""
    power = 10.0 ** math.floor(math.log10(span / 3))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= span / 3)
