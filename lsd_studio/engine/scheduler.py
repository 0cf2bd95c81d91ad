"""Who does what was asked for, and when: calls, and the worker queues in which the latest of each key wins.

A newer turn replaces the one of its key that still waits, so a fast hand never builds a queue (the idea of StyleGAN3's
`AsyncRenderer`). What is being worked on is finished and reported, so that pictures move while the hand does; only
turns that say what interrupts them are given up, between two of their steps.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.allocation import trim_freed_memory
from lsd_studio.engine.platform.limited_process import end_of_thread

log = logging.getLogger(__name__)

NICER = 10
"""How much the nice level of slow work is raised."""

LONGEST_WAIT = 0.5
"""Seconds."""

SETTLED = 3.0
"""Seconds after its last turn when a queue gives back the memory that is freed by then."""

Progress = TypeVar("Progress")
Result = TypeVar("Result")

_END = object()

_at_work = threading.local()
"""`report` of the turn that a thread of a queue is doing."""


def report(progress: object) -> None:
    """Report a step of the call that this thread works for, from a callback of what cannot yield.

    Raises:
        asyncio.CancelledError: the call was given up, and the work ends here.
    """
    _at_work.report(progress)


def always() -> bool:
    """The scope of what nobody takes away."""
    return True


class Order:
    """The order in which calls of one key were asked for, which their answers need not reach an asyncio loop in."""

    def __init__(self) -> None:
        self._asked = 0
        self._answered = 0

    def next_place(self) -> int:
        """The place of a call that is asked for now."""
        self._asked += 1
        return self._asked

    def take_answer(self, place: int) -> bool:
        """Whether the answer to the call at this place is still news: none that was asked for later is known yet."""
        if place < self._answered:
            return False
        self._answered = place
        return True


class Call(Generic[Progress, Result]):
    """What was asked for: `await` it on an asyncio loop, or wait for its `result` in a script.

    A call that was cancelled, replaced or overtaken by a newer one, or that left its scope (its bundle was closed
    meanwhile) raises `asyncio.CancelledError`; one that cannot be done raises StudioError with a sentence that says
    what to do. Progress goes to whoever listens first, from the first step on.

    Args:
        in_scope: whether anybody still wants the answer.
        order: of the calls of its key; None: it is the only one.

    Attributes:
        milliseconds: from the worker taking the call up to its end.
    """

    def __init__(self, in_scope: Callable[[], bool] = always, order: Order | None = None) -> None:
        self._future: concurrent.futures.Future[Result] = concurrent.futures.Future()
        self._in_scope = in_scope
        self._order = Order() if order is None else order
        self._place = self._order.next_place()
        self._lock = threading.Lock()
        self._unreported: deque[Progress] = deque()
        self._listener: Callable[[Progress], object] | None = None
        self.milliseconds = 0.0

    @property
    def done(self) -> bool:
        """Whether there is a result or an error, or the call was cancelled."""
        return self._future.done()

    @property
    def cancelled(self) -> bool:
        """Whether nobody wants the answer any more."""
        return self._future.cancelled() or not self._in_scope()

    def cancel(self) -> None:
        """Give the call up: what waits is dropped, what is under way ends after the step it is at."""
        self._future.cancel()

    def result(self, progress: Callable[[Progress], object] | None = None) -> Result:
        """Wait for the result; `progress` is called with every step, on this thread.

        Raises:
            StudioError: with the engine's sentence, where it cannot be done.
            asyncio.CancelledError: nobody wants it any more.
        """
        steps: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.listen(steps.put)
        self._future.add_done_callback(lambda _: steps.put(_END))
        while (step := _next(steps)) is not _END:
            if progress is not None:
                progress(step)
        try:
            return self._future.result()
        except concurrent.futures.CancelledError:
            raise asyncio.CancelledError from None

    def __await__(self) -> Generator[Any, None, Result]:
        """The result, on the running asyncio loop; cancelling the awaiting task cancels the call."""
        return self._awaited().__await__()

    async def _awaited(self) -> Result:
        try:
            result = await asyncio.wrap_future(self._future)
        except asyncio.CancelledError:
            self.cancel()
            raise
        if not self._in_scope() or not self._order.take_answer(self._place):
            raise asyncio.CancelledError
        return result

    async def __aiter__(self) -> AsyncIterator[Progress]:
        """Every step of the work until it ends; `await` the call then for its result.

        Cancelling the task that waits for a step cancels the call.
        """
        steps: asyncio.Queue[Any] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def hand_over(step: object) -> None:
            loop.call_soon_threadsafe(steps.put_nowait, step)

        self.listen(hand_over)
        self._future.add_done_callback(lambda _: hand_over(_END))
        try:
            while (step := await steps.get()) is not _END:
                if self._in_scope():
                    yield step
        except asyncio.CancelledError:
            self.cancel()
            raise

    def listen(self, listener: Callable[[Progress], object]) -> None:
        """Hand every step to `listener`, on the worker's thread; those before come first."""
        with self._lock:
            while self._unreported:
                listener(self._unreported.popleft())
            self._listener = listener

    def report(self, progress: Progress) -> None:
        """Note a step (the worker's part)."""
        with self._lock:
            if self._listener is None:
                self._unreported.append(progress)
            else:
                self._listener(progress)

    def finish(self, result: Result) -> None:
        """Note the result (the worker's part)."""
        if not self._in_scope():
            self.cancel()
        with suppress(concurrent.futures.InvalidStateError):
            self._future.set_result(result)

    def fail(self, error: BaseException) -> None:
        """Note an error (the worker's part); out of scope it is nobody's."""
        if not self._in_scope():
            self.cancel()
        if self.cancelled and not isinstance(error, StudioError):
            log.error("A call failed that nobody waits for any more.", exc_info=error)
        with suppress(concurrent.futures.InvalidStateError):
            self._future.set_exception(error)


