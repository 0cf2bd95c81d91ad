"""Views of which one is in front, and only that one asks for room."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget, QWidget

from lsd_studio.ui.widgets.layouts import tell_size


class FrontStack(QStackedWidget):
    """As wide and as high as the view in front needs; a plain stack is never smaller than its largest view.

    Args:
        views: the first one is in front.
    """

    def __init__(self, *views: QWidget) -> None:
        super().__init__()
        for view in views:
            self.addWidget(view)
        self.currentChanged.connect(lambda: tell_size(self))

    def hasHeightForWidth(self) -> bool:
        """No: Qt would take the height that a view with wrapped words prefers for its least."""
        return False

    def sizeHint(self) -> QSize:
        return self.currentWidget().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """What the view in front needs, or was given as its least."""
        front = self.currentWidget()
        return front.minimumSizeHint().expandedTo(front.minimumSize())
