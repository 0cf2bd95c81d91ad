"""A stage's whole state in one safetensors file, written so that a crash leaves the old file or the new one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.facts import unreadable
from lsd_studio.engine.runs.files import write_in_run

__all__ = ["StageState", "load_checkpoint", "save_checkpoint"]


@dataclass(frozen=True)
class StageState:
    """Everything that a stage's future depends on: live objects that a checkpoint is written from or read into.

    Attributes:
        modules: networks, running averages and other modules by name.
        optimisers: by name.
    """

    modules: Mapping[str, nn.Module]
    optimisers: Mapping[str, torch.optim.Optimizer] = field(default_factory=dict)


def save_checkpoint(path: Path, state: StageState, facts: Mapping[str, Any]) -> None:
    """Write the state and JSON facts (step, settings, measures) to `path`, atomically.

    Raises:
        StudioError: a weight is no finite number, the disk is full or the folder cannot be written; the checkpoint
            before stays as it was.
    """
    tensors: dict[str, Tensor] = {}
    for name, module in state.modules.items():
        for key, value in module.state_dict().items():
            tensors[f"{name}/{key}"] = value.detach().contiguous()
    for name, optimiser in state.optimisers.items():
        for place, values in optimiser.state_dict()["state"].items():
            for key, value in values.items():
                tensors[f"optimiser/{name}/{place}/{key}"] = value.detach().contiguous()
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise StudioError(
                f"The {path.stem} has diverged ({name} holds values that are no finite numbers); the checkpoint "
                f"before is kept: branch from it with a lower {path.stem}.learning_rate."
            )
    write_in_run(path, save(tensors, metadata={"facts": json.dumps(dict(facts))}), durable=True)


def load_checkpoint(path: Path, state: StageState) -> None:
    """Read a checkpoint into live modules and optimisers.

    Raises:
        StudioError: the file is no checkpoint, is truncated, or does not fit the modules.
    """
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise unreadable(path, error) from error
    try:
        for name, module in state.modules.items():
            module.load_state_dict(_below(tensors, f"{name}/"))
        for name, optimiser in state.optimisers.items():
            moments: dict[int, dict[str, Tensor]] = {}
            for key, value in _below(tensors, f"optimiser/{name}/").items():
                place, moment = key.split("/")
                moments.setdefault(int(place), {})[moment] = value
            groups = optimiser.state_dict()["param_groups"]
            optimiser.load_state_dict({"state": moments, "param_groups": groups})
    except (RuntimeError, ValueError) as error:
        raise StudioError(
            f"The checkpoint {path} does not fit this run's networks; resume with the settings it was made with."
        ) from error


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
