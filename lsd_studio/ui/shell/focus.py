"""Going through the window with the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def focus_next_part(parts: Sequence[QWidget], focus: QWidget | None) -> None:
    """Give the focus to the first widget that takes it, in the part after the one that has it or in one further on."""
    here = next((at for at, part in enumerate(parts) if focus is not None and part.isAncestorOf(focus)), -1)
    for step in range(1, len(parts) + 1):
        found = _first(parts[(here + step) % len(parts)])
        if found is not None:
            found.setFocus(Qt.FocusReason.TabFocusReason)
            return


def _first(part: QWidget) -> QWidget | None:
    takes = Qt.FocusPolicy.TabFocus
    children = part.findChildren(QWidget)
    return next(
        (each for each in children if each.focusPolicy() & takes and each.isVisible() and each.isEnabled()),
        None,
    )
