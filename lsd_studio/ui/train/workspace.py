"""The Train workspace: watch the models learn, hold them, and keep what they became."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import PlotFigure, ViewSettings
from lsd_studio.engine.operations.training import RunPictures
from lsd_studio.engine.runs.curves import Curve
from lsd_studio.engine.runs.summary import RunDetails, RunList, RunSummary
from lsd_studio.engine.training.events import (
    Diagnosed,
    Paused,
    PicturesSaved,
    Resumed,
    RunDone,
    RunStage,
    StageDone,
    StageName,
    StageStarted,
)
from lsd_studio.engine.training.monitoring.broadcasts import (
    CurvesGrown,
    TrainingBroadcast,
    TrainingEnded,
    TrainingReported,
    TrainingStarted,
)
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.files.json_text import parse_json
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.plots.live_curves import FRAME, ShownRun
from lsd_studio.ui.shell.engine_events import EngineEvents
from lsd_studio.ui.shell.recent import Kind, Recent
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.train.figures import curve_figures
from lsd_studio.ui.train.form import TrainForm
from lsd_studio.ui.train.panels import STAGE_TITLES, curve_colours
from lsd_studio.ui.train.progress import RunProgress, advanced, merged, progress_of
from lsd_studio.ui.train.run_management import RunManagement
from lsd_studio.ui.train.runs import TrainRuns
from lsd_studio.ui.train.state import TrainState
from lsd_studio.ui.train.view import TrainView
from lsd_studio.ui.widgets.layouts import card, row, scrolled
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.timers import delay

DRAWER = 352, 480
"""Pixels of the runs and the form beside the current run, at least and at most."""

LEAST_VIEW = 420
"""Pixels of the current run, which scrolls where the window is low."""

LIST_EVERY, FOLLOW_EVERY = 2000, 1000
"""Milliseconds between two looks at the list of runs, and at a run that another process writes."""

LIST, PICTURES = "list", "pictures"
"""Tasks: reading the list of runs, and kept pictures."""


class TrainWorkspace(Workspace):
    """Curves and pictures of the current run, its stages and controls, and beside them all runs, or a new one.

    Attributes:
        run: the folder of the current run.
    """

    follows_bundle = False

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self._opened: tuple[Path, ...] = ()
        self._wanted: Path | None = None
        self._known: dict[Path, RunDetails] = {}
        self._progress: dict[Path, RunProgress] = {}
        self._stage: RunStage = "classifier"
        self._picked = False
        self.run: Path | None = None
        self._training: Path | None = None
        self._held = False
        self._listed = False
        self._to_show = TrainState()
        self._live: dict[StageName, tuple[Curve, ...]] = {}
        self._dismissed: set[Diagnosed] = set()
        self._build()
        self._listing = self._timer(LIST_EVERY, self._list)
        self._following = self._timer(FOLLOW_EVERY, self._follow)
        self._repaint = delay(self, FRAME, self._show_progress)
        EngineEvents(self.engine, self).training.connect(self._follow_training)
        selection.run_changed.connect(self._select_run)
        themes.changed.connect(self._draw_curves)
        self.view.show_nothing(any_run=False)
        self.tasks.run(self.form.describe(self.engine.training.choices()))

    @property
    def next_step(self) -> str:
        run = self._summary()
        if self._training is not None:
            held = "Resume the training, or step one batch."
            return held if self._held else "Watch, pause, or step batch by batch."
        if run is None:
            in_form = self._drawer.currentIndex() == 1
            return (
                "Choose a profile, estimate, and start training."
                if in_form
                else "Press New run, or open a run."
            )
        if run.state == "finished" and "autoencoder" in self.progress.stages:
            return "Open the run in Latent space, or branch from it with other settings."
        if run.state == "finished":
            return "Use the run as the bundle, or branch from it with other settings."
        return "Resume the run, or branch from it with other settings."

    @property
    def is_held(self) -> bool:
        """Whether the training under way stands still."""
        return self._training is not None and self._held

    @property
    def progress(self) -> RunProgress:
        return RunProgress() if self.run is None else self._progress.get(self.run, RunProgress())

    def _build(self) -> None:
        self.view = TrainView(self.themes)
        self.view.resume.clicked.connect(self._resume)
        self.view.pause.clicked.connect(self._pause_or_go_on)
        self.view.step.clicked.connect(self._step)
        self.view.stop.clicked.connect(self._stop)
        self.view.stages.chosen.connect(self._pick_stage)
        self.view.dismiss.clicked.connect(self._dismiss_note)
        self.view.pictures.wanted.connect(self._ask_for_pictures)
        self.form = TrainForm(self.engine, self.tasks, self.themes)
        self.form.started.connect(self._start)
        self.form.close_button.clicked.connect(self._show_list)
        self.runs = TrainRuns(self.themes)
        self.runs.chosen.connect(self._choose)
        self.runs.new_button.clicked.connect(self.begin)
        self.runs.branch.clicked.connect(self._branch)
        self.runs.use.clicked.connect(self._use)
        self.management = RunManagement(self.engine, self.tasks, self.runs, self)
        self.management.opened.connect(self._open_from_disk)
        self.management.changed.connect(self._list)
        self._drawer = QStackedWidget()
        for part in (self.runs, self.form):
            self._drawer.addWidget(card(part))
        self._drawer.setMinimumWidth(DRAWER[0])
        self._drawer.setMaximumWidth(DRAWER[1])
        view = scrolled(self.view)
        view.setAccessibleName("The run")
        view.setMinimumWidth(LEAST_VIEW)
        self.setLayout(row((view, 4), (self._drawer, 1), spacing=2 * GRID, margin=2 * GRID))

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the runs while the workspace is in front."""
        self.runs.tree.setFocus()
        self._list()
        self._listing.start()
        self._following.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave them alone while it is not."""
        self._listing.stop()
        self._following.stop()

    @Slot()
    def _list(self) -> None:
        self.tasks.deliver(self.engine.training.runs(self._opened), self._take_list, LIST)

    def _list_anew(self) -> None:
        """List the runs again; an answer from before may say what is no longer so."""
        self.tasks.cancel(LIST)
        self._list()

    def _read(self, run: Path) -> None:
        self.tasks.deliver(self.engine.training.run(run), self._take_run)

    @Slot()
    def _follow(self) -> None:
        """Read again the drawn runs that another process writes."""
        for path in self.runs.selected:
            run = self.runs.summary(path)
            if run is not None and run.state == "elsewhere":
                self._read(path)

    @Slot(int)
    def _ask_for_pictures(self, step: int = -1) -> None:
        if self.run is not None and self._stage in ("gan", "encoder", "joint", "autoencoder"):
            newest = None if step < 0 else step
            self.tasks.cancel(PICTURES)
            call = self.engine.training.pictures(self.run, self._stage, newest)
            self.tasks.deliver(call, self._take_pictures, PICTURES)

    def _take_pictures(self, shown: RunPictures) -> None:
        self.view.pictures.show_pictures(shown)
        self._show_note()

    @Slot(object)
    def _start(self, settings: TrainingSettings) -> None:
        self._drawer.setCurrentIndex(0)
        self._do(partial(self.engine.training.start, settings))

    @Slot()
    def _resume(self) -> None:
        if self.run is not None:
            self.view.resume.setEnabled(False)
            self._do(partial(self.engine.training.start, TrainingSettings(run=self.run, resume=True)))

    @Slot()
    def _pause_or_go_on(self) -> None:
        training = self.engine.training
        self._hold(self._do(training.resume if self._held else training.pause) != self._held)

    @Slot()
    def _step(self) -> None:
        self._hold(self._do(self.engine.training.step) or self._held)

    @Slot()
    def _stop(self) -> None:
        self.view.stop.setEnabled(False)
        self._do(self.engine.training.cancel)

    def _do(self, action: Callable[[], None]) -> bool:
        """Start or control the training; where it refuses, as since it has just ended, that is said."""
        try:
            action()
        except StudioError as error:
            self.tasks.failed.emit(error)
            return False
        return True

    @Slot(object)
    def _choose(self, chosen: tuple[Path, ...]) -> None:
        first = chosen[0] if chosen else None
        for path in chosen:
            if path not in self._known or path == first != self.run:
                self._read(path)
        if first != self.run:
            self.run, self._picked = first, False
            self.view.pictures.clear()
            self.selection.look_at_run(first)
            self._show_run()
        self._draw_curves()

    @Slot(object)
    def _select_run(self, run: Path | None) -> None:
        if run is not None and run != self.run:
            self.runs.select(run)

    @Slot(str)
    def _pick_stage(self, stage: RunStage) -> None:
        self._picked = True
        self._show_stage(stage)

    @Slot()
    def _show_list(self) -> None:
        self._drawer.setCurrentIndex(0)
        self.guided.emit()

    def _show_form(self) -> None:
        self._drawer.setCurrentIndex(1)
        self.form.name.setFocus()
        self.guided.emit()

    @Slot()
    def begin(self) -> None:
        """Show the form of a new run."""
        self.form.begin()
        self._show_form()

    @Slot()
    def _branch(self) -> None:
        if (run := self.runs.current) is not None:
            self.form.branch_from(run)
            self._show_form()

    @Slot()
    def _use(self) -> None:
        if (run := self.runs.current) is not None and run.bundle is not None:
            self.selection.bundle_wanted.emit(run.bundle)

    @Slot(Path)
    def open_folder(self, folder: Path) -> None:
        """List the run, or the runs, that a folder holds from now on, and look at it."""
        if folder not in self._opened:
            self._opened = (*self._opened, folder)
        self._wanted = folder
        self._list()

    @Slot(Path)
    def _open_from_disk(self, folder: Path) -> None:
        self.opened.emit(Recent(Kind.RUN, str(folder)))
        self.open_folder(folder)

    def figures(self) -> tuple[PlotFigure, ...]:
        run = self._summary()
        if run is None or self._stage == "basis":
            return ()
        facts = run.name, f"profile {run.profile}", f"seed {run.seed}", run.device
        source = " · ".join(filter(None, facts))
        title = f"{STAGE_TITLES[self._stage]}, {run.name}"
        settings = {"run": run.name, "profile": run.profile, "seed": run.seed, "device": run.device}
        return curve_figures(f"{self._stage}-curves", title, self.view.curves.panels, source, settings)

    @property
    def view_settings(self) -> ViewSettings:
        curves = self.view.curves
        run = None if self.run is None else self.run.name
        shown = {
            "run": run,
            "stage": self._stage,
            "scale": curves.scale.value,
            "smoothing": curves.smoothing.value(),
        }
        return TrainState.model_validate(shown).model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Look at a run again, as soon as it is listed."""
        self._to_show = TrainState.model_validate(settings)
        if self._listed:
            self._show_wanted()

    def _show_wanted(self) -> None:
        """Show what a figure was made of, where its run is among those that are listed."""
        state, self._to_show = self._to_show, TrainState()
        known = [path for path in self.runs.folders if path.name == state.run]
        if known:
            self.runs.select(known[0])
        if state.stage is not None:
            self._pick_stage(state.stage)
        if state.scale is not None:
            self.view.curves.use_scale(state.scale)
        if state.smoothing is not None:
            self.view.curves.smoothing.setValue(state.smoothing)

    def keep_session(self, settings: QSettings) -> None:
        """Note the folders that were opened, and the current run."""
        settings.setValue("opened", json.dumps([str(folder) for folder in self._opened]))
        settings.setValue("run", "" if self.run is None else str(self.run))

    def recall_session(self, settings: QSettings) -> None:
        """List those folders again, and look at the run again; what is gone is left out."""
        try:
            stored = parse_json(str(settings.value("opened", "[]")), "the runs that were opened")
        except StudioError:
            stored = []
        folders = [Path(each) for each in stored if isinstance(each, str)] if isinstance(stored, list) else []
        self._opened = tuple(folder for folder in folders if folder.is_dir())
        run = settings.value("run")
        if isinstance(run, str) and run and Path(run).is_dir():
            self._wanted = Path(run)

    def _summary(self) -> RunSummary | None:
        return None if self.run is None else self.runs.summary(self.run)

    def _is_here(self) -> bool:
        return self.run is not None and self.run == self._training

    def _show_run(self) -> None:
        """Show what is known of the current run."""
        run = self._summary()
        if run is None:
            self.view.show_nothing(any_run=bool(self.runs.folders))
            self.guided.emit()
            return
        live = self._progress.get(run.run) if self._is_here() else None
        listed = progress_of(run)
        self._progress[run.run] = listed if live is None else merged(listed, live)
        self.view.show_summary(run, is_here=self._is_here(), held=self._held)
        self._show_progress()
        self._show_stage(self._stage if self._picked else self.progress.latest)
        self.guided.emit()

    @Slot()
    def _show_progress(self) -> None:
        self.view.show_progress(self.progress, self._summary(), held=self._is_here() and self._held)

    def _show_stage(self, stage: RunStage) -> None:
        changed, self._stage = stage != self._stage, stage
        known = None if self.run is None else self._known.get(self.run)
        steps = known.frames.get(stage, ()) if known is not None and stage != "basis" else ()
        if changed:
            self.view.pictures.clear()
        self.view.show_stage(stage, pictures=bool(steps))
        if steps and known is not None and stage != "basis":
            pictures = self.view.pictures
            grown = steps != pictures.steps
            pictures.show_steps(steps, known.steps_per_epoch.get(stage, 1))
            if pictures.shown is None or (grown and pictures.follows):
                self._ask_for_pictures()
        self._show_note()
        self._draw_curves()

    def _show_note(self) -> None:
        """Say why the run failed, or what was found wrong last in the current stage, as long as it is so."""
        run, found = self._summary(), self._finding()
        if run is not None and run.sentence:
            self.view.show_note(run.sentence)
        elif found is not None and found not in self._dismissed:
            self.view.show_note(f"Step {counted(found.step)}: {found.sentence}", found.advice)
        else:
            self.view.show_note("")

    def _finding(self) -> Diagnosed | None:
        known = None if self.run is None else self._known.get(self.run)
        found = [] if known is None else [each for each in known.diagnoses if each.stage == self._stage]
        newest = self.view.pictures.shown
        is_newest = newest is not None and newest.frame.step == newest.steps[-1]
        mended = newest is not None and is_newest and newest.frame.counts.min() > 0
        if not found or (mended and found[-1].finding in ("label missing", "collapse")):
            return None
        return found[-1]

    @Slot()
    def _dismiss_note(self) -> None:
        if (found := self._finding()) is not None:
            self._dismissed.add(found)
        self.view.show_note("")

    @Slot()
    def _draw_curves(self) -> None:
        drawn = [(path, self._known[path]) for path in self.runs.selected if path in self._known]
        self.view.curves.show_runs([_shown(known, self.runs.summary(path)) for path, known in drawn])
        colours = cycle(curve_colours(self.themes.theme))
        several = drawn if len(drawn) > 1 else ()
        self.runs.colour_runs({path: colour for (path, _), colour in zip(several, colours, strict=False)})

    @Slot(object)
    def _follow_training(self, event: TrainingBroadcast) -> None:
        match event:
            case CurvesGrown():
                self._take_curves(event)
            case TrainingReported():
                self._take_report(event)
            case TrainingStarted():
                self._training, self._held = event.run, False
                self._live.clear()
                self.open_folder(event.run)
                self._progress.pop(event.run, None)
            case TrainingEnded():
                if self._training == event.run:  # else it failed before there was a run
                    self._read(event.run)
                self._training, self._held = None, False
                self._list_anew()

    def _take_list(self, listed: RunList) -> None:
        for run in listed.runs:
            if run.state in ("running", "paused") and self._training is None:
                self._training, self._held = run.run, run.state == "paused"
        self.runs.show_runs(listed.runs)
        wanted = self._run_in(listed.runs)
        if wanted is not None:
            self._wanted = None
            self.runs.select(wanted)
        if not listed.runs and not self._listed and self._drawer.currentIndex() == 0:
            self.begin()
        self._listed = True
        self._show_run()
        self._show_wanted()

    def _run_in(self, runs: tuple[RunSummary, ...]) -> Path | None:
        """The run to select now: one that is wanted, or the newest where none is selected."""
        paths = [run.run for run in runs]
        if self._wanted is not None:
            return next((each for each in paths if self._wanted in (each, *each.parents)), None)
        if self.run is None and paths:
            selected = self.selection.run
            return selected if selected in paths else paths[0]
        return None

    def _take_run(self, shown: RunDetails) -> None:
        self._known[shown.summary.run] = self._with_live_curves(shown)
        if shown.summary.run == self.run:
            self._show_run()
        elif shown.summary.run in self.runs.selected:
            self._draw_curves()

    def _take_curves(self, grown: CurvesGrown) -> None:
        self._live[grown.stage] = grown.curves
        if (known := self._known.get(grown.run)) is not None:
            self._known[grown.run] = self._with_live_curves(known)
        if grown.run in self.runs.selected:
            self._draw_curves()

    def _with_live_curves(self, shown: RunDetails) -> RunDetails:
        """A run with the curves reported while it is trained here, which are ahead of those in its folder."""
        if shown.summary.run != self._training:
            return shown
        others = tuple(curve for curve in shown.curves if curve.stage not in self._live)
        live = tuple(curve for curves in self._live.values() for curve in curves)
        return replace(shown, curves=(*others, *live))

    def _take_report(self, reported: TrainingReported) -> None:
        run, report = reported.run, reported.report
        self._progress[run] = advanced(self._progress.get(run, RunProgress()), report)
        if isinstance(report, StageStarted | PicturesSaved | StageDone | RunDone):
            self._read(run)
        if isinstance(report, Paused | Resumed):
            self._hold(isinstance(report, Paused))
        if run != self.run:
            return
        if isinstance(report, Diagnosed) and run in self._known:
            known = self._known[run]
            self._known[run] = replace(known, diagnoses=(*known.diagnoses, report))
            self._show_note()
        if isinstance(report, StageStarted) and not self._picked:
            self._show_stage(report.stage)
        if not self._repaint.isActive():
            self._repaint.start()

    def _hold(self, held: bool) -> None:
        self._held = held
        self._show_run()


def _shown(known: RunDetails, run: RunSummary | None) -> ShownRun:
    stages = {curve.stage for curve in known.curves}
    return ShownRun(
        name=known.summary.name if run is None else run.name,
        curves={stage: [curve for curve in known.curves if curve.stage == stage] for stage in stages},
        steps_per_epoch=known.steps_per_epoch,
    )
