"""What the program writes down while it runs, in the user's log folder."""

from __future__ import annotations

import faulthandler
import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from lsd_studio.files.logs import log_folder

LARGEST, KEPT = 1_000_000, 3
"""Bytes of the log file, and how many full ones are kept beside it."""

FAULT = "fault.log"
LONGEST_FAULT = 100_000
"""Signs of a fault's trace that are read."""

FORM = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

log = logging.getLogger(__name__)


def start_log(folder: Path | None = None) -> Path | None:
    """Write messages of this program, of Python and of Qt to `lsd-studio.log` in a folder (None: `log_folder()`).

    Warnings go to standard error besides. What Python was at when the process dies in foreign code goes to `fault.log`,
    which is emptied here: ask for `last_fault` before.

    Returns:
        The log file, or None where it cannot be written; then there is standard error alone.
    """
    place = folder or log_folder()
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.WARNING)
    handlers: list[logging.Handler] = [console]
    file: Path | None = place / "lsd-studio.log"
    problem: OSError | None = None
    try:
        place.mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(
                place / "lsd-studio.log", maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8"
            )
        )
        faulthandler.enable((place / FAULT).open("w", encoding="utf-8"))
    except OSError as error:
        file, problem = None, error
    root, form = logging.getLogger(), logging.Formatter(FORM)
    root.setLevel(logging.INFO)
    for handler in handlers:
        handler.setFormatter(form)
        root.addHandler(handler)
    logging.captureWarnings(True)
    qInstallMessageHandler(_hear_qt)
    if problem is not None:
        log.warning("There is no log file: %s cannot be written (%s).", place, problem.strerror or problem)
    return file


def last_fault(folder: Path | None = None) -> str:
    """What Python was at when the process before this one died in foreign code; "" where it did not."""
    file = (folder or log_folder()) / FAULT
    try:
        with file.open(encoding="utf-8", errors="replace") as written:
            return written.read(LONGEST_FAULT).strip()
    except OSError:
        return ""


def last_lines(file: Path | None, count: int = 40) -> str:
    """The end of a log file, or nothing where there is none."""
    try:
        return "" if file is None else "\n".join(file.read_text("utf-8", "replace").splitlines()[-count:])
    except OSError:
        return ""


def _hear_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(LEVELS[kind], "%s", message)
