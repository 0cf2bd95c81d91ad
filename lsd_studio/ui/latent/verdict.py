"""What the test against Gaussian twins says of what is visible, in words and two small plots (R33, R47)."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QPushButton

from lsd_studio.engine.figures.panels.latent import neighbours_panel, pair_counts_panel
from lsd_studio.engine.figures.spec import Panel
from lsd_studio.engine.latent.twin_comparison import TwinComparison, TwinTestSettings
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.plots.plots import BELOW, Plot
from lsd_studio.ui.train.panels import curve_colours
from lsd_studio.ui.widgets.layouts import caption, column, row, title
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

HIGH = 19 * GRID
"""Pixels in height of the plots."""

ASK = "Test whether the visible codes differ from Gaussian twins of the same mean and covariance."
TESTING = "Drawing twins and measuring them…"


class LatentVerdict(QFrame):
    """A sentence with its p-values, and the distances and separations that it rests on.

    Attributes:
        run: has what is visible tested.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._tested: TwinComparison | None = None
        self.hint = caption(ASK, "About the test")
        self.sentence = WrappedLabel("Verdict of the test against the Gaussian twin", role="")
        self.source = WrappedLabel("What was tested")
        self.run = QPushButton("Test visible codes")
        self.run.setToolTip(
            "Compares nearest neighbours, pairs of points, and distributions along each axis and about the mean with "
            "those of many Gaussian twins"
        )
        self.neighbours = _TestPlot(themes, "distance to the nearest neighbour", "density")
        self.correlation = _TestPlot(themes, "separation r of pairs; ξ = DD/RR − 1", "ξ(r)")
        self._own = pg.PlotDataItem(stepMode="center")
        self._twin = pg.PlotDataItem(stepMode="center")
        self._excess = pg.PlotCurveItem()
        self._low, self._high = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._band = pg.FillBetweenItem(self._low, self._high)
        for item in (self._twin, self._own):
            self.neighbours.addItem(item)
        for item in (self._band, self._excess):
            self.correlation.addItem(item)
        head = row(title("More than mean and covariance?"), (self.hint, 1), self.run)
        words = column(head, self.sentence, self.source, None, spacing=GRID // 2)
        plots = row(self.neighbours, self.correlation, spacing=2 * GRID)
        inside = SideBySide(words, plots, stretches=(1, 1), spacing=2 * GRID)
        self.setLayout(column(inside, margin=(12, GRID, 12, GRID)))
        themes.changed.connect(self._apply_theme)
        self._apply_theme(themes.theme)
        self.forget()

    @property
    def tested(self) -> TwinTestSettings | None:
        return None if self._tested is None else self._tested.settings

    def panels(self) -> tuple[Panel, ...]:
        """The two plots of the test, as panels of a figure; none before a test."""
        if self._tested is None:
            return ()
        return neighbours_panel(self._tested.test), pair_counts_panel(self._tested.test)

    def show_testing(self, is_testing: bool) -> None:
        """Say whether a test is under way."""
        if self._tested is None:
            self.hint.setText(TESTING if is_testing else ASK)

    def forget(self) -> None:
        """What was tested is not visible any more."""
        self._tested = None
        self._show_findings(False)

    def show_test(self, found: TwinComparison, seconds: float) -> None:
        self._tested = found
        self._show_findings(True)
        test, settings = found.test, found.settings
        self.sentence.setText(found.sentence)
        kind = "one Gaussian for all codes" if settings.twin_of == "codes" else "one Gaussian per label"
        tested = (
            f"{_where(found)}, {kind}, {counted(settings.twins)} twins, seed {settings.seed}, {seconds:.1f} s. "
            "Blue: codes; grey: mean of the twins, and 95 % of them."
        )
        self.source.setText(" ".join((tested, *found.notes)))
        self._own.setData(test.neighbour_edges, test.neighbour_codes)
        self._twin.setData(test.neighbour_edges, test.neighbour_twins)
        middles = (test.separations[1:] + test.separations[:-1]) / 2
        self._excess.setData(middles, test.correlation)
        self._low.setData(middles, test.correlation_low)
        self._high.setData(middles, test.correlation_high)
        for plot in (self.neighbours, self.correlation):
            plot.autoRange(padding=0.05)

    def _show_findings(self, found: bool) -> None:
        self.hint.setText("" if found else ASK)
        for part in (self.sentence, self.source, self.neighbours, self.correlation):
            part.setVisible(found)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        grey, soft = theme.colour("muted"), theme.colour("muted")
        soft.setAlpha(60)
        self._own.setPen(pg.mkPen(theme.colour("accent"), width=2))
        self._twin.setPen(pg.mkPen(grey, width=1.5))
        self._excess.setPen(pg.mkPen(curve_colours(theme)[0], width=2))
        for edge in (self._low, self._high):
            edge.setPen(pg.mkPen(grey, width=0.5))
        self._band.setBrush(pg.mkBrush(soft))


class _TestPlot(Plot):
    def __init__(self, themes: ThemeManager, bottom: str, left: str) -> None:
        super().__init__(themes, bottom, left)
        self.setMouseEnabled(x=False, y=False)
        self.getPlotItem().layout.setContentsMargins(0, 2, 8, BELOW)
        self.setMinimumWidth(208)
        self.setFixedHeight(HIGH)


def _where(of: TwinComparison) -> str:
    """What was compared, in words."""
    plane, window = of.settings.plane, of.settings.window
    if plane is None:
        return f"{len(of.axis_names)} principal axes"
    axes = "principal axes" if plane.axes == "principal" else "components"
    words = f"{axes} {plane.x} and {plane.y}"
    if window is None:
        return words
    left, right, bottom, top = (f"{edge:.2f}".replace("-", "−") for edge in window)
    return f"{words}, {left} … {right} by {bottom} … {top}"
