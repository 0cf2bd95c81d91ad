"""How fast a run is, and what time is left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from lsd_studio.engine.training.events import Progressed, RunStage

SECONDS_REMEMBERED = 30.0


class Pace:
    """Steps against the clock, over the last half minute, pauses left out.

    Args:
        stages: those that the run is to do, in their order.
        expected_seconds: of stages, as far as an estimate was made; for those that have not begun.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        stages: Sequence[RunStage],
        expected_seconds: Mapping[RunStage, float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stages = stages
        self._expected = expected_seconds
        self._clock = clock
        self._marks: deque[tuple[float, float]] = deque()

    def begin(self, step: float) -> None:
        """A stage begins or goes on at `step`, after what else took time."""
        self._marks = deque([(self._clock(), step)])

    def progressed(self, stage: RunStage, step: float, total_steps: int) -> Progressed:
        """Take note of the step that was reached, and tell what is left."""
        now = self._clock()
        self._marks.append((now, step))
        while len(self._marks) > 2 and now - self._marks[1][0] > SECONDS_REMEMBERED:
            self._marks.popleft()
        began, first = self._marks[0]
        if step <= first:
            return Progressed(stage, int(step), total_steps, None, None, None)
        pace = (now - began) / (step - first)
        left = pace * (total_steps - step)
        later = [self._expected.get(name) for name in self._stages[self._stages.index(stage) + 1 :]]
        whole = None if None in later else left + sum(seconds or 0.0 for seconds in later)
        return Progressed(stage, int(step), total_steps, pace, left, whole)
