"""How a person holds a run: pause, resume, cancel, obeyed between two batches."""

from __future__ import annotations

import threading

__all__ = ["Control"]


class Control:
    """Flags that any thread may set and the training loop looks at between batches."""

    def __init__(self) -> None:
        self._running = threading.Event()
        self._running.set()
        self._cancelled = False

    def pause(self) -> None:
        self._running.clear()

    def resume(self) -> None:
        self._running.set()

    def cancel(self) -> None:
        """Stop with a checkpoint after the batch under way, also from a pause."""
        self._cancelled = True
        self._running.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    @property
    def paused(self) -> bool:
        return not self._running.is_set()

    def wait_while_paused(self) -> None:
        self._running.wait()
