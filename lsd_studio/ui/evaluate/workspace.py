"""The Evaluate workspace: Figures 5 and 6 of the open bundle, what it confuses, and how it compares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QToolButton, QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import BundleMetrics, Latent, Read
from lsd_studio.engine.figures.spec import PlotFigure, ViewSettings
from lsd_studio.engine.operations.bundles import OpenedBundle, TestImages
from lsd_studio.engine.operations.evaluate import Evaluation, PublishedMetrics
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.evaluate.amplitudes import AmplitudesView
from lsd_studio.ui.evaluate.batch_view import BatchView
from lsd_studio.ui.evaluate.figures import evaluation_figures
from lsd_studio.ui.evaluate.formatting import measured_on
from lsd_studio.ui.evaluate.generator import GeneratorView
from lsd_studio.ui.evaluate.hardest import HardestView
from lsd_studio.ui.evaluate.labels import LabelsView
from lsd_studio.ui.evaluate.ranks import RankCurve, RanksView, floor_words
from lsd_studio.ui.evaluate.state import EvaluateState
from lsd_studio.ui.evaluate.table import ComparisonTable
from lsd_studio.ui.evaluate.trials import TrialsView
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.controls import outlined_button, progress_bar, push_button
from lsd_studio.ui.widgets.dialogs import ask_for_images
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.front_stack import FrontStack
from lsd_studio.ui.widgets.layouts import card, column, row, scrolled
from lsd_studio.ui.widgets.number_boxes import whole_number_box
from lsd_studio.ui.widgets.plain_text import capitalised
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide

TRIALS, MOST_TRIALS = 20, 1000
LOOK, MEASURE = "first look", "measure"
"""Tasks: a first look at the bundle, and all that is measured of it."""

VIEWS = (
    ("figure 5", "Figure 5", "A batch as dots, the accuracy of every trial, and the rank of the true label"),
    (
        "figure 6",
        "Figure 6",
        "Normalised amplitudes by rank where the true label ranks first, second and third",
    ),
    ("labels", "Labels", "Confusion matrix and accuracy of each label"),
    ("hardest", "Hardest", "Test images by margin, worst first"),
    ("table", "Table", "The paper's numbers beside ours, with 95 % intervals and baselines"),
    ("generator", "Generator", "How good random samples are, and whether they copy training images"),
)
NEXT_STEPS = {
    "figure 5": "Click an image to decompose it, or go to the next error.",
    "figure 6": "Compare what is measured with the dashed noise floor.",
    "labels": "Click a cell of the confusion matrix to see its images.",
    "hardest": "Click an image to decompose it.",
    "table": "Compare with the paper's numbers, or measure another bundle.",
}
PUBLISHED = "from the bundle's evaluation.json"
WAITING = "The engine is loading. The bundle is evaluated as soon as it is open."
LOOKING = "Evaluating the test images…"
STOPPED = "No results. Measure the bundle with the button below, or open another bundle."


class EvaluateWorkspace(Workspace):
    """One large view of an evaluation at a time, the same codes and reading in all, and a strip that measures."""

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self.shown: Evaluation | None = None
        self._published = PublishedMetrics()
        self._so_far: Mapping[str, tuple[float, ...]] | None = None
        self._data = ""
        self._wanted: EvaluateState | None = None
        self._is_stale = True
        self._stale_views: set[str] = set()
        self._build()
        self._lay_out()
        self.tasks.changed.connect(self._follow_tasks)
        selection.bundle_changed.connect(self._change_bundle)
        selection.tests_changed.connect(self._change_tests)
        if selection.bundle is not None:
            self.reading.set_value(selection.bundle.reading)
        if selection.tests is not None:
            self.images.setMaximum(len(selection.tests.images))
        self._draw()

    # --- what others may do ---------------------------------------------------------------------------------------

    @cached_property
    def amplitudes(self) -> AmplitudesView:
        """Figure 6 with its six plots, made when it is first in front."""
        view = AmplitudesView(self.themes)
        self._views["figure 6"] = card(view)
        self._stack.addWidget(self._views["figure 6"])
        return view

    @cached_property
    def generator(self) -> GeneratorView:
        """How good the generator is, made when it is first in front."""
        view = GeneratorView(self.engine, self.tasks, self.themes, self.selection)
        view.answered.connect(self.answered)
        view.guided.connect(self.guided)
        self._views["generator"] = view
        self._stack.addWidget(view)
        return view

    @property
    def is_working(self) -> bool:
        """Whether a first look or all trials are under way."""
        return self.tasks.is_running(LOOK) or self.tasks.is_running(MEASURE)

    @property
    def next_step(self) -> str:
        if self.tasks.is_running(MEASURE):
            return "Trials run in the background, and the results are saved."
        if self.views.value == "generator":
            return self.generator.next_step
        if self.shown is None:
            return "Wait for the first results, or open a bundle."
        if not self.shown.findings.trials:
            return (
                f"Measure {self.number_of_trials.value()} trials to get sampled z, intervals and baselines."
            )
        return NEXT_STEPS[self.views.value or "figure 5"]

    def go_to(self, view: str) -> None:
        """Bring one of the views to the front: figure 5, figure 6, labels, hardest, table or generator."""
        self.views.set_value(view)
        self._choose_view(view)

    def figures(self) -> tuple[PlotFigure, ...]:
        if self.views.value == "generator":
            return self.generator.figures()
        if self.shown is None:
            return ()
        metrics = self._metrics() or self.shown.metrics
        view, batch = self.views.value or "figure 5", self.batch.number.value() - 1
        return evaluation_figures(
            self.shown, metrics, view, self._latent(), self._reading(), batch, self.hardest.shown
        )

    @property
    def view_settings(self) -> ViewSettings:
        """The view in front, the codes and the reading, and the batch."""
        state = EvaluateState(
            view=self.views.value,
            latent=self._latent(),
            reading=self._reading(),
            batch=self.batch.number.value(),
            only=self.hardest.only,
        )
        return state.model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Show a view again, as soon as the bundle is evaluated."""
        self._wanted = EvaluateState.model_validate(settings)
        if self.shown is not None:
            self._show_wanted()

    def look(self) -> None:
        """Have a first look at the open bundle, or load what was saved of it."""
        self._evaluate(LOOK)

    @Slot()
    def measure(self) -> None:
        """Measure all there is, and save it."""
        self._evaluate(MEASURE)

    # --- building -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.views = Segments("View of the evaluation", *VIEWS, value="figure 5", take=self._choose_view)
        self.latent = Segments(
            "Codes",
            ("sampled", "Sampled z", "z drawn from the posterior, anew in each trial, as in the paper"),
            ("mean", "Mean μ", "The mean of the posterior"),
            value="sampled",
            take=self._draw,
        )
        self.reading = Segments(
            "Reading",
            ("absolute", "|c|", "The largest |c| of all vectors names the label (the paper)"),
            ("signed", "signed c", "The largest c of set 1 names the label"),
            take=self._draw,
        )
        self.batch = BatchView(self.themes)
        self.batch.dots.picked.connect(self._open_image)
        self.trials = TrialsView(self.themes)
        self.ranks = RanksView(self.themes)
        self.labels = LabelsView(self.themes)
        self.labels.picked.connect(self._show_confusion)
        self.hardest = HardestView(self.themes)
        self.hardest.picked.connect(self._open_image)
        self.table = ComparisonTable(self.themes)
        self._build_strip()

    def _build_strip(self) -> None:
        self.data = outlined_button(
            "Test images",
            "Evaluate on other labelled images that fit the bundle",
            name="Test images to evaluate on",
        )
        self.data.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.data)
        menu.addAction("Test images of the bundle's data set").triggered.connect(self._use_own_data)
        menu.addAction("A folder with one subfolder per label…").triggered.connect(self._choose_folder)
        menu.addAction("A file of labelled images…").triggered.connect(self._choose_file)
        self.data.setMenu(menu)
        self.words = ElidingLabel("Status of the evaluation")
        self.progress = progress_bar("Progress of the evaluation")
        self.progress.setMaximumWidth(240)
        self.images = whole_number_box(
            "Test images", 0, 0, 0, "How many test images are used, from the first; 0 uses all"
        )
        self.images.setSpecialValueText("all images")
        self.images.setSuffix(" images")
        self.number_of_trials = whole_number_box(
            "Trials", 1, MOST_TRIALS, TRIALS, "How many times z is drawn for each image"
        )
        self.number_of_trials.setSuffix(" trials")
        for number in (self.images, self.number_of_trials):
            number.setKeyboardTracking(False)
            number.valueChanged.connect(self._show_controls)
        self.run = push_button(
            "Measure",
            self.measure,
            "Measure everything: sampled z, intervals, baselines and paths. The results are saved.",
            default=True,
        )
        self.stop = push_button("Stop", self._stop, "Stop measuring and keep the results shown")

    def _lay_out(self) -> None:
        self.hint = QLabel(WAITING)
        self.hint.setProperty("role", "caption")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        table = scrolled(self.table, sideways=True)
        table.setAccessibleName("The paper's numbers beside ours")
        self._views: dict[str, QWidget] = {
            "figure 5": self._figure_5(),
            "labels": card(self.labels),
            "hardest": card(self.hardest),
            "table": card(table),
        }
        self._stack = FrontStack(self.hint, *self._views.values())
        choices = (self.data, self.images, self.number_of_trials)
        self._strip = card(
            row(*choices, (self.words, 1), self.progress, self.run, self.stop), (12, GRID, 12, GRID)
        )
        head = SideBySide(row(self.views, None), row(None, self.latent, self.reading))
        self.setLayout(column(head, (self._stack, 1), self._strip, spacing=12, margin=2 * GRID))

    def _figure_5(self) -> QWidget:
        below = row((card(self.trials), 1), (card(self.ranks), 1), spacing=12)
        whole = QWidget()
        whole.setLayout(column((card(self.batch), 11), (below, 12), spacing=12))
        return whole

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the bundle when it is seen for the first time."""
        super().showEvent(event)
        self._refresh()

    # --- asking ---------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        if self._is_stale and self.selection.bundle is not None and self.isVisible():
            self._is_stale = False
            self.look()

    def _evaluate(self, key: str) -> None:
        tests = self.selection.tests
        self._stop()
        if self.selection.bundle is not None:
            self._data = self.selection.bundle.data_set if tests is None else tests.name
        self.tasks.run(self._follow_evaluation(None if tests is None else tests.name, key), key)
        self._say("waiting for the engine", 0.0)

    async def _follow_evaluation(self, data: str | None, key: str) -> None:
        self._published = await self.engine.evaluate.published()
        self._draw()
        call = self.engine.evaluate.measure(
            data,
            key == MEASURE,
            self.number_of_trials.value(),
            images=self.images.value() or None,
        )
        async for at in call:
            if isinstance(at, Doing):
                self.words.setText(at.in_words)
            else:
                self._say(at.doing, at.share)
                self._show_so_far(at.per_trial)
        self.shown = await call
        self.answered.emit(call.milliseconds, measured_on(self.shown))
        if self.shown.not_stored:
            raise StudioError(self.shown.not_stored)

    def _show_so_far(self, per_trial: Mapping[str, tuple[float, ...]]) -> None:
        if per_trial and per_trial != self._so_far:
            self._so_far = per_trial
            self._show_trials()

    @Slot()
    def _follow_tasks(self) -> None:
        """Show what was found as soon as nothing is under way any more."""
        if self.is_working:
            self._show_controls()
        else:
            self._so_far = None
            self._show_wanted()
        self.guided.emit()

    @Slot()
    def _stop(self) -> None:
        if self.is_working:
            self.tasks.cancel(LOOK)
            self.tasks.cancel(MEASURE)

    @Slot(object)
    def _change_bundle(self, bundle: OpenedBundle) -> None:
        self.shown, self._published = None, PublishedMetrics()
        self._stop()
        self._is_stale = True
        self.reading.set_value(bundle.reading)
        self._draw()
        self._refresh()

    @Slot(object)
    def _change_tests(self, tests: TestImages) -> None:
        self.images.setRange(0, len(tests.images))
        if tests.name != self._data:
            self._is_stale = True
            self._refresh()

    @Slot()
    def _use_own_data(self) -> None:
        if self.selection.bundle is not None:
            self.selection.tests_wanted.emit(self.selection.bundle.data_set)

    @Slot()
    def _choose_folder(self) -> None:
        ask_for_images(self, self.selection.tests_wanted.emit, in_folder=True)

    @Slot()
    def _choose_file(self) -> None:
        ask_for_images(self, self.selection.tests_wanted.emit, in_folder=False)

    def _show_wanted(self) -> None:
        """Show what was found, and as soon as that is there, what a view that is brought back showed of it."""
        shown, wanted = self.shown, self._wanted
        if shown is None or wanted is None:
            self._draw()
            return
        self._wanted = None
        choices = ((self.views, wanted.view), (self.latent, wanted.latent), (self.reading, wanted.reading))
        for segments, value in choices:
            if value is not None:
                segments.set_value(value)
        self._draw()
        if wanted.batch is not None:
            self._show_batches()
            self.batch.number.setValue(wanted.batch)
        if wanted.only is None:
            self.hardest.show_all()
        elif all(0 <= label < len(shown.label_names) for label in wanted.only):
            self.hardest.show_confusion(*wanted.only)

    def _say(self, doing: str, share: float) -> None:
        self.words.setText(f"{capitalised(doing)}, {100 * share:.0f} %")
        self.progress.setValue(round(1000 * share))
        self._show_controls()

    # --- showing --------------------------------------------------------------------------------------------------

    @Slot()
    def _draw(self) -> None:
        """Show what is known now, in the view in front at once and in the others when they are come to."""
        self._show_controls()
        self._stale_views = {name for name, _, _ in VIEWS}
        self._choose_view(self.views.value or "figure 5")

    def _draw_view(self, view: str) -> None:
        read = self._read()
        match view:
            case "figure 5":
                self._show_trials()
                self._show_ranks(read)
                self._show_batches()
            case "figure 6":
                self.amplitudes.show_read(read, self._reading())
            case "labels":
                self.labels.show_read(read, () if self.shown is None else self.shown.label_names)
            case "hardest":
                self.hardest.show_findings(self.shown, self._latent(), self._reading())
            case "generator":
                self.generator.refresh()
            case _:
                columns = *filter(None, (self._metrics(),)), *self._published.others
                self.table.show_columns(columns, self._latent())

    def _show_controls(self) -> None:
        working, there = self.is_working, self.selection.bundle is not None
        self.hint.setText(LOOKING if working else STOPPED if there else WAITING)
        self.progress.setVisible(working)
        self.stop.setVisible(working)
        self.run.setVisible(not self.tasks.is_running(MEASURE) and not self._is_measured)
        self.run.setEnabled(there)
        for choice in (self.data, self.images, self.number_of_trials):
            choice.setEnabled(there and not working)
        if not working:
            self.words.setText("" if self.shown is None else measured_on(self.shown))
        has_draws = self.shown is None or self.shown.findings.trials > 0
        sampled = self.latent.button("sampled")
        sampled.setEnabled(has_draws)
        if not has_draws and sampled.isChecked():
            self.latent.set_value("mean")

    @property
    def _is_measured(self) -> bool:
        """Whether what is shown has as many trials and images as are asked for."""
        if self.shown is None or self.shown.findings.trials != self.number_of_trials.value():
            return False
        tests = self.selection.tests
        wanted = self.images.value() or (0 if tests is None else len(tests.images))
        return wanted in (0, len(self.shown.images))

    def _metrics(self) -> BundleMetrics | None:
        """The bundle's numbers: those of all trials, else those it comes with, else those of a first look."""
        if self.shown is not None and (self.shown.findings.trials or self._published.own is None):
            return self.shown.metrics
        return self._published.own

    def _latent(self) -> Latent:
        return "mean" if self.latent.value == "mean" else "sampled"

    def _reading(self) -> Reading:
        return "absolute" if self.reading.value == "absolute" else "signed"

    def _read(self) -> Read | None:
        return None if self.shown is None else self.shown.findings.reads[self._latent(), self._reading()]

    def _show_trials(self) -> None:
        metrics = self._metrics()
        is_published = metrics is not None and metrics is self._published.own and self._so_far is None
        source = PUBLISHED if is_published else ""
        self.trials.show_accuracies(metrics, self._reading(), self._so_far, source)

    def _show_ranks(self, read: Read | None) -> None:
        way = self._latent(), self._reading()
        metrics = self._published.own if self.shown is None else self.shown.metrics
        classifier = None if metrics is None else metrics.measures.get("classifier_accuracy")
        if self.shown is None or read is None:
            self.ranks.show_curves(self._published_curve(), (), classifier)
            return
        others = tuple(
            RankCurve(*other, each.cumulative, None)
            for other, each in self.shown.findings.reads.items()
            if other != way
        )
        chosen = RankCurve(*way, read.cumulative, read.floor.cumulative)
        self.ranks.show_curves(chosen, others, classifier, floor_words(read))

    def _published_curve(self) -> RankCurve | None:
        """The ranks that the bundle comes with, by the reading of its profile."""
        latent, reading = self._latent(), self._reading()
        own = self._published.own
        shares = () if own is None else own.series.get(f"cumulative_rank.{latent}", ())
        if not shares or self.selection.bundle is None or self.selection.bundle.reading != reading:
            return None
        ranked = len(self.selection.bundle.label_names) if reading == "signed" else len(shares)
        return RankCurve(latent, reading, np.asarray(shares[:ranked]), None)

    def _show_batches(self) -> None:
        self.batch.show_findings(self.shown, self._latent(), self._reading(), self.hint.text())

    @Slot(str)
    def _choose_view(self, view: str) -> None:
        if view in self._stale_views:
            self._stale_views.remove(view)
            self._draw_view(view)
        is_known = self.shown is not None or view == "generator"
        is_known = is_known or (self._published.own is not None and view in ("figure 5", "table"))
        for control in (self.latent, self.reading, self._strip):
            control.setVisible(view != "generator")
        self._stack.setCurrentWidget(self._views[view] if is_known else self.hint)
        self.guided.emit()

    @Slot(int, int)
    def _show_confusion(self, true: int, read: int) -> None:
        self.go_to("hardest")
        self.hardest.show_confusion(true, read)

    @Slot(int)
    def _open_image(self, number: int) -> None:
        tests = self.selection.tests
        if tests is not None and self.shown is not None and tests.name == self.shown.metrics.data:
            self.selection.image_wanted.emit(number)
