"""Whether a window can be shown here, found out without Qt, which would abort the process where it cannot."""

from __future__ import annotations

import ctypes
import os
import re
import shlex
import socket
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

WINDOW_PACKAGES = {
    "PySide6": "PySide6-Essentials<6.12" if sys.version_info < (3, 12) else "PySide6-Essentials",
    "pyqtgraph": "pyqtgraph",
    "qasync": "qasync",
    "qtawesome": "QtAwesome",
}
"""What the window alone needs, by the names that are imported and those that pip installs."""

SYSTEM_PACKAGES = "libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1"
X11_PACKAGES = (
    "libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 "
    "libxkbcommon-x11-0"
)

_SECONDS_TO_ANSWER = 1.0


def why_no_window() -> str | None:
    """The reason, as a clause, why no window can be shown here; None where it can."""
    if (reason := why_no_qt()) is not None:
        return reason
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return None
    return _why_no_linux_display()


def why_no_qt() -> str | None:
    """The reason, as a clause, why nothing of the window can be drawn here, not even offscreen; None where it can."""
    for module in WINDOW_PACKAGES:
        if find_spec(module) is None:
            return f"{module} is not installed (pip install {shlex.join(WINDOW_PACKAGES.values())})"
    try:
        import_module("PySide6.QtWidgets")
    except ImportError as error:
        return f"a library that Qt needs is missing ({error}; on Debian: apt install {SYSTEM_PACKAGES})"
    return None


def _why_no_linux_display() -> str | None:
    wayland, x11 = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("DISPLAY")
    if not wayland and not x11:
        return "this machine has no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    if wayland and _answers(socket.AF_UNIX, str(Path(os.environ.get("XDG_RUNTIME_DIR", "/"), wayland))):
        return None
    if not x11 or not _x11_answers(x11):
        return f"the display {x11 or wayland} does not answer"
    return _missing_x11_plugin()


def _x11_answers(display: str) -> bool:
    """Whether a server listens at an X display such as ":0", "host:10.0" or "unix:1"."""
    found = re.fullmatch(r"(?P<host>.*):(?P<number>\d{1,5})(\.\d+)?", display)
    if not found:
        return False
    host, number = found["host"].rpartition("/")[2], int(found["number"])
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return _answers(socket.AF_UNIX, path) or _answers(socket.AF_UNIX, f"\0{path}")
    return _answers(socket.AF_INET, (host, 6000 + number)) or _answers(socket.AF_INET6, (host, 6000 + number))


def _answers(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(_SECONDS_TO_ANSWER)
            connection.connect(address)
    except OSError:
        return False
    return True


def _missing_x11_plugin() -> str | None:
    from PySide6.QtCore import QLibraryInfo

    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    try:
        ctypes.CDLL(str(plugins / "platforms" / "libqxcb.so"))
    except OSError as error:
        return f"a library that Qt needs is missing ({error}; on Debian: apt install {X11_PACKAGES})"
    return None
