"""Descending on z: to the code that is most probable given a noisy image, or several times, to average the pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from lsd_studio.engine.denoising.likelihood import Likelihood
from lsd_studio.engine.denoising.noise import Array
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.platform.seeds import random_numbers

STEPS = 40
LEARNING_RATE = 0.15
BETA_1, BETA_2 = 0.9, 0.99

DESCENTS = 8
"""Of each image."""

EVIDENCE = 0.3
"""Power of the likelihood: neighbouring pixels miss G's picture together, so they are fewer witnesses than pixels.

Chosen with `DESCENTS` on held-out training images.
"""

Values = TypeVar("Values", bound=np.generic)


@dataclass(frozen=True, eq=False)
class DescentStep:
    """After `step` of `steps` steps.

    Attributes:
        codes: float32 [N, M], those of the least energy so far.
        energies: float32 [N], −ln p(x|z) − ln p(z) of them up to a constant, in nats.
    """

    step: int
    steps: int
    codes: Array
    energies: Array


def descend(
    networks: Networks,
    images: Array,
    codes: NDArray[np.floating],
    likelihood: Likelihood,
    *,
    known: NDArray[np.bool_] | None = None,
    centres: Array | None = None,
    evidence: float = 1.0,
    steps: int = STEPS,
) -> Iterator[DescentStep]:
    """Lower −ln p(x|G(z)) + ½‖z‖² from codes [N, M] by steps of Adam; yields the best codes after each, the first too.

    Args:
        images: [N, C, H, W] in [−1, 1], noisy.
        codes: where to start.
        known: bool [N, 1, H, W], the pixels that count; None counts all.
        centres: [N, M], where the prior is largest; None is 0, the prior that G was trained with.
        evidence: power of the likelihood, 0…1.
    """
    device = networks.device
    targets = torch.from_numpy(np.ascontiguousarray(images, dtype=np.float32)).to(device)
    counted = torch.ones(1, device=device) if known is None else torch.from_numpy(known).to(device).float()
    moving = torch.from_numpy(np.array(codes, dtype=np.float32)).to(device).requires_grad_()
    prior = torch.zeros(1, device=device) if centres is None else torch.from_numpy(centres).to(device)
    best = moving.detach().clone()
    least = torch.full((len(best),), torch.inf, device=device)
    first_moment, second_moment = torch.zeros_like(best), torch.zeros_like(best)
    for step in range(steps + 1):
        misfit = likelihood.negative_logarithm(targets, networks.generator(moving)) * counted
        energies = evidence * misfit.flatten(1).sum(dim=1) + 0.5 * (moving - prior).square().sum(dim=1)
        with torch.no_grad():
            better = energies < least
            best[better], least[better] = moving[better], energies[better]
        yield DescentStep(step, steps, best.cpu().numpy().copy(), least.cpu().numpy().copy())
        if step == steps:
            return
        (slope,) = torch.autograd.grad(energies.sum(), moving)
        first_moment.lerp_(slope, 1 - BETA_1)
        second_moment.lerp_(slope.square(), 1 - BETA_2)
        rate = LEARNING_RATE * (1 + math.cos(math.pi * step / (steps + 1))) / 2
        mean = first_moment / (1 - BETA_1 ** (step + 1))
        spread = (second_moment / (1 - BETA_2 ** (step + 1))).sqrt()
        with torch.no_grad():
            moving -= rate * mean / (spread + 1e-8)


def descended_codes(
    networks: Networks,
    images: Array,
    codes: NDArray[np.floating],
    likelihood: Likelihood,
    *,
    known: NDArray[np.bool_] | None = None,
) -> Array:
    """The last codes [N, M] of `descend`."""
    *_, last = descend(networks, images, codes, likelihood, known=known)
    return last.codes


def descend_apart(
    networks: Networks,
    images: Array,
    likelihood: Likelihood,
    *,
    known: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> Iterator[DescentStep]:
    """Descents from draws of E's posterior, each with the prior moved to a draw of N(0, 1).

    Where G is linear and the noise normal, such descents end at draws of the posterior if the image is moved by draws
    of its noise too (randomised maximum likelihood: Oliver, He and Reynolds, 1996). It is not moved here, for a dropped
    pixel has no such draw: what the image settles is settled alike by all, what it leaves open is drawn.

    Args:
        images: [N, C, H, W] in [−1, 1], noisy.
        known: bool [N, 1, H, W], the pixels that count; None counts all.

    Yields:
        Steps with codes [N · DESCENTS, M], those of the first image first.
    """
    random = random_numbers(seed, "descents")
    mean, log_sigma = (_repeated(each) for each in networks.encode(images))
    return descend(
        networks,
        _repeated(images),
        networks.sample(mean, log_sigma, random),
        likelihood,
        known=None if known is None else _repeated(known),
        centres=random.standard_normal(mean.shape, dtype=np.float32),
        evidence=EVIDENCE,
    )


def averaged_pictures(networks: Networks, codes: Array) -> Array:
    """The mean picture of the codes of each image, [N · DESCENTS, M] → [N, C, H, W]; what is open fades."""
    pictures = networks.decode(codes)
    return np.asarray(pictures.reshape(-1, DESCENTS, *pictures.shape[1:]).mean(axis=1))


def posterior_mean(
    networks: Networks,
    images: Array,
    likelihood: Likelihood,
    *,
    known: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> Array:
    """The `averaged_pictures` that `descend_apart` ends with, float32 [N, C, H, W]."""
    *_, last = descend_apart(networks, images, likelihood, known=known, seed=seed)
    return averaged_pictures(networks, last.codes)


def _repeated(each: NDArray[Values]) -> NDArray[Values]:
    return np.repeat(each, DESCENTS, axis=0)
