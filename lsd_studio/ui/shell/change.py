"""A step of a history that a person goes through with Undo and Redo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtGui import QUndoCommand

State = TypeVar("State")


class Change(QUndoCommand, Generic[State]):
    """From one state to another; done already when it is pushed.

    Args:
        apply: shows a state.
        before, after: the states.
        words: what was done, as Undo and Redo name it.
    """

    def __init__(self, apply: Callable[[State], None], before: State, after: State, words: str) -> None:
        super().__init__(words)
        self._apply = apply
        self._before, self._after = before, after
        self._done = True

    def redo(self) -> None:
        if not self._done:
            self._apply(self._after)
        self._done = True

    def undo(self) -> None:
        self._apply(self._before)
        self._done = False
