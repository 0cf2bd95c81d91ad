"""Axes of live curves: training steps, and values on a linear or a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg

from lsd_studio.ui.plots.step_formatting import step_words

__all__ = ["StepAxis", "ValueAxis"]


class StepAxis(pg.AxisItem):
    """An axis of training steps: 500, 20 k, 1.2 M."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The words at the ticks."""
        return [step_words(value) for value in values]


class ValueAxis(pg.AxisItem):
    """An axis of values; a logarithmic one names decades, and 2 and 5 between them where there are few."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Places of the ticks, with names first."""
        if not self.logMode:
            return super().tickValues(minVal, maxVal, size)
        within = (1, 2, 5) if maxVal - minVal < 3 else (1,)
        decades = range(math.floor(minVal), math.ceil(maxVal) + 1)
        every = max(1, round(len(decades) * 24 / max(size, 1)))
        places = [decade + math.log10(part) for decade in decades if decade % every == 0 for part in within]
        return [(1.0, [place for place in places if minVal <= place <= maxVal])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The words at the ticks."""
        if not self.logMode:
            return [words.replace("-", "−") for words in super().tickStrings(values, scale, spacing)]
        return [f"{10**value:.3g}" for value in values]
