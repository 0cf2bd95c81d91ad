"""A layer over the whole window, for what asks for a moment's attention."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


class Overlay(QWidget):
    """Lies over another widget; Escape puts it away and gives the focus back.

    Whoever knows that the widget below was resized calls `fit`.
    """

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._focus_before: QWidget | None = None
        self.hide()

    def open(self) -> None:
        """Come up over everything else."""
        if not self.isVisible():
            self._focus_before = QApplication.focusWidget()
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()
        self.setFocus()

    def put_away(self) -> None:
        """Hide, and give the focus back."""
        self.hide()
        before, self._focus_before = self._focus_before, None
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus()

    def arrange(self) -> None:
        """Put what is in the layer to its place; called when the size has changed."""

    @Slot()
    def fit(self) -> None:
        """Be as large as what is below."""
        if self.isVisible():
            self.setGeometry(self._over.rect())
            self.arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Put it away with Escape; other keys do not reach what is below."""
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        event.accept()
