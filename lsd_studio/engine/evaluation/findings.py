"""What an evaluation finds: numbers with their intervals, and the arrays behind Figures 5 and 6.

Only NumPy and text, so that a window, a file and a notebook can hold them. N test images, M latent dimensions,
l labels, R ranked axes: M by |c|, l (set 1 alone) by signed c.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.vocabulary import Reading

Latent = Literal["sampled", "mean"]
"""The codes read: z drawn from the posterior again in each trial, or its mean μ."""

FloatArray = NDArray[np.float64]
Counts = NDArray[np.int64]

TRUE_RANKS = (1, 2, 3)
"""The ranks of the true label that Figure 6 shows one by one."""

DENSITY_RANKS = (2, 3, 4)
"""The ranks whose densities Figure 6 shows."""


@dataclass(frozen=True)
class Measure:
    """A number with its 95 % interval; `low` and `high` are NaN where it has none, `value` where it is not defined.

    `count` is how many independent things it was computed from, 0 where that is not said.
    """

    value: float
    low: float
    high: float
    count: int = 0

    @classmethod
    def of(cls, stated: Mapping[str, float | None]) -> Measure:
        """The measure in `{"value", "low", "high", "count"}`, with NaN for null.

        `count` is missing in evaluations of before it was known; of those, an interval without any width is a bootstrap
        that had nothing to draw from, and is none.
        """
        value, low, high = (
            math.nan if (number := stated[part]) is None else float(number)
            for part in ("value", "low", "high")
        )
        count = int(stated.get("count") or 0)
        return cls(value, low, high, count) if count or low < high else cls(value, math.nan, math.nan)


@dataclass(frozen=True)
class Evaluating:
    """How far an evaluation is.

    Args:
        doing: what is being done, in words; share: of the whole that is done, 0…1.
        per_trial: of the trials so far `reconstruction_accuracy` and `lsd_accuracy.{set_one,any_set,signed}`.
    """

    doing: str
    share: float
    per_trial: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class BundleMetrics:
    """The metrics of a bundle, by dotted name.

    Attributes:
        bundle, profile, data: of what, trained how, measured on which test images; profile and data may be empty.
        measures: numbers by dotted name, such as `lsd_accuracy.mean.signed`.
        series: lists of numbers likewise, such as `cumulative_rank.mean`.
        left_out: why something was not measured, by dotted name, such as `baselines.lda`.
    """

    bundle: str
    profile: str
    data: str
    measures: Mapping[str, Measure]
    series: Mapping[str, tuple[float, ...]]
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def trials(self) -> int:
        """Draws of every test image; 0 after a first look."""
        return int(self.measures["trials"].value) if "trials" in self.measures else 0


@dataclass(frozen=True, eq=False)
class RankStatistics:
    """What the amplitudes of N codes show, read one way; statistics of the same images add up.

    Attributes:
        ranks: int64 [R], how many codes have their true label's set-1 vector at rank 1…R. By |c| it is its place
            among all vectors.
        ratios: int64 [3, R, B], how many codes whose true label has rank 1, 2, 3 have a normalised amplitude
            c₍k₎ / c₍₁₎ at rank k = 1…R in each of the B bins between `edges` (Fig. 6a–c).
        edges: float64 [B + 1], of the bins: 0…1 by |c|, −1…1 by signed c, where what is below counts as −1.
        confusion: int64 [l, l], codes by true label (row) and label read (column).
        margins: float64 [N], the largest weight among vectors of the true label minus the largest among all others,
            summed over draws; below 0 where the reading is wrong.
        hits: float64 [N], how many draws of each image were read right.
        first_read: int64 [N], the label read from each image's first draw.
        signal: √M times the true label's amplitude (its |c| by |c|), summed over codes.
        noise: M times the mean square of the amplitudes on the other ranked axes, summed over codes.
        draws: how many draws of each image are in this.
    """

    ranks: Counts
    ratios: Counts
    edges: FloatArray
    confusion: Counts
    margins: FloatArray
    hits: FloatArray
    first_read: Counts
    signal: float
    noise: float
    draws: int

    @property
    def mean_signal(self) -> float:
        """Mean amplitude of the true label, in units of a random code's spread 1/√M."""
        return self.signal / (len(self.hits) * self.draws)

    @property
    def mean_noise(self) -> float:
        """Root mean square of the amplitudes on the other ranked axes, in the same units."""
        return float(np.sqrt(self.noise / (len(self.hits) * self.draws)))

    def __add__(self, other: RankStatistics) -> RankStatistics:
        """More draws of the same images."""
        return RankStatistics(
            self.ranks + other.ranks,
            self.ratios + other.ratios,
            self.edges,
            self.confusion + other.confusion,
            self.margins + other.margins,
            self.hits + other.hits,
            self.first_read,
            self.signal + other.signal,
            self.noise + other.noise,
            self.draws + other.draws,
        )


