"""Waiting for a window that nobody handles."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QEventLoop, QTimer

from lsd_studio.engine.errors import StudioError
from lsd_studio.ui.shell.main_window import MainWindow

PATIENCE = 30
"""Seconds after which slow work is shown as far as it has come."""

Look: TypeAlias = Callable[[MainWindow], object]
"""Brings the window to what is to be shown, and returns when it is there."""


def settle(milliseconds: int = 300) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def watch(window: MainWindow, done: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Let the window live until something is done, a message is shown or time is up; whether it is done."""
    end, is_done = time.monotonic() + seconds, False
    while not is_done and time.monotonic() < end and not window.message_bar.isVisible():
        settle(20)
        is_done = done()
    return is_done


def test_image(window: MainWindow, wanted: int) -> int:
    """The place of a test image: the wanted one, or the last where there are fewer.

    Raises:
        StudioError: the test images of the bundle are not available.
    """
    tests = window.selection.tests
    if tests is None:
        raise StudioError("The test images of this bundle are not available: put its data back where it was.")
    return min(wanted, len(tests.images) - 1)


def wait(window: MainWindow, done: Callable[[], bool], minutes: int = 2) -> None:
    """Let the window live until something is done.

    Raises:
        StudioError: the window shows a message instead, or it is not done after so many minutes.
    """
    if not watch(window, done, 60 * minutes):
        raise StudioError(
            window.message_bar.text or f"The engine did not answer in {minutes} minutes; please try again."
        )
