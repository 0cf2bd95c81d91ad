"""Whether points differ in structure from Gaussian ones of the same mean and covariance (R33, R47).

Every statistic is computed by one rule of the points and of many matched twins (see `MatchedTwins`), and where the
points stand among the twins is their p-value. Departures are measured from the mean of all of them, the points
included, so none is treated apart. `docs/method/latent-space.md` has the false alarms and the power that were measured.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.gaussian_twin import MatchedTwins
from lsd_studio.engine.latent.statistics.moments import Codes, moments
from lsd_studio.engine.latent.statistics.planes import Window, inside

FEWEST_POINTS, MOST_POINTS = 50, 2000
CLEAR = 0.01
"""The p-value at and below which a difference is spoken of."""

ALONE = CLEAR / 5
"""The p-value at which one of the five statistics makes the whole clear by itself."""

NEIGHBOUR_AXES = 12
"""Leading ones at most, along which neighbours and pairs are looked for: among many axes of unit variance all distances
are alike, and what a few of them hold drowns. Along each axis, and by distance from the mean, all are looked at."""

PLACES = 99
"""At which the distributions along each axis are compared: the percentiles of a twin."""

SEPARATIONS = 10
FEWEST_PAIRS = 200
"""In the first separation."""

LARGEST_SHARE = 0.25
"""Of all pairs, that are within the largest separation."""

DISTANCE_INTERVALS = 24
NEGLIGIBLE = 1e-6
"""Of a twin's typical distance to the nearest neighbour: smaller ones count as that, so that equal points have one."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measures:
    """What one set of points shows.

    Attributes:
        inside: points in sight.
        nearest: float64 [K], distance of each point looked at to its nearest neighbour.
        pairs: float64 [S], share of all pairs in each separation.
        cumulative: float64 [d + 1, PLACES], share of the points in sight below each place: along each axis, and by
            the distance from the mean in units of the covariance.
    """

    inside: int
    nearest: FloatArray
    pairs: FloatArray
    cumulative: FloatArray


@dataclass(frozen=True, eq=False)
class TwinTest:
    """Where points stand among their twins.

    Each p-value is (k + 1) / (n + 1): of n twins, k differ at least as much. "Clear" limits are those that 0.2 % of the
    twins lie beyond, so that one of the five statistics makes the whole clear by itself.

    Attributes:
        points: K, among which neighbours and pairs are looked for, in every twin as many or as many as are in sight.
        inside, inside_twins: points in sight, and their mean over twins; inside_p: p-value, 1 where all are in sight.
        neighbour_edges: float64 [B + 1]; neighbour_codes, neighbour_twins: float64 [B], densities of the distance to
            the nearest neighbour, along 12 leading axes at most, of the points and on average of the twins.
        neighbour_ratio: geometric mean of that distance, over the twins': below 1 the points are in clumps;
            neighbour_clear: limits; neighbour_p: p-value.
        separations: float64 [S + 1], edges; correlation: float64 [S], ξ(r) = DD/RR − 1, pairs of points over the mean
            of the twins'; correlation_low, correlation_high: between which 95 % of the twins lie; correlation_p: of
            the departures over all separations.
        axis: along which the distribution differs most from the twins'; axis_distance: by how much
            (Kolmogorov–Smirnov); axis_clear: limit, of the largest over all axes; axis_p: p-value of that largest.
        radius_distance, radius_p: the same of the distance from the mean.
        p_value: of the smallest p-value of all, among the smallest of each twin: of everything that was looked at.
    """

    points: int
    inside: int
    inside_twins: float
    inside_p: float
    neighbour_edges: FloatArray
    neighbour_codes: FloatArray
    neighbour_twins: FloatArray
    neighbour_ratio: float
    neighbour_clear: tuple[float, float]
    neighbour_p: float
    separations: FloatArray
    correlation: FloatArray
    correlation_low: FloatArray
    correlation_high: FloatArray
    correlation_p: float
    axis: int
    axis_distance: float
    axis_clear: float
    axis_p: float
    radius_distance: float
    radius_p: float
    p_value: float


