"""A run that is done in seconds, and the command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

SMALL = (
    "latent_dimensions=4",
    "gan.epochs=20",
    "gan.batch_size=20",
    "gan.learning_rate=1e-3",
    "gan.averaging=0",
    "classifier.epochs=5",
    "classifier.batch_size=20",
    "classifier.averaging=0",
    "judge.epochs=0",
    "encoder.epochs=3",
    "encoder.batch_size=20",
    "encoder.averaging=0",
    "joint.epochs=0",
    "basis.vectors=20",
    "basis.max_draws=200000",
)
"""Settings of a run that is done in seconds and whose generator draws both digits."""

Finished = subprocess.CompletedProcess[str]
Command = Callable[..., Finished]
Asked = Callable[..., dict[str, Any]]


def environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    for name, value in (changes or {}).items():
        if value is None:
            variables.pop(name, None)
        else:
            variables[name] = value
    return variables


def command_line(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "lsd_studio.cli", *map(str, arguments)]
