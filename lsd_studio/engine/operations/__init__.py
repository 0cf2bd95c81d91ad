"""What can be asked of the engine: typed methods, one module for each thing that is asked about.

    shown = await engine.decompose.image(pixels)                 # in the window, on its asyncio loop
    shown = engine.decompose.image(pixels).result()              # in a script, in the command line

An operation is a method of a class of `Operations`, declared once by the decorator `operation`: calling it returns at
once with a `Call`. Its body runs on one of the engine's threads; that of a slow one is a generator that yields its
progress and returns its result; what it calls with a callback tells its steps by `progress.report_doing`. Importing an
operation loads no torch: bodies import what they need.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Generator
from functools import partial, wraps
from typing import Any, Concatenate, Literal, Never, ParamSpec, Protocol, TypeVar, overload

from lsd_studio.engine.scheduler import Call, Order, Turn
from lsd_studio.engine.session import Scope, Session

__all__ = ["Operations", "QueueName", "operation"]

QueueName = Literal["interaction", "analysis", "loading"]
"""Who does it: the thread that follows a hand, one for each slow analysis, or the one that reads files."""


class Host(Protocol):
    """What operations need of the engine."""

    @property
    def session(self) -> Session:
        """What is open."""

    def take(self, queue: QueueName, turn: Turn) -> None:
        """Let the turn wait in a queue."""


class Operations:
    """The operations about one thing."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._orders: defaultdict[str, Order] = defaultdict(Order)

    @property
    def _session(self) -> Session:
        return self._host.session


AnyOperations = TypeVar("AnyOperations", bound=Operations)
Given = ParamSpec("Given")
Progress = TypeVar("Progress")
Result = TypeVar("Result")


class Declaration(Protocol):
    """Turns the body of an operation into the method that calls it."""

    @overload
    def __call__(  # type: ignore[overload-overlap]  # a generator is a result too, and the first that fits counts
        self, body: Callable[Concatenate[AnyOperations, Given], Generator[Progress, None, Result]]
    ) -> Callable[Concatenate[AnyOperations, Given], Call[Progress, Result]]: ...

    @overload
    def __call__(
        self, body: Callable[Concatenate[AnyOperations, Given], Result]
    ) -> Callable[Concatenate[AnyOperations, Given], Call[Never, Result]]: ...


def operation(
    queue: QueueName = "interaction",
    *,
    key: str = "",
    latest: str = "",
    interrupted_by: tuple[str, ...] = (),
    scope: Scope = "bundle",
) -> Declaration:
    """Declare an operation.

    Args:
        queue: who does it. An analysis is given up, between two steps, for a newer one of its key.
        key: a newer call of this key replaces one that waits; the name of the class and method where it is empty.
        latest: name of a parameter that is part of the key, so that the latest wins for each of its values.
        interrupted_by: keys of calls that make this one pointless while it is under way.
        scope: what the answer belongs to. Where that is closed before the answer is there, the call is cancelled.
    """

    def declare(body: Callable[..., Any]) -> Callable[..., Call[Any, Any]]:
        own_key = key or body.__qualname__
        signature = inspect.signature(body)

        @wraps(body)
        def call(self: Operations, *given: Any, **named: Any) -> Call[Any, Any]:
            turn_key = own_key
            if latest:
                bound = signature.bind(self, *given, **named)
                bound.apply_defaults()
                turn_key = f"{own_key} {bound.arguments[latest]}"
            interrupting = {turn_key, *interrupted_by} if queue == "analysis" else interrupted_by
            asked: Call[Any, Any] = Call(self._session.scope(scope), self._orders[turn_key])
            work = partial(body, self, *given, **named)
            self._host.take(queue, Turn(asked, work, turn_key, frozenset(interrupting)))
            return asked

        return call

    return declare
