"""A lane: one thread that takes requests in turn, where the latest of each kind wins.

A newer request replaces the one of its kind that still waits, so a fast hand never builds a queue (the idea of
StyleGAN3's `AsyncRenderer`). What is already being worked on is finished and told, so pictures move while the hand
does; only interruptible streams (a refinement) are given up when what waits makes them pointless.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator

from lsd_studio.engine.errors import NotAtHandError, StudioError
from lsd_studio.engine.messages.core import Event, Failed, Request

log = logging.getLogger(__name__)

NICER = 10
"""How much the nice level of slow work is raised."""

Work = Callable[[int, Request], Iterator[Event]]
"""Does one request and yields its events; errors are its own to turn into events."""


class Lane:
    """A thread that does numbered requests with `work` and hands every event to `post`.

    Args:
        name: of the thread.
        work: does a request, a generator of events.
        post: receives events, on the lane's thread.
    """

    def __init__(self, name: str, work: Work, post: Callable[[Event], None]) -> None:
        self._work = work
        self._post = post
        self._waiting: dict[str, tuple[int, Request]] = {}
        self._news = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)
        self._thread.start()

    def submit(self, number: int, request: Request) -> None:
        """Let the request wait for its turn, in place of one of the same kind that waits already."""
        with self._news:
            self._waiting.pop(request.kind, None)
            self._waiting[request.kind] = (number, request)
            self._news.notify()

    def close(self) -> None:
        """Drop what waits; the thread ends after the step it is at."""
        with self._news:
            self._closed = True
            self._waiting.clear()
            self._news.notify()

    def join(self) -> None:
        """Wait until the thread has ended (close it first)."""
        self._thread.join()

    def _live(self) -> None:
        while (turn := self._next_turn()) is not None:
            self._do(*turn)

    def _next_turn(self) -> tuple[int, Request] | None:
        with self._news:
            while not self._waiting and not self._closed:
                self._news.wait()
            return self._take()

    def _take(self) -> tuple[int, Request] | None:
        with self._news:
            return self._waiting.pop(next(iter(self._waiting))) if self._waiting else None

    def _given_up(self, request: Request) -> bool:
        with self._news:
            return self._closed or any(kind in request.given_up_for for kind in self._waiting)

    def _do(self, number: int, request: Request) -> None:
        for event in self._work(number, request):
            if not request.given_up_for:
                self._post(event)
                continue
            if self._given_up(request):
                return
            self._post(event)
            while not self._given_up(request) and (turn := self._take()) is not None:
                self._do(*turn)


def failure(number: int, request: Request, error: Exception) -> Failed:
    """The event that tells of an error: its own sentence where it has one, or that of a bug."""
    sentence = (
        str(error)
        if isinstance(error, StudioError)
        else f"Something went wrong inside the program ({type(error).__name__}: {error}); the log has the details."
    )
    trace = "".join(traceback.format_exception(error))
    return Failed(
        number,
        type(request).__name__,
        sentence,
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


def lower_own_priority() -> None:
    """Raise the calling thread's nice level, so that windows come first; Linux only, elsewhere nothing happens.

    Call it before the thread first uses torch: the workers that torch starts for a thread inherit its level. Measured
    on 2 cores, this takes the delay of the window from 33 to 18 ms (99th percentile) at no cost in steps a second.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        level = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(19, level + NICER))
