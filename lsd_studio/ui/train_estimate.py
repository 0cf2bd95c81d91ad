"""How long a training would take and what memory it needs, from a short trial on this machine."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from lsd_studio.engine.messages.core import Failed, Stop, Stopped
from lsd_studio.engine.messages.training import EstimateTraining, Estimating, TrainingEstimated
from lsd_studio.ui.bridge import EngineBridge
from lsd_studio.ui.layouts import caption, column
from lsd_studio.ui.train_panels import STAGE_NAMES

__all__ = ["TrainEstimate"]


class TrainEstimate(QWidget):
    """The words of the last estimate, and the button that makes one or stops it.

    Attributes:
        button: to be laid where the form has its buttons.
        known: the estimate for the settings as they stand, None where there is none.

    Signals:
        wanted: a person asks for an estimate; `measure` is to be called.
    """

    wanted = Signal()

    def __init__(self, bridge: EngineBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._asked = 0
        self.known: TrainingEstimated | None = None
        self.button = QPushButton("Estimate")
        self.button.setToolTip("Measure a few batches on this machine and say how long all would take")
        self.button.clicked.connect(self._press)
        self.words = caption("Time and memory are not known yet.", "Time and memory")
        self._trial = QProgressBar()
        self._trial.setTextVisible(False)
        self._trial.hide()
        self.setLayout(column(self._trial, self.words))

    def measure(self, request: EstimateTraining) -> None:
        """Begin a trial."""
        self.button.setText("Stop")
        self.words.setText("Measuring a few batches …")
        self._asked = self._bridge.submit(request)

    def forget(self) -> None:
        """The settings are others now."""
        if self.known is not None:
            self.known = None
            self.words.setText("The settings have changed since the estimate.")

    def hear(self, event: object) -> None:
        """Take the engine's answers to a trial."""
        match event:
            case Estimating() if event.number == self._asked:
                self._trial.show()
                self._trial.setValue(round(100 * event.fraction))
                self.words.setText(f"Measuring a few batches: {STAGE_NAMES[event.stage]} …")
            case TrainingEstimated() if event.number == self._asked:
                self.known = event
                self._end(event.sentence)
            case Failed() if event.number == self._asked:
                self._end(event.sentence)
            case Stopped() if event.what == EstimateTraining.__name__ and 0 < self._asked < event.number:
                self._end("The trial was stopped.")
            case _:
                pass

    @Slot()
    def _press(self) -> None:
        if self._asked:
            self._bridge.submit(Stop(EstimateTraining.__name__))
        else:
            self.wanted.emit()

    def _end(self, words: str) -> None:
        self._asked = 0
        self._trial.hide()
        self.button.setText("Estimate")
        self.words.setText(words)
