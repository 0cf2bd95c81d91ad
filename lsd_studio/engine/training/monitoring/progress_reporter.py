"""What is broadcast of a run's events: batches thinned out, histories as curves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lsd_studio.engine.runs.curves import batch_curves, held_out_curves
from lsd_studio.engine.runs.files import events_file
from lsd_studio.engine.runs.journal import read_journal
from lsd_studio.engine.training.events import EpochDone, HistoryGrown, StageStarted, StepDone, TrainingEvent
from lsd_studio.engine.training.monitoring.broadcasts import CurvesGrown, TrainingBroadcast, TrainingReported

if TYPE_CHECKING:
    from lsd_studio.engine.runs.profiles import Profile

SECONDS_BETWEEN_STEPS = 0.05
"""No window shows more than 20 steps a second."""


class ProgressReporter:
    """Broadcasts the events of a run of this profile in the folder `run`."""

    def __init__(self, run: Path, profile: Profile, broadcast: Callable[[TrainingBroadcast], None]) -> None:
        self._run, self._profile, self._broadcast = run, profile, broadcast
        self._step: StepDone | None = None
        self._step_reported_at = 0.0
        self._epochs: list[EpochDone] = []
        self._steps_an_epoch = 1

    def report(self, event: TrainingEvent) -> None:
        """Broadcast an event; a batch waits for its turn, but not beyond the next event of another kind."""
        if isinstance(event, StepDone):
            self._step = event
            if time.monotonic() - self._step_reported_at > SECONDS_BETWEEN_STEPS:
                self._report_step()
            return
        self._report_step()
        match event:
            case HistoryGrown():
                self._report_curves(event)
                return
            case StageStarted():
                self._begin(event)
            case EpochDone():
                self._epochs.append(event)
        self._broadcast(TrainingReported(self._run, event))

    def _report_step(self) -> None:
        if self._step is not None:
            self._broadcast(TrainingReported(self._run, self._step))
            self._step, self._step_reported_at = None, time.monotonic()

    def _begin(self, stage: StageStarted) -> None:
        known = (noted.event for noted in read_journal(events_file(self._run)))
        self._steps_an_epoch = max(1, stage.total_steps // getattr(self._profile, stage.stage).epochs)
        self._epochs = [
            event
            for event in known
            if isinstance(event, EpochDone)
            and event.stage == stage.stage
            and event.epoch * self._steps_an_epoch <= stage.first_step
        ]

    def _report_curves(self, grown: HistoryGrown) -> None:
        curves = (
            *batch_curves(grown.stage, grown.history, self._profile.encoder.label_weight),
            *held_out_curves(grown.stage, self._epochs, self._steps_an_epoch),
        )
        self._broadcast(CurvesGrown(self._run, grown.stage, curves))
