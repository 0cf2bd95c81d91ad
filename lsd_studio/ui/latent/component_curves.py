"""Densities of all components of a latent space in one pair of axes, one of them under the pointer (R25)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal, Slot

from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.latent.selection.selected_codes import GroupDensities
from lsd_studio.ui.plots.outlined_plot import GROUP_ROLES
from lsd_studio.ui.plots.pointed_plot import PointedPlot
from lsd_studio.ui.train.panels import curve_colours

REACH = 18.0
"""Pixels within which the pointer finds a curve."""

NUMBER = 20
"""Pixels for the number above the top of a curve."""

MOST_COLOURED = 6
"""Components that stand out which have a colour of their own; the others are drawn in the foremost grey."""


class ComponentCurves(PointedPlot[int]):
    """One curve for each component; those that stand out are coloured and numbered, the others lie grey behind.

    Args:
        numbered: whether numbers stand at the curves that stand out.

    Attributes:
        densities: those shown, float [M, B].

    Signals:
        pointed: the component whose curve is under the pointer, or −1.
        picked: the component whose curve was clicked.
    """

    pointed = Signal(int)
    picked = Signal(int)

    def __init__(self, themes: ThemeManager, name: str, *, numbered: bool = True) -> None:
        self._numbered = numbered
        self._middles = np.zeros(0)
        self.densities = np.zeros((0, 0))
        self._span, self._highest = (-4.0, 4.0), 1.0
        self._whole: list[list[float]] = []
        self._others = pg.PlotCurveItem(connect="finite", antialias=False, skipFiniteCheck=False)
        self._marked = pg.PlotCurveItem()
        self._fit = pg.PlotCurveItem()
        self._groups = (pg.PlotCurveItem(), pg.PlotCurveItem())
        self._group_densities: GroupDensities = (None, None)
        self._component = -1
        self._coloured: list[tuple[pg.PlotCurveItem, pg.TextItem]] = []
        super().__init__(themes, "value of the component", "density (1/z)", name)
        self.getPlotItem().getAxis("left").setWidth(52)
        self.getPlotItem().vb.setMouseEnabled(x=True, y=True)
        self.getPlotItem().vb.sigResized.connect(self.keep_room)
        heights = (
            (self._others, 0),
            (self._marked, 12),
            (self._fit, 14),
            *((item, 16) for item in self._groups),
        )
        for item, height in heights:
            item.setZValue(height)
            self.addItem(item, ignoreBounds=True)

    def show_densities(
        self,
        middles: np.ndarray,
        densities: np.ndarray,
        outstanding: Sequence[int],
        span: tuple[float, float],
        highest: float,
    ) -> None:
        """Show densities float [M, B] at the middles of bins [B], on axes over `span` and up to `highest`."""
        self._middles, self.densities = middles, densities
        gap = np.full((len(densities), 1), np.nan)
        self._others.setData(
            np.tile(np.append(middles, np.nan), len(densities)), np.hstack((densities, gap)).ravel()
        )
        for curve, words in self._coloured:
            self.removeItem(curve)
            self.removeItem(words)
        self._coloured = [self._coloured_curve(component) for component in outstanding]
        self._span, self._highest = span, highest
        self._show_whole()
        self.plotItem.vb.setLimits(yMin=-0.02 * highest)
        self.show_component(-1)
        self.restyle()

    def _show_whole(self) -> None:
        """Show all of the curves, with room for a number above the highest."""
        high = self.plotItem.vb.height()
        front = slice(self._component, self._component + 1) if self._component >= 0 else slice(0)
        groups = [float(of.density[front].max(initial=0.0)) for of in self._group_densities if of is not None]
        top = max(self._highest, *groups, 0.0) * max(1.06, high / max(high - NUMBER, NUMBER))
        self.plotItem.vb.setRange(xRange=self._span, yRange=(0.0, top), padding=0.0)
        self._whole = self.plotItem.vb.viewRange()

    @Slot()
    def keep_room(self) -> None:
        """Keep room for the numbers of the curves and for those of the groups, unless a person has zoomed in."""
        if self.plotItem.vb.viewRange() == self._whole:
            self._show_whole()

    def clear_densities(self) -> None:
        self.show_densities(np.zeros(0), np.zeros((0, 0)), (), (-4.0, 4.0), 1.0)

    def show_component(self, component: int, fit: np.ndarray | None = None) -> None:
        """Bring a component's curve to the front, with its Gaussian fit [B] beside it; −1 brings none."""
        self._component = component
        self._show_groups()
        if component < 0 or component >= len(self.densities):
            self._marked.clear()
            self._fit.clear()
            return
        self._marked.setData(self._middles, self.densities[component])
        if fit is None or not np.isfinite(fit).all():
            self._fit.clear()
        else:
            self._fit.setData(self._middles, fit)

    def show_groups(self, densities: GroupDensities) -> None:
        """Draw those of the groups A and B for the component in front; None for one without codes."""
        self._group_densities = densities
        self._show_groups()
        self.keep_room()
        self.restyle()

    def _show_groups(self) -> None:
        for item, of in zip(self._groups, self._group_densities, strict=True):
            if of is None or not 0 <= self._component < len(of.density):
                item.clear()
            else:
                item.setData(of.middles, of.density[self._component])

    def point_of(self, component: int) -> QPointF:
        """Where the top of a component's curve is, in pixels of the viewport."""
        return self.pixel_of(self._top_of(component))

    def thing_at(self, where: QPointF) -> int | None:
        if not self.densities.size:
            return None
        values = np.array([np.interp(where.x(), self._middles, curve) for curve in self.densities])
        away = np.abs(values - where.y()) / self.plotItem.vb.viewPixelSize()[1]
        nearest = int(away.argmin())
        return nearest if away[nearest] <= REACH else None

    def tell(self, thing: int | None) -> None:
        self.pointed.emit(-1 if thing is None else thing)

    def pick(self, thing: int) -> None:
        self.picked.emit(thing)

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        faint = theme.colour("muted")
        faint.setAlpha(max(40, round(160 / max(1, len(self.densities)) ** 0.3)))
        self._others.setPen(pg.mkPen(faint, width=1))
        grouped = any(of is not None for of in self._group_densities)
        self._marked.setPen(pg.mkPen(theme.colour("muted" if grouped else "accent"), width=3))
        for item, role in zip(self._groups, GROUP_ROLES, strict=True):
            item.setPen(pg.mkPen(theme.colour(role), width=2))
        self._fit.setPen(pg.mkPen(theme.colour("text"), width=1.5, style=Qt.PenStyle.DashLine))
        colours = curve_colours(theme)
        for place, (curve, words) in enumerate(self._coloured):
            colour = colours[place % len(colours)] if place < MOST_COLOURED else theme.muted
            curve.setPen(pg.mkPen(colour, width=1.6 if place < MOST_COLOURED else 1.0))
            words.setColor(colour)
            words.setVisible(self._numbered and place < MOST_COLOURED)

    def _top_of(self, component: int) -> QPointF:
        at = int(self.densities[component].argmax())
        return QPointF(float(self._middles[at]), float(self.densities[component, at]))

    def _coloured_curve(self, component: int) -> tuple[pg.PlotCurveItem, pg.TextItem]:
        curve = pg.PlotCurveItem(self._middles, self.densities[component])
        curve.setZValue(6)
        words = pg.TextItem(str(component), anchor=(0.5, 1.0))
        words.setPos(self._top_of(component))
        words.setZValue(8)
        self.addItem(curve, ignoreBounds=True)
        self.addItem(words, ignoreBounds=True)
        return curve, words
