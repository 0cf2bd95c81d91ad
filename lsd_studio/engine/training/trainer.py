"""Training on a thread of its own that yields the processor to the window: one run at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.allocation import give_back_freed_memory
from lsd_studio.engine.platform.gc_control import import_for_good
from lsd_studio.engine.scheduler import lower_own_priority
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import Cancelled
from lsd_studio.engine.training.monitoring.broadcasts import (
    Outcome,
    TrainingBroadcast,
    TrainingEnded,
    TrainingStarted,
)
from lsd_studio.engine.training.settings import TrainingSettings

log = logging.getLogger(__name__)

IMPORTED_FIRST = (
    "lsd_studio.engine.training.monitoring.progress_reporter",
    "lsd_studio.engine.training.plan",
    "lsd_studio.engine.training.whole_run",
)
"""Modules that the first training imports, with thousands of objects."""


class Trainer:
    """Trains one run after the other and broadcasts what happens.

    Attributes:
        control: pauses, steps, resumes and cancels the run under way between two batches.
    """

    def __init__(self, broadcast: Callable[[TrainingBroadcast], None]) -> None:
        self.control = Control()
        self._broadcast = broadcast
        self._thread: threading.Thread | None = None
        self._run = Path()
        self._closed = False

    @property
    def is_running(self) -> bool:
        """Whether a run is under way, paused or not."""
        thread = self._thread  # the thread itself forgets it at its end
        return thread is not None and thread.is_alive()

    def start(self, settings: TrainingSettings) -> None:
        """Begin to train; that what was asked for cannot be done is broadcast as the end of the training.

        Raises:
            StudioError: a training is under way already, or the engine is closed.
        """
        if self._closed:
            raise StudioError("The engine is closed; make another one.")
        if self.is_running:
            raise StudioError("A training is under way already; stop it before you start another.")
        self.control, self._run = Control(), settings.run or Path()
        self._thread = threading.Thread(
            target=self._train, args=(settings,), name="lsd-training", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop the run under way at its next batch with a checkpoint, and start no other."""
        self._closed = True
        self.control.cancel()

    def join(self) -> None:
        """Wait until no run is under way."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _train(self, settings: TrainingSettings) -> None:
        lower_own_priority()
        control = self.control
        outcome: Outcome = "failed"
        failure: Exception | None = None
        try:
            import_for_good(*IMPORTED_FIRST)
            outcome = self._follow(settings, control)
        except Exception as error:  # whatever it is, it is said where the training is watched
            if control.cancelled and isinstance(error, StudioError):
                outcome = "cancelled"
            else:
                failure = error
                if not isinstance(error, StudioError):
                    log.exception("The training of %s failed.", self._run)
        finally:
            give_back_freed_memory()
            self._thread = None
            self._broadcast(TrainingEnded(self._run, outcome, failure))

    def _follow(self, settings: TrainingSettings, control: Control) -> Outcome:
        from lsd_studio.engine.training.monitoring.progress_reporter import ProgressReporter
        from lsd_studio.engine.training.plan import folder_of, plan_training, planned_images
        from lsd_studio.engine.training.whole_run import carry_out

        plan = plan_training(settings)
        data = planned_images(plan)
        self._run = folder_of(plan).resolve()
        started = TrainingStarted(self._run, plan.name or self._run.name, data.notes)
        reporter = ProgressReporter(self._run, plan.profile, self._broadcast)
        for place, event in enumerate(carry_out(plan, self._run, data, control)):
            if place == 0:  # earlier there may be no run yet that could be read
                self._broadcast(started)
            reporter.report(event)
            if isinstance(event, Cancelled):
                return "cancelled"
        return "finished"
