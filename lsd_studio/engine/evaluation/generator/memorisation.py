"""Whether a generator has memorised training images: how near its samples lie to them, beside held-out images."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom, mannwhitneyu

from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.generator.report import Nearness
from lsd_studio.engine.evaluation.intervals import exact_interval

Features = NDArray[np.float32]

NEAREST_SHARE, FEWEST_NEAREST = 0.01, 10
"""The nearest of all images that are counted: one in a hundred, at least ten."""


MOST_SHOWN = 8


class NearestImages:
    """The nearest candidate of each query, candidates seen block by block: memory is that of one block's distances.

    Args:
        queries: features or pixels [Q, d].

    Attributes:
        seen: how many candidates there were so far.
    """

    def __init__(self, queries: Features) -> None:
        self._queries = -2 * queries
        self._lengths = np.einsum("ij,ij->i", queries, queries)
        self._squared = np.full(len(queries), np.inf, dtype=np.float32)
        self._which = np.full(len(queries), -1)
        self.seen = 0

    def see(self, candidates: Features) -> None:
        """Compare with more candidates [K, d]; they are counted from where the last ones ended."""
        lengths = np.einsum("ij,ij->i", candidates, candidates)
        squared = self._queries @ candidates.T
        squared += lengths
        nearest = squared.argmin(axis=1)
        found = squared[np.arange(len(squared)), nearest] + self._lengths
        nearer = found < self._squared
        self._squared[nearer] = found[nearer]
        self._which[nearer] = self.seen + nearest[nearer]
        self.seen += len(candidates)

    @property
    def distances(self) -> NDArray[np.float64]:
        """The distance of each query [Q] to its nearest candidate so far; infinite before any."""
        return np.sqrt(np.maximum(self._squared, 0).astype(np.float64))

    @property
    def closest(self) -> tuple[tuple[int, int, float], ...]:
        """The queries that lie closest to a candidate, closest first: number, candidate, distance."""
        distances = self.distances
        chosen = np.argsort(distances, kind="stable")[:MOST_SHOWN]
        return tuple((int(number), int(self._which[number]), float(distances[number])) for number in chosen)


def nearness(samples: NearestImages, held_out: NearestImages) -> Nearness:
    """Whether samples lie nearer to the training images than held-out images do.

    Where samples are as new as held-out images and of the same distribution, both p-values are uniform but for ties:
    given the training images, the distances of both are independent draws of one distribution. The first, of Mann and
    Whitney's test in both directions, asks whether they are (Meehan, Chaudhuri and Dasgupta, 2020). The second asks
    whether samples are more among the nearest hundredth of both than chance has it (hypergeometric), which a few copies
    among many samples are, and which the first does not see.

    Args:
        samples, held_out: the nearest training image of each, at least ten of both.
    """
    one, other = samples.distances, held_out.distances
    test = mannwhitneyu(one, other, alternative="two-sided", method="asymptotic")
    everyone = len(one) + len(other)
    count = max(FEWEST_NEAREST, math.ceil(NEAREST_SHARE * everyone))
    nearest = np.argsort(np.concatenate([other, one]), kind="stable")[:count]
    hits = int((nearest >= len(other)).sum())
    return Nearness(
        nearer=1 - float(test.statistic) / (len(one) * len(other)),
        p_value=float(test.pvalue),
        nearest=Measure(hits / count, *exact_interval(hits, count), count),
        nearest_expected=len(one) / everyone,
        nearest_p_value=float(hypergeom.sf(hits - 1, everyone, len(one), count)),
        closest=samples.closest,
        samples=_percentiles(one),
        held_out=_percentiles(other),
        counts=(len(one), len(other), samples.seen),
    )


def _percentiles(distances: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.percentile(distances, np.arange(101)).tolist())
