"""Timers that go off once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


def delay(owner: QObject, milliseconds: int, slot: Callable[..., object]) -> QTimer:
    """A timer that calls `slot` so long after it was last started; it lives as long as its owner."""
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(slot)
    return timer