def _next(steps: queue.SimpleQueue[Any]) -> Any:
    """The next step; no wait is long, since Windows interrupts none of them for Ctrl-C."""
    while True:
        with suppress(queue.Empty):
            return steps.get(timeout=LONGEST_WAIT)


@dataclass(frozen=True, eq=False)
class Turn:
    """A call that waits for a worker.

    Args:
        call: that its progress and result are reported to.
        work: does it, and returns the result; or a generator function that yields progress and returns the result.
        key: a newer turn of this key replaces this one while it waits.
        interrupted_by: keys of turns that make this one pointless while it is under way; it lets others in between
            two steps. Empty: it is finished and reported, whatever waits.
    """

    call: Call[Any, Any]
    work: Callable[[], Any]
    key: str
    interrupted_by: frozenset[str] = frozenset()


class WorkerQueue:
    """A thread that does turns one after the other.

    Args:
        name: of the thread.
        yielding: whether the thread yields the processor to the window and to interaction.
    """

    def __init__(self, name: str, *, yielding: bool = False) -> None:
        self._waiting: dict[str, Turn] = {}
        self._news = threading.Condition()
        self._closed = False
        self._yielding = yielding
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)
        self._thread.start()

    def submit(self, turn: Turn) -> None:
        """Let the turn wait, in place of one of the same key that waits already; a closed queue cancels it."""
        with self._news:
            dropped = turn if self._closed else self._waiting.pop(turn.key, None)
            if not self._closed:
                self._waiting[turn.key] = turn
                self._news.notify()
        if dropped is not None:
            dropped.call.cancel()

    def close(self) -> None:
        """Cancel what waits; the thread ends after the step it is at."""
        with self._news:
            self._closed = True
            dropped = tuple(self._waiting.values())
            self._waiting.clear()
            self._news.notify()
        for turn in dropped:
            turn.call.cancel()

    def join(self) -> None:
        """Wait until the thread has ended (close it first); a process that it waits for is ended."""
        while self._thread.is_alive():
            end_of_thread(self._thread)
            self._thread.join(0.1)

    def _live(self) -> None:
        if self._yielding:
            lower_own_priority()
        while (turn := self._next_turn()) is not None:
            self._do(turn)
            del turn  # an idle queue holds neither an answer nor what it is about

    def _next_turn(self) -> Turn | None:
        with self._news:
            is_wanted = self._news.wait_for(self._is_wanted, SETTLED)
        if not is_wanted:
            trim_freed_memory()
        with self._news:
            self._news.wait_for(self._is_wanted)
            return self._take()

    def _is_wanted(self) -> bool:
        return bool(self._waiting) or self._closed

    def _take(self) -> Turn | None:
        with self._news:
            return self._waiting.pop(next(iter(self._waiting))) if self._waiting else None

    def _given_up(self, turn: Turn) -> bool:
        if turn.call.cancelled:
            return True
        with self._news:
            return bool(turn.interrupted_by) and (
                self._closed or any(key in turn.interrupted_by for key in self._waiting)
            )

    def _do(self, turn: Turn) -> None:
        if turn.call.cancelled:
            turn.call.cancel()
            return
        start = time.perf_counter()
        try:
            _at_work.report = partial(self._report, turn)
            result = turn.work()
            if isinstance(result, Generator):
                result = self._follow(turn, result)
        except asyncio.CancelledError:
            turn.call.cancel()
        except StudioError as error:
            turn.call.fail(_without_traceback(error))
        except Exception as error:  # whatever it is, it is the caller's, and the worker lives on
            turn.call.fail(error)
        else:
            turn.call.milliseconds = 1000 * (time.perf_counter() - start)
            turn.call.finish(result)
        finally:
            _at_work.report = None

    def _follow(self, turn: Turn, steps: Generator[Any, None, Any]) -> Any:
        with closing(steps):
            while True:
                _at_work.report = partial(self._report, turn)
                try:
                    progress = next(steps)
                except StopIteration as end:
                    return end.value
                self._report(turn, progress)
                while (
                    turn.interrupted_by and not self._given_up(turn) and (other := self._take()) is not None
                ):
                    self._do(other)

    def _report(self, turn: Turn, progress: object) -> None:
        if self._given_up(turn):
            raise asyncio.CancelledError
        turn.call.report(progress)


def _without_traceback(error: StudioError) -> StudioError:
    """The sentence alone: the functions that it came through would hold its call, networks and images in a cycle."""
    at: BaseException | None = error
    while at is not None:
        at.__traceback__ = None
        at = at.__cause__ or at.__context__
    return error


def lower_own_priority() -> None:
    """Raise the calling thread's nice level, so that windows come first; Linux only, elsewhere nothing happens.

    Call it before the thread first uses torch: the workers that torch starts for a thread inherit its level.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        level = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(19, level + NICER))
