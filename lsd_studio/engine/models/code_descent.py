"""Adam on codes, written out, since torch's own loads torch's compiler, which delays the first descent by seconds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Judge = Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]
"""Of codes [N, M] the loss that is lowered, the score by which the best are kept, and the value of each, [N] each."""


@dataclass(frozen=True, eq=False)
class CodeStep:
    """After `step` of `steps` steps: the codes of least score so far, float32 [N, M], and their values, float32 [N]."""

    step: int
    steps: int
    codes: NDArray[np.float32]
    values: NDArray[np.float32]


def descend_on_codes(
    codes: NDArray[np.floating],
    judge: Judge,
    steps: int,
    rate: float,
    betas: tuple[float, float],
    device: torch.device,
) -> Iterator[CodeStep]:
    """Lower the loss of codes [N, M] by `steps` steps, at a rate that falls to 0 as a cosine; the start is step 0."""
    moving = torch.from_numpy(np.array(codes, dtype=np.float32)).to(device).requires_grad_()
    best = moving.detach().clone()
    least = torch.full((len(best),), torch.inf, device=device)
    values = least.clone()
    first_moment, second_moment = torch.zeros_like(best), torch.zeros_like(best)
    for step in range(steps + 1):
        loss, score, value = judge(moving)
        with torch.no_grad():
            better = score < least
            best[better], least[better], values[better] = moving[better], score[better], value[better]
        yield CodeStep(step, steps, best.cpu().numpy().copy(), values.cpu().numpy().copy())
        if step == steps:
            return
        (slope,) = torch.autograd.grad(loss.sum(), moving)
        first_moment.lerp_(slope, 1 - betas[0])
        second_moment.lerp_(slope.square(), 1 - betas[1])
        falling = rate * (1 + math.cos(math.pi * step / (steps + 1))) / 2
        mean = first_moment / (1 - betas[0] ** (step + 1))
        spread = (second_moment / (1 - betas[1] ** (step + 1))).sqrt()
        with torch.no_grad():
            moving -= falling * mean / (spread + 1e-8)
