"""The log folder, and the log of the command line."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from platformdirs import user_log_path

COMMAND_LINE = "command-line.log"
LARGEST = 1_000_000
"""Bytes after which the command line begins its log anew and keeps one before it."""


def log_folder() -> Path:
    """Where the log files are."""
    return user_log_path("lsd-studio", appauthor=False)


def note_unforeseen(error: BaseException, doing: str) -> Path | None:
    """Write down where an error happened; the log file, or None where none can be written."""
    file = log_folder() / COMMAND_LINE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            file, maxBytes=LARGEST, backupCount=1, encoding="utf-8", errors="backslashreplace"
        )
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log = logging.Logger("lsd-studio")
    log.addHandler(handler)
    log.error("%s", doing, exc_info=error)
    handler.close()
    return file
