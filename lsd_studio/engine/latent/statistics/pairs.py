"""Pairs of axes: confidence ellipses with their coverage, and contours of the density (R30)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.moments import Codes, Moments, moments
from lsd_studio.engine.latent.statistics.planes import Plane, Window

MOST_LEVELS = 10
"""Ellipses of a pair."""

CELLS = 256
"""Rows and columns of a pair's density."""

KERNEL_REACH = 4.0
"""In standard deviations of the kernel: how far it is followed."""

OUTLINE = np.linspace(0, 2 * math.pi, 121)


@dataclass(frozen=True, eq=False)
class PairDensity:
    """Gaussian kernel density of a pair, float64 [rows, columns] over a window, row 0 at the bottom."""

    window: Window
    density: NDArray[np.float64]

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell."""
        left, right, bottom, top = self.window
        rows, columns = self.density.shape
        return (right - left) / columns, (top - bottom) / rows


@dataclass(frozen=True, eq=False)
class Ellipse:
    """The confidence ellipse at k σ: the places of Mahalanobis distance k from the mean of the pair.

    Attributes:
        k: how many σ.
        semi_axes: the longer and the shorter, in the units of the axes.
        angle: of the longer against the x axis, degrees, −90…90.
        outline: float32 [121, 2], closed, to be drawn.
        measured: share of the points inside; exact: 1 − exp(−k²/2), of a Gaussian.
        standard_error: of `measured`, if the points were of a Gaussian: √(exact (1 − exact) / N).
    """

    k: float
    semi_axes: tuple[float, float]
    angle: float
    outline: NDArray[np.float32]
    measured: float
    exact: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class Contour:
    """A level line of the density, that holds `share` of the points inside.

    Attributes:
        share: 0…1.
        density: on the line, points a unit of area over N.
        lines: closed or open polylines, each float32 [P, 2].
    """

    share: float
    density: float
    lines: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True, eq=False)
class PairStatistics:
    """A pair of axes: its correlation, its density with contours, and its confidence ellipses (R30).

    Attributes:
        plane: of the pair; axis_names: for the axes of a plot.
        correlation: Pearson's r.
        covariance: float64 [2, 2].
        ellipses: one for each k, in order.
        contours: of the density, that hold as much as the ellipses do of a Gaussian: contour and ellipse coincide
            where the pair is one. Those that reach out of the density's window are left out.
        density: Gaussian kernel density of all points.
    """

    plane: Plane
    axis_names: tuple[str, str]
    correlation: float
    covariance: NDArray[np.float64]
    ellipses: tuple[Ellipse, ...]
    contours: tuple[Contour, ...]
    density: PairDensity


def pair_statistics(
    points: Codes, plane: Plane, axis_names: tuple[str, str], levels: tuple[float, ...]
) -> PairStatistics:
    """Density, contours and ellipses of points [N, 2] on a plane, at each k of `levels`.

    Raises:
        StudioError: the points lie on one line, or a k is not above 0.
    """
    of = moments(points)
    found = ellipses(points, of, levels)
    density = pair_density(points, of, reach=max(4.0, max(levels) + 1))
    return PairStatistics(
        plane=plane,
        axis_names=axis_names,
        correlation=float(of.correlation[0, 1]),
        covariance=of.covariance,
        ellipses=found,
        contours=contours(density, points, tuple(exact_coverage(k) for k in levels)),
        density=density,
    )


def exact_coverage(k: float) -> float:
    """Share of a bivariate Gaussian inside its k σ ellipse: 1 − exp(−k²/2)."""
    return -math.expm1(-(k**2) / 2)


def ellipses(points: Codes, of: Moments, levels: tuple[float, ...]) -> tuple[Ellipse, ...]:
    """Confidence ellipses at each k of `levels` of points [N, 2] with these moments, and how many points they hold.

    Raises:
        StudioError: the points lie on one line, or a k is not above 0.
    """
    if not 1 <= len(levels) <= MOST_LEVELS or not all(0 < k < math.inf for k in levels):
        raise StudioError(
            f"Ellipses are drawn at 1 to {MOST_LEVELS} levels above 0 σ, not {levels}: choose others."
        )
    variances, columns = np.linalg.eigh(of.covariance)
    if variances[0] <= 1e-12 * variances[1]:
        raise StudioError(
            "These two axes lie on one line, so no ellipse has an area: choose a pair that varies."
        )
    sigma, axes = np.sqrt(variances[::-1]), columns[:, ::-1]
    distance = np.hypot(*((points - of.mean) @ (axes / sigma)).T)
    angle = math.degrees(math.atan2(axes[1, 0], axes[0, 0]))
    circle = np.stack([np.cos(OUTLINE), np.sin(OUTLINE)], axis=1)
    return tuple(
        Ellipse(
            k=k,
            semi_axes=(k * float(sigma[0]), k * float(sigma[1])),
            angle=(angle + 90) % 180 - 90,
            outline=(of.mean + k * (circle * sigma) @ axes.T).astype(np.float32),
            measured=float((distance <= k).mean()),
            exact=exact_coverage(k),
            standard_error=math.sqrt(exact_coverage(k) * math.exp(-(k**2) / 2) / len(points)),
        )
        for k in levels
    )


def pair_density(points: Codes, of: Moments, reach: float = 4.0) -> PairDensity:
    """Gaussian kernel density of points [N, 2] at Scott's width, as `scipy.stats.gaussian_kde` has it.

    The points are counted in 256 × 256 cells within `reach` σ of their mean, and the counts convolved with the
    kernel, so all points take part whatever their number.
    """
    from scipy.signal import fftconvolve

    half = reach * of.sigma
    (left, bottom), (right, top) = of.mean - half, of.mean + half
    window = float(left), float(right), float(bottom), float(top)
    counts, _, _ = np.histogram2d(
        points[:, 1], points[:, 0], bins=CELLS, range=((bottom, top), (left, right))
    )
    kernel_covariance = of.covariance * len(points) ** (-1 / 3)
    width, height = 2 * half / CELLS
    across, along = (
        np.arange(-n, n + 1) * size
        for n, size in (
            (math.ceil(KERNEL_REACH * math.sqrt(kernel_covariance[0, 0]) / width), width),
            (math.ceil(KERNEL_REACH * math.sqrt(kernel_covariance[1, 1]) / height), height),
        )
    )
    places = np.stack(np.meshgrid(across, along), axis=-1)
    form = np.einsum("...i,ij,...j->...", places, np.linalg.inv(kernel_covariance), places)
    kernel = np.exp(-form / 2)
    kernel /= kernel.sum() * width * height
    density = fftconvolve(counts / len(points), kernel, mode="same")
    return PairDensity(window, density.clip(min=0))


def contours(of: PairDensity, points: Codes, shares: tuple[float, ...]) -> tuple[Contour, ...]:
    """Level lines that hold each share of the points [N, 2] inside; one that reaches out of the window is left out.

    The level is the density that this share of the points has at least. The density itself holds more points within a
    level than of its own mass, since the kernel widens it.
    """
    from scipy.ndimage import map_coordinates
    from skimage.measure import find_contours

    width, height = of.cell
    left, _, bottom, _ = of.window
    places = np.stack([(points[:, 1] - bottom) / height - 0.5, (points[:, 0] - left) / width - 0.5])
    at_points = map_coordinates(of.density, places, order=1, mode="grid-constant")
    border = max(side.max() for side in (of.density[[0, -1]], of.density[:, [0, -1]]))
    found = []
    for share in shares:
        level = float(np.quantile(at_points, 1 - share))
        if level <= border:
            continue
        lines = tuple(
            np.stack(
                [left + (line[:, 1] + 0.5) * width, bottom + (line[:, 0] + 0.5) * height], axis=1
            ).astype(np.float32)
            for line in find_contours(of.density, level)
        )
        found.append(Contour(share, level, lines))
    return tuple(found)
