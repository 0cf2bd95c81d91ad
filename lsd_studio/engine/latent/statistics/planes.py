"""Points projected on a plane of two axes, as points when near and as a density image when far (R28)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.moments import Codes
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes

if TYPE_CHECKING:
    from lsd_studio.engine.latent.statistics.plane_index import PlaneIndex

Axes = Literal["components", "principal"]
"""Raw components z_k as the encoder gives them, or principal axes (R28): coordinates from the mean of the codes, along
directions of falling variance; the twin is shown on the principal axes of the codes."""

Window: TypeAlias = tuple[float, float, float, float]
"""A part of a plane: left, right, bottom, top, in the units of its axes."""

MOST_POINTS = 20_000
"""Points of a window on a plane that are given one by one, at most."""

FEWEST_BINS, MOST_BINS = 8, 1024
"""Columns, and rows, of a density image."""

MOST_OTHERS = 4000
"""Points that are left out by a choice of points and are shown beside it, evenly thinned."""

MANY_POINTS = 250_000
"""From which on an index by cells pays."""

MOST_COUNTED = 75_000
"""Points that a density image is counted from where there is an index, evenly drawn from those in the window."""

MARGIN = 0.04
"""Of the extent, added on all sides."""

AT_ONCE = 4096
"""Points that are looked for in a polygon before other threads have their turn."""


@dataclass(frozen=True)
class Plane:
    """The plane of two axes, 0…M − 1, different from each other.

    Attributes:
        second: whether the view of the second space is meant that is nearest to this plane.
    """

    axes: Axes
    x: int
    y: int
    second: bool = False


LEADING_PLANE = Plane("principal", 0, 1)


@dataclass(frozen=True, eq=False)
class PlaneContent:
    """What a window on points of a plane holds: either `indices` of the points in it, or their density.

    Attributes:
        inside: how many points are in the window.
        counted: from how many of them the density is; fewer than `inside` where they are too many for a frame.
        indices: int64 [K]; None where they are too many.
        density: float32 [rows, columns], points a unit of area, row 0 at the bottom; None where points are given.
        majority: int16 [rows, columns], most frequent label, −1 where there is none; None likewise.
        others: int64 [J], points in the window that were not chosen, evenly thinned to at most 4 000.
    """

    inside: int
    counted: int
    indices: NDArray[np.int64] | None
    density: NDArray[np.float32] | None
    majority: NDArray[np.int16] | None
    others: NDArray[np.int64]


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
    return f"principal axis {axis} ({100 * principal.shares[axis]:.1f} % of variance)"


def project(codes: Codes, axes: Axes, x: int, y: int, principal: PrincipalAxes) -> Codes:
    """Points float32 [N, 2] of codes on the plane of two axes, each column in one piece, as windows read them."""
    if axes == "components":
        return np.stack([codes[:, x], codes[:, y]]).T
    return np.asfortranarray(principal.coordinates(codes, np.array([x, y])))


def extent(points: Codes) -> Window:
    """The window that holds all points, with a margin; a flat one is widened to a unit."""
    return around(points.min(axis=0).astype(float), points.max(axis=0).astype(float))


def around(low: NDArray[np.float64], high: NDArray[np.float64]) -> Window:
    """The window that holds all points from low to high [2], with a margin; a flat one is widened to a unit."""
    size = np.where(high > low, high - low, 1.0)
    (left, bottom), (right, top) = low - MARGIN * size, high + MARGIN * size
    return float(left), float(right), float(bottom), float(top)


def checked(window: Window) -> Window:
    """The window; a StudioError is raised where it has no area."""
    left, right, bottom, top = window
    if not (left < right and bottom < top):
        raise StudioError(
            f"A window goes from left to right and from bottom to top, not {window}: choose one."
        )
    return window


def inside(points: Codes, window: Window) -> NDArray[np.int64]:
    """Indices of the points in the window.

    Raises:
        StudioError: the window has no area.
    """
    left, right, bottom, top = checked(window)
    x, y = points[:, 0], points[:, 1]
    return np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))


def content(
    points: Codes,
    labels: NDArray[np.int64] | None,
    window: Window,
    most_points: int,
    bins: tuple[int, int],
    chosen: NDArray[np.bool_] | None = None,
    index: PlaneIndex | None = None,
) -> PlaneContent:
    """What is in the window: up to `most_points` indices, or the density in `bins` (columns, rows).

    Args:
        points: float32 [N, 2].
        labels: int64 [N] from 0, or None: then the majority is −1 everywhere.
        most_points: 0…20 000.
        bins: 8…1024 each.
        chosen: bool [N], the points that are shown; None for all.
        index: of the points, where they are many: then up to 75 000 of those in the window give the density.

    Raises:
        StudioError: a number is out of its range.
    """
    if not 0 <= most_points <= MOST_POINTS:
        raise StudioError(
            f"Up to {MOST_POINTS} points are shown one by one, not {most_points}: choose fewer."
        )
    if not all(FEWEST_BINS <= number <= MOST_BINS for number in bins):
        raise StudioError(f"A density image has {FEWEST_BINS} to {MOST_BINS} columns and rows, not {bins}.")
    if chosen is None and index is not None:
        within = index.within(checked(window), MOST_COUNTED)
        found, x, y, number = within.indices, within.x, within.y, within.number
        others = found[:0]
    else:
        found, others = _parted(inside(points, window), chosen)
        x, y, number = points[found, 0], points[found, 1], len(found)
    if number <= most_points:
        return PlaneContent(number, number, found, None, None, others)
    left, right, bottom, top = window
    columns, rows = bins
    column = _places(x, left, right, columns)
    row = _places(y, bottom, top, rows)
    cells = row * columns + column
    occupied, counts, most_frequent = _tally(cells, None if labels is None else labels[found])
    density = np.zeros(columns * rows, dtype=np.float32)
    each = number / len(found)
    density[occupied] = counts * (each * columns * rows / ((right - left) * (top - bottom)))
    majority = np.full(columns * rows, -1, dtype=np.int16)
    if labels is not None:
        majority[occupied] = most_frequent
    image, frequent = density.reshape(rows, columns), majority.reshape(rows, columns)
    return PlaneContent(number, len(found), None, image, frequent, others)


def _parted(
    found: NDArray[np.int64], chosen: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Those of the points that were chosen, and some of the others, evenly thinned."""
    if chosen is None:
        return found, found[:0]
    is_chosen = chosen[found]
    others = found[~is_chosen]
    return found[is_chosen], others[:: max(-(-len(others) // MOST_OTHERS), 1)]


def nearest_point(
    points: Codes,
    place: tuple[float, float],
    reach: tuple[float, float],
    chosen: NDArray[np.bool_] | None = None,
) -> int | None:
    """Index of the point nearest to a place, in units of the reach to either side; None where none is within it.

    Args:
        chosen: bool [N], the points that are looked at; None for all.

    Raises:
        StudioError: the reach is not above 0.
    """
    (x, y), (across, along) = place, reach
    found = inside(points, (x - across, x + across, y - along, y + along))
    if chosen is not None:
        found = found[chosen[found]]
    if not len(found):
        return None
    away = (points[found] - np.array(place)) / np.array(reach)
    return int(found[(away**2).sum(axis=1).argmin()])


def enclosed(
    points: Codes, outline: NDArray[np.float64], index: PlaneIndex | None = None
) -> NDArray[np.int64]:
    """Indices of the points [N, 2] within a polygon with corners [P, 2]; one that crosses itself is filled even-odd.

    With an index of the points they come in any order.

    Raises:
        StudioError: it has fewer than three corners, or corners that are not finite.
    """
    from matplotlib.path import Path  # slow to load, and only needed once something is drawn

    if outline.ndim != 2 or outline.shape[1] != 2 or len(outline) < 3 or not np.isfinite(outline).all():
        raise StudioError("An outline has three corners or more: draw a box or a lasso around some points.")
    (left, bottom), (right, top) = outline.min(axis=0), outline.max(axis=0)
    if not (left < right and bottom < top):
        return np.zeros(0, dtype=np.int64)
    if index is not None:
        return index.enclosed(outline)
    near = inside(points, (float(left), float(right), float(bottom), float(top)))
    polygon, parts = Path(outline), -(-len(near) // AT_ONCE)
    kept = [part[polygon.contains_points(points[part])] for part in np.array_split(near, max(parts, 1))]
    return np.concatenate(kept)


def _places(values: NDArray[np.float32], low: float, high: float, number: int) -> NDArray[np.int32]:
    places = ((values - np.float32(low)) * np.float32(number / (high - low))).astype(np.int32)
    return np.clip(places, 0, number - 1)


def _tally(
    cells: NDArray[np.int32], labels: NDArray[np.int64] | None
) -> tuple[NDArray[np.integer], NDArray[np.int64], NDArray[np.int64]]:
    """Cells that have points, how many each, and the most frequent label of each; of equally frequent ones the last.

    Cell and label of a point are sorted as one number, so that equal ones stand in runs: no array is as large as the
    image, and none is looked up in a random order.
    """
    labelled = 1 if labels is None else int(labels.max()) + 1
    short = (int(cells.max()) + 1) * labelled < 2**31
    numbers: NDArray[np.integer] = (cells if short else cells.astype(np.int64)) * labelled
    if labels is not None:
        numbers = numbers + labels.astype(numbers.dtype)
    numbers.sort()
    runs = _runs(numbers)
    cell, label = np.divmod(numbers[runs[:-1]], labelled)
    runs_of_cells = _runs(cell)
    first = runs_of_cells[:-1]
    most_frequent = np.maximum.reduceat(np.diff(runs) * labelled + label, first) % labelled
    return cell[first], np.diff(runs[runs_of_cells]), most_frequent


def _runs(ordered: NDArray[np.integer]) -> NDArray[np.int64]:
    """Where each run of equal numbers starts, and where the last one ends."""
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
