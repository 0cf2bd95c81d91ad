"""The kernel distance between two sets of features (Bińkowski et al., 2018)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32]

ROWS_AT_ONCE = 1024
"""Rows of a kernel's matrix that are held at once."""


def kernel_distance(first: Features, second: Features) -> float:
    """The unbiased squared maximum mean discrepancy, of the kernel (x·y / d + 1)³, of features [N₁, d] and [N₂, d].

    Its mean is 0 where both are of one distribution, whatever their number, so that it may lie below 0. Either side
    needs two rows. It compares only within one network's features.
    """
    within = sum(
        _kernel_sum(side, side, diagonal=False) / (len(side) * (len(side) - 1)) for side in (first, second)
    )
    return within - 2 * _kernel_sum(first, second) / (len(first) * len(second))


def _kernel_sum(first: Features, second: Features, *, diagonal: bool = True) -> float:
    """The sum of the kernel over all pairs; without the diagonal, over those of different rows."""
    dimensions = first.shape[1]
    total = 0.0
    for start in range(0, len(first), ROWS_AT_ONCE):
        kernel = (first[start : start + ROWS_AT_ONCE] @ second.T / dimensions + 1) ** 3
        total += float(kernel.sum(dtype=np.float64))
    if not diagonal:
        total -= float(((np.square(first, dtype=np.float64).sum(axis=1) / dimensions + 1) ** 3).sum())
    return total
