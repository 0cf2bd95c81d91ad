"""Numbered requests on a worker queue, answered by events."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Generator, Iterator
from functools import partial

from lsd_studio.engine.errors import NotAtHandError, StudioError, sentence_of
from lsd_studio.engine.messages.core import Event, Failed, Request
from lsd_studio.engine.scheduler import Call, Turn, WorkerQueue

log = logging.getLogger(__name__)

Work = Callable[[int, Request], Iterator[Event]]
"""Does one request and yields its events; errors are its own to turn into events."""


class Lane:
    """A worker queue of numbered requests: `work` does them, and every event goes to `post`.

    Args:
        name: of the thread.
        work: does a request, a generator of events.
        post: receives events, on the lane's thread.
        yielding: whether the thread yields the processor to the window and to interaction.
    """

    def __init__(
        self, name: str, work: Work, post: Callable[[Event], None], *, yielding: bool = False
    ) -> None:
        self._work = work
        self._post = post
        self._queue = WorkerQueue(name, yielding=yielding)
        self.take = self._queue.submit
        self.close = self._queue.close
        self.join = self._queue.join

    def submit(self, number: int, request: Request) -> None:
        """Let the request wait for its turn, in place of one of the same kind that waits already."""
        call: Call[Event, None] = Call()
        call.listen(self._post)
        self.take(Turn(call, partial(self._events, number, request), request.kind, request.given_up_for))

    def _events(self, number: int, request: Request) -> Generator[Event, None, None]:
        yield from self._work(number, request)


def failure(number: int, request: Request, error: Exception) -> Failed:
    """The event that tells of an error: its own sentence where it has one, or that of a bug."""
    trace = "".join(traceback.format_exception(error))
    return Failed(
        number,
        type(request).__name__,
        sentence_of(error),
        trace,
        unforeseen=not isinstance(error, StudioError),
        not_at_hand=isinstance(error, NotAtHandError),
    )


def guarded(work: Work) -> Work:
    """The same work, with every error turned into a Failed event, so that the thread lives on."""

    def work_or_failure(number: int, request: Request) -> Iterator[Event]:
        try:
            yield from work(number, request)
        except Exception as error:
            if not isinstance(error, StudioError):
                log.exception("%s failed.", type(request).__name__)
            yield failure(number, request, error)

    return work_or_failure
