"""What was asked of the engine and is not answered yet."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QObject, Signal, Slot

from lsd_studio.engine.messages.core import Event, Progress, Request, Stop, Stopped
from lsd_studio.ui.shell.bridge import EngineBridge

__all__ = ["Asking"]


class Asking(QObject):
    """Keeps the requests that are under way, and hands on what answers them.

    Signals:
        heard: a request and an event that answers it, in part or wholly.
        changed: something is under way that was not before, or not any more.
    """

    heard = Signal(object, object)
    changed = Signal()

    def __init__(self, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked: dict[int, Request] = {}
        bridge.told.connect(self._hear)

    @property
    def under_way(self) -> Collection[Request]:
        """What is not answered yet, in the order of asking."""
        return self._asked.values()

    def ask(self, request: Request) -> int:
        """Ask for something, in the place of what was asked of its kind; returns the request's number."""
        number = self._bridge.submit(request)
        self._drop(request.kind, number)
        self._asked[number] = request
        self.changed.emit()
        return number

    def stop(self, kind: str) -> None:
        """End the analysis of a kind."""
        self._bridge.submit(Stop(kind))

    def forget(self) -> None:
        """Stop all analyses, and listen to no answer any more."""
        for request in tuple(self._asked.values()):
            if request.lane == "analysis":
                self.stop(request.kind)
        self._asked.clear()
        self.changed.emit()

    def is_asked(self, kind: type[Request]) -> bool:
        """Whether a request of this type is under way."""
        return any(isinstance(request, kind) for request in self._asked.values())

    def _drop(self, kind: str, last: int) -> None:
        """Forget what was asked of a kind up to this number; what was asked after a stop goes on."""
        ended = [number for number, asked in self._asked.items() if asked.kind == kind and number <= last]
        for number in ended:
            del self._asked[number]

    @Slot(object)
    def _hear(self, event: Event) -> None:
        if isinstance(event, Stopped):
            self._drop(event.what, event.number)
            self.changed.emit()
            return
        request = self._asked.get(event.number)
        if request is None:
            return
        if not isinstance(event, Progress):
            del self._asked[event.number]
        self.heard.emit(request, event)
        if not isinstance(event, Progress):
            self.changed.emit()
