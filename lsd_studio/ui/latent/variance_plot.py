"""How much of the variance every principal axis holds, and all up to it (R28)."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Slot

from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes
from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.plots.plots import Plot

__all__ = ["VariancePlot", "variance_words"]


class VariancePlot(Plot):
    """A bar for each axis, and the curve of their sum."""

    def __init__(self, themes: ThemeManager) -> None:
        self._bars = pg.BarGraphItem(x=[], height=[], width=0.8)
        self._sum = pg.PlotCurveItem()
        super().__init__(themes, "principal axis", "variance (%)", "Variance along the principal axes")
        self.setMouseEnabled(x=False, y=False)
        self.getPlotItem().getAxis("left").setWidth(44)
        for item in (self._bars, self._sum):
            self.addItem(item, ignoreBounds=True)
        self.setYRange(0, 104, padding=0)
        self.apply_theme(themes.theme)

    def show_variance(self, shown: PrincipalAxes | None) -> None:
        """Show shares of the variance; None shows nothing."""
        shares = np.zeros(0) if shown is None else 100 * shown.shares
        places = np.arange(len(shares))
        self._bars.setOpts(x=places, height=shares)
        self._sum.setData(places, shares.cumsum())
        self.setXRange(-0.6, max(len(shares), 1) - 0.4, padding=0)

    @Slot(object)
    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        super().apply_theme(theme)
        self._bars.setOpts(brush=theme.colour("accent"), pen=pg.mkPen(None))
        self._sum.setPen(pg.mkPen(theme.colour("muted"), width=1.5))


def variance_words(shown: PrincipalAxes) -> str:
    """How many axes hold most of the variance, in words."""
    parts = [f"{100 * share:.0f} %: {shown.needed(share)}" for share in (0.5, 0.8, 0.95)]
    return f"Axes that hold {', '.join(parts)}. Effective number of axes: {shown.effective:.1f}."
