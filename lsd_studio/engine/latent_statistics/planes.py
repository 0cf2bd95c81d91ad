"""Points projected on a plane of two axes, as points when near and as a density image when far (R28)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent_statistics.moments import Codes
from lsd_studio.engine.latent_statistics.principal_axes import PrincipalAxes
from lsd_studio.engine.messages.latent import Axes, Window

__all__ = ["Look", "axis_name", "check_axes", "extent", "inside", "look", "nearest_point", "project"]

MARGIN = 0.04
"""Of the extent, added on all sides."""

MOST_POINTS = 20_000
FEWEST_BINS, MOST_BINS = 8, 1024


@dataclass(frozen=True, eq=False)
class Look:
    """A window on points of a plane: either `indices` of the points in it, or their density.

    Attributes:
        inside: how many points are in the window.
        indices: int64 [K]; None where they are too many.
        density: float32 [rows, columns], points a unit of area, row 0 at the bottom; None where points are given.
        majority: int16 [rows, columns], most frequent label, −1 where there is none; None likewise.
    """

    inside: int
    indices: NDArray[np.int64] | None
    density: NDArray[np.float32] | None
    majority: NDArray[np.int16] | None


def check_axes(components: int, *axes: int) -> None:
    """Raise a StudioError unless the axes are different ones of 0…M − 1."""
    for axis in axes:
        if not 0 <= axis < components:
            raise StudioError(f"There is no axis {axis}: choose 0 to {components - 1}.")
    if len(set(axes)) < len(axes):
        raise StudioError(f"Each axis is named once, not as in {axes}: choose different ones.")


def axis_name(axes: Axes, axis: int, principal: PrincipalAxes) -> str:
    """The name of an axis for plots, with its share of the variance where it is a principal one."""
    if axes == "components":
        return f"component {axis}"
    return f"principal axis {axis} ({principal.shares[axis]:.1%} of the variance)"


def project(codes: Codes, axes: Axes, x: int, y: int, principal: PrincipalAxes) -> Codes:
    """Points float32 [N, 2] of codes on the plane of two axes."""
    if axes == "components":
        return np.stack([codes[:, x], codes[:, y]], axis=1)
    return principal.coordinates(codes, np.array([x, y]))


def extent(points: Codes) -> Window:
    """The window that holds all points, with a margin; a flat one is widened to a unit."""
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    size = np.where(high > low, high - low, 1.0)
    (left, bottom), (right, top) = low - MARGIN * size, high + MARGIN * size
    return float(left), float(right), float(bottom), float(top)


def inside(points: Codes, window: Window) -> NDArray[np.int64]:
    """Indices of the points in the window.

    Raises:
        StudioError: the window has no area.
    """
    left, right, bottom, top = window
    if not (left < right and bottom < top):
        raise StudioError(
            f"A window goes from left to right and from bottom to top, not {window}: choose one."
        )
    x, y = points[:, 0], points[:, 1]
    return np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))


def look(
    points: Codes, labels: NDArray[np.int64] | None, window: Window, most_points: int, bins: tuple[int, int]
) -> Look:
    """What is in the window: up to `most_points` indices, or the density in `bins` (columns, rows).

    Args:
        points: float32 [N, 2].
        labels: int64 [N] from 0, or None: then the majority is −1 everywhere.
        window: part of the plane.
        most_points: 0…20 000.
        bins: 8…1024 each.

    Raises:
        StudioError: a number is out of its range.
    """
    if not 0 <= most_points <= MOST_POINTS:
        raise StudioError(
            f"Up to {MOST_POINTS} points are shown one by one, not {most_points}: choose fewer."
        )
    if not all(FEWEST_BINS <= number <= MOST_BINS for number in bins):
        raise StudioError(f"A density image has {FEWEST_BINS} to {MOST_BINS} columns and rows, not {bins}.")
    found = inside(points, window)
    if len(found) <= most_points:
        return Look(len(found), found, None, None)
    left, right, bottom, top = window
    columns, rows = bins
    column = _places(points[found, 0], left, right, columns)
    row = _places(points[found, 1], bottom, top, rows)
    cells = row * columns + column
    counts = np.bincount(cells, minlength=columns * rows)
    area = (right - left) * (top - bottom) / (columns * rows)
    density = (counts / area).astype(np.float32).reshape(rows, columns)
    majority = np.full(columns * rows, -1, dtype=np.int16)
    if labels is not None:
        _set_majority(majority, cells, labels[found])
    return Look(len(found), None, density, majority.reshape(rows, columns))


def nearest_point(points: Codes, place: tuple[float, float], reach: tuple[float, float]) -> int | None:
    """Index of the point nearest to a place, in units of the reach to either side; None where none is within it.

    Raises:
        StudioError: the reach is not above 0.
    """
    (x, y), (across, along) = place, reach
    found = inside(points, (x - across, x + across, y - along, y + along))
    if not len(found):
        return None
    away = (points[found] - np.array(place)) / np.array(reach)
    return int(found[(away**2).sum(axis=1).argmin()])


def _places(values: NDArray[np.float32], low: float, high: float, number: int) -> NDArray[np.int32]:
    places = ((values - np.float32(low)) * np.float32(number / (high - low))).astype(np.int32)
    return np.clip(places, 0, number - 1)


def _set_majority(majority: NDArray[np.int16], cells: NDArray[np.int32], labels: NDArray[np.int64]) -> None:
    """Write the most frequent label of each cell: pairs of cell and label by rising count, so the last one stays."""
    number = int(labels.max()) + 1
    pairs, counts = np.unique(cells.astype(np.int64) * number + labels, return_counts=True)
    pairs = pairs[counts.argsort(kind="stable")]
    majority[pairs // number] = pairs % number
