"""Millions of points on a plane, ordered by the cells of a grid, so that a window or a lasso looks at few of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.latent.statistics.planes import Window, around

CELLS = 512
"""Columns, and rows, of the grid."""

SUBDIVISIONS = 4
"""Places in a cell at which an edge of a polygon is looked at, at least."""


@dataclass(frozen=True, eq=False)
class Within:
    """Points in a window: int64 [K] which, float32 [K] where, and the `number` of all that are in it."""

    indices: NDArray[np.int64]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    number: int


class PlaneIndex:
    """Points float32 [N, 2] by the cells of a grid over all of them, row by row.

    Attributes:
        extent: the window that holds all points.
    """

    def __init__(self, points: NDArray[np.float32]) -> None:
        low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
        self.extent = around(low, high)
        self._low, self._cell = low, np.where(high > low, high - low, 1.0) / CELLS
        column, row = (self._places(points[:, axis], axis) for axis in (0, 1))
        cells = row * CELLS + column
        self._order = np.argsort(cells).astype(np.int32)
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(cells, minlength=CELLS**2))])
        self._x, self._y = (points[self._order, axis] for axis in (0, 1))

    def within(self, window: Window, most: int) -> Within:
        """The points in a window, or about `most` of them, evenly drawn."""
        left, right, bottom, top = window
        edges = np.array([left, right]), np.array([bottom, top])
        (first, last), (lowest, highest) = (self._places(edge, axis) for axis, edge in enumerate(edges))
        rows = np.arange(lowest, highest + 1)
        starts = self._starts[rows * CELLS + first]
        stops = self._starts[rows * CELLS + last + 1]
        every = max(1, -(-int((stops - starts).sum()) // max(most, 1)))
        found = self._seen(starts, stops, window, every)
        if every == 1:
            return self._taken(found, len(found))
        inner = rows[1:-1] * CELLS
        rim_starts = np.concatenate([starts[[0, -1]], starts[1:-1], self._starts[inner + last]])
        rim_stops = np.concatenate([stops[[0, -1]], self._starts[inner + first + 1], stops[1:-1]])
        if last == first or highest == lowest:
            rim_starts, rim_stops, inner = starts, stops, inner[:0]
        certain = int((self._starts[inner + last] - self._starts[inner + first + 1]).sum())
        number = certain + len(self._seen(rim_starts, rim_stops, window))
        return self._taken(found, number)

    def enclosed(self, outline: NDArray[np.float64]) -> NDArray[np.int64]:
        """Indices of the points within a polygon with corners [P, 2], even-odd, in any order."""
        from matplotlib.path import Path

        polygon = Path(outline)
        (first, lowest), (last, highest) = (
            np.array([self._places(edge[axis : axis + 1], axis)[0] for axis in (0, 1)])
            for edge in (outline.min(axis=0), outline.max(axis=0))
        )
        wide, high = last - first + 1, highest - lowest + 1
        x = self._low[0] + (np.arange(first, last + 1) + 0.5) * self._cell[0]
        y = self._low[1] + (np.arange(lowest, highest + 1) + 0.5) * self._cell[1]
        centres = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        crossed = self._crossed(outline)[lowest : highest + 1, first : last + 1]
        filled = np.zeros((high, wide), dtype=bool)
        plain = np.flatnonzero(~crossed.ravel())
        filled.ravel()[plain] = polygon.contains_points(centres[plain])
        rows, columns = np.nonzero(filled)
        cells = (rows + lowest) * CELLS + columns + first
        whole = _positions(self._starts[cells], self._starts[cells + 1])
        rows, columns = np.nonzero(crossed)
        cells = (rows + lowest) * CELLS + columns + first
        near = _positions(self._starts[cells], self._starts[cells + 1])
        parts = np.array_split(near, max(1, len(near) // 4096))
        kept = [
            part[polygon.contains_points(np.stack([self._x[part], self._y[part]], axis=1))] for part in parts
        ]
        return self._order[np.concatenate([whole, *kept])].astype(np.int64)

    def _places(self, values: NDArray[np.floating], axis: int) -> NDArray[np.int32]:
        places = (values - self._low[axis]) / self._cell[axis]
        return np.clip(places, 0, CELLS - 1).astype(np.int32)

    def _taken(self, found: NDArray[np.int64], number: int) -> Within:
        return Within(self._order[found].astype(np.int64), self._x[found], self._y[found], number)

    def _seen(
        self, starts: NDArray[np.int64], stops: NDArray[np.int64], window: Window, every: int = 1
    ) -> NDArray[np.int64]:
        """Every so manieth ordered point of the runs that lies in the window."""
        left, right, bottom, top = window
        found = _positions(starts, stops, every)
        x, y = self._x[found], self._y[found]
        return found[(x >= left) & (x <= right) & (y >= bottom) & (y <= top)]

    def _crossed(self, outline: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Cells [row, column] that an edge of a polygon goes through, and their neighbours."""
        following = np.roll(outline, -1, axis=0)
        steps = int(np.ceil(SUBDIVISIONS * (np.abs(following - outline) / self._cell).max())) + 1
        share = np.linspace(0, 1, min(steps, SUBDIVISIONS * CELLS))[:, None, None]
        along = (outline + share * (following - outline)).reshape(-1, 2)
        row, column = self._places(along[:, 1], 1), self._places(along[:, 0], 0)
        crossed = np.zeros((CELLS + 2, CELLS + 2), dtype=bool)
        for up in range(3):
            for right in range(3):
                crossed[row + up, column + right] = True
        return crossed[1:-1, 1:-1]


def _positions(starts: NDArray[np.int64], stops: NDArray[np.int64], every: int = 1) -> NDArray[np.int64]:
    """Every so manieth place of runs that are laid end to end."""
    lengths = stops - starts
    ends = np.cumsum(lengths)
    places = np.arange(0, ends[-1] if len(ends) else 0, every)
    run = (
        np.searchsorted(ends, places, side="right")
        if every > 1
        else np.repeat(np.arange(len(lengths)), lengths)
    )
    return np.asarray(places + (starts - (ends - lengths))[run])
