"""What the program does now, in the header's words: derived from all that is running, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Slot

from lsd_studio.engine.training.events import Paused, Progressed, Resumed
from lsd_studio.engine.training.monitoring.broadcasts import (
    TrainingBroadcast,
    TrainingEnded,
    TrainingReported,
    TrainingStarted,
)
from lsd_studio.ui.shell.engine_state import EngineState
from lsd_studio.ui.train.formatting import duration
from lsd_studio.ui.train.panels import STAGE_NAMES
from lsd_studio.ui.widgets.timers import delay

BRIEF = 300
"""Milliseconds; what is over by then is not shown, so that no word flickers while a hand moves."""


@dataclass(frozen=True)
class TrainingNow:
    """The training under way: its run, or its stage and how far that is, and whether it is paused."""

    words: str
    is_paused: bool = False


def after(training: TrainingNow | None, event: TrainingBroadcast) -> TrainingNow | None:
    """The training under way once this was broadcast; None where there is none."""
    match event:
        case TrainingStarted():
            return TrainingNow(event.run.name)
        case TrainingEnded():
            return None
        case TrainingReported(report=Paused() | Resumed() as report):
            return replace(training or TrainingNow(event.run.name), is_paused=isinstance(report, Paused))
        case TrainingReported(report=Progressed() as at) if at.total_steps:
            left = f", {duration(at.seconds_left)} left" if at.seconds_left is not None else ""
            words = f"{STAGE_NAMES[at.stage]} {100 * at.step / at.total_steps:.0f} %{left}"
            return replace(training or TrainingNow(""), words=words)
        case _:
            return training


@dataclass(frozen=True)
class Activity:
    """All that is running.

    Args:
        has_bundle: whether a bundle is in use; is_opening: one is being opened.
        is_stopping: the window waits for the training to stop.
        training: the one under way.
        jobs: work that was started from a menu, such as "Exporting networks".
        working: the places that wait for answers.
    """

    has_bundle: bool
    is_opening: bool = False
    is_stopping: bool = False
    training: TrainingNow | None = None
    jobs: tuple[str, ...] = ()
    working: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """It in a few words, what matters most first."""
        if self.is_stopping:
            return "stopping after the current batch"
        if self.is_opening:
            return "opening the bundle"
        parts = []
        if self.training is not None:
            parts.append(f"{'paused' if self.training.is_paused else 'training'} {self.training.words}")
        parts += [f"{job[:1].lower()}{job[1:]}" for job in self.jobs]
        if self.working:
            parts.append(f"working in {', '.join(self.working)}")
        return " · ".join(parts) or ("ready" if self.has_bundle else "no bundle")

    @property
    def role(self) -> str:
        """The theme's colour for it."""
        if self.training is not None and self.training.is_paused and not self.is_stopping:
            return "warning"
        return "good" if self.is_at_rest and self.has_bundle else "warning" if self.is_at_rest else "accent"

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is running."""
        return self == Activity(self.has_bundle)

    @property
    def may_be_brief(self) -> bool:
        """Whether places wait for answers, and nothing else goes on."""
        return self == Activity(self.has_bundle, working=self.working) and bool(self.working)


class ActivityDisplay(QObject):
    """Keeps the header in step with what is running.

    Args:
        header: shows it.
        look: what is running now; call `refresh` whenever that may have changed.
    """

    def __init__(self, header: EngineState, look: Callable[[], Activity]) -> None:
        super().__init__(header)
        self._header, self._look = header, look
        self._shown: Activity | None = None
        self._later = delay(self, BRIEF, self._show)

    @Slot()
    def refresh(self) -> None:
        """Show what is running; what may be over in a moment only if it is not."""
        now = self._look()
        if now.may_be_brief and (self._shown is None or self._shown.is_at_rest):
            if not self._later.isActive():
                self._later.start()
        else:
            self._later.stop()
            self._show()

    @Slot()
    def _show(self) -> None:
        self._shown = self._look()
        self._header.say(self._shown.words, self._shown.role)
