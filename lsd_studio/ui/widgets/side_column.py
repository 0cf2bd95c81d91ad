"""A card of fixed width beside a large picture, that scrolls where the window is low."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLayout, QWidget

from lsd_studio.ui.widgets.layouts import card, scrolled

ROOM = 12
"""Pixels around what is in the card."""


def side_column(inside: QLayout, width: int) -> QFrame:
    """The card with a column in it; `width` in pixels."""
    held = QWidget()
    inside.setContentsMargins(ROOM, ROOM, ROOM, ROOM)
    held.setLayout(inside)
    frame = card(scrolled(held), margin=1)
    frame.setFixedWidth(width)
    return frame
