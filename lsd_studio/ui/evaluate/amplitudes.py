"""Figure 6: normalised amplitudes by rank where the true label ranks first, second and third, with the noise floor."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from lsd_studio.engine.evaluation.findings import TRUE_RANKS, Read
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.evaluate.colours import figure_colour
from lsd_studio.ui.evaluate.formatting import share
from lsd_studio.ui.plots.plots import LEAST_PLOT, Plot, density_colours
from lsd_studio.ui.widgets.layouts import title
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

__all__ = ["AmplitudesView"]

ORDINALS = ("first", "second", "third")
RANKS = ((2, "second"), (3, "third"), (4, "fourth"))


class AmplitudesView(QWidget):
    """a–c: how codes spread over amplitude and rank; d–f: densities of the second, third and fourth amplitude."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._read: Read | None = None
        self.legend = WrappedLabel("What Figure 6 shows")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        grid = QGridLayout()
        grid.setSpacing(GRID)
        self._counts = [plain_label() for _ in TRUE_RANKS]
        for count in self._counts:
            count.setProperty("role", "caption")
        self._spread = [_SpreadPlot(themes, rank) for rank in TRUE_RANKS]
        self._densities = [_DensityPlot(themes, rank) for rank in TRUE_RANKS]
        for plot in (*self._spread, *self._densities):
            plot.setMinimumHeight(LEAST_PLOT)
        for column in range(len(TRUE_RANKS)):
            head = title(f"{'abc'[column]}, {'def'[column]}  True label ranks {ORDINALS[column]}")
            grid.addWidget(SideBySide(head, self._counts[column], stretches=(0, 1)), 0, column)
            grid.addWidget(self._spread[column], 1, column)
            grid.addWidget(self._densities[column], 2, column)
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(1, 5)
        grid.setRowStretch(2, 4)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GRID)
        whole.addWidget(self.legend)
        whole.addLayout(grid, 1)
        themes.changed.connect(self._apply_theme)
        self.show_read(None)

    @property
    def read(self) -> Read | None:
        """What is shown."""
        return self._read

    def show_read(self, read: Read | None) -> None:
        """Show the amplitudes of codes read one way."""
        self._read = read
        for place, rank in enumerate(TRUE_RANKS):
            codes = 0 if read is None else int(read.statistics.ratios[place, 0].sum())
            words = "" if read is None else f"{counted(codes)} codes"
            if read is not None and rank <= len(read.statistics.ranks):
                words += f", {share(int(read.statistics.ranks[place]) / int(read.statistics.ranks.sum()))}"
            self._counts[place].setText(words)
            self._spread[place].show_read(read)
            self._densities[place].show_read(read)
        self._apply_theme(self._themes.theme)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        parts = [
            f'<span style="color:{figure_colour(theme, name).name()}">▬</span> {name} amplitude'
            for _, name in RANKS
        ]
        parts.append(f'<span style="color:{figure_colour(theme, "lsd").name()}">—</span> mean')
        floor = f'<span style="color:{figure_colour(theme, "floor").name()}">╌</span> dashed: noise floor'
        if self._read is not None:
            floor += (
                f", a = {self._read.floor.amplitude:.2f}: measured signal {self._read.signal:.2f} over noise "
                f"{self._read.noise:.2f}, in units of 1/√M"
            )
        parts.append(floor)
        self.legend.setText(" &nbsp;&nbsp; ".join(parts))


class _SpreadPlot(Plot):
    """Figures 6a–c: the share of codes in each cell of rank and normalised amplitude."""

    def __init__(self, themes: ThemeManager, true_rank: int) -> None:
        self._image = pg.ImageItem()
        self._mean, self._expected = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._true_rank = true_rank
        super().__init__(
            themes, "rank k", "c₍ₖ₎ / c₍₁₎", f"Amplitude by rank, true label ranks {ORDINALS[true_rank - 1]}"
        )
        self.setMouseEnabled(x=False, y=False)
        self.addItem(self._image)
        self.addItem(self._mean)
        self.addItem(self._expected)
        self.getPlotItem().getAxis("left").setWidth(48)

    def show_read(self, read: Read | None) -> None:
        self._image.clear()
        self._mean.setData([], [])
        self._expected.setData([], [])
        if read is None:
            return
        counts = read.statistics.ratios[self._true_rank - 1]
        ranks, edges = len(counts), read.statistics.edges
        total = counts.sum(axis=1, keepdims=True)
        shares = np.sqrt(counts / np.maximum(total, 1)).T
        self._image.setImage(shares, levels=(0.0, max(float(np.quantile(shares, 0.995)), 1e-9)))
        self._image.setRect(QRectF(0.5, edges[0], ranks, edges[-1] - edges[0]))
        if total.any():
            places = np.arange(1, ranks + 1)
            self._mean.setData(places, read.mean_ratios(self._true_rank))
            self._expected.setData(places, read.floor.expected[self._true_rank - 1])
        self.setXRange(0.5, ranks + 0.5, padding=0)
        self.setYRange(edges[0], 1.0, padding=0.02)
        axis = self.getPlotItem().getAxis("bottom")
        step = 1 if ranks <= 12 else 10 * max(1, round(ranks / 50))
        axis.setTicks([[(1, "1"), *((tick, str(tick)) for tick in range(max(step, 2), ranks + 1, step))]])

    @Slot(object)
    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self._image.setColorMap(density_colours(theme))
        pen = pg.mkPen(figure_colour(theme, "floor"), width=2, style=Qt.PenStyle.DashLine)
        self._expected.setPen(pen)
        self._mean.setPen(pg.mkPen(figure_colour(theme, "lsd"), width=1.5))


class _DensityPlot(Plot):
    """Figures 6d–f: densities of the second, third and fourth normalised amplitude, measured and expected."""

    def __init__(self, themes: ThemeManager, true_rank: int) -> None:
        self._true_rank = true_rank
        self._measured = [pg.PlotDataItem(stepMode="center") for _ in RANKS]
        self._floors = [pg.PlotCurveItem() for _ in RANKS]
        super().__init__(
            themes,
            "c₍ₖ₎ / c₍₁₎",
            "probability density",
            f"Densities of amplitudes, true label ranks {ORDINALS[true_rank - 1]}",
        )
        self.setMouseEnabled(x=False, y=False)
        for item in (*self._measured, *self._floors):
            self.addItem(item)
        self.getPlotItem().getAxis("left").setWidth(48)

    def show_read(self, read: Read | None) -> None:
        if read is None:
            for place in range(len(RANKS)):
                self._measured[place].setData([0, 1], [0])
                self._floors[place].setData([], [])
            return
        edges = read.statistics.edges
        middles = (edges[1:] + edges[:-1]) / 2
        highest = 1.0
        for place, (rank, _) in enumerate(RANKS):
            density = read.density(self._true_rank, rank)
            self._measured[place].setData(edges, density)
            expected = read.floor.densities[self._true_rank - 1, place]
            self._floors[place].setData(middles, expected if density.any() else np.zeros_like(expected))
            highest = max(highest, float(density.max()), float(np.quantile(expected, 0.98)))
        self.setXRange(edges[0], 1.0, padding=0.01)
        self.setYRange(0, 1.05 * highest, padding=0)

    @Slot(object)
    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        for place, (_, name) in enumerate(RANKS):
            colour = figure_colour(theme, name)
            self._measured[place].setPen(pg.mkPen(colour, width=2))
            soft = pg.mkColor(colour)
            soft.setAlpha(190)
            self._floors[place].setPen(pg.mkPen(soft, width=1.5, style=Qt.PenStyle.DashLine))
