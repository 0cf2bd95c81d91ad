"""A stage's whole state in one safetensors file, written so that a crash leaves the old file or the new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from lsd_studio.engine.bundle.checked_files import described
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.file_names import utf8_path
from lsd_studio.engine.runs.facts import read_facts, unreadable
from lsd_studio.engine.runs.files import write_in_run
from lsd_studio.engine.runs.tensor_files import LARGEST_FILE
from lsd_studio.engine.training.optimisers import moments_of
from lsd_studio.files.json_text import json_bytes
from lsd_studio.files.plain_files import check_plain


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
    tensors = _of_modules(state)
    for name, optimiser in state.optimisers.items():
        for place, values in optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser/{name}/{place}/{key}": value for key, value in values.items()}
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise StudioError(
                f"The {path.stem} has diverged ({name} holds values that are not finite); the checkpoint "
                f"before is kept: branch from it with a lower {path.stem}.learning_rate."
            )
    stated = {
        **facts,
        "measures": {name: value for name, value in facts["measures"].items() if isfinite(value)},
    }
    write_checkpoint(path, tensors, stated)


def write_checkpoint(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write tensors and JSON facts as a checkpoint, atomically.

    Raises:
        StudioError: the disk is full or the folder cannot be written; the checkpoint before stays as it was.
    """
    content = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    stated = json_bytes(dict(facts), indent=None).decode()
    write_in_run(path, save(content, metadata={"facts": stated}), durable=True)


def load_checkpoint(path: Path, state: StageState) -> None:
    """Read a checkpoint into live modules and optimisers.

    Raises:
        StudioError: the file is no checkpoint, is truncated, holds what is no finite number, or does not fit the
            modules and optimisers; nothing is changed then.
    """
    is_begun = read_facts(path).step > 0
    tensors = read_checkpoint(path)
    with_moments = is_begun or any(name.startswith("optimiser/") for name in tensors)
    _check_fit(path, tensors, _expected(state, with_moments))
    for name, module in state.modules.items():
        module.load_state_dict(_below(tensors, f"{name}/"))
    for name, optimiser in state.optimisers.items():
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in _below(tensors, f"optimiser/{name}/").items():
            place, moment = key.split("/")
            moments.setdefault(int(place), {})[moment] = value
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict({"state": moments, "param_groups": groups})


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint by name, all finite.

    Raises:
        StudioError: the file is no checkpoint, is truncated, or holds what is no finite number.
    """
    try:
        check_plain(path, LARGEST_FILE)
        with utf8_path(path) as name:
            tensors = load_file(name)
    except (SafetensorError, OSError, ValueError, KeyError, StudioError) as error:
        raise unreadable(path, error) from error
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise StudioError(
                f"{path}, tensor {name}: expected finite numbers, found infinite ones or NaN: "
                "move it away to train that stage again."
            )
    return tensors


def _expected(state: StageState, with_moments: bool) -> dict[str, Tensor]:
    """What a checkpoint of this state holds: tensors of the right shapes and types, of whatever values."""
    expected = _of_modules(state)
    if with_moments:
        for name, optimiser in state.optimisers.items():
            parameters = [each for group in optimiser.param_groups for each in group["params"]]
            for place, parameter in enumerate(parameters):
                expected[f"optimiser/{name}/{place}/step"] = torch.tensor(0.0)
                for moment in moments_of(optimiser):
                    expected[f"optimiser/{name}/{place}/{moment}"] = parameter
    return expected


def _check_fit(path: Path, found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    for name in sorted(found.keys() | expected.keys()):
        wanted, got = (described(tensors.get(name)) for tensors in (expected, found))
        if got != wanted:
            raise StudioError(
                f"{path}, tensor {name}: expected {wanted}, found {got}: resume with the settings it was made with, "
                "or move it away to train that stage again."
            )


def _of_modules(state: StageState) -> dict[str, Tensor]:
    return {
        f"{name}/{key}": value
        for name, module in state.modules.items()
        for key, value in module.state_dict().items()
    }


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
