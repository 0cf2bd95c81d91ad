"""Paths through the latent space: straight from station to station (R32)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.moments import Codes
from lsd_studio.engine.latent.statistics.planes import Axes, check_axes
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes


@dataclass(frozen=True)
class CodeStation:
    """The code of the image of this index, 0…N − 1."""

    index: int


@dataclass(frozen=True)
class PlaceStation:
    """A place on chosen axes: the mean of the codes, or a code, with these coordinates in place of its own.

    Args:
        axes: raw components, or principal axes.
        coordinates: pairs (axis, value in its units), such as ((0, -2.5), (3, 0.0)).
        origin: index of a code; None: the mean.
    """

    axes: Axes
    coordinates: tuple[tuple[int, float], ...]
    origin: int | None = None


@dataclass(frozen=True, eq=False)
class FreeStation:
    """Any place, float64 [M], and what it is called."""

    code: NDArray[np.float64]
    name: str


Station: TypeAlias = CodeStation | PlaceStation | FreeStation


def station_code(station: Station, codes: Codes, principal: PrincipalAxes) -> NDArray[np.float64]:
    """The place of a station in the latent space, float64 [M].

    Raises:
        StudioError: there is no such code or axis.
    """
    if isinstance(station, CodeStation):
        return _code(codes, station.index)
    if isinstance(station, FreeStation):
        return station.code
    place = principal.mean.copy() if station.origin is None else _code(codes, station.origin)
    check_axes(len(place), *(axis for axis, _ in station.coordinates))
    for axis, value in station.coordinates:
        if not np.isfinite(value):
            raise StudioError(f"A place has finite coordinates, not {value} on axis {axis}: choose another.")
        if station.axes == "components":
            place[axis] = value
        else:
            direction = principal.axes[axis]
            place += (value - (place - principal.mean) @ direction) * direction
    return place


def station_name(station: Station) -> str:
    """A station in words, such as "image 7" or "principal axis 0 at −2.5"."""
    if isinstance(station, CodeStation):
        return f"image {station.index}"
    if isinstance(station, FreeStation):
        return station.name
    kind = "component" if station.axes == "components" else "principal axis"
    where = ", ".join(f"{kind} {axis} at {value:.3g}" for axis, value in station.coordinates)
    origin = "the mean" if station.origin is None else f"image {station.origin}"
    return f"{origin} with {where}" if where else origin


def place_name(stations: tuple[Station, ...], position: float) -> str:
    """A position of a path in words, such as "50 % of the way from image 3 to image 7"."""
    leg = min(int(position), max(len(stations) - 2, 0))
    share = position - leg
    if len(stations) == 1 or share == 0:
        return station_name(stations[leg])
    if share == 1:
        return station_name(stations[leg + 1])
    return f"{100 * share:.0f} % of the way from {station_name(stations[leg])} to {station_name(stations[leg + 1])}"


def along(stations: NDArray[np.float64], position: NDArray[np.float64]) -> Codes:
    """Codes float32 [P, M] at positions [P] of the straight path through stations [S, M], clipped to it."""
    last = len(stations) - 1
    position = np.clip(position, 0, last)
    leg = np.minimum(position.astype(np.int64), max(last - 1, 0))
    share = (position - leg)[:, None]
    return ((1 - share) * stations[leg] + share * stations[np.minimum(leg + 1, last)]).astype(np.float32)


def positions(stations: int, pictures_a_leg: int) -> NDArray[np.float64]:
    """Positions of a path with so many pictures from station to station, every station among them."""
    return np.linspace(0, stations - 1, (stations - 1) * pictures_a_leg + 1)


def _code(codes: Codes, index: int) -> NDArray[np.float64]:
    if not 0 <= index < len(codes):
        raise StudioError(f"There is no image {index}: choose 0 to {len(codes) - 1}.")
    return codes[index].astype(np.float64)
