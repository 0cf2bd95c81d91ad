"""The Fréchet distance between two sets of features (Heusel et al., 2017; Dowson and Landau, 1982)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsd_studio.engine.errors import StudioError

FloatArray = NDArray[np.float64]

PARTS = (1, 2, 4)
"""Into how many parts both sides are split for the distances that the bias is extrapolated from."""


def frechet_distance(first: ArrayLike, second: ArrayLike) -> float:
    """|μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½) of two Gaussians with the means and covariances of the features.

    It is 0 or more, in squared units of the features, and compares only within one network's features. Small samples
    bias it upward, the more the fewer rows and the more columns there are: two samples of one distribution are not 0
    apart. Compare figures of equally many rows only.

    Args:
        first, second: features [N₁, d] and [N₂, d]; with N below d the covariances are singular, which is allowed.

    Raises:
        StudioError: fewer than two rows, different numbers of columns, or features that are not finite.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.ndim != 2 or other.ndim != 2 or one.shape[1] != other.shape[1]:
        raise StudioError(
            f"Two tables with the same columns have a Fréchet distance, not {one.shape} and {other.shape}."
        )
    if min(len(one), len(other)) < 2:
        raise StudioError("A Fréchet distance needs at least two images on either side: take more.")
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise StudioError("Features that are not finite have no Fréchet distance: train the network again.")
    shift = one.mean(axis=0) - other.mean(axis=0)
    covariance, covariance_of_other = (np.atleast_2d(np.cov(side, rowvar=False)) for side in (one, other))
    root = _root(covariance)
    common = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ covariance_of_other @ root), 0)).sum()
    distance = shift @ shift + np.trace(covariance) + np.trace(covariance_of_other) - 2 * common
    return max(0.0, float(distance))


@dataclass(frozen=True)
class DistanceLimit:
    """A Fréchet distance extrapolated to samples without end (FID∞; Chong and Forsyth, 2020).

    Attributes:
        value: where the line through the distances meets 1/n = 0; it may lie a little below 0.
        sizes, distances: n images on either side, and the mean distance of parts of so many.
    """

    value: float
    sizes: tuple[int, ...]
    distances: tuple[float, ...]


def distance_limit(first: ArrayLike, second: ArrayLike, parts: Sequence[int] = PARTS) -> DistanceLimit:
    """`frechet_distance` of all rows and of halves and quarters of them, by least squares in 1/n to n = ∞.

    The bias of small samples falls as 1/n, on either side alike.

    Args:
        first, second: features [N, d] of equally many images, in random order, N at least twice the most parts.

    Raises:
        StudioError: the sides differ in number, or as `frechet_distance`.
    """
    one, other = np.asarray(first), np.asarray(second)
    if len(one) != len(other):
        raise StudioError(
            f"The bias of a Fréchet distance is extrapolated from equally many images on either side, not {len(one)} "
            f"and {len(other)}: take as many of both."
        )
    sizes, distances = [], []
    for count in parts:
        size = len(one) // count
        starts = range(0, count * size, size) if size else range(1)
        parts_of_both = [(one[start : start + size], other[start : start + size]) for start in starts]
        sizes.append(size)
        distances.append(float(np.mean([frechet_distance(*sides) for sides in parts_of_both])))
    _, value = np.polyfit(1 / np.array(sizes), distances, 1)
    return DistanceLimit(float(value), tuple(sizes), tuple(distances))


def _root(covariance: FloatArray) -> FloatArray:
    """The symmetric square root of a positive semidefinite matrix [d, d]."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
