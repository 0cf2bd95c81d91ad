"""Numbered requests to the engine, and their answers on the window's thread."""

from __future__ import annotations

from PySide6.QtCore import Signal

from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.training.monitoring.broadcasts import TrainingBroadcast
from lsd_studio.ui.shell.engine_events import EngineEvents


class EngineBridge(EngineEvents):
    """Hands requests to the engine, and its answers to the window's thread (a queued signal carries them over)."""

    told = Signal(object)

    def submit(self, request: Request) -> int:
        """Ask the engine for something; returns the request's number."""
        return self.engine.submit(request)

    def _carry(self, event: Event | TrainingBroadcast) -> None:
        if isinstance(event, Event):
            self.told.emit(event)
        else:
            super()._carry(event)
