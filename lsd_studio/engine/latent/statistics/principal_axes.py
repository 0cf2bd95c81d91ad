"""Principal axes of codes (R28): directions of falling variance, coordinates along them, and distances in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.latent.statistics.moments import Codes, Moments, row_blocks

NO_VARIANCE = 1e-12
"""Of the largest variance: what float32 codes leave along a direction in which they do not vary."""

SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """Eigenvectors of a covariance.

    Attributes:
        mean: float64 [M], of the codes.
        variances: float64 [M], falling, 0 past the rank.
        axes: float64 [M, M], row k is axis k, unit length, its largest entry positive.
        rank: directions in which the codes vary.
    """

    mean: NDArray[np.float64]
    variances: NDArray[np.float64]
    axes: NDArray[np.float64]
    rank: int

    @property
    def shares(self) -> NDArray[np.float64]:
        """Explained variance: share of each axis in the total, float64 [M]."""
        return self.variances / self.variances.sum()

    @property
    def effective(self) -> float:
        """Participation ratio (Σλ)² / Σλ², 1…M: how many equal axes would share the variance so."""
        return float(self.variances.sum() ** 2 / (self.variances**2).sum())

    def needed(self, share: float) -> int:
        """How many leading axes hold this share of the variance."""
        return int(np.searchsorted(self.shares.cumsum(), share - 1e-12) + 1)

    def coordinates(self, codes: Codes, which: NDArray[np.int64] | slice = slice(None)) -> Codes:
        """Coordinates float32 [N, K] of codes along the chosen axes, from the mean."""
        return self._projected(codes, self.axes[which])

    def whitened(self, codes: Codes) -> Codes:
        """Coordinates float32 [N, rank], each divided by its standard deviation."""
        return self._projected(codes, self.axes[: self.rank] / self.sigma[: self.rank, None])

    def distances(self, codes: Codes) -> NDArray[np.float64]:
        """Mahalanobis distances from the mean, float64 [N], within the directions in which the codes vary."""
        distances = np.empty(len(codes))
        for rows in row_blocks(len(codes)):
            white = self.whitened(codes[rows]).astype(np.float64)
            distances[rows] = np.sqrt((white**2).sum(axis=1))
        return distances

    @cached_property
    def sigma(self) -> NDArray[np.float64]:
        """Standard deviation along each axis, float64 [M]."""
        return np.sqrt(self.variances)

    @cached_property
    def root(self) -> NDArray[np.float64]:
        """A root of the covariance, float64 [rank, M]: rows σ_k · axis k, so that rootᵀ root is the covariance."""
        return self.sigma[: self.rank, None] * self.axes[: self.rank]

    def _projected(self, codes: Codes, directions: NDArray[np.float64]) -> Codes:
        mean, columns = self.mean.astype(np.float32), directions.T.astype(np.float32)
        out = np.empty((len(codes), columns.shape[1]), dtype=np.float32)
        for rows in row_blocks(len(codes)):
            np.matmul(codes[rows] - mean, columns, out=out[rows])
        return out


def principal_axes(of: Moments) -> PrincipalAxes:
    """The principal axes of codes with these moments."""
    rising, columns = np.linalg.eigh(of.covariance)
    variances, axes = rising[::-1].clip(min=0), columns.T[::-1]
    rank = min(int((variances > NO_VARIANCE * variances[0]).sum()), of.count - 1)
    variances = np.where(np.arange(len(variances)) < rank, variances, 0.0)
    largest = np.abs(axes).argmax(axis=1)
    signs = np.where(axes[np.arange(len(axes)), largest] < 0, -1.0, 1.0)
    return PrincipalAxes(of.mean, variances, axes * signs[:, None], rank)
