"""Words that wrap and ask for the height that they need."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel


class WrappedLabel(QLabel):
    """Plain text that is never squeezed to fewer lines than it takes; Qt counts one line as the least.

    Args:
        name: what screen readers call it.
        role: "caption", small and muted, or another of the style sheet.
    """

    def __init__(self, name: str, role: str = "caption") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAccessibleName(name)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._ask_for_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height that the words take at this width."""
        super().resizeEvent(event)
        self._ask_for_height()

    def _ask_for_height(self) -> None:
        self.setMinimumHeight(0)  # Qt counts the least there was until now into what the words take
        self.setMinimumHeight(max(0, self.heightForWidth(self.width())))
