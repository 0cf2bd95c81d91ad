"""95 % intervals of averages over independent images, exact where they are proportions (R37).

A percentile bootstrap of ten images that all succeed draws the same ten again and says 100 … 100 %: it has nothing to
draw from. Proportions have their exact interval instead, and averages without any spread have none.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, t

from lsd_studio.engine.evaluation.findings import Measure

FloatArray = NDArray[np.float64]

RESAMPLES = 1000
BEYOND = 0.05
NORMAL = 1.959964


def exact_interval(successes: float, count: float) -> tuple[float, float]:
    """Low and high end for a proportion of `count` independent things (Clopper and Pearson, 1934).

    2.5 % lie beyond either end; where none or all succeed there is one end, and 5 % lie beyond it: 9 of 9 is at least
    0.717. `successes` need not be whole where things count unequally.
    """
    one_sided = successes in (0, count)
    tail = BEYOND if one_sided else BEYOND / 2
    low = 0.0 if successes == 0 else float(beta.ppf(tail, successes, count - successes + 1))
    high = 1.0 if successes == count else float(beta.isf(tail, successes + 1, count - successes))
    return low, high


def mean_intervals(values: FloatArray, random: np.random.Generator) -> FloatArray:
    """Mean and 95 % interval of each column of values [N, K], N independent images: float64 [3, K], value, low, high.

    Columns of nothing but 0 and 1 are proportions, see `exact_interval`. The others have the percentile interval of a
    bootstrap over images; low and high are NaN where all N values are one, which says nothing of their spread.
    """
    count = len(values)
    found = np.full((3, values.shape[1]), np.nan)
    found[0] = values.mean(axis=0)
    is_proportion = ((values == 0) | (values == 1)).all(axis=0)
    for column in np.flatnonzero(is_proportion):
        found[1:, column] = exact_interval(int(values[:, column].sum()), count)
    drawn_from = ~is_proportion & (np.ptp(values, axis=0) > 0)
    if drawn_from.any():
        chosen = values[:, drawn_from]
        means = np.empty((RESAMPLES, chosen.shape[1]))
        for resample in range(RESAMPLES):
            drawn = np.bincount(random.integers(count, size=count), minlength=count)
            means[resample] = drawn @ chosen / count
        found[1:, drawn_from] = np.percentile(means, (2.5, 97.5), axis=0)
    return found


def over_draws(values: ArrayLike, count: int) -> Measure:
    """Mean of a measure [D] that was taken of D independent draws, with Student's interval of D − 1 degrees of freedom.

    `count` is what the measure then says it counts: the images of all draws. Fewer than two draws have no interval.
    """
    drawn = np.asarray(values, dtype=np.float64)
    return _student(
        float(drawn.mean()),
        drawn.std(ddof=1) / math.sqrt(len(drawn)) if len(drawn) > 1 else math.nan,
        len(drawn),
        count,
    )


def jackknifed(value: float, without: ArrayLike, count: int) -> Measure:
    """A measure of all draws with the interval that its D values without one draw each give (delete-a-group jackknife).

    Args:
        value: of all draws; without: [D], of all but one; count: as `over_draws`.
    """
    left = np.asarray(without, dtype=np.float64)
    error = math.sqrt((len(left) - 1) * left.var()) if len(left) > 1 else math.nan
    return _student(value, error, len(left), count)


def _student(value: float, error: float, draws: int, count: int) -> Measure:
    reach = error * float(t.ppf(1 - BEYOND / 2, draws - 1)) if draws > 1 else math.nan
    return Measure(value, value - reach, value + reach, count)


def paired_difference(first: FloatArray, second: FloatArray) -> Measure:
    """Mean of first − second, each [N] within 0…1 and measured on the same N images, with its 95 % interval.

    Adjusted Wald (Agresti and Min, 2005): half an image in favour of either side and one of neither are added, so that
    images that all agree still have an interval, and a few that do not are no proof. Values may be means over trials.
    """
    differences = first - second
    count = len(differences) + 2
    centre = differences.sum() / count
    spread = math.sqrt(((differences @ differences + 1) / count - centre**2) / count)
    reach = NORMAL * spread
    low, high = max(-1.0, centre - reach), min(1.0, centre + reach)
    return Measure(float(differences.mean()), low, high, len(differences))


def named_intervals(
    per_image: Mapping[str, FloatArray], random: np.random.Generator
) -> dict[str, dict[str, float | None]]:
    """`stated` for each quantity, given one number for each image, [N]."""
    found = mean_intervals(np.stack(list(per_image.values()), axis=1), random)
    count = len(next(iter(per_image.values())))
    return {
        name: stated(Measure(value, low, high, count))
        for name, (value, low, high) in zip(per_image, found.T.tolist(), strict=True)
    }


def stated(measure: Measure) -> dict[str, float | None]:
    """`{"value", "low", "high", "count"}` as JSON has it, None for NaN; `Measure.of` reads it."""
    return {
        name: None if math.isnan(number) else number for name, number in dataclasses.asdict(measure).items()
    }
