"""A path between two codes, or two places of a plane (R32)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from lsd_studio.engine.latent.statistics.paths import CodeStation, PlaceStation, Station
from lsd_studio.engine.latent.statistics.planes import Plane

Kind = Literal["codes", "places"]


@dataclass(frozen=True)
class PlanePath:
    """A path on a plane, with its handle.

    Args:
        kind: whether its ends are codes, or places on the plane with everything else at the mean of the codes.
        places: of the ends, on the plane.
        codes: indices of the ends where they are codes; −1 until they are known.
        position: of the handle, 0…1.
    """

    kind: Kind = "codes"
    places: tuple[tuple[float, float], tuple[float, float]] = ((-1.0, 0.0), (1.0, 0.0))
    codes: tuple[int, int] = (-1, -1)
    position: float = 0.5

    def with_place(self, end: int, place: tuple[float, float], code: int = -1) -> PlanePath:
        """The path with an end elsewhere."""
        places, codes = list(self.places), list(self.codes)
        places[end], codes[end] = place, code
        return replace(self, places=(places[0], places[1]), codes=(codes[0], codes[1]))

    @property
    def handle(self) -> tuple[float, float]:
        """Where the handle is on the plane."""
        (x, y), (right, up) = self.places
        return x + self.position * (right - x), y + self.position * (up - y)

    @property
    def is_known(self) -> bool:
        return self.kind == "places" or min(self.codes) >= 0

    def station(self, end: int, plane: Plane) -> Station:
        """What an end is to the engine."""
        if self.kind == "codes":
            return CodeStation(self.codes[end])
        x, y = self.places[end]
        return PlaceStation(plane.axes, ((plane.x, x), (plane.y, y)))

    def stations(self, plane: Plane) -> tuple[Station, ...]:
        return self.station(0, plane), self.station(1, plane)
