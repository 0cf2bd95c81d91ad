"""Figure 5b: the accuracy of every trial, for C, C∘G∘E and LSD, with the 95 % interval of their means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lsd_studio.engine.evaluation.findings import BundleMetrics, Measure
from lsd_studio.engine.figures.panels.evaluation import WAYS
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.evaluate.colours import figure_colour
from lsd_studio.ui.evaluate.formatting import interval
from lsd_studio.ui.plots.plots import LEAST_PLOT, Plot
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import row, title
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

__all__ = ["TrialsView"]


@dataclass(frozen=True)
class _Series:
    name: str
    colour: str
    mark: str
    glyph: str
    values: tuple[float, ...]
    measure: Measure | None


class TrialsView(QWidget):
    """Points for trials, a line for their mean, and a bar at its end for the 95 % interval over images."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._series: tuple[_Series, ...] = ()
        self.plot = Plot(themes, "trial", "accuracy (%)", "Accuracy of each trial (Figure 5b)")
        self.plot.setMouseEnabled(x=False, y=False)
        self.legend = WrappedLabel("Accuracies and their 95 % intervals")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GRID // 2)
        self.source = ElidingLabel("Where the accuracies are from")
        whole.addLayout(row(title("Accuracy of each trial (%)"), None, self.source))
        whole.addWidget(self.legend)
        self.plot.setMinimumHeight(LEAST_PLOT)
        whole.addWidget(self.plot, 1)
        themes.changed.connect(self._apply_theme)

    @property
    def points(self) -> Mapping[str, tuple[float, ...]]:
        """The accuracies shown, by series."""
        return {series.name: series.values for series in self._series}

    def show_accuracies(
        self,
        metrics: BundleMetrics | None,
        reading: Reading,
        so_far: Mapping[str, tuple[float, ...]] | None = None,
        source: str = "",
    ) -> None:
        """Show what is stated, or the trials so far; `source` says where that is stated."""
        self.source.setText(source)
        way = f"lsd_accuracy.{WAYS[reading]}"
        listed = so_far if so_far is not None else {} if metrics is None else _per_trial(metrics)
        measures = {} if metrics is None else metrics.measures
        per_trial = so_far is None
        self._series = tuple(
            _Series(name, colour, mark, glyph, listed.get(key, ()), measures.get(full) if per_trial or fixed else None)
            for name, colour, mark, glyph, key, full, fixed in (
                ("C", "classifier", "", "—", "", "classifier_accuracy", True),
                (
                    "C∘G∘E", "reconstruction", "o", "●",
                    "reconstruction_accuracy", "reconstruction_accuracy.sampled", False,
                ),
                ("LSD", "lsd", "d", "◆", way, f"lsd_accuracy.sampled.{WAYS[reading]}", False),
            )
        )  # fmt: skip
        self._draw()

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        self._draw()

    def _draw(self) -> None:
        theme = self._themes.theme
        self.plot.clear()
        trials = max((len(series.values) for series in self._series), default=0)
        last = max(trials, 20)
        for series in self._series:
            self._draw_series(series, figure_colour(theme, series.colour), last)
        self.plot.setXRange(0.5, last + 0.6 + 0.04 * last * len(self._series), padding=0)
        axis = self.plot.getPlotItem().getAxis("bottom")
        axis.setTicks([[(1, "1"), *((tick, str(tick)) for tick in range(5, last + 1, 5 * (1 + last // 50)))]])
        seen = [100 * value for series in self._series for value in _extent(series)]
        if seen:
            margin = max(0.1, 0.08 * (max(seen) - min(seen)))
            self.plot.setYRange(min(seen) - margin, min(100.0, max(seen) + margin), padding=0)
        self.legend.setText(" &nbsp; ".join(_words(series, theme) for series in self._series))

    def _draw_series(self, series: _Series, colour: object, last: int) -> None:
        if series.measure is not None:
            measure = series.measure
            mean, low, high = (100 * part for part in (measure.value, measure.low, measure.high))
            place = last + 0.5 + 0.04 * last * (self._series.index(series) + 0.5)
            self.plot.plot([0, place], [mean, mean], pen=pg.mkPen(colour, width=1.5))
            if not math.isnan(low):
                bar = pg.ErrorBarItem(
                    x=np.array([place]),
                    y=np.array([mean]),
                    top=np.array([high - mean]),
                    bottom=np.array([mean - low]),
                    beam=0.02 * last,
                    pen=pg.mkPen(colour, width=2),
                )
                self.plot.addItem(bar)
        if series.values:
            self.plot.plot(
                list(range(1, len(series.values) + 1)),
                [100 * value for value in series.values],
                pen=None,
                symbol=series.mark,
                symbolSize=9 if series.mark == "o" else 12,
                symbolBrush=pg.mkBrush(colour),
                symbolPen=pg.mkPen(self._themes.theme.colour("surface")),
            )


def _per_trial(metrics: BundleMetrics) -> dict[str, tuple[float, ...]]:
    prefix = "per_trial."
    return {
        name.removeprefix(prefix): values
        for name, values in metrics.series.items()
        if name.startswith(prefix)
    }


def _extent(series: _Series) -> tuple[float, ...]:
    measure = series.measure
    if measure is None or math.isnan(measure.low):
        return series.values
    return (*series.values, measure.low, measure.high)


def _words(series: _Series, theme: Theme) -> str:
    colour = figure_colour(theme, series.colour).name()
    text = f'<span style="color:{colour}">{series.glyph}</span> {series.name}'
    if series.measure is not None:
        text += f' <span style="color:{theme.text}; font-weight:600">{100 * series.measure.value:.2f}</span>'
        between = interval(series.measure)
        text += f" [{between}]" if between else ""
    elif series.values:
        text += f" {100 * sum(series.values) / len(series.values):.2f} so far"
    else:
        text += " not measured"
    return text
