"""Means over test images with their 95 % bootstrap intervals (R37)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

RESAMPLES = 1000


def bootstrap_intervals(values: FloatArray, random: np.random.Generator) -> FloatArray:
    """Mean and 95 % percentile interval of each column of values [N, K]: float64 [3, K], value, low, high."""
    count = len(values)
    means = np.empty((RESAMPLES, values.shape[1]))
    for resample in range(RESAMPLES):
        drawn = np.bincount(random.integers(count, size=count), minlength=count)
        means[resample] = drawn @ values / count
    return np.stack([values.mean(axis=0), *np.percentile(means, (2.5, 97.5), axis=0)])


def named_intervals(
    per_image: Mapping[str, FloatArray], random: np.random.Generator
) -> dict[str, dict[str, float]]:
    """`{"value", "low", "high"}` of each quantity, given one number for each image, [N]."""
    intervals = bootstrap_intervals(np.stack(list(per_image.values()), axis=1), random)
    return {
        name: {"value": float(value), "low": float(low), "high": float(high)}
        for name, (value, low, high) in zip(per_image, intervals.T, strict=True)
    }
