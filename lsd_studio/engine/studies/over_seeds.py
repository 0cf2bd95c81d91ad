"""Means over seeds with what is known of them: the standard deviation between seeds and Student's interval."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95
ROUNDING = 1e-12
"""Spread of values, accuracies or decibels, that is no more than rounding."""


@dataclass(frozen=True)
class OverSeeds:
    """A mean over `n` seeds, their standard deviation (n − 1), and Student's 95 % interval of the mean.

    NaN where there is none: of no seed everything, of one seed, or of several that are all alike, the interval.
    """

    mean: float
    sd: float
    low: float
    high: float
    n: int

    def stated(self) -> dict[str, float | None]:
        """As JSON has it, None for NaN."""
        return {
            name: None if math.isnan(number) else number for name, number in dataclasses.asdict(self).items()
        }


def over_seeds(values: Sequence[float]) -> OverSeeds:
    """The mean of independent values, one a seed; the interval takes them to be drawn from one normal distribution.

    >>> found = over_seeds([1.0, 2.0, 3.0])
    >>> found.mean, found.sd, round(found.high - found.mean, 4)
    (2.0, 1.0, 2.4841)
    """
    from scipy.stats import t

    n = len(values)
    if n == 0:
        return OverSeeds(math.nan, math.nan, math.nan, math.nan, 0)
    mean = float(np.mean(values))
    if n == 1:
        return OverSeeds(mean, math.nan, math.nan, math.nan, 1)
    sd = float(np.std(values, ddof=1)) if np.ptp(values) > ROUNDING else 0.0
    reach = float(t.ppf((1 + CONFIDENCE) / 2, n - 1)) * sd / math.sqrt(n) if sd > 0 else math.nan
    return OverSeeds(mean, sd, mean - reach, mean + reach, n)
