"""Folders that are written to."""

from __future__ import annotations

from pathlib import Path

from lsd_studio.engine.errors import StudioError

__all__ = ["make_folder"]


def make_folder(folder: Path) -> None:
    """Make a folder where it is missing.

    Raises:
        StudioError: it is a file, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(
            f"The folder {folder} cannot be made ({error.strerror}): please name another."
        ) from error
