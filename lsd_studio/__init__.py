"""LSD Studio: understand and steer the latent space of a generative model."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

FOR_NOTEBOOKS = ("adopt", "open")
"""Functions of `lsd_studio.notebook`."""


def __getattr__(name: str) -> Any:
    """What a notebook asks for, imported when it is asked for: the engine imports neither window nor command line."""
    if name in FOR_NOTEBOOKS:
        return getattr(import_module("lsd_studio.notebook"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted((*globals(), *FOR_NOTEBOOKS))
