"""When something goes wrong that nobody foresaw: it is logged and shown, and can be copied."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from lsd_studio.ui.app.log_file import last_lines
from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.app.versions import versions_text
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.layouts import caption, column, row
from lsd_studio.ui.widgets.plain_text import plain_label

log = logging.getLogger(__name__)

CALM = (
    "Something went wrong inside the program. You can go on; what you were doing just now may be unfinished. "
    "Bundles and checkpoints on the disk are only ever replaced as a whole, so none is half written."
)
CALM_AFTER = (
    "The last time, the program ended by itself, in code that is not its own. Nothing needs to be done: bundles and "
    "checkpoints on the disk are only ever replaced as a whole, and a training goes on from its last checkpoint. "
    "The report says where it was."
)
PRIVACY = "The report names versions, files and folders of this computer. Read it before you pass it on."


def report_text(trace: str, log_file: Path | None) -> str:
    """What somebody needs to mend it: versions, where it happened, and the end of the log."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    end = last_lines(log_file)
    parts = [f"LSD Studio, report of {when}", versions_text(), trace.strip()]
    if end:
        parts.append(f"The end of the log:\n{end}")
    return "\n\n".join(parts) + "\n"


class CrashDialog(QDialog):
    """Says calmly that something went wrong, and holds a report to copy."""

    def __init__(
        self, report: str, log_file: Path | None, parent: QWidget | None = None, calm: str = CALM
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._log_file = log_file
        words = plain_label(calm)
        words.setWordWrap(True)
        self.report = QPlainTextEdit(report)
        self.report.setReadOnly(True)
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.report.setAccessibleName("Report")
        self.copy = push_button("Copy the report", self._copy)
        self.show_log = push_button("Show the log", self._show_log)
        self.show_log.setVisible(log_file is not None)
        self.go_on = push_button("Go on", self.accept, default=True)
        buttons = row(self.copy, self.show_log, None, self.go_on)
        self.setLayout(
            column(words, (self.report, 1), caption(PRIVACY), buttons, spacing=2 * GRID, margin=2 * GRID)
        )
        self.resize(720, 480)
        self.go_on.setFocus()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.copy.setText("Copied")

    @Slot()
    def _show_log(self) -> None:
        if self._log_file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_file)))


class CrashReporter(QObject):
    """Receives errors that nobody caught, on any thread, and shows each of them once.

    Attributes:
        dialog: the one that is open.
    """

    _happened = Signal(str)

    def __init__(self, window: QWidget, log_file: Path | None) -> None:
        super().__init__(window)
        self._window = window
        self._log_file = log_file
        self._told: set[str] = set()
        self._before = sys.excepthook, threading.excepthook
        self.dialog: CrashDialog | None = None
        self._happened.connect(self._show_once)

    def install(self) -> None:
        """Receive all errors from now on."""
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._hear
        threading.excepthook = self._hear_thread

    def uninstall(self) -> None:
        """Restore the handlers of before."""
        sys.excepthook, threading.excepthook = self._before

    def hear_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """Receive an error in a callback or a task of the event loop."""
        error = context.get("exception")
        if isinstance(error, Exception):
            self._hear(type(error), error, error.__traceback__)
        else:
            log.error("%s", context.get("message"))

    @Slot(str)
    def show_report(self, trace: str) -> None:
        """Show the report on an error, unless another one is open."""
        self._show(trace, CALM)

    def show_last(self, fault: str) -> None:
        """Show the report on how the process before this one died."""
        self._show(fault, CALM_AFTER)

    def _show(self, trace: str, calm: str) -> None:
        if self.dialog is not None:
            return
        report = report_text(trace, self._log_file)
        self.dialog = CrashDialog(report, self._log_file, self._window, calm)
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    @Slot(str)
    def _show_once(self, trace: str) -> None:
        """Show an error that has not been shown yet; the log has them all."""
        if trace not in self._told:
            self._told.add(trace)
            self.show_report(trace)

    @Slot(int)
    def _forget(self, result: int) -> None:
        self.dialog = None

    def _hear(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, Exception):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("An error that nobody caught.", exc_info=(kind, error, trace))
        self._happened.emit("".join(traceback.format_exception(kind, error, trace)))

    def _hear_thread(self, happened: threading.ExceptHookArgs) -> None:
        if happened.exc_value is not None:
            self._hear(happened.exc_type, happened.exc_value, happened.exc_traceback)
