"""Live curves: several quantities of several runs, a read-out, and a zoom that new points leave alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QSlider, QVBoxLayout, QWidget

from lsd_studio.engine.messages.training import Curve, StageName
from lsd_studio.ui.layouts import caption, column, row, title, tool_button
from lsd_studio.ui.live_traces import Trace, TracesItem
from lsd_studio.ui.live_words import step_words, thousands
from lsd_studio.ui.plots import Plot
from lsd_studio.ui.segments import Segments
from lsd_studio.ui.theme import CAPTION, GRID, Theme, ThemeManager
from lsd_studio.ui.train_panels import PANELS, STAGE_TITLES, PanelPlan, curve_colours, figure

__all__ = ["FRAME", "CurvePanel", "LiveCurves", "ShownRun"]

FRAME = 33
"""Milliseconds between two repaints at least: 30 a second."""

DASHES = ((0, 0), (8, 4), (2, 4), (14, 4))
"""Of the quantities, where colours tell runs apart."""

AXIS = 46
"""Pixels of the axis of values, the same in all panels."""


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


class Reading(QFrame):
    """A card beside the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setStyleSheet(f"font-size: {CAPTION}px;")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        inside.addWidget(self._words)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, as rich text."""
        return self._words.text()

    def say(self, words: str, plot: QWidget, beside: QPoint) -> None:
        """Show words beside a place of a plot, inside its window."""
        window = plot.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        self._words.setText(words)
        self.adjustSize()
        place = plot.mapTo(window, beside)
        x = place.x() + 2 * GRID
        if x + self.width() > window.width():
            x = max(0, place.x() - 2 * GRID - self.width())
        y = min(max(0, place.y() - self.height() // 2), max(0, window.height() - self.height()))
        self.move(x, y)
        self.show()
        self.raise_()


class CurvePanel(QWidget):
    """One pair of axes with its legend, and a read-out of every curve at the step under the pointer.

    Signals:
        zoomed: a person has chosen a part to look at, or shows all again.
    """

    zoomed = Signal()

    def __init__(self, themes: ThemeManager, plan: PanelPlan, reading: Reading) -> None:
        super().__init__()
        self.plan = plan
        self.reading = reading
        self._themes = themes
        self._logarithmic = plan.logarithmic
        self._first: CurvePanel | None = None
        self.is_zoomed = False
        self.plot = Plot(themes, "step", plan.unit, plan.title)
        item = self.plot.getPlotItem()
        item.setAxisItems({"bottom": StepAxis("bottom"), "left": ValueAxis("left")})
        item.getAxis("left").setWidth(AXIS)
        item.getAxis("left").enableAutoSIPrefix(False)
        item.getAxis("bottom").enableAutoSIPrefix(False)
        self.traces = TracesItem()
        self.plot.addItem(self.traces)
        self._pointer = pg.InfiniteLine(angle=90)
        self._pointer.hide()
        self.plot.addItem(self._pointer, ignoreBounds=True)
        self.view = item.getViewBox()
        self.view.setAutoVisible(y=True)
        self.view.sigRangeChangedManually.connect(self._zoomed)
        self._title = QLabel(plan.title)
        self._legend = caption(name=f"{plan.title}: what is drawn")
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = column(self._title, self._legend)
        head.setContentsMargins(4, 0, 0, 0)
        head.setSpacing(0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GRID // 2)
        whole.addLayout(head)
        whole.addWidget(self.plot, 1)
        self.nothing = QLabel("Nothing measured yet: the first values come after an epoch.", self.plot)
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setProperty("role", "caption")
        self.plot.viewport().installEventFilter(self)
        self.plot.viewport().setMouseTracking(True)
        self.plot.scene().sigMouseMoved.connect(self._point)
        themes.changed.connect(self._dress)
        self._dress(themes.theme)
        self._scale()

    @property
    def logarithmic(self) -> bool:
        """Whether the axis of values is logarithmic."""
        return self._logarithmic

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Draw values on a logarithmic axis, or a linear one; all is shown again."""
        if logarithmic != self._logarithmic:
            self._logarithmic = logarithmic
            self._scale()
            self.traces.show_traces(self.traces.traces, logarithmic=logarithmic)
            self.show_all()

    def show_traces(self, traces: Sequence[Trace]) -> None:
        """Draw these curves; what a person zoomed to stays in sight."""
        self.traces.show_traces(traces, logarithmic=self._logarithmic)
        self.nothing.setVisible(not self.traces.traces)
        self._legend.setText(self._legend_of(self.traces.traces))

    def follow(self, first: CurvePanel) -> None:
        """Show the steps that the first panel shows."""
        self._first = first
        self.view.setXLink(first.view)

    @Slot()
    def show_all(self) -> None:
        """Follow all points again."""
        self.is_zoomed = False
        self.view.enableAutoRange(None if self._first is None else pg.ViewBox.YAxis)
        self.zoomed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the words of an empty plot in its middle."""
        self.nothing.setGeometry(self.plot.rect().adjusted(AXIS, 0, 0, 0))

    def read_at(self, step: float) -> str:
        """What is drawn at a step, in words, as rich text; empty where nothing is."""
        rows, nearest = [], None
        for trace in self.traces.traces:
            place = trace.nearest(step)
            nearest = (float(trace.steps[place]), trace) if nearest is None else nearest
            unit = self.plan.unit
            spread = "" if trace.points else f"{trace.lowest[place]:.3g} … {trace.highest[place]:.3g}"
            rows.append(
                f'<tr><td style="color:{trace.colour}">{_sign(trace)}&nbsp;</td>'
                f"<td>{escape(trace.run)} · {escape(trace.name)}&nbsp;&nbsp;</td>"
                f'<td align="right"><b>{figure(float(trace.mean[place]), unit)}</b>&nbsp;&nbsp;</td>'
                f'<td align="right">{spread.replace("-", "−")}</td></tr>'
            )
        if nearest is None:
            return ""
        at, trace = nearest
        head = f"step {thousands(at)} · epoch {at / trace.steps_per_epoch:.2f}"
        return f"<div>{head}</div><table cellspacing=0>{''.join(rows)}</table>"

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The read-out goes when the pointer does."""
        if event.type() is QEvent.Type.Leave:
            self._pointer.hide()
            self.reading.hide()
        return super().eventFilter(watched, event)

    @Slot(object)
    def _point(self, place: QPointF) -> None:
        inside = self.view.sceneBoundingRect().contains(place)
        step = self.view.mapSceneToView(place).x()
        words = self.read_at(step) if inside else ""
        self._pointer.setVisible(bool(words))
        if not words:
            self.reading.hide()
            return
        self._pointer.setPos(float(self.traces.traces[0].steps[self.traces.traces[0].nearest(step)]))
        self.reading.say(words, self.plot, self.plot.mapFromScene(place))

    @Slot(object)
    def _zoomed(self, _: object) -> None:
        self.is_zoomed = True
        self.zoomed.emit()

    def _legend_of(self, traces: Sequence[Trace]) -> str:
        if len({trace.run for trace in traces}) > 1:
            colour = self._themes.theme.muted
            named = {trace.name: trace for trace in traces}
            words = (
                f'<span style="color:{colour}">{_sign(t)}</span>&nbsp;{escape(n)}' for n, t in named.items()
            )
        else:
            words = (
                f'<span style="color:{trace.colour}">{_sign(trace)}</span>&nbsp;{_unbroken(trace.name)}&nbsp;'
                f"<b>{_unbroken(figure(float(trace.mean[-1]), self.plan.unit))}</b>"
                for trace in traces
            )
        return " &nbsp; ".join(words)

    def _scale(self) -> None:
        self.plot.getPlotItem().getAxis("left").setLogMode(self._logarithmic)

    @Slot(object)
    def _dress(self, theme: Theme) -> None:
        self.plot.dress(theme)
        self._title.setStyleSheet("font-weight: 600;")
        self._pointer.setPen(pg.mkPen(theme.colour("muted"), style=Qt.PenStyle.DashLine))


