"""Training that has diverged: losses or weights that are not finite, noticed before they are used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import torch

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.training.checkpoint import StageState


def check_losses(losses: Mapping[str, float], stage: str, step: int, checkpoint: Path) -> None:
    """Refuse to go on from losses that are no finite numbers.

    Raises:
        StudioError: one is not; the sentence names the step and what is left.
    """
    broken = ", ".join(name.replace("_", " ") for name, value in losses.items() if not math.isfinite(value))
    if broken:
        raise _diverged(stage, step, f"its loss ({broken}) is not finite", checkpoint)


def check_weights(state: StageState, stage: str, step: int, checkpoint: Path) -> None:
    """Refuse to measure, draw or keep networks that hold what is no finite number.

    Raises:
        StudioError: one does; the sentence names the step and what is left.
    """
    for module in state.modules.values():
        for name, values in module.state_dict().items():
            if values.is_floating_point() and not bool(torch.isfinite(values).all()):
                raise _diverged(stage, step, f"{name} holds values that are not finite", checkpoint)


def finite(measures: Mapping[str, float]) -> dict[str, float]:
    """The measures that are numbers; the others are missing, which every reader of them allows for."""
    return {name: value for name, value in measures.items() if math.isfinite(value)}


def _diverged(stage: str, step: int, how: str, checkpoint: Path) -> StudioError:
    lower = f"a lower {stage}.learning_rate"
    left = (
        f"the last good checkpoint is kept: branch from it with {lower}, since resuming would end here again"
        if checkpoint.is_file()
        else f"there was no checkpoint yet: start anew with {lower}"
    )
    return StudioError(f"The {stage} diverged at step {step}: {how}; {left}.")
