"""What every request and every event is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

LaneName = Literal["interaction", "analysis", "loading"]
"""Who does a request: the lane that follows a hand, the one for slow work that can be stopped, or the one that reads
files. None waits for another."""


@dataclass(frozen=True)
class Request:
    """Something to ask of the engine; a newer request of the same `kind` replaces one that still waits."""

    lane: ClassVar[LaneName] = "interaction"

    @property
    def kind(self) -> str:
        """The name under which the latest request wins."""
        return type(self).__name__

    @property
    def given_up_for(self) -> frozenset[str]:
        """Kinds that make this request pointless while it is still being done: for an analysis a newer one of its
        kind, or being stopped; none for most others.
        """
        return frozenset({self.kind, stop_kind(self.kind)} if self.lane == "analysis" else ())


def stop_kind(kind: str) -> str:
    """The kind of a request that stops the analysis of this kind."""
    return f"stop {kind}"


@dataclass(frozen=True)
class Stop(Request):
    """Stop the analysis of the kind `what`, whether it waits or is under way. Answer: Stopped."""

    lane: ClassVar[LaneName] = "analysis"

    what: str

    @property
    def kind(self) -> str:
        """One for each kind that is stopped."""
        return stop_kind(self.what)

    @property
    def given_up_for(self) -> frozenset[str]:
        """None: it is done at once."""
        return frozenset()


@dataclass(frozen=True)
class Event:
    """Something the engine has to say; `number` is that of the request it answers."""

    number: int


@dataclass(frozen=True)
class Progress(Event):
    """Tells of work under way; the answer follows."""


@dataclass(frozen=True)
class Working(Progress):
    """The engine has taken up a slow request; `what` says in a few words what it does."""

    what: str


@dataclass(frozen=True)
class Failed(Event):
    """A request could not be done.

    Args:
        request: the request's class name.
        sentence: one sentence that says what to do.
        traceback: where it happened, for the log.
        unforeseen: whether it is a mistake of the program, which its authors should hear of.
        not_at_hand: whether what it goes on from is not there, or no longer since another bundle was opened.
    """

    request: str
    sentence: str
    traceback: str
    unforeseen: bool = False
    not_at_hand: bool = False


@dataclass(frozen=True)
class Stopped(Event):
    """The analysis of the kind `what` was stopped, or none was under way."""

    what: str
