"""Axes whose numbers can be read: steps, values, and logarithms with as many round numbers as have room."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg

ROOM = {"bottom": 48, "left": 20}
"""Pixels from one number to the next, at least."""

STEPS = ((tuple(range(1, 10)), 0.7), ((1, 2, 5), 2.5), ((1,), math.inf))
"""Factors of powers of ten that are written, and up to how many visible powers, where they have room."""


class StepAxis(pg.AxisItem):
    """An axis of training steps: 500, 20 k, 1.2 M."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [step_words(value) for value in values]


class ValueAxis(pg.AxisItem):
    """An axis of values; a logarithmic one names round multiples of powers of ten that have room."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Places of the ticks, with names first."""
        if not self.logMode:
            return super().tickValues(minVal, maxVal, size)
        return [(1.0, _log_places(self.orientation, minVal, maxVal, size))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if not self.logMode:
            return [words.replace("-", "−") for words in super().tickStrings(values, scale, spacing)]
        return [f"{10**value:.3g}" for value in values]


class LogAxis(pg.AxisItem):
    """An axis of logarithms, at whose ticks the numbers themselves are written."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)

    def tickValues(self, least: float, largest: float, size: float) -> list[tuple[float, list[float]]]:
        """The logarithms of what is written."""
        return [(1.0, _log_places(self.orientation, least, largest, size))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{10**value:.6g}" for value in values]


def step_words(steps: float) -> str:
    """A count of training steps as short as an axis needs it: 500, 20 k, 1.2 M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(steps) >= 10 * size or (abs(steps) >= size and steps % (size / 10) == 0):
            return f"{steps / size:g} {letter}"
    return f"{steps:g}"


def _log_places(orientation: str, least: float, largest: float, size: float) -> list[float]:
    """The logarithms of the numbers that an axis has room for.

    Args:
        orientation: "bottom" or "left"; size: of the axis in pixels.
        least, largest: logarithms of its ends, in either order.
    """
    least, largest = sorted((least, largest))
    span = largest - least
    room = ROOM[orientation] * span / max(size, 1)
    fitting = (factors for factors, most in STEPS if span <= most and _least_gap(factors) >= room)
    factors = next(fitting, (1,))
    every = max(1, math.ceil(room))
    powers = range(math.floor(least), math.ceil(largest) + 1)
    places = [power + math.log10(factor) for power in powers if power % every == 0 for factor in factors]
    return [place for place in places if least <= place <= largest]


def _least_gap(factors: tuple[int, ...]) -> float:
    """How near two neighbours are, in powers of ten."""
    return min(math.log10(after / before) for before, after in zip(factors, (*factors[1:], 10), strict=True))
