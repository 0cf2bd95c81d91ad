"""A page that scrolls where the window is smaller than what is on it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

__all__ = ["ScrolledPage"]


class ScrolledPage(QScrollArea):
    """As large as there is room; what is within it is never made smaller than it can be."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setProperty("role", "clear")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is within it has the focus, and is scrolled to
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setWidget(inside)
