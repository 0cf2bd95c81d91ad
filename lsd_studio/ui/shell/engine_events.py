"""What the engine broadcasts, on the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from lsd_studio.engine.door import Engine
from lsd_studio.engine.messages.core import Event
from lsd_studio.engine.training.monitoring.broadcasts import TrainingBroadcast

__all__ = ["EngineEvents"]


class EngineEvents(QObject):
    """Carries what is broadcast to the window's thread, by a queued signal.

    Signals:
        training: a TrainingBroadcast.
    """

    training = Signal(object)

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        engine.subscribe(self._carry)

    def detach(self) -> None:
        """Let no more through."""
        self.engine.unsubscribe(self._carry)

    def _carry(self, event: Event | TrainingBroadcast) -> None:
        if not isinstance(event, Event):
            self.training.emit(event)
