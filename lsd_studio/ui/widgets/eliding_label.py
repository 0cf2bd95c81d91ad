"""A line of words that ends with … where there is no room for all of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyleOption

__all__ = ["ElidingLabel"]


class ElidingLabel(QLabel):
    """Small muted text on one line that takes what room is left.

    Args:
        name: what screen readers call it; they read all of its words.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("role", "caption")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

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
