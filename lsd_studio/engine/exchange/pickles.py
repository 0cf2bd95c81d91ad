"""Networks that run code when they are opened: refused, with the script that their owner can run."""

from __future__ import annotations

from pathlib import Path

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.resources import resource

SUFFIXES = {
    **dict.fromkeys((".pkl", ".pickle", ".pt", ".pth", ".ckpt"), "a pickle"),
    ".keras": "a model of Keras",
}
SCRIPT = "convert_network.py"
"""A shipped file that the program never runs; it opens what its owner trusts, outside of it."""


def refuse_pickle(file: Path) -> None:
    """Refuse a file whose name is that of a pickle or a model of Keras.

    Raises:
        StudioError: it is; the sentence names the script that writes it as ONNX or safetensors.
    """
    if (what := SUFFIXES.get(file.suffix.lower())) is not None:
        raise refusal(file, what)


def refusal(file: Path, what: str) -> StudioError:
    """Why a network is not opened, and what its owner can do."""
    return StudioError(
        f"{file.name} is {what}, which runs code when it is opened, so nothing here opens it: if you trust it, "
        f"run `python {resource(SCRIPT)} {file.name}` where it was made, which writes ONNX or safetensors."
    )
