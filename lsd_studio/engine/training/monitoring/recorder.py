"""Keeps a run's folder up to date while it is trained (journal, curves, state), and reports what its events show."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal

from lsd_studio.engine.errors import StudioError, sentence_of
from lsd_studio.engine.runs.files import events_file, history_file
from lsd_studio.engine.runs.history import ThinnedHistory
from lsd_studio.engine.runs.journal import note_event
from lsd_studio.engine.runs.state import NotedState, read_state, this_machine, write_state
from lsd_studio.engine.training.events import (
    BasisProgress,
    Cancelled,
    CheckpointSaved,
    HistoryGrown,
    Paused,
    Resumed,
    RunDone,
    RunStage,
    StageDone,
    StageName,
    StageStarted,
    StepDone,
    TrainingEvent,
)
from lsd_studio.engine.training.monitoring.anomaly_detection import AnomalyDetector
from lsd_studio.engine.training.monitoring.pace import Pace

SECONDS_BETWEEN_CURVES = 0.25
SECONDS_BETWEEN_STATES = 1.0
LONGEST_WITHOUT_A_SAVE = 10.0
"""Seconds: curves are written when a bin of theirs is full, but at most once a second and at least this often."""


class Recorder:
    """Takes the events of a run that is held one by one; a context that says in the end how the run ended."""

    def __init__(
        self,
        run: Path,
        stages: Sequence[RunStage],
        label_names: Sequence[str],
        expected_seconds: Mapping[RunStage, float],
    ) -> None:
        self.run = run
        self._place: tuple[int, int] | None = None
        self._anomalies = AnomalyDetector(label_names)
        self._pace = Pace(stages, expected_seconds)
        self._stage: RunStage = stages[0]
        self._step, self._total_steps = 0, 0
        self._seconds_left: float | None = None
        self._device = ""
        self._paused = self._finished = False
        self._history = ThinnedHistory()
        self._history_saved_at = self._curves_sent_at = self._state_written_at = 0.0
        self._history_saved_to = 0
        self._began = time.monotonic()
        self._seconds_before = 0.0

    def record(self, event: TrainingEvent) -> Iterator[TrainingEvent]:
        """Keep an event; yields it, and what it shows: diagnoses, curves that have grown, how far the run is.

        Raises:
            StudioError: the run's folder is not there any more, or the disk is full or not writable.
        """
        if self._place is None:
            self._place = _place(self.run)
            known = read_state(self.run)
            self._seconds_before = known.seconds if known else 0.0
        if _place(self.run) != self._place:
            raise StudioError(
                f"The run folder {self.run} was moved or removed while it was trained: go on from its last checkpoint "
                "where it is now, with --resume."
            )
        note_event(events_file(self.run), event)
        yield event
        for found in self._anomalies.examine(event):
            note_event(events_file(self.run), found)
            yield found
        match event:
            case StageStarted():
                self._begin(event)
            case StepDone():
                self._step = event.step
                self._history.push(event.step, event.losses)
                yield from self._progress_due(event.stage)
            case BasisProgress():
                if (self._stage, self._total_steps) != ("basis", 100):
                    self._stage, self._total_steps = "basis", 100
                    self._pace.begin(0)
                self._step = int(100 * event.overall)
                yield from self._progress_due(None, event.overall)
            case Paused() | Resumed():
                self._paused = isinstance(event, Paused)
                self._save_history()
                self._pace.begin(event.step)
                self._write_state()
                if event.stage != "basis" and self._history.step:
                    yield HistoryGrown(event.stage, self._history.copy())
            case CheckpointSaved() | Cancelled():
                self._save_history()
            case StageDone():
                self._save_history()
                if self._history.step:
                    yield HistoryGrown(event.stage, self._history.copy())
            case RunDone():
                self._finished = True

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._place is None or _place(self.run) != self._place:
            return
        with suppress(StudioError):
            if isinstance(error, Exception):
                self._write_state("failed", sentence_of(error))
            else:
                self._write_state("finished" if self._finished else "stopped")

    def _begin(self, event: StageStarted) -> None:
        self._stage, self._step, self._total_steps = event.stage, event.first_step, event.total_steps
        self._device = event.device
        self._history = ThinnedHistory.load(history_file(self.run, event.stage))
        self._history.truncate(event.first_step)
        self._pace.begin(event.first_step)
        self._write_state()

    def _progress_due(self, stage: StageName | None, overall: float = 0.0) -> Iterator[TrainingEvent]:
        now = time.monotonic()
        if stage is not None and now - self._curves_sent_at > SECONDS_BETWEEN_CURVES:
            self._curves_sent_at = now
            yield HistoryGrown(stage, self._history.copy())
        if now - self._state_written_at > SECONDS_BETWEEN_STATES:
            if stage is not None and self._history_is_due(now):
                self._save_history()
            reached = self._step if stage is not None else 100 * overall
            progressed = self._pace.progressed(self._stage, reached, self._total_steps)
            self._seconds_left = progressed.seconds_left
            self._write_state()
            yield progressed

    def _history_is_due(self, now: float) -> bool:
        is_bin_full = self._history.step - self._history_saved_to >= self._history.width
        return is_bin_full or now - self._history_saved_at > LONGEST_WITHOUT_A_SAVE

    def _save_history(self) -> None:
        if self._stage != "basis" and self._history.step:
            self._history.save(history_file(self.run, self._stage))
            self._history_saved_at, self._history_saved_to = time.monotonic(), self._history.step

    def _write_state(
        self, ended: Literal["stopped", "finished", "failed"] | None = None, sentence: str = ""
    ) -> None:
        self._state_written_at = time.monotonic()
        write_state(
            self.run,
            NotedState(
                state=ended or ("paused" if self._paused else "running"),
                sentence=sentence,
                device=self._device,
                stage=self._stage,
                step=self._step,
                total_steps=self._total_steps,
                seconds_left=None if ended else self._seconds_left,
                seconds=self._seconds_before + self._state_written_at - self._began,
                time=time.time(),
                process=os.getpid(),
                machine=this_machine(),
            ),
        )


def _place(run: Path) -> tuple[int, int] | None:
    """What tells this very folder from another of its name; None where none is there."""
    try:
        status = run.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
