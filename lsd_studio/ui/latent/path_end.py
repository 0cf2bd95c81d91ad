"""An end of a path on a plane, moved with the keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QToolButton

from lsd_studio.ui.widgets.timers import delay

STEP, FINE = 0.02, 0.1
"""Share of the view that an arrow key moves the end by, and how much of that with Shift."""

CALM = 500
"""Milliseconds after the last key when the movement is over."""

MOVES = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Down: (0, -1), Qt.Key.Key_Up: (0, 1),
}  # fmt: skip


class PathEnd(QToolButton):
    """Stands for one end of a path: while it has the focus, arrow keys move that end, a tenth as far with Shift.

    Args:
        letter: that the end is called by.

    Signals:
        held: whether keys move the end now.
        moved: by which share of the view to the right, and upwards.
        settled: no key has come for a moment, or the focus has gone.
    """

    held = Signal(bool)
    moved = Signal(float, float)
    settled = Signal()

    def __init__(self, letter: str) -> None:
        super().__init__()
        self.setText(letter)
        self.setProperty("role", "outlined")
        self.setAccessibleName(f"End {letter} of the path")
        self.setToolTip(f"Arrow keys move end {letter} over the plane, a tenth as far with Shift")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._calm = delay(self, CALM, self.settled.emit)

    @property
    def is_moving(self) -> bool:
        """Whether a movement has begun and is not over."""
        return self._calm.isActive()

    def describe(self, place: tuple[float, float], what: str) -> None:
        """Say to screen readers where the end is and what stands there."""
        self.setAccessibleDescription(f"At {place[0]:.2f}, {place[1]:.2f}: {what}. Arrow keys move it.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = MOVES.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
            return
        step = STEP * (FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0)
        self._calm.start()
        self.moved.emit(step * move[0], step * move[1])

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Keys move the end from now on."""
        super().focusInEvent(event)
        self.held.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys go elsewhere: what they did is over."""
        super().focusOutEvent(event)
        if self._calm.isActive():
            self._calm.stop()
            self.settled.emit()
        self.held.emit(False)
