"""Figure 5b: the accuracy of every trial, for C, C∘G∘E and LSD, with the 95 % interval of their means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.evaluation.findings import BundleMetrics, Measure
from lsd_studio.engine.figures.panels.evaluation import WAYS
from lsd_studio.engine.figures.spec import Axis, Ink, Line, Mark, Panel, Part, Points
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.evaluate.formatting import interval
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import column, row, title
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel


@dataclass(frozen=True)
class _Series:
    name: str
    ink: Ink
    mark: Mark
    glyph: str
    values: tuple[float, ...]
    measure: Measure | None


class TrialsView(QWidget):
    """Points for trials, a line for their mean, and a bar at its end for the 95 % interval over images."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._series: tuple[_Series, ...] = ()
        self.plot = PanelPlot(themes, "Accuracy of each trial (Figure 5b)")
        self.legend = WrappedLabel("Accuracies and their 95 % intervals")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.source = ElidingLabel("Where the accuracies are from")
        head = row(title("Accuracy of each trial (%)"), None, self.source)
        self.setLayout(column(head, self.legend, (self.plot, 1), spacing=GRID // 2))
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
        """Show the accuracies measured, or the trials so far; `source` says where they are from."""
        self.source.setText(source)
        listed = so_far if so_far is not None else {} if metrics is None else per_trial(metrics)
        measures = {} if metrics is None else metrics.measures
        means = measures if so_far is None else {}
        way = WAYS[reading]
        decoded, read = listed.get("reconstruction_accuracy", ()), listed.get(f"lsd_accuracy.{way}", ())
        self._series = (
            _Series("C", "teal", "", "—", (), measures.get("classifier_accuracy")),
            _Series("C∘G∘E", "blue", "dot", "●", decoded, means.get("reconstruction_accuracy.sampled")),
            _Series("LSD", "red", "diamond", "◆", read, means.get(f"lsd_accuracy.sampled.{way}")),
        )
        self.plot.show_panel(_panel(self._series))
        self._apply_theme(self._themes.theme)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        self.legend.setText(" &nbsp; ".join(_words(series, theme) for series in self._series))


def _panel(all_series: Sequence[_Series]) -> Panel:
    """Points for trials, a line at each mean, and behind the last trial the intervals side by side."""
    last = max(20, *(len(series.values) for series in all_series))
    parts: list[Part] = []
    seen: list[float] = []
    for place, series in enumerate(all_series):
        values = 100 * np.asarray(series.values, dtype=np.float64)
        seen += values.tolist()
        if series.measure is not None:
            mean, low, high = 100 * np.array([series.measure.value, series.measure.low, series.measure.high])
            end = last + 0.5 + 0.04 * last * (place + 0.5)
            parts.append(Line("", np.array([0, end]), np.array([mean, mean]), series.ink))
            if math.isfinite(low):
                at, value, least, most = (np.array([number]) for number in (end, mean, low, high))
                parts.append(Points("", at, value, series.ink, "", least, most))
                seen += [low, high]
        if len(values):
            parts.append(
                Points("", np.arange(1, len(values) + 1), values, series.ink, series.mark, size=1.15)
            )
    margin = max(0.1, 0.08 * (max(seen) - min(seen))) if seen else 0.0
    limits = (min(seen) - margin, min(100.0, max(seen) + margin)) if seen else None
    ticks = tuple((float(trial), str(trial)) for trial in (1, *range(5, last + 1, 5 * (1 + last // 50))))
    bottom = Axis("trial", limits=(0.5, last + 0.6 + 0.04 * last * len(all_series)), ticks=ticks)
    return Panel(tuple(parts), bottom, Axis("accuracy", "%", limits=limits))


def per_trial(metrics: BundleMetrics) -> dict[str, tuple[float, ...]]:
    """The shares by trial, by what they are of."""
    prefix = "per_trial."
    return {
        name.removeprefix(prefix): values
        for name, values in metrics.series.items()
        if name.startswith(prefix)
    }


def _words(series: _Series, theme: Theme) -> str:
    colour = ink_colour(series.ink, theme).name()
    text = f'<span style="color:{colour}">{series.glyph}</span>&nbsp;{series.name}'
    if series.measure is not None:
        text += f' <span style="color:{theme.text}; font-weight:600">{100 * series.measure.value:.2f}</span>'
        between = interval(series.measure)
        text += f" [{between}]" if between else ""
    elif series.values:
        text += f" {100 * sum(series.values) / len(series.values):.2f} so far"
    else:
        text += " not measured"
    return text