class Rule:
    """The one rule by which points and twins are measured.

    Args:
        points: float32 [N, d]; their mean and covariance give the unit of distances from the mean.
        pilot: a twin that sets separations and places, and takes no other part.
        window: part of the plane that is looked at, of points with d = 2; None: all.
        most: points at most among which neighbours and pairs are looked for, 50…2000.
        order: int64 [N], in which they are taken, of those in sight.

    Raises:
        StudioError: `most` is out of range, or the pilot has too few points in sight.
    """

    def __init__(
        self, points: Codes, pilot: Codes, window: Window | None, most: int, order: NDArray[np.int64]
    ) -> None:
        if not FEWEST_POINTS <= most <= MOST_POINTS:
            raise StudioError(
                f"The test takes {FEWEST_POINTS} to {MOST_POINTS} points, not {most}: choose another number."
            )
        of = moments(points)
        variances, axes = np.linalg.eigh(of.covariance)
        scale = np.sqrt(np.maximum(variances, np.finfo(np.float32).eps * variances[-1]))
        self._mean, self._whitening = of.mean.astype(np.float32), (axes / scale).astype(np.float32)
        self._window, self._most, self._order = window, most, order
        seen, few = self._in_sight(pilot)
        places = np.quantile(seen, np.arange(1, PLACES + 1) / (PLACES + 1), axis=0).T
        self._places = places.astype(np.float32)
        square = _square_distances(few)
        pairs = np.sqrt(square[np.triu_indices(len(few), k=1)])
        smallest = min(FEWEST_PAIRS / len(pairs), LARGEST_SHARE / 2)
        shares = np.geomspace(smallest, LARGEST_SHARE, SEPARATIONS)
        self.separations = np.concatenate([[0.0], np.quantile(pairs, shares)])
        self._negligible = NEGLIGIBLE * float(np.median(_nearest(square)))

    def measure(self, points: Codes) -> Measures:
        """What a set of points [N, d] shows.

        Raises:
            StudioError: too few of them are in sight.
        """
        seen, few = self._in_sight(points)
        square = _square_distances(few)
        within = [np.count_nonzero(square < np.float32(edge**2)) for edge in self.separations[1:]]
        pairs = np.diff(within, prepend=0) / 2
        seen.sort(axis=0)
        below = [np.searchsorted(column, places) for column, places in zip(seen.T, self._places, strict=True)]
        return Measures(
            inside=len(seen),
            nearest=np.maximum(_nearest(square), self._negligible),
            pairs=(pairs + 0.5) / (len(few) * (len(few) - 1) / 2),
            cumulative=np.array(below) / len(seen),
        )

    def _in_sight(self, points: Codes) -> tuple[Codes, Codes]:
        """Axes and distance from the mean of the points in sight, [n, d + 1], and the points looked at, [K, ≤ 12]."""
        if self._window is None:
            seen, chosen = points, self._order[: self._most]
        else:
            is_in = np.zeros(len(points), dtype=bool)
            is_in[inside(points, self._window)] = True
            seen, chosen = points[is_in], self._order[is_in[self._order]][: self._most]
        if len(chosen) < FEWEST_POINTS:
            raise StudioError(
                f"{len(chosen)} points of the codes or of a Gaussian twin are in sight, and the test takes "
                f"{FEWEST_POINTS} of each: choose a larger window or more images."
            )
        distance = np.linalg.norm((seen - self._mean) @ self._whitening, axis=1)
        return np.asfortranarray(np.column_stack([seen, distance])), points[chosen, :NEIGHBOUR_AXES]


def twin_test(
    points: Codes,
    groups: NDArray[np.int64] | None,
    window: Window | None,
    most: int,
    twins: int,
    random: np.random.Generator,
) -> Generator[float, None, TwinTest]:
    """Compare points with so many matched twins; yields the share done, 0…1, after each.

    Args:
        points: float32 [N, d], all codes on the axes that are looked at.
        groups: int64 [N], of which each has a Gaussian of its own; None: one Gaussian.
        window: part of the plane that is looked at; None: all.
        most: points at most among which neighbours and pairs are looked for.

    Raises:
        StudioError: a number is out of range, or there are too few points of the codes or of a twin.
    """
    source = MatchedTwins(points, groups)
    rule = Rule(points, source.draw(random), window, most, random.permutation(len(points)))
    measured = [rule.measure(points)]
    yield 0.0
    for twin in source.draws(twins, random):
        measured.append(rule.measure(twin))
        yield (len(measured) - 1) / twins
    return compare(measured, rule.separations)


