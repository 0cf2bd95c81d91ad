"""Density of codes against their distance from the origin, and what a normal distribution has there (R26)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import chi

from lsd_studio.engine.latent.statistics.densities import interval_edges
from lsd_studio.engine.latent.statistics.moments import Codes, row_blocks

__all__ = ["RadialDensity", "chi_mean", "radial_density", "radii"]

MOST_INTERVALS = 10_000


@dataclass(frozen=True, eq=False)
class RadialDensity:
    """Densities over intervals of the radius.

    Attributes:
        edges: float64 [B + 1], from 0; density: float64 [B], integrates to 1.
        chi: float64 [B], of |z| under N(0, I) of M dimensions, averaged over each interval.
    """

    edges: NDArray[np.float64]
    density: NDArray[np.float64]
    chi: NDArray[np.float64]


def radii(codes: Codes) -> NDArray[np.float32]:
    """|z| of each code, float32 [N]."""
    parts = [codes[rows] for rows in row_blocks(len(codes))]
    return np.concatenate([np.sqrt(np.einsum("nm,nm->n", part, part)) for part in parts])


def radial_density(lengths: NDArray[np.float32], dimensions: int, width: float = 0.5) -> RadialDensity:
    """Density of radii [N] in intervals of `width`, beside the χ distribution of M = `dimensions` (R26).

    Raises:
        StudioError: the width is not above 0, or gives more than 10 000 intervals.
    """
    largest = max(float(lengths.max()), math.sqrt(dimensions) + 4)
    edges = interval_edges(0.0, largest, width, MOST_INTERVALS)
    filled, _ = np.histogram(lengths, bins=edges)
    return RadialDensity(edges, filled / (len(lengths) * width), np.diff(chi.cdf(edges, dimensions)) / width)


def chi_mean(dimensions: int) -> float:
    """Mean of |z| under N(0, I) of M dimensions, √2 Γ((M + 1)/2) / Γ(M/2); slightly less than √M."""
    return math.sqrt(2) * math.exp(gammaln((dimensions + 1) / 2) - gammaln(dimensions / 2))
