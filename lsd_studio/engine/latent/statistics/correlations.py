"""Pearson correlations of all pairs of components (R30)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.latent.statistics.moments import Moments

STRONGEST = 50

LARGE_DEVIATE = NormalDist().inv_cdf(0.995)
"""Of N(0, 1): 99 % lie between it and its negative."""


@dataclass(frozen=True, eq=False)
class Correlations:
    """The Pearson matrix.

    Attributes:
        matrix: float32 [M, M], −1…1; NaN in the rows and columns of constant components.
        strongest: up to 50 triples (i, j, r), i < j, by falling |r|.
        chance: |r| that 99 % of pairs of independent normal components stay below with so many codes.
        above_chance: share of the pairs above it; 0.01 is chance.
    """

    matrix: NDArray[np.float32]
    strongest: tuple[tuple[int, int, float], ...]
    chance: float
    above_chance: float


def correlations(of: Moments) -> Correlations:
    """Correlations of codes with these moments."""
    first, second = np.triu_indices(len(of.mean), k=1)
    values = of.correlation[first, second]
    kept = np.flatnonzero(np.isfinite(values))
    order = kept[np.abs(values[kept]).argsort(kind="stable")[::-1]][:STRONGEST]
    chance = chance_correlation(of.count)
    return Correlations(
        matrix=of.correlation.astype(np.float32),
        strongest=tuple((int(first[k]), int(second[k]), float(values[k])) for k in order),
        chance=chance,
        above_chance=float((np.abs(values[kept]) > chance).mean()) if len(kept) else 0.0,
    )


def chance_correlation(count: int) -> float:
    """|r| that 99 % of pairs of independent normal components stay below with `count` codes (Fisher's z)."""
    return math.tanh(LARGE_DEVIATE / math.sqrt(max(count - 3, 1)))
