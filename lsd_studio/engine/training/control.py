"""Pause, single step, resume and cancel of a run, obeyed between two batches."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from lsd_studio.engine.training.events import Paused, Resumed, RunStage


class Control:
    """Wishes that any thread may utter and the training loop looks at between batches."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._single_steps = 0
        self._cancelled = False

    def pause(self) -> None:
        """Hold before the next batch."""
        with self._changed:
            self._paused, self._single_steps = True, 0

    def resume(self) -> None:
        """Go on."""
        with self._changed:
            self._paused, self._single_steps = False, 0
            self._changed.notify_all()

    def step(self) -> None:
        """Let one batch through, then hold; a run that goes is paused after its next batch."""
        with self._changed:
            self._paused = True
            self._single_steps += 1
            self._changed.notify_all()

    def cancel(self) -> None:
        """Stop with a checkpoint after the batch under way, also from a pause."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    @property
    def cancelled(self) -> bool:
        """Whether the run is to stop."""
        return self._cancelled

    @property
    def paused(self) -> bool:
        """Whether the run is to hold, but for single steps."""
        return self._paused

    def hold(self, stage: RunStage, step: int) -> Iterator[Paused | Resumed]:
        """Wait while the run is to hold; tells when it begins to and when it goes on for more than one step."""
        held = self._holds()
        if held:
            yield Paused(stage, step)
        with self._changed:
            self._changed.wait_for(lambda: not self._holds())
            self._single_steps = max(0, self._single_steps - 1)
        if held and not self._paused:
            yield Resumed(stage, step)

    def _holds(self) -> bool:
        return self._paused and not self._single_steps and not self._cancelled