class LiveCurves(QWidget):
    """The curves of one stage, for one run or several, with one scale and one smoothing."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._runs: tuple[ShownRun, ...] = ()
        self._stage: StageName | None = None
        self._chosen_scale: str | None = None
        self._smoothed: dict[Curve, np.ndarray] = {}
        self.panels: list[CurvePanel] = []
        self.reading = Reading(self)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(FRAME)
        self._wait.timeout.connect(self._draw)
        self._title = title("")
        self.names = caption(name="Runs that are drawn")
        self.names.setTextFormat(Qt.TextFormat.RichText)
        self.scale = Segments(
            "Axis of values",
            ("linear", "Linear", "A linear axis"),
            ("log", "Log", "A logarithmic axis: equal factors are equally far"),
        )
        self.scale.chosen.connect(self._choose_scale)
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 99)
        self.smoothing.setFixedWidth(96)
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.setToolTip(
            "Exponential mean of the drawn line: how much of it each point hands on to the next. The band stays."
        )
        self.smoothing.valueChanged.connect(self._smooth)
        self._smoothing_words = QLabel()
        self._smoothing_words.setProperty("role", "caption")
        self._smoothing_words.setMinimumWidth(4 * GRID)
        self.whole = tool_button("Show all", "Follow all points again (a wheel zooms, a drag moves)")
        self.whole.setText("Show all")
        self.whole.setProperty("role", "outlined")
        self.whole.clicked.connect(self.show_all)
        self.whole.hide()
        smoothing = QLabel("smoothing")
        smoothing.setProperty("role", "caption")
        head = row(
            self._title, self.names, self.whole, smoothing, self.smoothing, self._smoothing_words, self.scale
        )
        head.setStretch(1, 1)
        self._beside = QHBoxLayout()
        self._beside.setSpacing(2 * GRID)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GRID)
        whole.addLayout(head)
        whole.addLayout(self._beside, 1)
        themes.changed.connect(self._redraw)
        self._smooth(0)

    @property
    def stage(self) -> StageName | None:
        """The stage whose curves are drawn."""
        return self._stage

    def show_stage(self, stage: StageName) -> None:
        """Draw the curves of this stage from now on."""
        if stage == self._stage:
            return
        self._stage = stage
        self.reading.hide()
        self._title.setText(STAGE_TITLES[stage])
        while self._beside.count():
            self._beside.takeAt(0)
        for panel in self.panels:
            panel.hide()
            panel.deleteLater()
        self.panels = [CurvePanel(self._themes, plan, self.reading) for plan in PANELS[stage]]
        for panel in self.panels:
            panel.zoomed.connect(self._tell_zoom)
            if self._chosen_scale is not None and panel.plan.unit != "%":
                panel.set_logarithmic(self._chosen_scale == "log")
            self._beside.addWidget(panel, 1)
            if panel is not self.panels[0]:
                panel.follow(self.panels[0])
        self.scale.set_value("log" if any(panel.logarithmic for panel in self.panels) else "linear")
        self.whole.hide()
        self._draw()

    def show_runs(self, runs: Sequence[ShownRun]) -> None:
        """Draw these runs' curves, at most 30 times a second."""
        self._runs = tuple(runs)
        self._redraw()

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
                f'<span style="color:{colours[at % len(colours)]}">●</span>&nbsp;{_unbroken(run.name)}'
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
        )

    def _curves_of(self, run: ShownRun) -> Sequence[Curve]:
        return () if self._stage is None else run.curves.get(self._stage, ())

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

    @Slot()
    def _tell_zoom(self) -> None:
        self.whole.setVisible(any(panel.is_zoomed for panel in self.panels))


def _sign(trace: Trace) -> str:
    return {0: "—", 8: "‒&thinsp;‒", 2: "···", 14: "—&thinsp;‒"}[trace.dash[0]]


def _unbroken(words: str) -> str:
    return escape(words).replace(" ", "&nbsp;")
