"""A logarithmic axis that can be read: round numbers, as many as have room beside each other."""

from __future__ import annotations

import math

import pyqtgraph as pg

__all__ = ["LogAxis", "log_places"]

ROOM = {"bottom": 48, "left": 20}
"""Pixels from one number to the next, at least."""

STEPS = ((tuple(range(1, 10)), 0.7), ((1, 2, 5), 2.5), ((1,), math.inf))
"""Factors of powers of ten that are written, and up to how many powers in sight, where they have room."""


class LogAxis(pg.AxisItem):
    """Ticks at round multiples of powers of ten, or at some of the powers alone."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.setSIPrefixEnableRanges(())

    def tickValues(self, least: float, largest: float, size: float) -> list[tuple[float, list[float]]]:
        """The logarithms of what is written."""
        return [(1.0, log_places(self.orientation, least, largest, size))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The numbers themselves."""
        return [f"{10**value:.6g}" for value in values]


def log_places(orientation: str, least: float, largest: float, size: float) -> list[float]:
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
