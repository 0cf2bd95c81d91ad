"""A card of fixed width beside a large picture, that scrolls where the window is low."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QVBoxLayout, QWidget

__all__ = ["side_column"]

ROOM = 12
"""Pixels around what is in the card."""


def side_column(inside: QLayout, width: int) -> QFrame:
    """The card with a column in it; `width` in pixels."""
    held = QWidget()
    inside.setContentsMargins(ROOM, ROOM, ROOM, ROOM)
    held.setLayout(inside)
    scroll = QScrollArea()
    scroll.setWidget(held)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QScrollArea.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
    frame = QFrame()
    frame.setProperty("role", "card")
    frame.setFixedWidth(width)
    whole = QVBoxLayout(frame)
    whole.setContentsMargins(1, 1, 1, 1)
    whole.addWidget(scroll)
    return frame
