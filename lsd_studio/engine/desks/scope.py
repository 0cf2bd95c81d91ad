"""An answer belongs to the bundle that it was asked of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.messages.core import Event, Request, Stopped
from lsd_studio.engine.session import Handler, Session

__all__ = ["while_open"]


def while_open(handler: Handler) -> Handler:
    """The same work on the open bundle, stopped at its next event when another bundle is opened meanwhile."""

    @wraps(handler)
    def scoped(session: Session, number: int, request: Request) -> Iterator[Event]:
        bundle = session.bundle
        try:
            for event in handler(session, number, request):
                if session.bundle is not bundle:
                    break
                yield event
            else:
                return
        except StudioError:
            if session.bundle is bundle:
                raise
        yield Stopped(number, request.kind)

    return scoped
