"""What drawn images have of the real ones, by nearest neighbours among features, in blocks of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32]

ROWS_AT_ONCE = 1024
"""Rows of a table of distances that are held at once."""

OF_PRECISION, OF_DENSITY = 3, 5
"""The nearest neighbour that bounds a ball: of precision and recall, of density and coverage."""


@dataclass(frozen=True)
class Neighbourhoods:
    """How drawn and real features lie among each other.

    Attributes:
        precision, recall: share of drawn features within the ball of a real one, and of real ones within that of a
            drawn one; a ball reaches to the third nearest of its own kind (Kynkäänniemi et al. 2019, Eq. 1 and 2).
        density, coverage: of the balls of real features that reach to the fifth nearest: how many a drawn one lies in,
            over five, which is 1 on average where both are of one distribution, and the share that hold a drawn one
            (Naeem et al. 2020, Eq. 2 and 3).
    """

    precision: float
    recall: float
    density: float
    coverage: float


def neighbourhoods(real: Features, drawn: Features) -> Neighbourhoods:
    """Precision, recall, density and coverage of features [N, d] and [K, d], each with more than five rows."""
    centre = real.mean(axis=0)
    real, drawn = real - centre, drawn - centre
    of_precision, of_density = _radii(real, (OF_PRECISION, OF_DENSITY))
    (of_recall,) = _radii(drawn, (OF_PRECISION,))
    precise = covered_by = 0
    recalled = np.zeros(len(real), dtype=bool)
    covered = np.zeros(len(real), dtype=bool)
    for squared in _squared_distances(drawn, real):
        precise += int((squared <= of_precision).any(axis=1).sum())
        within = squared <= of_density
        covered_by += int(within.sum())
        covered |= within.any(axis=0)
    for place, squared in zip(
        range(0, len(real), ROWS_AT_ONCE), _squared_distances(real, drawn), strict=True
    ):
        recalled[place : place + len(squared)] = (squared <= of_recall).any(axis=1)
    return Neighbourhoods(
        precise / len(drawn),
        float(recalled.mean()),
        covered_by / (OF_DENSITY * len(drawn)),
        float(covered.mean()),
    )


def _radii(features: Features, nearest: tuple[int, ...]) -> list[Features]:
    """The squared distance of each feature [N] to its nearest fellow of each of these orders, 1 the nearest."""
    found = []
    for place, squared in zip(
        range(0, len(features), ROWS_AT_ONCE), _squared_distances(features, features), strict=True
    ):
        rows = np.arange(len(squared))
        squared[rows, place + rows] = np.inf
        found.append(np.partition(squared, [order - 1 for order in nearest], axis=1)[:, : max(nearest)])
    both = np.concatenate(found)
    return [both[:, order - 1] for order in nearest]


def _squared_distances(rows: Features, columns: Features) -> Iterator[Features]:
    """Squared distances [at most ROWS_AT_ONCE, K] of rows [N, d] to columns [K, d], block by block."""
    lengths = np.einsum("ij,ij->i", columns, columns)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block = rows[start : start + ROWS_AT_ONCE]
        squared = np.einsum("ij,ij->i", block, block)[:, None] + lengths - 2 * block @ columns.T
        yield np.maximum(squared, 0)
