"""Folders made for output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lsd_studio.engine.errors import StudioError


def make_folder(folder: Path, advice: str = "please name another") -> None:
    """Make a folder where it is missing; `advice` is what to do where it cannot be made, without its full stop.

    Raises:
        StudioError: it is a file, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(f"The folder {folder} cannot be made ({error.strerror}): {advice}.") from error


@contextmanager
def folder_to_fill(folder: Path) -> Iterator[None]:
    """A folder, made where it is missing; it goes again where the block fails before something is in it.

    Raises:
        StudioError: it is a file, or cannot be made.
    """
    was_there = folder.exists()
    make_folder(folder)
    try:
        yield
    except BaseException:
        if not was_there:
            with suppress(OSError):  # something is in it
                folder.rmdir()
        raise
