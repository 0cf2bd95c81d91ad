"""Counts of training steps in words."""

from __future__ import annotations

__all__ = ["step_words"]


def step_words(steps: float) -> str:
    """A count of steps as short as an axis needs it: 500, 20 k, 1.2 M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(steps) >= 10 * size or (abs(steps) >= size and steps % (size / 10) == 0):
            return f"{steps / size:g} {letter}"
    return f"{steps:g}"
