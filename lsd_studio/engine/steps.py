"""Work in steps: a generator that yields how far it is and returns what it found."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

__all__ = ["finished", "mapped"]

Step = TypeVar("Step")
Mapped = TypeVar("Mapped")
Result = TypeVar("Result")


def mapped(
    work: Generator[Step, None, Result], function: Callable[[Step], Mapped]
) -> Generator[Mapped, None, Result]:
    """The same work with the same result, its steps mapped by a function."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield function(step)


def finished(work: Generator[Step, None, Result], tell: Callable[[Step], object] = lambda _: None) -> Result:
    """Do the work to its end and return what it found; `tell` is called with every step."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        tell(step)
