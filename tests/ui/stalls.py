"""What holds the window up, how long, and what its thread did meanwhile."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QTimer

import lsd_studio

LONGEST = 0.2
"""Seconds that the window may be held up."""

TICK = 10
"""Milliseconds between two looks at the clock, and at what a thread that is late does."""

PACKAGE = Path(lsd_studio.__file__).parent

WAITS = "the window's thread waits for another"
"""Where it did nothing for most of the time: another has the interpreter, importing a library, or is itself kept from
going on by programs that have the processors."""


class StallWatch:
    """Notes each time that the thread it was made on came to its events later than `LONGEST`, and why.

    What Linux says that the thread waited for a processor, which other programs had, is taken off.

    Attributes:
        doing: what is being done now, in words.
    """

    def __init__(self) -> None:
        self.doing = "start"
        self._stalls: defaultdict[str, list[float]] = defaultdict(list)
        self._thread = threading.get_ident()
        self._seen: Counter[str] = Counter()
        self._last, self._waited, self._worked = (
            time.perf_counter(),
            waited_for_processor(),
            time.thread_time(),
        )
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK)
        threading.Thread(target=self._watch, name="stall watch", daemon=True).start()

    def by_cause(self) -> dict[str, dict[str, float]]:
        """How often each cause held the window up and the longest time in seconds, the worst first."""
        worst_first = sorted(self._stalls.items(), key=lambda each: -max(each[1]))
        return {cause: {"times": len(took), "longest": round(max(took), 3)} for cause, took in worst_first}

    def _tick(self) -> None:
        now, waited, worked = time.perf_counter(), waited_for_processor(), time.thread_time()
        took = now - self._last - (waited - self._waited)
        if took > LONGEST:
            seen = self._seen.most_common(1)
            cause = seen[0][0] if seen else f"unseen, {self.doing}"
            only_waits = worked - self._worked < took / 2
            self._stalls[WAITS if only_waits else cause].append(took)
        self._last, self._waited, self._worked = now, waited, worked
        self._seen = Counter()

    def _watch(self) -> None:
        """Look every `TICK` what the thread does while it is late; a daemon, which ends with the program."""
        while True:
            time.sleep(TICK / 1000)
            if time.perf_counter() - self._last > 4 * TICK / 1000:
                self._seen[self._cause(sys._current_frames().get(self._thread))] += 1

    def _cause(self, innermost: FrameType | None) -> str:
        ours = next(_places(innermost), "Qt")
        return f"{ours}, {self.doing}"


def _places(frame: FrameType | None) -> Iterator[str]:
    """File and function of the package's frames, the innermost first, but for the one that the loop runs in."""
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(PACKAGE) and file.name != "application.py":
            yield f"{file.relative_to(PACKAGE).as_posix()} {frame.f_code.co_name}"
        frame = frame.f_back


def waited_for_processor() -> float:
    """Seconds that this thread was ready to run while others ran, where Linux tells it, else 0."""
    told = Path("/proc/thread-self/schedstat")
    return int(told.read_text().split()[1]) / 1e9 if told.is_file() else 0.0
