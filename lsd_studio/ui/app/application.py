"""Starting and ending the window."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

import qasync
from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from lsd_studio.engine.api import Engine
from lsd_studio.ui.app.crash import CrashReporter
from lsd_studio.ui.app.log_file import last_fault, start_log
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.app.theme import ThemeChoice
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.workspaces import import_workspaces

ICON = Path(__file__).with_name("lsd-studio.svg")
"""The window's icon, from which those of the packages are drawn too."""

SIGNALS = 200
"""Milliseconds after which a Ctrl-C is seen at the latest."""


def run(begin: Callable[[MainWindow], object] = MainWindow.open_last_bundle) -> int:
    """Show the window until it is closed; it begins with the bundle that was in use last, or as `begin` says.

    The window is there before torch is: that loads on the engine's threads, behind the canvas.

    Returns:
        The exit code.

    """
    application = prepare_application()
    application.setQuitOnLastWindowClosed(False)
    return qasync.run(_live(begin))


def prepare_application() -> QApplication:
    """The one QApplication, in the style that the themes are made for."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("LSD Studio")
    application.setApplicationDisplayName("LSD Studio")
    application.setDesktopFileName("lsd-studio")
    application.setWindowIcon(QIcon(str(ICON)))
    application.setStyle("Fusion")
    return application


async def _live(begin: Callable[[MainWindow], object]) -> int:
    fault = last_fault()
    log_file = start_log()
    settings = open_settings()
    themes = ThemeChoice(settings)
    engine = Engine()
    window = MainWindow(engine, themes, settings)
    crashes = CrashReporter(window, log_file)
    crashes.install()
    asyncio.get_running_loop().set_exception_handler(crashes.hear_loop)
    window.message_bar.report_wanted.connect(crashes.show_report)
    window.come_back()
    opened, closed = asyncio.Event(), asyncio.Event()
    window.selection.bundle_changed.connect(opened.set)
    window.closed.connect(closed.set)
    ahead = asyncio.create_task(_import_behind(opened))
    came: list[int] = []

    def close(number: int, frame: FrameType | None) -> None:
        came.append(number)
        window.close()

    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), close) for name in names}
    heartbeat = QTimer()
    heartbeat.timeout.connect(_let_python_see_signals)
    heartbeat.start(SIGNALS)
    window.show()
    QTimer.singleShot(0, partial(begin, window))
    if fault:
        QTimer.singleShot(0, partial(crashes.show_last, fault))
    try:
        await closed.wait()
    finally:
        ahead.cancel()
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
        heartbeat.stop()
        crashes.uninstall()
        await asyncio.to_thread(engine.close)
    return 128 + came[0] if came and came[0] != signal.SIGINT else 0


async def _import_behind(opened: asyncio.Event) -> None:
    """Import the workspaces once the first bundle is there, which is not to wait for them."""
    await opened.wait()
    await import_workspaces()


def _let_python_see_signals() -> None:
    """Python runs the handler of a Ctrl-C only between two of its own instructions, which Qt's loop has none of."""
