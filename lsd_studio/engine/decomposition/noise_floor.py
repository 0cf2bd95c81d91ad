"""What ranks and amplitudes one signal among noise would show, without any knowledge of other labels (R34, R48).

The noise floor puts one amplitude on the axis of the true label's set-1 vector, and on all others independent normal
noise: the measured mean amplitude of the true label, and the measured root mean square on the other axes. Only their
ratio a matters, so the noise is the unit here. An axis outdoes the signal with probability q, so the number of those
that do is binomial, and all else follows from order statistics.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc
from scipy.stats import binom, norm

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.vocabulary import Reading

FloatArray = NDArray[np.float64]

QUADRATURE_NODES = 24
LARGEST = 30.0
LEAST_RATIO = -1.0
"""Normalised amplitudes of the signed reading are looked at from −1 to 1; those below count as −1."""


@dataclass(frozen=True)
class NoiseFloor:
    """One signal among noise, which is the unit.

    Attributes:
        amplitude: a ≥ 0, the signal in units of the noise.
        axes: how many axes are ranked, the signal's among them: M by |c|, l (those of set 1) by signed c.
        reading: whether axes are ranked by |c| or by c with its sign.
    """

    amplitude: float
    axes: int
    reading: Reading

    @property
    def outdone(self) -> float:
        """The probability q that the noise on one axis outdoes the signal: 2Φ(−a) by |c|, Φ(−a) by signed c."""
        return float(_survival(self.amplitude, self.reading))

    def rank_probabilities(self) -> FloatArray:
        """P(the true label has rank k), float64 [axes] for k = 1…axes: rank − 1 is binomial (axes − 1, q)."""
        return binom.pmf(np.arange(self.axes), self.axes - 1, self.outdone)

    def cumulative(self) -> FloatArray:
        """P(the true label is among the first k), float64 [axes] for k = 1…axes (over Fig. 5c)."""
        return binom.cdf(np.arange(self.axes), self.axes - 1, self.outdone)

    def ratio_distribution(self, rank: int, true_rank: int, ratios: ArrayLike) -> FloatArray:
        """P(c₍rank₎ / c₍₁₎ ≤ ratio) where the true label has `true_rank`, of the shape of `ratios` (over Fig. 6).

        Given that rank, the noise above the signal and the noise below it are independent samples of the two
        truncated distributions, and the largest of those above normalises all.

        Raises:
            StudioError: a rank outside 1…axes.
        """
        if not (1 <= rank <= self.axes and 1 <= true_rank <= self.axes):
            raise StudioError(f"Ranks are 1 to {self.axes} here, not {rank} and {true_rank}.")
        ratios = np.asarray(ratios, dtype=np.float64)
        if rank == 1:
            return np.where(ratios >= 1, 1.0, 0.0)
        if rank == true_rank:
            return self._signal_over_largest(ratios, true_rank)
        largest, weights = self._largest(true_rank)
        values = ratios[..., None] * largest
        above = _survival(self.amplitude, self.reading)
        if rank > true_rank:
            below = 1 - (_survival(values, self.reading) - above) / (1 - above)
            given = _order_statistic(below, rank - true_rank, self.axes - true_rank)
        else:
            top = _survival(largest, self.reading)
            between = (above - _survival(values, self.reading)) / (above - top)
            given = _order_statistic(between, rank - 1, true_rank - 2)
        return np.where(ratios >= 1, 1.0, given @ weights)

    def expected_ratios(self, true_rank: int) -> FloatArray:
        """E[c₍k₎ / c₍₁₎] where the true label has `true_rank`, float64 [axes] for k = 1…axes (over Fig. 6a–c).

        By signed c a ratio below −1 counts as −1.
        """
        least = 0.0 if self.reading == "absolute" else LEAST_RATIO
        ratios = np.linspace(least, 1.0, 101)
        means = [
            1.0 - np.trapezoid(self.ratio_distribution(rank, true_rank, ratios), ratios)
            for rank in range(2, self.axes + 1)
        ]
        return np.asarray([1.0, *means])

    def ratio_density(self, rank: int, true_rank: int, edges: FloatArray) -> FloatArray:
        """The mean density of c₍rank₎ / c₍₁₎ between `edges` [B + 1], float64 [B] (over Fig. 6d–f)."""
        return np.diff(self.ratio_distribution(rank, true_rank, edges)) / np.diff(edges)

    def _signal_over_largest(self, ratios: FloatArray, true_rank: int) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = np.where(ratios > 0, self.amplitude / np.abs(ratios), np.inf)
        beyond = np.minimum(_survival(needed, self.reading) / self.outdone, 1.0)
        return np.where(ratios >= 1, 1.0, 1 - (1 - beyond) ** (true_rank - 1))

    def _largest(self, true_rank: int) -> tuple[FloatArray, FloatArray]:
        """Nodes and weights that integrate over the largest amplitude: the signal, or the largest noise above it."""
        if true_rank == 1:
            return np.asarray([self.amplitude]), np.ones(1)
        nodes, weights = np.polynomial.legendre.leggauss(QUADRATURE_NODES)
        shares = (nodes + 1) / 2
        survivals = self.outdone * -np.expm1(np.log(shares) / (true_rank - 1))
        return _inverse_survival(survivals, self.reading), weights / 2


def measured_noise_floor(signal: float, noise: float, axes: int, reading: Reading) -> NoiseFloor:
    """The floor of a measured amplitude of the true label and a measured noise on the other axes, in one unit.

    A signal below 0 counts as 0; one above 30 times the noise as 30, past which numbers end.

    Args:
        signal: mean amplitude on the true label's axis.
        noise: root mean square on the others, at least 0.
        axes: how many are ranked, two or more.

    Raises:
        StudioError: fewer than two axes.
    """
    if axes < 2:
        raise StudioError("A noise floor needs two axes or more.")
    amplitude = LARGEST if signal > LARGEST * noise else max(signal, 0.0) / (noise or 1.0)
    return NoiseFloor(amplitude, axes, reading)


def rank_distance(rank_counts: ArrayLike, floor: NoiseFloor) -> float:
    """The Kolmogorov–Smirnov distance, 0…1, between measured ranks of the true label and those of the floor.

    It is the largest gap between the two cumulative curves of Fig. 5c.
    """
    counts = np.asarray(rank_counts, dtype=np.float64)
    return float(np.abs(np.cumsum(counts) / counts.sum() - floor.cumulative()).max())


def chance_distance(floor: NoiseFloor, images: int) -> float:
    """The `rank_distance` that one in twenty sets of so many images exceeds, if their ranks are the floor's.

    Of 2 000 multinomial draws with one seed. Several draws of one image count as one image: they are not independent.
    """
    random = random_numbers(0, "ranks of the noise floor")
    counts = random.multinomial(images, floor.rank_probabilities() / floor.rank_probabilities().sum(), 2000)
    gaps = np.abs(np.cumsum(counts, axis=1) / images - floor.cumulative()).max(axis=1)
    return float(np.quantile(gaps, 0.95))


def _survival(values: ArrayLike, reading: Reading) -> FloatArray:
    if reading == "signed":
        return norm.sf(values)
    return np.minimum(2 * norm.sf(values), 1.0)


def _inverse_survival(probabilities: ArrayLike, reading: Reading) -> FloatArray:
    return norm.isf(np.asarray(probabilities) / (2 if reading == "absolute" else 1))


def _order_statistic(below: FloatArray, place: int, count: int) -> FloatArray:
    """P(the place-th largest of `count` draws is not above a value that one draw is below with probability `below`)."""
    return betainc(count - place + 1, place, np.clip(below, 0.0, 1.0))