@dataclass(frozen=True, eq=False)
class FloorCurves:
    """The noise floor of measured amplitude and noise, as it is drawn over Figures 5c and 6 (R34, R48).

    Attributes:
        amplitude: a, the measured amplitude of the true label over the measured noise on the other axes.
        distance: Kolmogorov–Smirnov, 0…1, between the measured ranks of the true label and the floor's.
        chance: the distance that one in twenty sets of as many images would exceed, were their ranks the floor's.
        cumulative: float64 [R], P(the true label is among the first k).
        expected: float64 [3, R], E[c₍k₎ / c₍₁₎] where the true label has rank 1, 2, 3.
        densities: float64 [3, 3, B], density of c₍k₎ / c₍₁₎ for true ranks 1, 2, 3 and k = 2, 3, 4; 0 beyond R.
    """

    amplitude: float
    distance: float
    chance: float
    cumulative: FloatArray
    expected: FloatArray
    densities: FloatArray

    @property
    def chance_words(self) -> str:
        """The distance by chance as it is written."""
        return f"{self.chance:.4f}" if self.chance >= 0.0001 else "below 0.0001"


@dataclass(frozen=True, eq=False)
class Read:
    """All codes of one kind, read one way.

    Attributes:
        statistics: ranks, normalised amplitudes, confusions, margins.
        per_label: float64 [l, 3], share of each label's codes that are read right, with its 95 % interval:
            value, low, high; NaN for a label without images.
        floor: the noise floor of these ranks.
    """

    statistics: RankStatistics
    per_label: FloatArray
    floor: FloorCurves

    @property
    def images(self) -> int:
        """N, the number of images."""
        return len(self.statistics.hits)

    @property
    def cumulative(self) -> FloatArray:
        """Share of codes whose true label is among the first k = 1…R, float64 [R] (Fig. 5c)."""
        ranks = self.statistics.ranks
        return np.cumsum(ranks) / ranks.sum()

    @property
    def accuracy(self) -> float:
        """Share of codes that are read right."""
        return float(self.statistics.hits.mean() / self.statistics.draws)

    @property
    def margins(self) -> FloatArray:
        """Mean margin of each image, float64 [N], in units of c."""
        return self.statistics.margins / self.statistics.draws

    @property
    def signal(self) -> float:
        """Mean amplitude of the true label, in units of a random code's spread 1/√M."""
        return self.statistics.mean_signal

    @property
    def noise(self) -> float:
        """Root mean square of the amplitudes on the other ranked axes, in the same units."""
        return self.statistics.mean_noise

    def mean_ratios(self, true_rank: int) -> FloatArray:
        """Mean normalised amplitude at rank 1…R among codes whose true label has `true_rank`, float64 [R]: 1 at rank 1,
        then to the width of the bins; empty where there is none.
        """
        counts, edges = self.statistics.ratios[true_rank - 1], self.statistics.edges
        if not counts.any():
            return np.empty(0)
        means: FloatArray = counts @ ((edges[1:] + edges[:-1]) / 2) / counts.sum(axis=1)
        means[0] = 1.0
        return means

    def density(self, true_rank: int, rank: int) -> FloatArray:
        """Density of c₍rank₎ / c₍₁₎ among codes whose true label has `true_rank`, float64 [B] (Fig. 6d–f); 0 where
        there is none.
        """
        counts = self.statistics.ratios[true_rank - 1]
        if rank > len(counts) or not counts[rank - 1].any():
            return np.zeros(counts.shape[1])
        return counts[rank - 1] / counts[rank - 1].sum() / np.diff(self.statistics.edges)


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything that an evaluation has found so far.

    Attributes:
        measured: the numbers, as `evaluation.json` keeps them; fewer after a first look.
        labels: int64 [N], the true labels.
        classifier_read: int64 [N], what C reads in the images themselves.
        reads: by codes and reading; a first look has the means alone.
    """

    measured: Mapping[str, Any]
    labels: Counts
    classifier_read: Counts
    reads: Mapping[tuple[Latent, Reading], Read]

    @property
    def trials(self) -> int:
        """Draws of every test image; 0 after a first look."""
        return int(self.measured["trials"])
