"""Files that appear whole or not at all: written under another name beside their place, then renamed.

That name is `.NAME.new-XXXXXXXX`. Whoever writes holds a lock on it, so that what a killed process left behind is
known: nobody holds it, and the next who writes there removes it.
"""

from __future__ import annotations

import glob
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lsd_studio.engine.errors import StudioError

if sys.platform != "win32":  # where no file that is open can be removed anyway
    import fcntl

MAKE_ROOM = "please make room or choose another folder; nothing that was there before is lost"

_LEFTOVER = re.compile(r"\..+\.new-[a-z0-9_]{8}")
_LEFTOVER_OF_OLD = re.compile(r"\..+\.(?:json|safetensors|npz|csv|zip|lsd)\.[a-z0-9_]{8}")
"""As versions before this one named them."""

LONGEST_PART = 40
"""Characters of a name that its hidden one repeats, so that none is too long for the file system."""


def is_leftover(name: str) -> bool:
    """Whether a file or folder of this name is one that is being written, or was when a process was killed."""
    return bool(_LEFTOVER.fullmatch(name) or _LEFTOVER_OF_OLD.fullmatch(name))


def write_file(path: Path, content: bytes, *, durable: bool = True, advice: str = MAKE_ROOM) -> None:
    """Write one file, whole or not at all.

    Args:
        path: its place; content: what it shall hold.
        durable: wait until it is on the disk, so that not even a power cut loses it.
        advice: what to do where it cannot be written, without its full stop.

    Raises:
        StudioError: the disk is full or not writable; what was at `path` is unchanged.
    """
    with whole_file(path, durable=durable, advice=advice) as file:
        file.write(content)


@contextmanager
def whole_file(path: Path, *, durable: bool = True, advice: str = MAKE_ROOM) -> Iterator[IO[bytes]]:
    """A file that appears at `path` when the block is done, and never in part; arguments as in `write_file`.

    Raises:
        StudioError: the disk is full or not writable; what was at `path` is unchanged.
    """
    temporary = _hidden_name(path)
    try:
        clear_leftovers(path)
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
        )
        with os.fdopen(descriptor, "wb") as file:
            _lock(descriptor)
            yield file
            file.flush()
            if path.exists():
                temporary.chmod(path.stat().st_mode & 0o777)
            if durable:
                os.fsync(descriptor)
            if os.name == "posix":
                temporary.replace(path)
        if os.name != "posix":
            temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise unwritable(path, error, advice) from error
        raise


@contextmanager
def hidden_folder(path: Path) -> Iterator[Path]:
    """An empty folder beside `path`, to be filled and renamed to it; gone after the block where it was not renamed.

    Raises:
        OSError: it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_leftovers(path)
    temporary = _hidden_name(path)
    temporary.mkdir()
    try:
        with _folder_held(temporary):
            yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def clear_leftovers(path: Path) -> None:
    """Remove what killed processes left of earlier writings of `path`."""
    for leftover in path.parent.glob(f"{glob.escape(_hidden_start(path))}*"):
        if is_leftover(leftover.name) and not _is_held(leftover):
            _remove(leftover)


def clear_all_leftovers(folder: Path) -> None:
    """Remove what killed processes left in a folder and below it."""
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            leftover = Path(place, name)
            if is_leftover(name) and not _is_held(leftover):
                _remove(leftover)


def flush_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unwritable(path: Path, error: OSError, advice: str = MAKE_ROOM) -> StudioError:
    """What to say where `path` could not be written."""
    return StudioError(f"{path} could not be written ({error.strerror or 'the disk refused'}): {advice}.")


def _hidden_start(path: Path) -> str:
    return f".{path.name[:LONGEST_PART]}.new-"


def _hidden_name(path: Path) -> Path:
    return path.with_name(f"{_hidden_start(path)}{secrets.token_hex(4)}")


def _lock(descriptor: int) -> None:
    if sys.platform != "win32":
        with suppress(OSError):  # not every file system has locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def _folder_held(folder: Path) -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _is_held(leftover: Path) -> bool:
    """Whether a living process may be writing this now."""
    if sys.platform == "win32":
        return leftover.is_dir()
    try:
        descriptor = os.open(leftover, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _remove(leftover: Path) -> None:
    if leftover.is_dir():
        shutil.rmtree(leftover, ignore_errors=True)
    else:
        with suppress(OSError):
            leftover.unlink()
