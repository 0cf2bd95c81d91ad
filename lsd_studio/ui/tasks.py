"""Coroutines of a widget on the window's loop: started, ended with it, and no error of theirs is lost."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import qasync
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.scheduler import Call

Result = TypeVar("Result")

NEVER_BEGUN = "given up before its first step"
"""Names a task whose coroutine was closed: the loop, where it still runs, can only fail to begin it."""


class Tasks(QObject):
    """What a widget waits for.

    Signals:
        changed: a task was started or has ended.
        failed: the exception of a task that failed.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, owner: QObject) -> None:
        super().__init__(owner)
        self._running: dict[asyncio.Task[Any], str] = {}
        owner.destroyed.connect(partial(_cancel_all, self._running))

    def run(self, work: Coroutine[Any, Any, None], key: str = "") -> None:
        """Start a coroutine; `key` names it for `is_running` and `cancel`."""
        task = asyncio.ensure_future(work)
        self._running[task] = key
        task.add_done_callback(partial(_end, self._running, self))
        self.changed.emit()

    def deliver(self, call: Call[Any, Result], to: Callable[[Result], object], key: str = "") -> None:
        """Hand the result of a call to `to`, as soon as it is there."""
        self.run(_delivered(call, to), key)

    def is_running(self, key: str) -> bool:
        """Whether a task of that key is not done yet."""
        return key in self._running.values()

    @property
    def is_busy(self) -> bool:
        """Whether any task is not done yet."""
        return bool(self._running)

    def cancel(self, key: str) -> None:
        """End the tasks of a key; what they wait for is given up."""
        for task in [task for task, its_key in self._running.items() if its_key == key]:
            del self._running[task]
            _give_up(task)
        self.changed.emit()

    def cancel_all(self) -> None:
        """End all tasks; what they wait for is given up."""
        _cancel_all(self._running)
        self.changed.emit()


@contextmanager
def asyncio_within_qt() -> Iterator[None]:
    """Let coroutines go on wherever Qt handles its events, where nobody runs an asyncio loop (pictures, tests)."""
    loop = qasync.QEventLoop(QApplication.instance())
    asyncio.set_event_loop(loop)
    asyncio._set_running_loop(loop)
    try:
        yield
    finally:
        asyncio._set_running_loop(None)
        asyncio.set_event_loop(None)
        loop.close()


def _end(running: dict[asyncio.Task[Any], str], tasks: Tasks, task: asyncio.Task[Any]) -> None:
    wanted = running.pop(task, None) is not None
    if task.get_name() == NEVER_BEGUN:
        if not task.cancelled():
            task.exception()  # retrieved, so that it is not logged
        return
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, StudioError):
        task.get_loop().call_exception_handler({"message": str(error), "exception": error, "task": task})
    if wanted:
        if error is not None:
            tasks.failed.emit(error)
        tasks.changed.emit()


async def _delivered(call: Call[Any, Result], to: Callable[[Result], object]) -> None:
    to(await call)


def _cancel_all(running: dict[asyncio.Task[Any], str], *_: object) -> None:
    for task in tuple(running):
        _give_up(task)
    running.clear()


def _give_up(task: asyncio.Task[Any]) -> None:
    """End a task, also one that has not begun and never will, for the loop may be closed before its turn."""
    task.cancel()
    work = task.get_coro()
    if inspect.iscoroutine(work) and inspect.getcoroutinestate(work) == inspect.CORO_CREATED:
        work.close()
        task.set_name(NEVER_BEGUN)
