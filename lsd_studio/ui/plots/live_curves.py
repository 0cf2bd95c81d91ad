"""Live curves: several quantities of several runs, at most 30 times a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from lsd_studio.engine.runs.curves import Curve
from lsd_studio.engine.training.events import StageName
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.plots.live_panel import DASHES, CurvePanel, Reading, unbroken
from lsd_studio.ui.plots.live_traces import Trace
from lsd_studio.ui.train.panels import PANELS, STAGE_TITLES, PanelPlan, curve_colours
from lsd_studio.ui.widgets.controls import outlined_button, slider
from lsd_studio.ui.widgets.layouts import caption, column, row, title
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import FlowingGrid, SideBySide
from lsd_studio.ui.widgets.timers import delay

FRAME = 33
"""Milliseconds between two repaints at least: 30 a second."""

LEAST_PANEL = 200
"""Pixels in width in which a panel's curves and their legend can be read."""


@dataclass(frozen=True)
class ShownRun:
    """A run whose curves are drawn.

    Args:
        name: what a person calls it.
        curves: by stage.
        steps_per_epoch: by stage.
    """

    name: str
    curves: Mapping[StageName, Sequence[Curve]]
    steps_per_epoch: Mapping[StageName, int]


class LiveCurves(QWidget):
    """The curves of one stage, for one run or several, with one scale and one smoothing."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._runs: tuple[ShownRun, ...] = ()
        self.stage: StageName | None = None
        self._chosen_scale: str | None = None
        self._smoothed: dict[Curve, np.ndarray] = {}
        self.panels: list[CurvePanel] = []
        self._made: dict[StageName, list[CurvePanel]] = {}
        self.reading = Reading(self)
        self._wait = delay(self, FRAME, self._draw)
        self._title = title("")
        self.names = caption(name="Runs that are drawn")
        self.names.setTextFormat(Qt.TextFormat.RichText)
        self.scale = Segments(
            "Axis of values",
            ("linear", "Linear", "A linear axis"),
            ("log", "Log", "A logarithmic axis: equal factors are equally far"),
            take=self._choose_scale,
        )
        self.smoothing = slider(
            "Smoothing",
            "Exponential mean of the drawn line: how much of it each point hands on to the next. The band stays.",
            0,
            99,
        )
        self.smoothing.setFixedWidth(96)
        self.smoothing.valueChanged.connect(self._smooth)
        self._smoothing_words = plain_label()
        self._smoothing_words.setProperty("role", "caption")
        self._smoothing_words.setMinimumWidth(4 * GRID)
        self.whole = outlined_button(
            "Show all", "Follow all points again (Ctrl and the wheel zoom, a drag moves)", self.show_all
        )
        self.whole.hide()
        smoothing = QLabel("smoothing")
        smoothing.setProperty("role", "caption")
        named = row(self._title, (self.names, 1))
        controls = row(None, self.whole, smoothing, self.smoothing, self._smoothing_words, self.scale)
        self._grid = FlowingGrid(LEAST_PANEL, spacing=2 * GRID)
        self.setLayout(column(SideBySide(named, controls), (self._grid, 1)))
        themes.changed.connect(self._redraw)
        self._smooth(0)

    def show_stage(self, stage: StageName) -> None:
        """Draw the curves of this stage from now on."""
        if stage == self.stage:
            return
        self.stage = stage
        self.reading.hide()
        self._title.setText(STAGE_TITLES[stage])
        for panel in self.panels:
            panel.hide()
        if stage not in self._made:
            self._made[stage] = self._make_panels(stage)
        self.panels = self._made[stage]
        self._grid.show_parts(self.panels)
        for panel in self.panels:
            panel.show()
            panel.show_all()
            if self._chosen_scale is not None and panel.plan.unit != "%":
                panel.set_logarithmic(self._chosen_scale == "log")
        self.scale.set_value("log" if any(panel.logarithmic for panel in self.panels) else "linear")
        self.whole.hide()
        self._draw()

    def _make_panels(self, stage: StageName) -> list[CurvePanel]:
        made = [CurvePanel(self._themes, plan, self.reading) for plan in PANELS[stage]]
        for panel in made:
            panel.zoomed.connect(lambda: self.whole.setVisible(any(each.is_zoomed for each in self.panels)))
            if panel is not made[0]:
                panel.follow(made[0])
        return made

    def show_runs(self, runs: Sequence[ShownRun]) -> None:
        """Draw these runs' curves, at most 30 times a second."""
        self._runs = tuple(runs)
        self._redraw()

    def use_scale(self, scale: str) -> None:
        """Draw values on a linear or a logarithmic axis: "linear" or "log"."""
        self.scale.set_value(scale)
        self._choose_scale(scale)

    @Slot()
    def show_all(self) -> None:
        """Follow all points again, in all panels."""
        for panel in self.panels:
            panel.show_all()

    @Slot()
    def _redraw(self) -> None:
        if not self._wait.isActive():
            self._wait.start()

    @Slot()
    def _draw(self) -> None:
        colours = curve_colours(self._themes.theme)
        several = len(self._runs) > 1
        for panel in self.panels:
            traces = [
                self._trace(run, curve, panel.plan, colours[at % len(colours)] if several else None)
                for at, run in enumerate(self._runs)
                for term in panel.plan.terms
                for curve in self._curves_of(run)
                if curve.name == term and len(curve.steps)
            ]
            panel.show_traces(traces)
        drawn = {curve for run in self._runs for curve in self._curves_of(run)}
        self._smoothed = {curve: mean for curve, mean in self._smoothed.items() if curve in drawn}
        self.names.setText(
            " &nbsp; ".join(
                f'<span style="color:{colours[at % len(colours)]}">●</span>&nbsp;{unbroken(run.name)}'
                for at, run in enumerate(self._runs)
            )
            if several
            else ""
        )

    def _trace(self, run: ShownRun, curve: Curve, plan: PanelPlan, colour: str | None) -> Trace:
        place, factor = list(plan.terms).index(curve.name), 100.0 if plan.unit == "%" else 1.0
        points = curve.scope == "held out"
        return Trace(
            run=run.name,
            name=plan.terms[curve.name],
            steps=curve.steps,
            lowest=factor * curve.lowest,
            mean=factor * (curve.mean if points else self._smooth_mean(curve)),
            highest=factor * curve.highest,
            steps_per_epoch=run.steps_per_epoch.get(curve.stage, 1),
            points=points,
            colour=colour or curve_colours(self._themes.theme)[place % len(DASHES)],
            dash=DASHES[place % len(DASHES)] if colour else (0, 0),
            band=0.08 if colour else 0.2,
        )

    def _curves_of(self, run: ShownRun) -> Sequence[Curve]:
        return () if self.stage is None else run.curves.get(self.stage, ())

    def _smooth_mean(self, curve: Curve) -> np.ndarray:
        if not self.smoothing.value():
            return curve.mean
        if curve not in self._smoothed:
            self._smoothed[curve] = curve.smoothed(self.smoothing.value() / 100)
        return self._smoothed[curve]

    @Slot(str)
    def _choose_scale(self, scale: str) -> None:
        self._chosen_scale = scale
        for panel in self.panels:
            if panel.plan.unit != "%":
                panel.set_logarithmic(scale == "log")

    @Slot(int)
    def _smooth(self, percent: int) -> None:
        self._smoothed.clear()
        self._smoothing_words.setText(f"{percent / 100:.2f}" if percent else "off")
        self._redraw()
