"""What the engine broadcasts, on the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from lsd_studio.engine.api import Engine
from lsd_studio.engine.training.monitoring.broadcasts import TrainingBroadcast

__all__ = ["EngineEvents"]


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
        owner.destroyed.connect(partial(_unsubscribe, engine, carry))


def _unsubscribe(engine: Engine, callback: Callable[[TrainingBroadcast], None], *_: object) -> None:
    engine.unsubscribe(callback)
