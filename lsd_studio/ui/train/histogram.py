"""How often C reads each label in what a network draws, and how sure it is."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.operations.training import RunPictures
from lsd_studio.percentages import percent
from lsd_studio.ui.app.theme import CAPTION, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import edge_colour, label_colour
from lsd_studio.ui.widgets.painting import paint_line

HEAD = 20


class LabelHistogram(QWidget):
    """How often C reads each label in what is drawn, and how sure it is."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.shown: RunPictures | None = None
        self.setMinimumSize(176, 152)
        self.setMaximumWidth(560)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Labels that C reads")
        themes.changed.connect(self.update)

    def show_counts(self, shown: RunPictures | None) -> None:
        self.shown = shown
        if shown is not None:
            rarest = shown.label_names[int(shown.frame.counts.argmin())]
            self.setAccessibleDescription(
                f"Rarest is {rarest}: {shown.frame.counts.min()} of {shown.frame.counted}"
            )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, 200)

    def event(self, event: QEvent) -> bool:
        """Give the figures of the bar where the pointer rests."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._words(event.pos().x()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, shown = self._themes.theme, QPainter(self), self.shown
        painter.setPen(theme.colour("text"))
        painter.setFont(font(CAPTION, bold=True))
        head = QRectF(0, 0, self.width(), HEAD - 2)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, "Labels that C reads")
        if shown is None:
            return
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        what = "generated" if shown.frame.stage == "gan" else "decoded"
        words = f"% of {shown.frame.counted} {what} images"
        painter.drawText(head.translated(0, HEAD - 4), Qt.AlignmentFlag.AlignVCenter, words)
        top, bottom = 2.0 * HEAD + 12, self.height() - 2.0 * HEAD
        shares = shown.frame.counts / max(1, shown.frame.counted)
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
        painter.setPen(theme.colour("muted"))
        below = QRectF(0, self.height() - HEAD + 2, self.width(), HEAD - 2)
        sure = f"C's mean probability {percent(shown.frame.confidence)}"
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, sure)

    def _paint_words(
        self, painter: QPainter, label: int, share: float, wide: float, bottom: float, top: float
    ) -> None:
        assert self.shown is not None
        theme = self._themes.theme
        name = self.shown.label_names[label]
        centre = Qt.AlignmentFlag.AlignCenter
        painter.setFont(font(CAPTION, bold=share == 0))
        painter.setPen(theme.colour("warning" if share == 0 else "text"))
        paint_line(painter, QRectF(label * wide, bottom + 2, wide, HEAD - 2), name, centre)
        if wide >= 20:
            painter.setPen(theme.colour("warning" if share == 0 else "muted"))
            painter.drawText(QRectF(label * wide, top - 16, wide, 16), centre, f"{100 * share:.0f}")

    def _words(self, x: float) -> str:
        if self.shown is None:
            return ""
        labels = len(self.shown.frame.counts)
        label = min(labels - 1, max(0, int(x * labels / max(1, self.width()))))
        count, sure = int(self.shown.frame.counts[label]), float(self.shown.frame.confidences[label])
        words = f"{isolated(self.shown.label_names[label])}: {count} of {self.shown.frame.counted}"
        return words if math.isnan(sure) else f"{words}, mean probability {percent(sure)}"
