"""Whether points differ in structure from Gaussian ones of the same mean and covariance (R33).

Two statistics, each with a p-value of permutations: who is a code and who is of the Gaussian is drawn anew among all
points, which changes nothing where both come from one distribution.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial.distance import pdist
from sklearn.neighbors import NearestNeighbors

from lsd_studio.engine.errors import StudioError

__all__ = ["FEWEST_POINTS", "MOST_POINTS", "NeighbourTest", "PairTest", "neighbour_test", "pair_test"]

FEWEST_POINTS, MOST_POINTS = 50, 2000

NEIGHBOURS = 30
"""Looked at for each point: that none of them is of its own kind has a chance of 2⁻³⁰."""

DISTANCE_INTERVALS = 24
SEPARATIONS = 10
FEWEST_PAIRS = 200
"""In the first separation, of all points."""

LARGEST_SHARE = 0.25
"""Of all pairs, that are within the largest separation."""

PERMUTATIONS_AT_ONCE = 100


@dataclass(frozen=True, eq=False)
class NeighbourTest:
    """Distances to the nearest neighbour of the same kind.

    Attributes:
        edges: float64 [B + 1]; codes, gaussian: float64 [B], densities of the distances.
        ratio: geometric mean of the distances, codes over Gaussian.
        p_value: of its logarithm, two-sided.
    """

    edges: NDArray[np.float64]
    codes: NDArray[np.float64]
    gaussian: NDArray[np.float64]
    ratio: float
    p_value: float


@dataclass(frozen=True, eq=False)
class PairTest:
    """The two-point correlation ξ(r) = DD / RR − 1, pairs of codes over pairs of Gaussian points.

    Attributes:
        separations: float64 [S + 1], edges.
        correlation: float64 [S]; low, high: between which 95 % of permutations lie.
        p_value: of the squared departures of ln(DD / RR), in their standard deviations, summed over separations.
    """

    separations: NDArray[np.float64]
    correlation: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p_value: float


def neighbour_test(
    codes: NDArray[np.floating],
    gaussian: NDArray[np.floating],
    permutations: int,
    random: np.random.Generator,
) -> NeighbourTest:
    """Compare distances to the nearest neighbour within each of two sets of as many points, [K, d] each.

    Raises:
        StudioError: there are fewer than 50 or more than 2 000 points of either.
    """
    points = _pooled(codes, gaussian)
    search = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(points) - 1)).fit(points)
    distance, neighbour = search.kneighbors()
    floor = 1e-6 * np.median(distance[:, 0]) or np.finfo(float).tiny
    logarithm = np.log(np.maximum(distance, floor))
    own = np.arange(len(points))

    def places(is_code: NDArray[np.bool_]) -> NDArray[np.int64]:
        same = is_code[neighbour] == is_code[:, None]
        same[:, -1] = True
        return same.argmax(axis=1)

    def statistic(is_code: NDArray[np.bool_]) -> float:
        nearest = logarithm[own, places(is_code)]
        return float(nearest[is_code].mean() - nearest[~is_code].mean())

    truth = _truth(len(codes))
    seen = statistic(truth)
    drawn = np.array([statistic(random.permutation(truth)) for _ in range(permutations)])
    nearest = distance[own, places(truth)]
    edges = np.linspace(0, np.quantile(nearest, 0.995) or 1.0, DISTANCE_INTERVALS + 1)
    densities = [
        np.histogram(nearest[chosen], edges)[0] / (chosen.sum() * np.diff(edges))
        for chosen in (truth, ~truth)
    ]
    p_value = _p_value(abs(seen), np.abs(drawn))
    return NeighbourTest(edges, densities[0], densities[1], float(np.exp(seen)), p_value)


def pair_test(
    codes: NDArray[np.floating],
    gaussian: NDArray[np.floating],
    permutations: int,
    random: np.random.Generator,
) -> Iterator[float | PairTest]:
    """Compare pair counts of two sets of as many points, [K, d] each; shares done 0…1, then the result.

    Separations hold geometrically growing shares of all pairs, up to a quarter.

    Raises:
        StudioError: there are fewer than 50 or more than 2 000 points of either.
    """
    points = _pooled(codes, gaussian)
    yield 0.0
    edges, counters = _counters(points)
    truth = _truth(len(codes))
    seen = _log_ratios(counters, truth[None])[0]
    drawn: list[NDArray[np.float64]] = []
    for first in range(0, permutations, PERMUTATIONS_AT_ONCE):
        some = min(PERMUTATIONS_AT_ONCE, permutations - first)
        labels = np.stack([random.permutation(truth) for _ in range(some)])
        drawn.extend(_log_ratios(counters, labels))
        yield (first + some) / permutations
    everything = np.stack([seen, *drawn])
    spread = np.maximum(everything.std(axis=0), np.finfo(float).tiny)
    departure = (((everything - everything.mean(axis=0)) / spread) ** 2).sum(axis=1)
    low, high = np.expm1(np.quantile(everything[1:], (0.025, 0.975), axis=0))
    yield PairTest(edges, np.expm1(seen), low, high, _p_value(departure[0], departure[1:]))


def _pooled(codes: NDArray[np.floating], gaussian: NDArray[np.floating]) -> NDArray[np.float64]:
    if not FEWEST_POINTS <= len(codes) <= MOST_POINTS or len(codes) != len(gaussian):
        raise StudioError(
            f"The test compares {FEWEST_POINTS} to {MOST_POINTS} codes with as many Gaussian points, not "
            f"{len(codes)} with {len(gaussian)}: choose a larger window or another number."
        )
    return np.concatenate([codes, gaussian]).astype(np.float64)


def _truth(count: int) -> NDArray[np.bool_]:
    return np.arange(2 * count) < count


def _counters(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[csr_array]]:
    """Edges of the separations, and for each a matrix [2K, 2K] with a 1 for every pair in it, above the diagonal."""
    distance = pdist(points).astype(np.float32)
    count = len(points)
    smallest = min(FEWEST_PAIRS / len(distance), LARGEST_SHARE / 2)
    edges = np.concatenate([[0.0], np.quantile(distance, np.geomspace(smallest, LARGEST_SHARE, SEPARATIONS))])
    near = np.flatnonzero(distance <= edges[-1])
    first, second = (index[near] for index in np.triu_indices(count, k=1))
    places = np.searchsorted(edges[1:-1], distance[near])
    counters = []
    for place in range(SEPARATIONS):
        chosen = places == place
        ones = np.ones(int(chosen.sum()), dtype=np.float32)
        counters.append(csr_array((ones, (first[chosen], second[chosen])), shape=(count, count)))
    return edges, counters


def _log_ratios(counters: list[csr_array], is_code: NDArray[np.bool_]) -> NDArray[np.float64]:
    """ln(DD / RR) for each of P labellings [P, 2K] and each separation, float64 [P, S]; counts have ½ added."""
    codes = is_code.T.astype(np.float32)
    ratios = []
    for counter in counters:
        of_codes = (codes * (counter @ codes)).sum(axis=0, dtype=np.float64)
        of_gaussian = ((1 - codes) * (counter @ (1 - codes))).sum(axis=0, dtype=np.float64)
        ratios.append(np.log((of_codes + 0.5) / (of_gaussian + 0.5)))
    return np.stack(ratios, axis=1)


def _p_value(seen: float, drawn: NDArray[np.float64]) -> float:
    return float((1 + (drawn >= seen - 1e-12).sum()) / (1 + len(drawn)))
