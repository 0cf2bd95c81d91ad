"""Who does which request: one module for each thing that is asked about, each with its table of handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.platform.threads import take_threads
from lsd_studio.engine.session import Handler, Session

__all__ = ["do_request"]

HANDLERS: dict[type[Request], Handler] = {}


def do_request(
    session: Session, is_busy: Callable[[], bool], number: int, request: Request
) -> Iterator[Event]:
    """Do one request and yield the events that answer it.

    Raises:
        StudioError: where the request cannot be done; its sentence says what to do.
        TypeError: nobody does requests of this type.
    """
    handler = HANDLERS.get(type(request))
    if handler is None:
        raise TypeError(f"The engine does not know the request {type(request).__name__}.")
    take_threads(one=is_busy() or request.lane == "interaction")
    yield from handler(session, number, request)
