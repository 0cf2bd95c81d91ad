"""Engine events on the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from lsd_studio.engine.door import Engine
from lsd_studio.engine.messages.core import Event, Request


class EngineBridge(QObject):
    """Hands requests to the engine, and its events to the window's thread (a queued signal carries them over)."""

    told = Signal(object)

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        engine.subscribe(self._carry)

    def submit(self, request: Request) -> int:
        """Ask the engine for something; returns the request's number."""
        return self.engine.submit(request)

    def detach(self) -> None:
        """Let no more events through."""
        self.engine.unsubscribe(self._carry)

    def _carry(self, event: Event) -> None:
        self.told.emit(event)
