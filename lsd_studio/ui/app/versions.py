"""Which versions of what this program runs on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

import lsd_studio

LIBRARIES = ("torch", "torchvision", "numpy", "scipy", "scikit-learn", "scikit-image", "openTSNE")
WINDOW = ("pyqtgraph", "matplotlib", "safetensors", "onnxruntime")


def versions() -> tuple[tuple[str, str], ...]:
    """Names and versions: this program, Python, the system, the libraries. No library is imported for it."""
    here = (
        ("LSD Studio", lsd_studio.__version__),
        ("Python", platform.python_version()),
        ("System", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Qt", f"{qVersion()}, {QGuiApplication.platformName()}"),
        ("PySide6", _version("PySide6-Essentials")),
    )
    return (*here, *((name, _version(name)) for name in (*LIBRARIES, *WINDOW)))


def versions_text() -> str:
    """The versions, one a line."""
    return "\n".join(f"{name}: {number}" for name, number in versions())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
