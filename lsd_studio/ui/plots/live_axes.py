"""Axes of live curves: training steps, and values on a linear or a logarithmic scale."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg

from lsd_studio.ui.plots.log_axis import log_places
from lsd_studio.ui.plots.step_formatting import step_words

__all__ = ["StepAxis", "ValueAxis"]


class StepAxis(pg.AxisItem):
    """An axis of training steps: 500, 20 k, 1.2 M."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The words at the ticks."""
        return [step_words(value) for value in values]


class ValueAxis(pg.AxisItem):
    """An axis of values; a logarithmic one names round multiples of powers of ten that have room."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Places of the ticks, with names first."""
        if not self.logMode:
            return super().tickValues(minVal, maxVal, size)
        return [(1.0, log_places(self.orientation, minVal, maxVal, size))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The words at the ticks."""
        if not self.logMode:
            return [words.replace("-", "−") for words in super().tickStrings(values, scale, spacing)]
        return [f"{10**value:.3g}" for value in values]
