"""How evenly pictures change along paths of codes: the perceptual path length (Karras et al., 2019)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.models.prior import NORMAL, Prior
from lsd_studio.engine.operators.planes import rotate

Codes = NDArray[np.float64]
Path = Callable[[float], Codes]

STEP = 1e-3
"""Of a quarter turn, over which a path's speed is measured."""


def random_pairs(
    count: int, dimensions: int, random: np.random.Generator, prior: Prior = NORMAL
) -> tuple[Codes, Codes]:
    """Codes [P, M] at random places of quarter turns from one z of the prior to another, and a step further.

    Of N(0, I) every code on the way is itself N(0, I), so that none of them lies where the generator was not trained.
    Of a prior that is known by samples they share its mean and covariance, and no more.
    """
    start, end = prior.draw(2 * count, dimensions, random, np.float64).reshape(2, count, dimensions)
    angles = (random.random(count) * np.pi / 2)[:, None]

    def at(angle: Codes) -> Codes:
        return np.asarray(np.cos(angle) * start + np.sin(angle) * end)

    return at(angles), at(angles + STEP * np.pi / 2)


def label_pairs(
    basis: QuasiEigenvectors, codes: Codes, labels: NDArray[np.int64], random: np.random.Generator
) -> tuple[Codes, Codes]:
    """Codes [P, M] turned from ξ of their label in set 1 towards that of another (R21), and a step further.

    Where on the quarter turn, and to which label, is drawn.
    """
    number = basis.number_of_labels
    targets = (labels + random.integers(1, number, len(labels))) % number
    angles = random.random(len(codes)) * np.pi / 2
    here, ahead = np.empty_like(codes), np.empty_like(codes)
    for source, target in np.unique(np.stack([labels, targets], axis=1), axis=0):
        chosen = np.flatnonzero((labels == source) & (targets == target))
        plane = basis.xi_[source], basis.xi_[target]
        here[chosen] = rotate(*plane, angles[chosen], codes[chosen])
        ahead[chosen] = rotate(*plane, angles[chosen] + STEP * np.pi / 2, codes[chosen])
    return here, ahead


def squared_speeds(
    here: NDArray[np.float32], ahead: NDArray[np.float32], images: NDArray[np.float32]
) -> Codes:
    """The squared speed [P] of features [P, d] a quarter turn, over the mean squared distance of those of two images.

    Its mean is 1 for a path that leads evenly and straight from the features of one image to those of another.
    """
    scale = 2 * images.var(axis=0, ddof=1, dtype=np.float64).sum()
    return ((ahead.astype(np.float64) - here) ** 2).sum(axis=1) / STEP**2 / scale
