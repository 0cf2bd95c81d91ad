"""The training lane: one run at a time, on a thread of its own that yields the processor to the window."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.lanes import failure
from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.messages.training import (
    Cancelled,
    CancelTraining,
    CurvesGrown,
    EpochDone,
    Outcome,
    PauseTraining,
    ResumeTraining,
    StageStarted,
    StartTraining,
    StepDone,
    StepTraining,
    TrainingEnded,
    TrainingEvent,
    TrainingPaused,
    TrainingReported,
    TrainingResumed,
    TrainingStarted,
)
from lsd_studio.engine.platform.allocation import give_back_freed_memory
from lsd_studio.engine.scheduler import lower_own_priority
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import HistoryGrown

if TYPE_CHECKING:
    from lsd_studio.engine.training.plan import Plan

__all__ = ["TrainingLane"]

SECONDS_BETWEEN_STEPS = 0.05
"""No window shows more than 20 steps a second."""


class TrainingLane:
    """Trains what is asked for and posts what happens; pause, step, resume and cancel are obeyed between batches."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._thread: threading.Thread | None = None
        self._control = Control()
        self._run = Path()

    @property
    def is_running(self) -> bool:
        """Whether a run is under way, paused or not."""
        thread = self._thread  # the thread itself forgets it at its end
        return thread is not None and thread.is_alive()

    def submit(self, number: int, request: Request) -> None:
        """Start, pause, step, resume or cancel; what is not possible now is told in a Failed event."""
        try:
            if isinstance(request, StartTraining):
                self._begin(number, request)
                return
            if not self.is_running:
                raise StudioError("No training is under way; start one first.")
            match request:
                case PauseTraining():
                    self._control.pause()
                    self._post(TrainingPaused(number, self._run))
                case StepTraining():
                    self._control.step()
                    self._post(TrainingPaused(number, self._run))
                case ResumeTraining():
                    self._control.resume()
                    self._post(TrainingResumed(number, self._run))
                case CancelTraining():
                    self.cancel()
        except StudioError as error:
            self._post(failure(number, request, error))

    def cancel(self) -> None:
        """Stop the run under way, if there is one, at its next batch with a checkpoint."""
        self._control.cancel()

    def join(self) -> None:
        """Wait until no run is under way."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _begin(self, number: int, request: StartTraining) -> None:
        if self.is_running:
            raise StudioError("A training is under way already; stop it before you start another.")
        self._control, self._run = Control(), request.run or Path()
        self._thread = threading.Thread(
            target=self._train, args=(number, request), name="lsd-training", daemon=True
        )
        self._thread.start()

    def _train(self, number: int, request: StartTraining) -> None:
        lower_own_priority()
        control = self._control
        outcome: Outcome = "finished"
        try:
            outcome = self._follow(number, request, control)
        except Exception as error:
            outcome = "cancelled" if control.cancelled and isinstance(error, StudioError) else "failed"
            if outcome == "failed":
                self._post(failure(number, request, error))
        finally:
            give_back_freed_memory()
            self._thread = None
            self._post(TrainingEnded(number, self._run, outcome))

    def _follow(self, number: int, request: StartTraining, control: Control) -> Outcome:
        from lsd_studio.engine.training.plan import carry_out, folder_of, plan_training, planned_images

        plan = plan_training(request)
        data = planned_images(plan)
        self._run = folder_of(plan).resolve()
        self._post(TrainingStarted(number, self._run, plan.name or self._run.name, data.notes))
        teller = _Teller(number, self._run, plan, self._post)
        for report in carry_out(plan, self._run, data, control):
            teller.tell(report)
            if isinstance(report, Cancelled):
                return "cancelled"
        return "finished"


class _Teller:
    """Posts the events of a run: steps thinned out, histories as curves."""

    def __init__(self, number: int, run: Path, plan: Plan, post: Callable[[Event], None]) -> None:
        self._number, self._run, self._plan, self._post = number, run, plan, post
        self._step: StepDone | None = None
        self._step_told_at = 0.0
        self._epochs: list[EpochDone] = []
        self._steps_an_epoch = 1

    def tell(self, report: TrainingEvent) -> None:
        """Post what this event has to say."""
        if isinstance(report, StepDone):
            self._step = report
            if time.monotonic() - self._step_told_at > SECONDS_BETWEEN_STEPS:
                self._tell_step()
            return
        self._tell_step()
        match report:
            case HistoryGrown():
                self._tell_curves(report)
                return
            case StageStarted():
                self._begin(report)
            case EpochDone():
                self._epochs.append(report)
        self._post(TrainingReported(self._number, self._run, report))

    def _tell_step(self) -> None:
        if self._step is not None:
            self._post(TrainingReported(self._number, self._run, self._step))
            self._step, self._step_told_at = None, time.monotonic()

    def _begin(self, report: StageStarted) -> None:
        from lsd_studio.engine.runs.files import events_file
        from lsd_studio.engine.runs.journal import read_journal

        known = (noted.event for noted in read_journal(events_file(self._run)))
        self._steps_an_epoch = max(1, report.total_steps // getattr(self._plan.profile, report.stage).epochs)
        self._epochs = [
            event
            for event in known
            if isinstance(event, EpochDone)
            and event.stage == report.stage
            and event.epoch * self._steps_an_epoch <= report.first_step
        ]

    def _tell_curves(self, report: HistoryGrown) -> None:
        from lsd_studio.engine.runs.curves import batch_curves, held_out_curves

        curves = (
            *batch_curves(report.stage, report.history, self._plan.profile.encoder.label_weight),
            *held_out_curves(report.stage, self._epochs, self._steps_an_epoch),
        )
        self._post(CurvesGrown(self._number, self._run, report.stage, curves))
