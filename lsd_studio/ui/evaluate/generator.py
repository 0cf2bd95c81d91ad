"""A view of Evaluate: how good the generator is, beside other sets of images, and what it may have memorised."""

from __future__ import annotations

from typing import Any, Literal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.generator.report import SETS, GeneratorReport, SetName, Space
from lsd_studio.engine.evaluation.generator.words import measure_rows, nearness_words
from lsd_studio.engine.figures.generator_figures import generator_figures
from lsd_studio.engine.figures.panels.generator import (
    INKS,
    labels_panel,
    nearness_panel,
    sizes_panel,
)
from lsd_studio.engine.figures.spec import Panel, PlotFigure
from lsd_studio.engine.operations.evaluate import ClosestSamples, ReportedGenerator
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.layouts import card, column, row, title
from lsd_studio.ui.widgets.measuring_row import MeasuringRow
from lsd_studio.ui.widgets.picture_rows import PictureRows
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.text_table import TextTable
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

REPORT = "report on the generator"
"""Task: the measuring under way."""

NOTHING = (
    "Not measured yet. “Measure generator” compares random samples with one half of the test images, beside the other "
    "half and sets that are worse, and looks for copies of training images. It takes a minute or so and can be stopped."
)
PAIRS = "The samples that lie closest to a training image, and that image, will be here."
LEAST_TABLE = 480
"""Pixels below which the plot goes under the table."""

HEADS = ("", "random samples", "other images", "blurred", "collapsed", "repeated")
TIPS = (
    "Measured on one network's features; with 95 % intervals over independent draws",
    "G of random codes, of the prior that it was trained with: N(0, I) as a rule",
    "The other half of the test images: the best that can be had",
    "That half, blurred: without detail, in the midst of the real images",
    "Samples of as many codes as there are labels, again and again: good pictures without variety",
    "One test image, again and again",
)


