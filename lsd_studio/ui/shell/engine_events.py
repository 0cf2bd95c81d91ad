"""What the engine broadcasts, on the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from lsd_studio.engine.api import Engine


class EngineEvents(QObject):
    """Carries what is broadcast to the window's thread, by a queued signal, as long as its owner lives.

    Signals:
        training: a TrainingBroadcast.
    """

    training = Signal(object)

    def __init__(self, engine: Engine, owner: QObject) -> None:
        super().__init__(owner)
        carry = self.training.emit
        engine.subscribe(carry)
        owner.destroyed.connect(lambda: engine.unsubscribe(carry))
