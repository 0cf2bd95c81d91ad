"""What the networks draw, from any moment of the training: sheets of pictures, a scrubber, and how C reads them."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy, QSlider, QToolTip, QVBoxLayout, QWidget

from lsd_studio.engine.messages.training import PictureGroup, PicturesShown
from lsd_studio.ui.label_colours import edge_colour, label_colour
from lsd_studio.ui.layouts import caption, row
from lsd_studio.ui.live_words import thousands
from lsd_studio.ui.picture_tile import percent
from lsd_studio.ui.pictures import picture_image
from lsd_studio.ui.theme import CAPTION, GRID, ThemeManager, font

__all__ = ["LabelHistogram", "PictureSheet", "TrainPictures"]

HEAD, GAP = 20, 2
LEAST_EDGE = 26
"""Pixels below which a digit can no longer be read; then fewer are shown."""

TITLES = {
    "generated": "Generated, at a fixed z",
    "data": "Data",
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

    @property
    def group(self) -> PictureGroup | None:
        """What is shown."""
        return self._group

    def show_group(self, group: PictureGroup | None, label_names: tuple[str, ...]) -> None:
        """Show pictures; None shows none."""
        self._group, self._label_names, self._sheet = group, label_names, None
        self.update()

    def sizeHint(self) -> QSize:
        """Room for eight rows of eight."""
        return QSize(8 * 30, HEAD + 8 * 30)

    def event(self, event: QEvent) -> bool:
        """Say of a picture, where the pointer rests, what C reads in it."""
        if isinstance(event, QHelpEvent):
            place = self._place_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._words(place) if place >= 0 else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the title and the pictures."""
        theme, painter = self._themes.theme, QPainter(self)
        painter.setPen(theme.colour("text"))
        painter.setFont(font(CAPTION, bold=True))
        painter.drawText(QRectF(0, 0, self.width(), HEAD - 2), Qt.AlignmentFlag.AlignVCenter, self._title)
        if self._group is None or not len(self._group.pictures):
            return
        columns, rows, edge = self._shape()
        if self._sheet is None or self._sheet[:2] != (columns, rows):
            self._sheet = columns, rows, _sheet_of(self._group.pictures[: columns * rows], columns)
        cell = edge + GAP
        pictures, ratio = self._sheet[2], (edge, edge)
        high, wide = self._group.pictures.shape[1:3]
        smooth = edge < wide
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        for place in range(min(len(self._group.pictures), columns * rows)):
            x, y = place % columns, place // columns
            target = QRectF(x * cell, HEAD + y * cell, *ratio)
            painter.drawPixmap(target, pictures, QRectF(x * wide, y * high, wide, high))
            label = int(self._group.labels[place])
            line = edge_colour(label, theme.colour("surface"))
            painter.fillRect(QRectF(target.left(), target.bottom() - 2, edge, 2), line)

    def _shape(self) -> tuple[int, int, float]:
        """Columns, rows and edge: all pictures as large as they fit, or as many as can still be read."""
        assert self._group is not None
        total = len(self._group.pictures)
        wide, high = self.width() + GAP, self.height() - HEAD + GAP
        best = max(
            (min(wide / columns, high / math.ceil(total / columns)), -columns)
            for columns in range(1, total + 1)
        )
        cell, columns = best[0], -best[1]
        if cell - GAP < LEAST_EDGE:
            cell = LEAST_EDGE + GAP
            columns = max(1, min(total, int(wide // cell)))
            cell = wide / columns
        rows = max(1, min(math.ceil(total / columns), int(high // cell)))
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
        name = self._label_names[int(self._group.labels[place])]
        words = f"C reads {name}, {percent(float(self._group.probabilities[place]))}"
        if self._group.labels_given is not None:
            words += f"; the image's label is {self._label_names[int(self._group.labels_given[place])]}"
        return words


class LabelHistogram(QWidget):
    """How often C reads each label in what is drawn, and how sure it is."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._shown: PicturesShown | None = None
        self.setMinimumSize(176, 112)
        self.setMaximumWidth(560)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Labels that C reads")
        themes.changed.connect(self.update)

    @property
    def shown(self) -> PicturesShown | None:
        """What is counted."""
        return self._shown

    def show_counts(self, shown: PicturesShown | None) -> None:
        """Show the counts that came with pictures."""
        self._shown = shown
        if shown is not None:
            rarest = shown.label_names[int(shown.counts.argmin())]
            self.setAccessibleDescription(f"Rarest is {rarest}: {shown.counts.min()} of {shown.counted}")
        self.update()

    def sizeHint(self) -> QSize:
        """Room for ten bars."""
        return QSize(260, 200)

    def event(self, event: QEvent) -> bool:
        """Give the figures of the bar where the pointer rests."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._words(event.pos().x()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars of shares, the even share as a line, and confidences below."""
        theme, painter, shown = self._themes.theme, QPainter(self), self._shown
        painter.setPen(theme.colour("text"))
        painter.setFont(font(CAPTION, bold=True))
        head = QRectF(0, 0, self.width(), HEAD - 2)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, "Labels that C reads")
        if shown is None:
            return
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        what = "generated" if shown.stage == "gan" else "decoded"
        words = f"% of {shown.counted} {what} images"
        painter.drawText(head.translated(0, HEAD - 4), Qt.AlignmentFlag.AlignVCenter, words)
        top, bottom = 2.0 * HEAD + 12, self.height() - 2.0 * HEAD
        shares = shown.counts / max(1, shown.counted)
        labels, even = len(shares), 1 / len(shares)
        scale = (bottom - top) / max(float(shares.max()), 1.5 * even)
        wide = self.width() / labels
        painter.setPen(QPen(theme.colour("muted"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(0, bottom - scale * even), QPointF(self.width(), bottom - scale * even))
        for label, share in enumerate(shares.tolist()):
            bar = QRectF(label * wide + 2, bottom - scale * share, wide - 4, scale * share)
            painter.setPen(QPen(edge_colour(label, theme.colour("surface")), 1))
            painter.setBrush(label_colour(label))
            painter.drawRect(bar)
            self._paint_words(painter, label, share, wide, bottom, bar.top())
        painter.setFont(font(CAPTION))
        below = QRectF(0, self.height() - HEAD + 2, self.width(), HEAD - 2)
        sure = f"C's mean probability {percent(shown.confidence)}"
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, sure)

    def _paint_words(
        self, painter: QPainter, label: int, share: float, wide: float, bottom: float, top: float
    ) -> None:
        assert self._shown is not None
        theme = self._themes.theme
        name = self._shown.label_names[label]
        centre = Qt.AlignmentFlag.AlignCenter
        painter.setFont(font(CAPTION, bold=share == 0))
        painter.setPen(theme.colour("warning" if share == 0 else "text"))
        elided = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, round(wide))
        painter.drawText(QRectF(label * wide, bottom + 2, wide, HEAD - 2), centre, elided)
        if wide >= 20:
            painter.setPen(theme.colour("warning" if share == 0 else "muted"))
            painter.drawText(QRectF(label * wide, top - 16, wide, 16), centre, f"{100 * share:.0f}")

    def _words(self, x: float) -> str:
        if self._shown is None:
            return ""
        labels = len(self._shown.counts)
        label = min(labels - 1, max(0, int(x * labels / max(1, self.width()))))
        count, sure = int(self._shown.counts[label]), float(self._shown.confidences[label])
        words = f"{self._shown.label_names[label]}: {count} of {self._shown.counted}"
        return words if math.isnan(sure) else f"{words}, mean probability {percent(sure)}"


class TrainPictures(QWidget):
    """All pictures of a stage at one moment, with a scrubber that goes back to any other.

    Signals:
        wanted: the step whose pictures are asked for, or −1 for the newest.
    """

    wanted = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.shown: PicturesShown | None = None
        self.sheets = {kind: PictureSheet(themes, kind) for kind in TITLES}
        self.histogram = LabelHistogram(themes)
        self.scrubber = QSlider(Qt.Orientation.Horizontal)
        self.scrubber.setAccessibleName("Moment of the training")
        self.scrubber.setToolTip(
            "Back through the training; at its right end the newest pictures are followed"
        )
        self.scrubber.valueChanged.connect(self._scrub)
        self._moment = caption(name="Moment that is shown")
        self._moment.setWordWrap(False)
        self._moment.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._moment.setMinimumWidth(22 * GRID)
        beside = row(*self.sheets.values(), self.histogram)
        beside.setSpacing(2 * GRID)
        for place, share in enumerate((5, 4, 4, 4, 3)):
            beside.setStretch(place, share)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GRID)
        whole.addLayout(beside, 1)
        whole.addLayout(row(QLabel("step"), self.scrubber, self._moment))
        self._steps: tuple[int, ...] = ()
        self._steps_per_epoch = 1.0
        self.clear()

    @property
    def steps(self) -> tuple[int, ...]:
        """The moments that are offered."""
        return self._steps

    @property
    def follows(self) -> bool:
        """Whether the newest pictures are wanted."""
        return self.scrubber.value() >= self.scrubber.maximum()

    def clear(self) -> None:
        """Show nothing."""
        self.shown, self._steps = None, ()
        self._set_scrubber(0, 0)
        self._moment.setText("")
        for sheet in self.sheets.values():
            sheet.show_group(None, ())
        self.histogram.show_counts(None)

    def show_steps(self, steps: tuple[int, ...], steps_per_epoch: float) -> None:
        """Offer these moments; the one looked at stays, the newest is followed."""
        followed, at = self.follows, self._steps[self.scrubber.value()] if self._steps else None
        self._steps, self._steps_per_epoch = steps, steps_per_epoch
        last = max(0, len(steps) - 1)
        self._set_scrubber(last, last if followed or at is None else int(np.searchsorted(steps, at)))

    def show_pictures(self, shown: PicturesShown) -> None:
        """Show the pictures of a moment."""
        self.shown = shown
        groups: dict[str, PictureGroup] = {group.title: group for group in shown.groups}
        for kind, sheet in self.sheets.items():
            sheet.setVisible(kind in groups)
            sheet.show_group(groups.get(kind), shown.label_names)
        self.histogram.show_counts(shown)
        self._moment.setText(
            f"{thousands(shown.step)} of {thousands(shown.total_steps)} · "
            f"epoch {shown.step / self._steps_per_epoch:.1f}"
        )

    @Slot(int)
    def _scrub(self, place: int) -> None:
        if self._steps:
            self.wanted.emit(-1 if self.follows else self._steps[min(place, len(self._steps) - 1)])

    def _set_scrubber(self, last: int, place: int) -> None:
        self.scrubber.blockSignals(True)
        self.scrubber.setRange(0, last)
        self.scrubber.setValue(place)
        self.scrubber.setEnabled(last > 0)
        self.scrubber.blockSignals(False)


def _sheet_of(pictures: np.ndarray, columns: int) -> QPixmap:
    """Pictures [N, H, W, C] side by side in rows, at their own size."""
    count, high, wide, channels = pictures.shape
    rows = math.ceil(count / columns)
    padded = np.zeros((rows * columns, high, wide, channels), np.uint8)
    padded[:count] = pictures
    grid = padded.reshape(rows, columns, high, wide, channels).swapaxes(1, 2)
    return QPixmap.fromImage(picture_image(grid.reshape(rows * high, columns * wide, channels)))
