"""How commands end: exit codes, and Ctrl-C, SIGTERM and SIGHUP, which end each as soon as that is safe."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

EXIT_DONE = 0
EXIT_UNFORESEEN = 1
"""A mistake of the program itself, reported in one sentence on standard error that names its log."""

EXIT_MISTAKE = 2
"""Something that a person can mend, reported in one sentence on standard error."""

EXIT_INTERRUPTED = 130
"""Stopped by Ctrl-C: 128 and the number of SIGINT, as shells have it; SIGTERM ends with 143, SIGHUP with 129."""


class Stopped(KeyboardInterrupt):
    """A signal asked the process to end; `number` is its number, and 128 and it the exit code.

    `sentence` says what is left of the work.
    """

    sentence = "stopped; what was there before is untouched."

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__(number)
        self.number = int(number)


def _stop(number: int) -> None:
    raise Stopped(number)


_obey: Callable[[int], None] = _stop
_is_held = False
_waiting: list[int] = []


def _handle(number: int, frame: FrameType | None) -> None:
    if _is_held:
        _waiting.append(number)
    else:
        _obey(number)


@contextmanager
def signals_obeyed() -> Iterator[None]:
    """Let each signal that asks a process to end raise `Stopped` in the main thread; what is ignored stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def obeying(what: Callable[[int], None]) -> Iterator[None]:
    """Do `what` with the number of a signal, in place of ending the command."""
    global _obey
    before, _obey = _obey, what
    try:
        yield
    finally:
        _obey = before


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let signals wait until the block is done: one that cuts through an import of torch aborts the process."""
    global _is_held
    _is_held = True
    try:
        yield
    finally:
        _is_held = False
        came = _waiting[:1]
        _waiting.clear()
        for number in came:
            _obey(number)
