"""One pair of axes with curves: a legend, a read-out under the pointer, and a zoom that new points leave alone."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from lsd_studio.ui.app.theme import CAPTION, GRID, Theme, ThemeManager
from lsd_studio.ui.plots.axes import StepAxis
from lsd_studio.ui.plots.live_traces import Trace, TracesItem
from lsd_studio.ui.plots.plots import LEAST_PLOT, Plot
from lsd_studio.ui.train.panels import PanelPlan, figure
from lsd_studio.ui.widgets.layouts import column
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

DASHES = ((0, 0), (8, 4), (2, 4), (14, 4))
"""Of the quantities, where runs differ by colour."""

AXIS = 64
"""Pixels of the axis of values, the same in all panels."""


class Reading(QFrame):
    """A card beside the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = plain_label()
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setStyleSheet(f"font-size: {CAPTION}px;")
        self.setLayout(column(self._words, margin=(GRID, GRID // 2, GRID, GRID // 2)))
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
        zoomed: a person has zoomed to a part, or shows all again.
    """

    zoomed = Signal()

    def __init__(self, themes: ThemeManager, plan: PanelPlan, reading: Reading) -> None:
        super().__init__()
        self.plan = plan
        self.reading = reading
        self._themes = themes
        self.logarithmic = plan.logarithmic
        self._first: CurvePanel | None = None
        self.is_zoomed = False
        self.plot = Plot(themes, "step", plan.unit, plan.title, {"bottom": StepAxis("bottom")})
        self.plot.setMinimumHeight(LEAST_PLOT)
        item = self.plot.getPlotItem()
        item.getAxis("left").setWidth(AXIS)
        for side in ("left", "bottom"):
            item.getAxis(side).setStyle(maxTickLevel=0)
        self.traces = TracesItem()
        self.plot.addItem(self.traces)
        self._pointer = pg.InfiniteLine(angle=90)
        self._pointer.hide()
        self.plot.addItem(self._pointer, ignoreBounds=True)
        self.view = item.getViewBox()
        self.view.setAutoVisible(y=True)
        self.view.sigRangeChangedManually.connect(self._zoomed)
        self._title = WrappedLabel("Title", role="")
        self._title.setText(plan.title)
        self._title.setStyleSheet("font-weight: 600;")
        self._legend = WrappedLabel(f"{plan.title}: what is drawn")
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = column(self._title, self._legend, spacing=0, margin=(4, 0, 0, 0))
        self.setLayout(column(head, (self.plot, 1), spacing=GRID // 2))
        self.plot.hint = "Nothing measured yet: the first values come after an epoch."
        self.plot.viewport().installEventFilter(self)
        self.plot.viewport().setMouseTracking(True)
        self.plot.scene().sigMouseMoved.connect(self._point)
        themes.changed.connect(self._apply_theme)
        self._apply_theme(themes.theme)
        self._scale()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Draw values on a logarithmic axis, or a linear one; all is shown again."""
        if logarithmic != self.logarithmic:
            self.logarithmic = logarithmic
            self._scale()
            self.traces.show_traces(self.traces.traces, logarithmic=logarithmic)
            self.show_all()

    def show_traces(self, traces: Sequence[Trace]) -> None:
        """Draw these curves; what a person zoomed to stays visible."""
        self.traces.show_traces(traces, logarithmic=self.logarithmic)
        self._write_legend()

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
        """Keep the words of the legend whole."""
        self._write_legend()

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
        head = f"step {counted(at)} · epoch {at / trace.steps_per_epoch:.2f}"
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

    def _write_legend(self) -> None:
        """Name what is drawn; a name and its value stay on one line where the line has room for them."""
        traces, unit = self.traces.traces, "%" if self.plan.unit == "%" else ""  # the axis has other units
        if len({trace.run for trace in traces}) > 1:
            muted = self._themes.theme.muted
            named = {trace.name: trace for trace in traces}
            entries = [(trace, muted, "") for trace in named.values()]
        else:
            entries = [(trace, trace.colour, figure(float(trace.mean[-1]), unit)) for trace in traces]
        metrics, room = self._legend.fontMetrics(), self._legend.width()
        words = []
        for trace, colour, value in entries:
            fits = metrics.horizontalAdvance(f"— {trace.name} {value}") + 2 * GRID <= room
            name, space = (unbroken(trace.name), "&nbsp;") if fits else (escape(trace.name), " ")
            sign = f'<span style="color:{colour}">{_sign(trace)}</span>&nbsp;'
            words.append(f"{sign}{name}{space}<b>{unbroken(value)}</b>" if value else sign + name)
        self._legend.setText("&nbsp;&nbsp; ".join(words))

    def _scale(self) -> None:
        self.plot.getPlotItem().getAxis("left").setLogMode(self.logarithmic)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        self._pointer.setPen(pg.mkPen(theme.colour("muted"), style=Qt.PenStyle.DashLine))


def _sign(trace: Trace) -> str:
    return {0: "—", 8: "‒&thinsp;‒", 2: "···", 14: "—&thinsp;‒"}[trace.dash[0]]


def unbroken(words: str) -> str:
    """Words as rich text that stays on one line, which would else end after the bars of |c| too."""
    return escape(words).replace("|", "|&#8288;").replace(" ", "&nbsp;")