class GeneratorView(QWidget):
    """A table of measures by sets of images, one plot of them, and the samples closest to training images.

    Signals:
        answered: milliseconds that the engine took, and what is shown was computed from, in words.
        guided: what to do next has changed.
    """

    answered = Signal(float, str)
    guided = Signal()

    def __init__(self, engine: Engine, tasks: Tasks, themes: ThemeManager, selection: Selection) -> None:
        super().__init__()
        self._engine, self._tasks, self._themes, self._selection = engine, tasks, themes, selection
        self.report: GeneratorReport | None = None
        self._asked: tuple[object, str] | None = None
        self.reader = Segments(
            "Reader of the features",
            ("judge", "Judge", "Features of the bundle's second classifier, which no loss saw"),
            ("classifier", "C", "Features of the bundle's classifier"),
            value="classifier",
            take=self._draw,
        )
        self.what = Segments(
            "Plot of the report",
            ("nearest", "Nearest", "How near samples and held-out images lie to the training images"),
            (
                "sizes",
                "Distance",
                "The Fréchet distance by number of images, extrapolated to infinitely many",
            ),
            ("labels", "Labels", "How many samples are read as each label"),
            value="nearest",
            take=self._draw,
        )
        self.space = Segments(
            "What images lie near each other in",
            ("pixels", "Pixels", "Distances between pixels"),
            ("features", "Features", "Distances between the features of the reader chosen"),
            value="pixels",
            take=self._draw_near,
        )
        self.run = MeasuringRow(
            tasks,
            REPORT,
            "Measure generator",
            "Measure again",
            "Compare random samples with test images, on the features of C and of the judge",
            "Measure the generator",
            "the generator",
        )
        self.run.wanted.connect(self._measure)
        self.run.stopped.connect(self._stopped)
        self.run.changed.connect(self.guided)
        self.table = TextTable("Measures of the generator, and of other sets of images")
        self.table.setMinimumWidth(LEAST_TABLE)
        self.pairs = PictureRows(themes, "Samples closest to training images")
        self.plot = PanelPlot(themes, "Plot of the report on the generator")
        self.legend = WrappedLabel("What the plot of the generator shows")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.sentence = WrappedLabel("What the tests of memorisation say")
        self.notes = WrappedLabel("What the report on the generator says")
        self._lay_out()
        themes.changed.connect(self._show_legend)
        selection.bundle_changed.connect(self._forget)
        selection.tests_changed.connect(self._forget)
        self._show(None)

    @property
    def next_step(self) -> str:
        """What to do next."""
        if self.run.is_running:
            return "Measuring the generator; you can stop it."
        if self.report is None:
            return "Press “Measure generator” to see how good its samples are."
        return "Compare random samples with the other test images, and look at the closest pairs."

    def figures(self) -> tuple[PlotFigure, ...]:
        """The panels as figures for publication, together and alone; none before a report."""
        bundle, report = self._selection.bundle, self.report
        if report is None or bundle is None:
            return ()
        source = f"{bundle.name} · {report.notes[0]}"
        return generator_figures(report, self._reader(report), self._space(report), source)

    def refresh(self) -> None:
        """Look for a report that was stored before, once for each bundle and test images."""
        asked = self._selection.bundle, self._data
        if self._selection.bundle is not None and asked != self._asked:
            self._asked = asked
            self._tasks.run(self._look_for(self._engine.evaluate.generator_stored(self._data)))

    @property
    def _data(self) -> str:
        tests, bundle = self._selection.tests, self._selection.bundle
        if tests is not None:
            return tests.name
        return "" if bundle is None else bundle.data_set

    def _lay_out(self) -> None:
        head = SideBySide(
            row(title("Random samples beside real images"), None, self.reader), self.run, stretches=(1, 1)
        )
        seen = SideBySide(
            column((card(column((self.table, 3), self.sentence, (self.pairs, 2))), 1)),
            card(column(row(self.what, None, self.space), self.legend, (self.plot, 1))),
            stretches=(7, 4),
            spacing=12,
        )
        self.setLayout(column(head, (seen, 1), self.notes))

    @Slot()
    def _measure(self) -> None:
        if self._selection.bundle is not None:
            self._tasks.run(self._follow(self._engine.evaluate.generator(self._data)), REPORT)

    @Slot()
    def _stopped(self) -> None:
        self.notes.setText("Measuring the generator was stopped.")

    async def _look_for(self, call: Call[Any, GeneratorReport | None]) -> None:
        try:
            found = await call
        except StudioError as error:
            self.notes.setText(str(error))
            return
        if found is not None and not self.run.is_running:
            self._take(found, call.milliseconds)

    async def _follow(self, call: Call[Doing, ReportedGenerator]) -> None:
        try:
            found = await self.run.follow(call)
        except StudioError as error:
            self.notes.setText(str(error))
            return
        self._take(found.report, call.milliseconds)
        if found.not_stored:
            self.notes.setText(f"{self.notes.text()} {found.not_stored}")

    def _take(self, report: GeneratorReport, milliseconds: float) -> None:
        self._show(report)
        bundle = self._selection.bundle
        assert bundle is not None
        self.answered.emit(milliseconds, f"{isolated(bundle.name)} · {report.notes[0]}")

    def _show(self, report: GeneratorReport | None) -> None:
        """Show a report, by the reader to quote first; or that there is none."""
        self.report = report
        self.reader.setVisible(report is not None and len(report.readers) > 1)
        if report is not None:
            self.reader.set_value(report.reader)
        self.notes.setText(NOTHING if report is None else " ".join(report.notes))
        self.run.show_measured(report is not None)
        self._draw()
        self.guided.emit()

    def _reader(self, report: GeneratorReport) -> Literal["classifier", "judge"]:
        chosen = self.reader.value
        return "judge" if chosen == "judge" and "judge" in report.readers else next(iter(report.readers))

    def _space(self, report: GeneratorReport) -> Space:
        return "pixels" if self.space.value == "pixels" else self._reader(report)

    @Slot()
    def _draw(self) -> None:
        report = self.report
        rows = () if report is None else measure_rows(report.readers[self._reader(report)])
        self.table.show_rows(HEADS, rows or [("",) * len(HEADS)], TIPS)
        self._draw_near()

    @Slot()
    def _draw_near(self) -> None:
        """Draw the plot that is chosen, and ask for the pairs that lie closest."""
        report = self.report
        self.space.setVisible(self.what.value == "nearest")
        self._show_legend(self._themes.theme)
        if report is None:
            self.plot.show_panel(Panel(()))
            self.pairs.clear(PAIRS)
            self.sentence.setText("")
            return
        self.plot.show_panel(self._panel(report))
        self.sentence.setText(nearness_words(report.memorisation[self._space(report)]))
        call = self._engine.evaluate.closest_samples(report, self._space(report), self._data)
        self._tasks.deliver(call, self._show_pairs)

    def _panel(self, report: GeneratorReport) -> Panel:
        reader = report.readers[self._reader(report)]
        match self.what.value:
            case "sizes":
                return sizes_panel(reader)
            case "labels":
                return labels_panel(report, reader)
            case _:
                return nearness_panel(report, self._space(report))

    def _show_pairs(self, closest: ClosestSamples) -> None:
        if closest.report is self.report:
            self.pairs.show_rows(("sample", closest.samples, None), ("training", closest.training, None))

    @Slot(object)
    def _show_legend(self, theme: Theme) -> None:
        report = self.report
        if report is None:
            self.legend.setText("")
            return
        shown: tuple[SetName, ...] = ("samples", "real")
        signs = [
            f'<span style="color:{ink_colour(INKS[name], theme).name()}">●</span>&nbsp;{SETS[name]}'
            for name in shown
        ]
        if self.what.value == "nearest":
            signs.append(
                f'<span style="color:{ink_colour("grey", theme).name()}">●</span>&nbsp;held-out test images'
            )
        self.legend.setText(" &nbsp; ".join(signs))

    @Slot()
    def _forget(self) -> None:
        """Another bundle, or other test images, are in use: what was measured is not of them."""
        self._tasks.cancel(REPORT)
        self._asked = None
        self._show(None)
        if self.isVisible():
            self.refresh()
