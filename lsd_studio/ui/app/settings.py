"""What the window remembers between two starts."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_config_path
from PySide6.QtCore import QSettings


def open_settings(path: Path | None = None) -> QSettings:
    """The window's settings in an INI file: at `path`, or in the user's configuration folder."""
    file = path or user_config_path("lsd-studio") / "window.ini"
    return QSettings(str(file), QSettings.Format.IniFormat)
