"""Codes on a path through quasi-eigenvectors: where each stands, and where it is at any position (Algorithm 1, R22)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lsd_studio.engine.operators.paths import Path, enter, path_through
from lsd_studio.engine.operators.planes import FloatArray, renormalise
from lsd_studio.engine.vocabulary import Through

if TYPE_CHECKING:
    from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors


@dataclass(frozen=True)
class UsualPath:
    """How a path begins that a person has not set otherwise, so that images arrive.

    Args:
        style, through: as in `PathSettings`.
    """

    style: float
    through: Through


AS_TRAINED = UsualPath(1.0, "vectors")
"""Where G and E were trained so that codes turned to another label are drawn as it: the true rotation (R21)."""

AS_FOUND = UsualPath(0.25, "averages")
"""Elsewhere: the table in docs/method/operators.md says why."""


@dataclass(frozen=True)
class PathSettings:
    """A path, and how much of a code is kept on it.

    Args:
        stations: indices of vectors, 0…M − 1 (set outer, label inner: below l they are the labels of set 1), in the
            order in which they are visited, two or more, neighbours different.
        closed: whether it goes on from the last station to the first. On a closed path positions may be any real
            number (the second time round other components may have changed places); on an open one they are clipped.
        style: how much of the rest of a code is kept, 0…1. 1 is the true rotation (R21), which keeps every
            other component; 0 is the paper's transport (Eq. 11, R20), after which all codes are one up to sign.
        through: what the stations stand for. Averages are not orthogonal: a leg is their own angle, and position and
            degrees count it as a share of 90.
    """

    stations: tuple[int, ...]
    closed: bool = False
    style: float = 1.0
    through: Through = "vectors"

    @property
    def visited(self) -> tuple[int, ...]:
        """The stations from start to end; a closed path ends where it starts."""
        return (*self.stations, self.stations[0]) if self.closed else self.stations

    @property
    def legs(self) -> int:
        """The number of legs: one fewer than stations, or as many where the path is closed."""
        return len(self.visited) - 1

    @property
    def kind(self) -> str:
        """What the path does, in words."""
        return named_kind(self.style, self.through)


@dataclass(frozen=True, eq=False)
class Moved:
    """Codes float64 [N, M] at a position of a path, at ⟨z|z⟩ = M, and ⟨z|z⟩ / M before they were brought there, [N]."""

    codes: FloatArray
    squared_norms: FloatArray


@dataclass(frozen=True, eq=False)
class Walk:
    """Codes that are moved along a path.

    Attributes:
        path: the path.
        codes: float64 [N, M], as they stand at `starts`.
        starts: float64 [N], positions.
        style: how much of the rest is kept, see `Path.carry`.
    """

    path: Path
    codes: FloatArray
    starts: FloatArray
    style: float

    def at(self, position: float) -> Moved:
        """The codes at a position; outside an open path, at its nearer end.

        Raises:
            StudioError: nothing is left of a code there.
        """
        carried = self.path.carry(self.codes, self.starts, position, style=self.style)
        return Moved(renormalise(carried), (carried**2).sum(axis=1) / carried.shape[1])


def set_out(basis: QuasiEigenvectors, settings: PathSettings, codes: ArrayLike) -> Walk:
    """Put codes [N, M] on a path, each at its own label (see `paths.enter`).

    Raises:
        StudioError: stations that make no path.
    """
    path = path_through(basis, settings.stations, closed=settings.closed, through=settings.through)
    entered, starts, _ = enter(basis, settings.stations, codes, through=settings.through)
    return Walk(path, entered, starts, settings.style)


def named_kind(style: float, through: Through) -> str:
    """What a path does, in words: "rotation", "transport", or how much of the rest is kept."""
    partly = f"rotation with {100 * style:.0f} % of the rest"
    named = {1.0: "rotation", 0.0: "transport"}.get(float(style), partly)
    return named if through == "vectors" else f"{named} through the averages"
