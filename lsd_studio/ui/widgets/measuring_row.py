"""A button that begins a measurement or stops it, beside what is being measured and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import outlined_button, progress_bar
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import row

Result = TypeVar("Result")


class MeasuringRow(QWidget):
    """Stays in step with the task of a measurement.

    Args:
        key: of the task.
        first, again: what the button says before anything was measured, and after.
        name: of the button; of: what is measured, such as "the generator".

    Signals:
        wanted: the button was pressed to begin.
        stopped: it was pressed to stop, and the task was cancelled.
        changed: a measurement has begun or ended.
    """

    wanted = Signal()
    stopped = Signal()
    changed = Signal()

    def __init__(self, tasks: Tasks, key: str, first: str, again: str, tip: str, name: str, of: str) -> None:
        super().__init__()
        self._tasks, self._key, self._first, self._again = tasks, key, first, again
        self._was_measured, self._was_running = False, False
        self.button = outlined_button(first, tip, self._press, name=name)
        self.button.setMinimumHeight(4 * GRID)
        self.progress = progress_bar(f"Progress of measuring {of}")
        self.progress.setFixedWidth(12 * GRID)
        self.doing = ElidingLabel(f"What is being measured of {of}")
        self.doing.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(row(None, (self.doing, 8), self.progress, self.button))
        tasks.changed.connect(self._follow_task)
        self._show()

    @property
    def is_running(self) -> bool:
        """Whether a measurement is under way."""
        return self._tasks.is_running(self._key)

    def show_measured(self, is_there: bool) -> None:
        """Let the button say whether something was measured before."""
        self._was_measured = is_there
        self._show()

    async def follow(self, call: Call[Any, Result], show: Callable[[Any], object] | None = None) -> Result:
        """Show how far a measurement is, hand what else it yields to `show`, and return what it comes to."""
        async for step in call:
            if isinstance(step, Doing):
                self.doing.setText(step.in_words)
                self.progress.setValue(round(1000 * (step.share or 0.0)))
            elif show is not None:
                show(step)
        return await call

    @Slot()
    def _press(self) -> None:
        if self.is_running:
            self._tasks.cancel(self._key)
            self.stopped.emit()
        else:
            self.wanted.emit()

    @Slot()
    def _follow_task(self) -> None:
        if self.is_running != self._was_running:
            self._was_running = self.is_running
            self._show()
            self.changed.emit()

    def _show(self) -> None:
        running = self.is_running
        self.button.setText("Stop" if running else self._again if self._was_measured else self._first)
        for part in (self.progress, self.doing):
            part.setVisible(running)
