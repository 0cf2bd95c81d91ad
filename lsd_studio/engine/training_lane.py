"""The training lane: one run at a time, on a thread of its own that yields the processor to the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.lanes import failure, lower_own_priority
from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.messages.training import (
    CancelTraining,
    PauseTraining,
    ResumeTraining,
    StartTraining,
    TrainingEnded,
    TrainingPaused,
    TrainingReported,
    TrainingResumed,
    TrainingStarted,
)

if TYPE_CHECKING:
    from lsd_studio.engine.training.control import Control


class TrainingLane:
    """Runs `training.train_run` and posts its events; pause, resume and cancel are obeyed between batches."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._control: Control | None = None
        self._cancelled = False
        self._start: StartTraining | None = None

    @property
    def is_running(self) -> bool:
        """Whether a run is under way, paused or not."""
        return self._thread is not None and self._thread.is_alive()

    def submit(self, number: int, request: Request) -> None:
        """Start, pause, resume or cancel; what is not possible now is told in a Failed event."""
        try:
            match request:
                case StartTraining():
                    self._begin(number, request)
                case PauseTraining():
                    run = self._run_under_way()
                    if self._control is not None:
                        self._control.pause()
                    self._post(TrainingPaused(number, run))
                case ResumeTraining():
                    run = self._run_under_way()
                    if self._control is not None:
                        self._control.resume()
                    self._post(TrainingResumed(number, run))
                case CancelTraining():
                    self._run_under_way()
                    self.cancel()
        except StudioError as error:
            self._post(failure(number, request, error))

    def cancel(self) -> None:
        """Stop the run under way, if there is one, at its next batch with a checkpoint."""
        with self._lock:
            self._cancelled = True
            if self._control is not None:
                self._control.cancel()

    def join(self) -> None:
        """Wait until no run is under way."""
        if self._thread is not None:
            self._thread.join()

    def _run_under_way(self) -> Path:
        if self._start is None or not self.is_running:
            raise StudioError("No training is under way; start one first.")
        return self._start.run

    def _begin(self, number: int, request: StartTraining) -> None:
        if self.is_running:
            raise StudioError("A training is under way already; stop it before you start another.")
        self._start, self._control, self._cancelled = request, None, False
        self._thread = threading.Thread(
            target=self._train, args=(number, request), name="lsd-training", daemon=True
        )
        self._thread.start()

    def _train(self, number: int, request: StartTraining) -> None:
        lower_own_priority()
        outcome: Literal["finished", "cancelled", "failed"] = "finished"
        try:
            self._follow(number, request)
            outcome = "cancelled" if self._cancelled else "finished"
        except Exception as error:
            outcome = "cancelled" if self._cancelled and isinstance(error, StudioError) else "failed"
            if outcome == "failed":
                self._post(failure(number, request, error))
        finally:
            self._thread = None
            self._post(TrainingEnded(number, request.run, outcome))

    def _follow(self, number: int, request: StartTraining) -> None:
        from lsd_studio.engine.datasets import load_data_set
        from lsd_studio.engine.profiles import load_profile
        from lsd_studio.engine.training.control import Control
        from lsd_studio.engine.training.whole_run import train_run

        profile = load_profile(request.profile or "studio", request.overrides)
        data = load_data_set(request.data or profile.data, "train")
        control = Control()
        with self._lock:
            self._control = control
            if self._cancelled:
                control.cancel()
        self._post(TrainingStarted(number, request.run))
        for report in train_run(
            request.run, profile, data, seed=request.seed or 0, resume=request.resume, control=control
        ):
            self._post(TrainingReported(number, request.run, report))
