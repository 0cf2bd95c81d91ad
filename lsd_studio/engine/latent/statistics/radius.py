"""Density of codes against their distance from the origin, and what a normal distribution has there (R26)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.latent.statistics.densities import interval_edges
from lsd_studio.engine.latent.statistics.moments import Codes, Moments, row_blocks

MOST_INTERVALS = 10_000


@dataclass(frozen=True, eq=False)
class RadialDensity:
    """Density of codes over intervals of the radius |z|.

    Attributes:
        width: of the intervals.
        edges: float64 [B + 1], from 0; density: float64 [B], integrates to 1.
        chi: float64 [B], of |z| under N(0, I) of M dimensions, averaged over each interval.
        root_of_m: √M; chi_mean: the mean radius under N(0, I), slightly less.
        mean, sigma: of the radii; least, largest: of them.
        root_mean_square: √(Σ mean² + σ²) over components, the radius that their centres and widths explain.
    """

    width: float
    edges: NDArray[np.float64]
    density: NDArray[np.float64]
    chi: NDArray[np.float64]
    root_of_m: float
    chi_mean: float
    mean: float
    sigma: float
    least: float
    largest: float
    root_mean_square: float

    @property
    def peak(self) -> float:
        """Middle of the fullest interval."""
        fullest = int(self.density.argmax())
        return float(self.edges[fullest : fullest + 2].mean())


def radii(codes: Codes) -> NDArray[np.float32]:
    """|z| of each code, float32 [N]."""
    parts = [codes[rows] for rows in row_blocks(len(codes))]
    return np.concatenate([np.sqrt(np.einsum("nm,nm->n", part, part)) for part in parts])


def radial_density(codes: Codes, of: Moments, width: float = 0.5) -> RadialDensity:
    """Density of the radii of codes [N, M] in intervals of `width`, beside the χ distribution of M dimensions (R26).

    `of` are the moments whose centres and widths are to explain the radii.

    Raises:
        StudioError: the width is not above 0, or gives more than 10 000 intervals.
    """
    from scipy.stats import chi

    lengths, dimensions = radii(codes), codes.shape[1]
    farthest = max(float(lengths.max()), math.sqrt(dimensions) + 4)
    edges = interval_edges(0.0, farthest, width, MOST_INTERVALS)
    filled, _ = np.histogram(lengths, bins=edges)
    return RadialDensity(
        width=width,
        edges=edges,
        density=filled / (len(lengths) * width),
        chi=np.diff(chi.cdf(edges, dimensions)) / width,
        root_of_m=math.sqrt(dimensions),
        chi_mean=chi_mean(dimensions),
        mean=float(lengths.mean()),
        sigma=float(lengths.std()),
        least=float(lengths.min()),
        largest=float(lengths.max()),
        root_mean_square=float(np.sqrt((of.mean**2).sum() + of.covariance.trace())),
    )


def chi_mean(dimensions: int) -> float:
    """Mean of |z| under N(0, I) of M dimensions, √2 Γ((M + 1)/2) / Γ(M/2); slightly less than √M."""
    from scipy.special import gammaln

    return math.sqrt(2) * math.exp(gammaln((dimensions + 1) / 2) - gammaln(dimensions / 2))
