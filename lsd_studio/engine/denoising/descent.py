"""Descending on z: to the code that is most probable given a noisy image, or several times, to average the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lsd_studio.engine.denoising.likelihood import Likelihood
from lsd_studio.engine.denoising.noise import Array
from lsd_studio.engine.models.code_descent import CodeStep, descend_on_codes
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.platform.seeds import random_numbers

STEPS = 40
LEARNING_RATE = 0.15
BETAS = 0.9, 0.99

DESCENTS = 8
"""Of each image."""

EVIDENCE = 0.3
"""Power of the likelihood: neighbouring pixels miss G's picture together, so they are fewer witnesses than pixels.

Chosen with `DESCENTS` on held-out training images.
"""

Values = TypeVar("Values", bound=np.generic)


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
) -> Iterator[CodeStep]:
    """Lower −ln p(x|G(z)) + ½‖z‖² from codes [N, M] by steps of Adam.

    Yields the best codes after every step, with that energy up to a constant, in nats.

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
    prior = torch.zeros(1, device=device) if centres is None else torch.from_numpy(centres).to(device)

    def judge(moving: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        misfit = likelihood.negative_logarithm(targets, networks.generator(moving)) * counted
        energies = evidence * misfit.flatten(1).sum(dim=1) + 0.5 * (moving - prior).square().sum(dim=1)
        return energies, energies, energies

    return descend_on_codes(codes, judge, steps, LEARNING_RATE, BETAS, device)


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
) -> Iterator[CodeStep]:
    """Descents on noisy images from draws of E's posterior, each with the prior moved to a draw of N(0, 1).

    Where G is linear and the noise normal, such descents end at draws of the posterior if the image is moved by draws
    of its noise too (randomised maximum likelihood: Oliver, He and Reynolds, 1996). It is not moved here, for a dropped
    pixel has no such draw: what the image settles is settled alike by all, what it leaves open is drawn.

    Yields steps as `descend` does, with codes [N · DESCENTS, M], those of the first image first.
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
