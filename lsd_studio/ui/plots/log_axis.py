"""A logarithmic axis that can be read: powers of ten, and 2 and 5 between them where few are seen."""

from __future__ import annotations

import math

import pyqtgraph as pg

__all__ = ["LogAxis"]

FEW = 2.5
"""Powers of ten in sight, up to which 2 and 5 are written too."""


class LogAxis(pg.AxisItem):
    """Ticks at 1, 2 and 5 times powers of ten, or at the powers alone."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.setSIPrefixEnableRanges(())

    def tickValues(self, least: float, largest: float, size: float) -> list[tuple[float, list[float]]]:
        """The logarithms of what is written."""
        least, largest = sorted((least, largest))
        factors = (1, 2, 5) if largest - least <= FEW else (1,)
        powers = range(math.floor(least), math.ceil(largest) + 1)
        every = max(1, math.ceil((largest - least) * 20 / max(size, 1)))
        places = [power + math.log10(factor) for power in powers if power % every == 0 for factor in factors]
        return [(1.0, [place for place in places if least <= place <= largest])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The numbers themselves."""
        return [f"{10**value:.6g}" for value in values]