def compare(measured: list[Measures], separations: FloatArray) -> TwinTest:
    """Where the first of what was measured stands among the others, its twins."""
    own, others = measured[0], measured[1:]
    near = np.array([np.log(one.nearest).mean() for one in measured])
    pairs = np.log(np.array([one.pairs for one in measured]))
    level = np.log(np.mean([one.pairs for one in others], axis=0))
    ratios = np.exp(near - near[1:].mean())
    low, high = np.expm1(np.quantile(pairs[1:] - level, (0.025, 0.975), axis=0))
    statistics, distances = departures(measured)
    p = p_values(statistics)[0]
    largest = distances[:, :-1].max(axis=1)
    edges = np.linspace(
        0, max(np.quantile(one.nearest, 0.995) for one in measured[:2]), DISTANCE_INTERVALS + 1
    )
    curves = [np.histogram(one.nearest, edges)[0] / (len(one.nearest) * np.diff(edges)) for one in measured]
    return TwinTest(
        points=len(own.nearest),
        inside=own.inside,
        inside_twins=float(np.mean([one.inside for one in others])),
        inside_p=float(p[0]),
        neighbour_edges=edges,
        neighbour_codes=curves[0],
        neighbour_twins=np.mean(curves[1:], axis=0),
        neighbour_ratio=float(ratios[0]),
        neighbour_clear=(
            float(np.quantile(ratios[1:], ALONE / 2)),
            float(np.quantile(ratios[1:], 1 - ALONE / 2)),
        ),
        neighbour_p=float(p[1]),
        separations=separations,
        correlation=np.expm1(pairs[0] - level),
        correlation_low=low,
        correlation_high=high,
        correlation_p=float(p[2]),
        axis=int(distances[0, :-1].argmax()),
        axis_distance=float(largest[0]),
        axis_clear=float(np.quantile(largest[1:], 1 - ALONE)),
        axis_p=float(p[3]),
        radius_distance=float(distances[0, -1]),
        radius_p=float(p[4]),
        p_value=overall_p(statistics),
    )


def departures(measured: list[Measures]) -> tuple[FloatArray, FloatArray]:
    """How far each of what was measured departs from the mean of all.

    Returns:
        statistics: float64 [n, 5]: points in sight, nearest neighbours, pairs, the axis that differs most, radius.
        distances: float64 [n, d + 1], Kolmogorov–Smirnov, along each axis and of the distance from the mean.
    """
    inside = np.log([one.inside for one in measured])
    near = np.array([np.log(one.nearest).mean() for one in measured])
    pairs = np.log(np.array([one.pairs for one in measured]))
    spread = np.maximum(pairs.std(axis=0), np.finfo(float).tiny)
    cumulative = np.mean([one.cumulative for one in measured], axis=0)
    distances = np.array([np.abs(one.cumulative - cumulative).max(axis=1) for one in measured])
    scaled = distances * np.sqrt([[one.inside] for one in measured])
    statistics = np.stack(
        [
            np.abs(inside - inside.mean()),
            np.abs(near - near.mean()),
            (((pairs - pairs.mean(axis=0)) / spread) ** 2).sum(axis=1),
            scaled[:, :-1].max(axis=1),
            scaled[:, -1],
        ],
        axis=1,
    )
    return statistics, distances


def p_values(statistics: FloatArray) -> FloatArray:
    """Of each entry of [n, F] the share of its column that is as large or larger, itself included."""
    rising = np.sort(statistics, axis=0)
    columns = zip(rising.T, statistics.T, strict=True)
    return np.stack(
        [(len(all_) - np.searchsorted(all_, own - 1e-12)) / len(all_) for all_, own in columns], axis=1
    )


def overall_p(statistics: FloatArray) -> float:
    """The p-value of the first row's smallest p-value among those of every row: of all columns at once."""
    smallest = p_values(statistics).min(axis=1)
    return float((smallest <= smallest[0] + 1e-12).mean())


def _square_distances(points: Codes) -> NDArray[np.float32]:
    """Squared distances of points [K, d], float32 [K, K], and ∞ of each to itself; found in float64 from the middle."""
    centred = points.astype(np.float64)
    centred -= centred.mean(axis=0)
    square = (centred**2).sum(axis=1)
    distances = centred @ centred.T
    distances *= -2
    distances += square
    distances += square[:, None]
    np.fill_diagonal(distances, np.inf)
    return distances.clip(min=0.0, out=distances).astype(np.float32)


def _nearest(square: NDArray[np.float32]) -> FloatArray:
    """Distance of each point to its nearest neighbour."""
    return np.sqrt(square.min(axis=1).astype(np.float64))
