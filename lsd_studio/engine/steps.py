"""Work in steps: a generator that yields how far it is and returns what it found."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from lsd_studio.engine.scheduler import report

Step = TypeVar("Step")
Mapped = TypeVar("Mapped")
Result = TypeVar("Result")
Part = Generator[float, None, Result]
"""A part of some work: yields the share of it that is done, 0…1, and returns what it found."""


@dataclass(frozen=True)
class Doing:
    """What is being done, in words, and the share of the whole that is done, 0…1; None where it is not known.

    `note` says what it is done with at the moment, such as a file.
    """

    what: str
    share: float | None = None
    note: str = ""

    @property
    def in_words(self) -> str:
        """All of it, such as "Drawing, 40 %"."""
        done = f"{100 * self.share:.0f} %" if self.share is not None and self.share < 1 else ""
        return ", ".join(filter(None, (f"{self.what[:1].upper()}{self.what[1:]}", self.note, done)))


def mapped(
    work: Generator[Step, None, Result], function: Callable[[Step], Mapped]
) -> Generator[Mapped, None, Result]:
    """The same work with the same result, its steps mapped by a function."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            return end.value
        yield function(step)


def finished(work: Generator[Step, None, Result], tell: Callable[[Step], object] = lambda _: None) -> Result:
    """Do the work to its end and return what it found; `tell` is called with every step."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            return end.value
        tell(step)


def report_doing(what: str, share: float) -> None:
    """Tell how far the call under way is, for functions that take such a callback.

    Raises:
        asyncio.CancelledError: the call was given up, and the work ends here.
    """
    report(Doing(what, share))
