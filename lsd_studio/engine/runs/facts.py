"""What a checkpoint says about itself, read without its tensors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from lsd_studio.engine.errors import StudioError

__all__ = ["checkpoint_file", "read_facts", "unreadable"]


def checkpoint_file(run: Path, stage: str) -> Path:
    """Where the state of a stage is kept."""
    return run / "checkpoints" / f"{stage}.safetensors"


def read_facts(path: Path) -> dict[str, Any]:
    """The JSON facts of a checkpoint: "stage", "settings", "step" and "measures" at least.

    Raises:
        StudioError: the file is no checkpoint.
    """
    if path.is_dir():
        raise StudioError(f"{path} is a folder where a checkpoint's file should be; move it away.")
    try:
        with safe_open(path, framework="numpy") as file:
            facts: dict[str, Any] = json.loads((file.metadata() or {})["facts"])
        if not isinstance(facts["step"], int) or not isinstance(facts["measures"], dict):
            raise ValueError("step or measures")
        return facts
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> StudioError:
    """What to say of a file that cannot be read as a checkpoint."""
    return StudioError(f"{path} is no readable checkpoint ({error}); delete it to train that stage again.")
