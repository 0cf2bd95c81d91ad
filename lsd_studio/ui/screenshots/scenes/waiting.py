"""Waiting for a window that is looked at by a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QEventLoop, QTimer

from lsd_studio.engine.errors import StudioError
from lsd_studio.ui.shell.main_window import MainWindow

__all__ = ["Look", "settle", "test_image", "wait"]

Look: TypeAlias = Callable[[MainWindow], None]
"""Brings the window to what is to be shown, and returns when it is there."""


def settle(milliseconds: int = 300) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def test_image(window: MainWindow, wanted: int) -> int:
    """The place of a test image: the wanted one, or the last where there are fewer.

    Raises:
        StudioError: the bundle has no test images at hand.
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
    loop, look, patience = QEventLoop(), QTimer(), QTimer()
    was_done = False

    def look_at_it() -> None:
        nonlocal was_done
        was_done = was_done or done()
        if was_done or window.message_bar.isVisible():
            loop.quit()

    look.timeout.connect(look_at_it)
    look.start(20)
    patience.setSingleShot(True)
    patience.timeout.connect(loop.quit)
    patience.start(minutes * 60_000)
    loop.exec()
    if not was_done:
        raise StudioError(
            window.message_bar.text or f"The engine did not answer in {minutes} minutes; please try again."
        )
