"""Plain files of bounded size, and nothing that could keep a reader waiting: no pipe, device or folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lsd_studio.engine.errors import StudioError

ONE_READ = 2**16
"""Bytes that are read of a file that says it has none, as those of the system do."""


def read_plain(file: Path, largest: int, *, follow_links: bool = False) -> bytes:
    """The bytes of a plain file, at most `largest` of them.

    Raises:
        StudioError: it is a link that is not to be followed, no plain file, too large, or cannot be read.
    """
    no_links = 0 if follow_links else getattr(os, "O_NOFOLLOW", 0)
    try:
        # A pipe that nobody writes to would keep a blocking open waiting for ever.
        descriptor = os.open(
            file, os.O_RDONLY | no_links | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except (OSError, ValueError) as error:
        if not follow_links and file.is_symlink():
            raise StudioError(f"{file} is a link: expected a plain file in its place.") from error
        raise _unreadable(file, error) from error
    try:
        status = os.fstat(descriptor)
        _check(file, status, largest)
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            return opened.read(min(largest, max(status.st_size, ONE_READ)))
    except OSError as error:
        raise _unreadable(file, error) from error
    finally:
        os.close(descriptor)


def check_plain(file: Path, largest: int) -> None:
    """Refuse what a library that opens files by their name could wait for or choke on.

    Raises:
        StudioError: `file` is no plain file, or a link to none, too large, or cannot be read.
    """
    try:
        status = file.stat()
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from error
    _check(file, status, largest)


def _check(file: Path, status: os.stat_result, largest: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise StudioError(f"{file} is not a plain file: expected one, not a folder, pipe or device.")
    if status.st_size > largest:
        raise StudioError(f"{file}, size: expected at most {largest} bytes, found {status.st_size}.")


def _unreadable(file: Path, error: OSError | ValueError) -> StudioError:
    reason = error.strerror if isinstance(error, OSError) else "no file can have such a name"
    return StudioError(f"{file} could not be read ({reason}): please check that it is a readable file.")
