"""Optimisers and learning-rate schedules by their names in a profile."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

Tensors = tuple[Tensor, ...] | list[Tensor]


class OptimisticAdam(torch.optim.Optimizer):
    """Adam with an optimistic step: twice the new update less the one before (Daskalakis et al. 2018).

    The authors train generator and discriminator with it (R4).
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float, betas: tuple[float, float]) -> None:
        super().__init__(parameters, {"lr": lr, "betas": betas, "eps": 1e-8})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        if closure is not None:
            raise ValueError("OptimisticAdam takes no closure")
        for group in self.param_groups:
            beta_1, beta_2 = group["betas"]
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state: dict[str, Any] = self.state[parameter]
                if not state:
                    state["step"] = torch.tensor(0.0)
                    for moment in ("exp_avg", "exp_avg_sq", "update"):
                        state[moment] = torch.zeros_like(parameter)
                state["step"] += 1
                steps = float(state["step"])
                state["exp_avg"].lerp_(parameter.grad, 1 - beta_1)
                state["exp_avg_sq"].mul_(beta_2).addcmul_(parameter.grad, parameter.grad, value=1 - beta_2)
                spread = (state["exp_avg_sq"] / (1 - beta_2**steps)).sqrt_().add_(group["eps"])
                update = group["lr"] / (1 - beta_1**steps) * state["exp_avg"] / spread
                parameter.sub_(2 * update - state["update"])
                state["update"] = update


def adam(parameters: Iterable[Tensor], learning_rate: float, betas: tuple[float, float]) -> torch.optim.Adam:
    """PyTorch's Adam, all parameters updated in one fused kernel."""
    return torch.optim.Adam(parameters, lr=learning_rate, betas=betas, fused=True)


def moments_of(optimiser: torch.optim.Optimizer) -> tuple[str, ...]:
    """The names under which an optimiser keeps what it remembers of each parameter, in its shape."""
    adams = ("exp_avg", "exp_avg_sq")
    return (*adams, "update") if isinstance(optimiser, OptimisticAdam) else adams


def average_of(network: nn.Module, decay: float) -> AveragedModel:
    """A running average of a network's weights and normalisation statistics.

    It warms up: after t updates the decay is at most (1 + t) / (10 + t), so that in a short training it spans about
    the last ninth of the steps, and the weights that the network began with are soon forgotten.
    """

    def update(averages: Tensors, weights: Tensors, updates: Tensor | int) -> None:
        warm = (1 + int(updates)) / (10 + int(updates))
        get_ema_multi_avg_fn(min(decay, warm))(averages, weights, updates)

    return AveragedModel(network, multi_avg_fn=update, use_buffers=True)


def learning_rate_factor(schedule: str, progress: float) -> float:
    """What a learning rate is multiplied with at a `progress` in 0…1 of the stage.

    `one-cycle` rises over the first seventh and falls along a cosine; `linear-decay` falls over the second half.
    """
    if schedule == "one-cycle":
        rise = 1 / 7
        if progress < rise:
            return 0.1 + 0.9 * progress / rise
        return 0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * (progress - rise) / (1 - rise)))
    if schedule == "linear-decay":
        return min(1.0, 2 * (1 - progress))
    return 1.0


def set_learning_rate(optimiser: torch.optim.Optimizer, peak: float, schedule: str, progress: float) -> None:
    """Give an optimiser the learning rate of this moment: `peak` times `learning_rate_factor`."""
    for group in optimiser.param_groups:
        group["lr"] = peak * learning_rate_factor(schedule, progress)
