"""Codes on a path through quasi-eigenvectors: where each stands, and where it is at any position (Algorithm 1, R22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.messages.choices import Through
from lsd_studio.engine.operators.paths import Path, enter, path_through
from lsd_studio.engine.operators.planes import FloatArray, renormalise

__all__ = ["Moved", "Walk", "named_kind", "set_out"]


@dataclass(frozen=True, eq=False)
class Moved:
    """Codes at a position of a path.

    Attributes:
        codes: float64 [N, M] at ⟨z|z⟩ = M.
        squared_norms: float64 [N], ⟨z|z⟩ / M before they were brought there: what the operator left of them.
    """

    codes: FloatArray
    squared_norms: FloatArray


@dataclass(frozen=True, eq=False)
class Walk:
    """Codes that are taken along a path.

    Attributes:
        basis: whose vectors the stations are.
        path: the path.
        codes: float64 [N, M], as they stand at `starts`.
        starts: float64 [N], positions.
        style: how much of what is not the label comes along, see `Path.carry`.
    """

    basis: QuasiEigenbasis
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


def set_out(
    basis: QuasiEigenbasis,
    stations: Sequence[int],
    codes: ArrayLike,
    *,
    closed: bool = False,
    style: float = 1.0,
    through: Through = "vectors",
) -> Walk:
    """Put codes [N, M] on the path through `stations`, each at its own label (see `paths.enter`).

    Raises:
        StudioError: stations that make no path.
    """
    path = path_through(basis, stations, closed=closed, through=through)
    entered, starts, _ = enter(basis, stations, codes, through=through)
    return Walk(basis, path, entered, starts, style)


def named_kind(style: float, through: Through) -> str:
    """What a path does, in words: "rotation", "transport", or how much of the rest comes along."""
    named = {1.0: "rotation", 0.0: "transport"}.get(float(style), f"rotation with {style:.0%} of the rest")
    return named if through == "vectors" else f"{named} through the averages"
