"""The mean of the clean images that a noisy one allows: several descents on z, each drawn to a place of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.denoising.descent import STEPS, DescentStep, descend
from lsd_studio.engine.denoising.likelihood import Likelihood
from lsd_studio.engine.denoising.noise import Array
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.platform.seeds import random_numbers

Values = TypeVar("Values", bound=np.generic)

DESCENTS = 8
"""Of each image."""

EVIDENCE = 0.3
"""Power of the likelihood: neighbouring pixels miss G's picture together, so they are fewer witnesses than pixels.

Chosen with `DESCENTS` on held-out training images.
"""


def descend_apart(
    networks: Networks,
    images: Array,
    likelihood: Likelihood,
    *,
    known: NDArray[np.bool_] | None = None,
    seed: int = 0,
    steps: int = STEPS,
) -> Iterator[DescentStep]:
    """Descents from draws of E's posterior, each with the prior moved to a draw of N(0, 1).

    Where G is linear and the noise normal, such descents end at draws of the posterior if the image is moved by draws
    of its noise too (randomised maximum likelihood: Oliver, He and Reynolds, 1996). It is not moved here, for a dropped
    pixel has no such draw: what the image settles is settled alike by all, what it leaves open is drawn.

    Args:
        networks: E and G.
        images: [N, C, H, W] in [−1, 1], noisy.
        likelihood: of the noise.
        known: bool [N, 1, H, W], the pixels that count; None counts all.
        seed: of the draws.
        steps: of each descent.

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
        steps=steps,
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
