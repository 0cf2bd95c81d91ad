"""How long a training would take and what memory it needs, from a short trial on this machine."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.training.estimate import Estimating, TrainingEstimate
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.train.panels import STAGE_NAMES
from lsd_studio.ui.widgets.controls import progress_bar, push_button
from lsd_studio.ui.widgets.layouts import caption, column

TRIAL = "trial"
"""The task that is measured in."""


class TrainEstimate(QWidget):
    """The words of the last estimate, and the button that makes one or stops it.

    Args:
        settings: what is to be estimated.

    Attributes:
        button: to be laid where the form has its buttons.
        known: the estimate for the settings as they stand, None where there is none.
    """

    def __init__(self, engine: Engine, tasks: Tasks, settings: Callable[[], TrainingSettings]) -> None:
        super().__init__()
        self._engine, self._tasks, self._settings = engine, tasks, settings
        self.known: TrainingEstimate | None = None
        measuring = "Measure a few batches on this machine to estimate time and memory"
        self.button = push_button("Estimate", self._press, measuring)
        self.words = caption("Time and memory not estimated yet.", "Time and memory")
        self._trial = progress_bar("How far the estimate is")
        self._trial.hide()
        self.setLayout(column(self._trial, self.words))

    def forget(self) -> None:
        """The settings are others now."""
        if self.known is not None:
            self.known = None
            self.words.setText("Settings changed since the estimate.")

    async def _follow(self, call: Call[Doing | Estimating, TrainingEstimate]) -> None:
        try:
            async for at in call:
                self._trial.show()
                if isinstance(at, Estimating):
                    self._trial.setValue(round(1000 * at.fraction))
                    self.words.setText(f"Measuring a few batches: {STAGE_NAMES[at.stage]} …")
            self.known = await call
        except StudioError as error:
            self._end(str(error))
        else:
            self._end(self.known.sentence)

    @Slot()
    def _press(self) -> None:
        if self._tasks.is_running(TRIAL):
            self._tasks.cancel(TRIAL)
            self._end("Estimate stopped.")
        else:
            self.button.setText("Stop")
            self.words.setText("Measuring a few batches …")
            self._tasks.run(self._follow(self._engine.training.estimate(self._settings())), TRIAL)

    def _end(self, words: str) -> None:
        self._trial.hide()
        self.button.setText("Estimate")
        self.words.setText(words)
