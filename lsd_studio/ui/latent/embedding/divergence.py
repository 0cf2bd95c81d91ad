"""The divergence that t-SNE minimises, step by step."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg

from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.plots.plots import Plot


class DivergencePlot(Plot):
    """The divergence that is minimised, step by step."""

    def __init__(self, themes: ThemeManager) -> None:
        self._curve = pg.PlotCurveItem()
        self._steps: list[float] = []
        self._values: list[float] = []
        super().__init__(themes, "step", "KL (nats)", "Kullback–Leibler divergence of the layout")
        self.setMouseEnabled(x=False, y=False)
        self.getPlotItem().getAxis("left").setWidth(44)
        self.addItem(self._curve)

    def add(self, step: int, divergence: float) -> None:
        """Draw on to a step."""
        if math.isnan(divergence):
            return
        self._steps.append(step)
        self._values.append(divergence)
        self._curve.setData(np.array(self._steps, dtype=float), np.array(self._values))

    def forget(self) -> None:
        self._steps, self._values = [], []
        self._curve.clear()

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self._curve.setPen(pg.mkPen(theme.colour("accent"), width=1.5))
