"""Work in steps: a generator that yields how far it is and returns what it found."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

__all__ = ["finished", "told"]

Step = TypeVar("Step")
Told = TypeVar("Told")
Result = TypeVar("Result")


def told(work: Generator[Step, None, Result], tell: Callable[[Step], Told]) -> Generator[Told, None, Result]:
    """The same work, with every step told in other words."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield tell(step)


def finished(work: Generator[Step, None, Result], tell: Callable[[Step], object] = lambda _: None) -> Result:
    """Do the work to its end and return what it found; `tell` is called with every step."""
    telling = told(work, tell)
    while True:
        try:
            next(telling)
        except StopIteration as end:
            result: Result = end.value
            return result
