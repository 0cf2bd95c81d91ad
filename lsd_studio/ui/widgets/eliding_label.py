"""A line of words that ends with … where there is no room for all of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyleOption, QToolTip

from lsd_studio.ui.widgets.plain_text import tip_words


class ElidingLabel(QLabel):
    """Text on one line that makes do with what room there is.

    Args:
        name: what screen readers call it; they read all of its words.
        role: "caption", small and muted, or another of the style sheet.
    """

    def __init__(self, name: str, role: str = "caption") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Show all of the words as a tool tip, where there is no room for them."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and not self.toolTip():
            hidden = self.fontMetrics().horizontalAdvance(self.text()) > self.width()
            QToolTip.showText(event.globalPos(), tip_words(self.text()) if hidden else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as many of the words as there is room for."""
        option, painter = QStyleOption(), QPainter(self)
        option.initFrom(self)
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.style().drawItemText(
            painter,
            self.rect(),
            self.alignment(),
            option.palette,
            self.isEnabled(),
            words,
            self.foregroundRole(),
        )
