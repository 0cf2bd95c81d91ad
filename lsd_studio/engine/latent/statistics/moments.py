"""Mean and covariance of codes: what densities, ellipses, principal axes, the Gaussian twin and samplers share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError

Codes = NDArray[np.float32]

ROWS = 8192
"""Codes that are worked on at once, so that memory stays bounded whatever N is."""

FEWEST_CODES = 3


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean float64 [M] and covariance float64 [M, M] (divided by N − 1) of `count` codes."""

    count: int
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @cached_property
    def sigma(self) -> NDArray[np.float64]:
        """Standard deviation of each component, float64 [M]."""
        return np.sqrt(self.covariance.diagonal())

    @cached_property
    def constant(self) -> NDArray[np.bool_]:
        """Which components are the same for all codes, to the precision of float32, bool [M]."""
        return self.sigma <= np.finfo(np.float32).eps * np.abs(self.mean)

    @cached_property
    def correlation(self) -> NDArray[np.float64]:
        """Pearson's r of each pair of components, float64 [M, M]; NaN for constant ones (R30)."""
        sigma = np.where(self.constant, np.nan, self.sigma)
        return np.clip(self.covariance / np.outer(sigma, sigma), -1, 1)


def moments(codes: Codes) -> Moments:
    """Mean and covariance of codes [N, M], in float64, in blocks of rows.

    Raises:
        StudioError: fewer than three codes, or values that are not finite.
    """
    count = len(codes)
    if count < FEWEST_CODES:
        raise StudioError(
            f"Statistics need at least {FEWEST_CODES} codes, not {count}: choose a larger data set."
        )
    mean = codes.mean(axis=0, dtype=np.float64)
    if not np.isfinite(mean).all():
        raise StudioError(
            "Some codes are not finite numbers: leave their images out, or train the model again."
        )
    scatter = np.zeros((codes.shape[1], codes.shape[1]))
    for rows in row_blocks(count):
        centred = codes[rows] - mean
        scatter += centred.T @ centred
    return Moments(count, mean, scatter / (count - 1))


def finite_rows(codes: Codes) -> NDArray[np.bool_]:
    """Which codes have finite components only, bool [N]."""
    return np.concatenate([np.isfinite(codes[rows]).all(axis=1) for rows in row_blocks(len(codes))])


def row_blocks(count: int) -> list[slice]:
    """Slices of at most 8 192 rows that cover `count`; one empty slice for none."""
    return [slice(first, min(first + ROWS, count)) for first in range(0, max(count, 1), ROWS)]
