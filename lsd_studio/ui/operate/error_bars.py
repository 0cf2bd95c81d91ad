"""How well an operator does: its errors beside those of simpler answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.ui.app.theme import BODY, CAPTION, ThemeManager, font

if TYPE_CHECKING:
    from lsd_studio.engine.operators.store import Operator

LINE = 40
"""Pixels of a bar with its words."""


class ErrorBars(QWidget):
    """Errors of an operator as shares of the codes' squared norm, beside those of simpler answers on the held-out
    pairs: doing nothing, one shift for all codes, one for each label.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._bars: tuple[tuple[str, float, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Errors of the operator")
        themes.changed.connect(self.update)

    def show_operator(self, operator: Operator) -> None:
        """Show what is known of an operator; nothing where it was composed."""
        named = (
            (f"held-out pairs ({operator.held_out})", operator.held_out_error, "accent"),
            (f"pairs fitted on ({operator.pairs})", operator.fit_error, "muted"),
            ("doing nothing", operator.identity_error, "line"),
            ("one shift for all", operator.shift_error, "line"),
            ("one shift per label", operator.label_shift_error, "line"),
        )
        self._bars = tuple((words, value, role) for words, value, role in named if value is not None)
        self.setAccessibleDescription(", ".join(f"{words}: {value:.3f}" for words, value, _ in self._bars))
        self.updateGeometry()
        self.update()

    def clear(self) -> None:
        self._bars = ()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, LINE * len(self._bars) + (20 if self._bars else 0))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        longest = max(max(value for _, value, _ in self._bars), 1e-12)
        for place, (words, value, role) in enumerate(self._bars):
            line = QRectF(0, place * LINE, self.width(), 18)
            painter.setFont(font(BODY))
            painter.setPen(theme.colour("text"))
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
            painter.drawText(
                line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:.3f}"
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("raised"))
            track = QRectF(0, line.bottom() + 4, self.width(), 8)
            painter.drawRoundedRect(track, 4, 4)
            painter.setBrush(theme.colour(role if role != "line" else "warning"))
            painter.drawRoundedRect(
                QRectF(0, track.top(), max(8.0, track.width() * value / longest), 8), 4, 4
            )
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        unit = QRectF(0, LINE * len(self._bars), self.width(), 20)
        painter.drawText(unit, Qt.AlignmentFlag.AlignVCenter, "mean |z′ − O z|² / mean |z′|²")
