"""Pickled networks, which run code when they are opened: refused, with the script that their owner can run."""

from __future__ import annotations

from pathlib import Path

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.resources import resource

SUFFIXES = (".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".keras")
SCRIPT = "convert_network.py"
"""A shipped file that the program never runs; it unpickles what its owner trusts, outside of it."""


def refuse_pickle(file: Path) -> None:
    """Refuse a file whose name is that of a pickle.

    Raises:
        StudioError: it is; the sentence names the script that writes it as ONNX or safetensors.
    """
    if file.suffix.lower() in SUFFIXES:
        raise StudioError(
            f"{file.name} is a pickle, which runs code when it is opened, so nothing here opens it: if you trust it, "
            f"run `python {resource(SCRIPT)} {file.name}` where it was made, which writes ONNX or safetensors."
        )
