"""Gaussian twins: points with the mean and covariance of codes, or of the codes of each label (R33, R47)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.moments import Codes, moments, row_blocks
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes, principal_axes

TwinOf = Literal["codes", "labels"]
"""The Gaussian twin has the mean and covariance of all codes, or is one Gaussian for the codes of each label (R47)."""

POINTS_AN_AXIS = 4
"""Points that each Gaussian has for each axis, at least. Of as many points as axes, whitening leaves nothing but one
regular simplex, whatever they were."""


def draw_gaussian(of: PrincipalAxes, count: int, random: np.random.Generator) -> Codes:
    """Points float32 [count, M] of the Gaussian with the mean and covariance that the principal axes have."""
    root, mean = of.root.astype(np.float32), of.mean.astype(np.float32)
    points = np.empty((count, len(mean)), dtype=np.float32)
    for rows in row_blocks(count):
        noise = random.standard_normal((rows.stop - rows.start, of.rank), dtype=np.float32)
        np.matmul(noise, root, out=points[rows])
        points[rows] += mean
    return points


def draw_gaussian_of_each_label(
    codes: Codes, labels: NDArray[np.int64], random: np.random.Generator
) -> Codes:
    """For each code [N, M] a point of the Gaussian with the mean and covariance of the codes of its label (R47).

    A label of fewer than three codes has no covariance: its points are drawn from the Gaussian of all codes.
    """
    points = draw_gaussian(principal_axes(moments(codes)), len(codes), random)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if len(rows) >= 3:
            points[rows] = draw_gaussian(principal_axes(moments(codes[rows])), len(rows), random)
    return points


class MatchedTwins:
    """Twins of points [N, d] that have their mean and covariance exactly, altogether or in each group.

    They are a parametric bootstrap that is exact. A rotation among Gaussian points (of one group) that leaves their
    mean changes neither covariance nor likelihood, so whatever their true mean and covariance are, given the measured
    ones the points are a random orthogonal frame, scaled and shifted: what is drawn here. Any statistic of the points
    and of their twins, computed by one rule, is then exchangeable where the points are Gaussian.

    Args:
        points: float32 [N, d].
        groups: int64 [N], of which each group has a Gaussian of its own; None: one Gaussian.

    Raises:
        StudioError: a group has fewer than four points for each axis.
    """

    def __init__(self, points: Codes, groups: NDArray[np.int64] | None = None) -> None:
        self._shape = points.shape
        every = np.zeros(len(points), dtype=np.int64) if groups is None else groups
        self._groups = [self._fitted(points, np.flatnonzero(every == group)) for group in np.unique(every)]

    def draw(self, random: np.random.Generator) -> Codes:
        """One twin, float32 [N, d]; row for row of the same group as the points."""
        from scipy.linalg import solve_triangular

        twin = np.empty(self._shape, dtype=np.float32)
        for rows, mean, root in self._groups:
            drawn = random.standard_normal((len(rows), self._shape[1]), dtype=np.float32)
            drawn -= drawn.mean(axis=0)
            lower = np.linalg.cholesky((drawn.T @ drawn).astype(np.float64))
            onto = solve_triangular(lower, root, lower=True, trans="T").astype(np.float32)
            twin[rows] = drawn @ onto + mean
        return twin

    def draws(self, number: int, random: np.random.Generator) -> Iterator[Codes]:
        """Twins, one after the other."""
        return (self.draw(random) for _ in range(number))

    def _fitted(
        self, points: Codes, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float64]]:
        """Rows of a group, their mean, and a root of their scatter: rootᵀ root is the sum of squares about it."""
        if len(rows) < POINTS_AN_AXIS * self._shape[1]:
            raise StudioError(
                f"{len(rows)} points along {self._shape[1]} axes are too few to be told from Gaussian ones, "
                f"which takes {POINTS_AN_AXIS} an axis: choose fewer axes or more images."
            )
        of = moments(points[rows])
        rising, columns = np.linalg.eigh(of.covariance * (of.count - 1))
        root = np.sqrt(rising.clip(min=0))[:, None] * columns.T
        return rows, of.mean.astype(np.float32), root
