"""Islands of a layout: groups of points with a gap around them, and how wide that gap is (Campello et al. 2013)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 5
"""The distance to the fifth nearest is a point's spacing."""

FEWEST_OF_AN_ISLAND = 10
SMALLEST_SHARE = 0.01
"""Of all points, that an island holds at least."""

VISIBLE = 1.5
"""A separation from which the eye takes a group for an island."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Island:
    """A group of points that a gap surrounds.

    Attributes:
        members: int64 [n], which points of the layout.
        separation: width of the gap to the nearest other group, over the typical distance (median) of a point to its
            fifth nearest neighbour, in whichever of the two groups that is larger. It has no unit, and so compares
            layouts.
        outline: float64 [S, 2, 2], straight pieces around its points, from place to place.
    """

    members: NDArray[np.int64]
    separation: float
    outline: FloatArray


@dataclass(frozen=True, eq=False)
class Split:
    """A gap between two groups of points, each int64 [n]; `distance` is its width, `separation` that of an island."""

    sides: tuple[NDArray[np.int64], NDArray[np.int64]]
    distance: float
    separation: float


def splits(points: NDArray[np.float32]) -> tuple[Split, ...]:
    """The gaps of a layout float [K, 2] between groups of points, of which each holds ten and 1 % of all at least.

    It is the hierarchy of HDBSCAN*: two points are as far apart as the largest of their distance and both spacings, and
    groups are joined from the nearest to the farthest. Distances are looked at between neighbours of the Delaunay
    triangulation, and between each point and its five nearest.
    """
    fewest = max(FEWEST_OF_AN_ISLAND, int(np.ceil(SMALLEST_SHARE * len(points))))
    if len(points) < 2 * fewest:
        return ()
    spacing, joined = _joined(np.asarray(points, dtype=np.float64))
    group, members = list(range(len(points))), [[point] for point in range(len(points))]
    found = []
    for first, second, distance in joined:
        larger, smaller = sorted(
            (_root(group, first), _root(group, second)), key=lambda one: -len(members[one])
        )
        if len(members[smaller]) >= fewest:
            sides = np.array(members[larger]), np.array(members[smaller])
            typical = max(float(np.median(spacing[side])) for side in sides)
            found.append(Split(sides, distance, distance / typical))
        group[smaller] = larger
        members[larger] += members[smaller]
        members[smaller] = []
    return tuple(found)


def largest_separation(of: tuple[Split, ...]) -> float:
    """Separation of the most separated island of a layout; 0 where it is one piece."""
    return max((split.separation for split in of), default=0.0)


def islands(points: NDArray[np.float32], of: tuple[Split, ...], beyond: float) -> tuple[Island, ...]:
    """The islands of a layout float [K, 2] whose separation is more than `beyond`, the largest first.

    No gap as wide runs through any of them.
    """
    found: list[Island] = []
    taken = np.zeros(len(points), dtype=bool)
    for split in of:
        if split.separation <= beyond:
            continue
        for side in split.sides:
            if not taken[side].any():
                outline = _outline(np.asarray(points[side], dtype=np.float64), split.distance)
                found.append(Island(np.sort(side), split.separation, outline))
            taken[side] = True
    return tuple(sorted(found, key=lambda island: -len(island.members)))


def curve(outline: FloatArray) -> FloatArray:
    """An outline [S, 2, 2] as places float64 [3S, 2] of one curve, in which NaN parts its pieces."""
    return np.concatenate([outline, np.full((len(outline), 1, 2), np.nan)], axis=1).reshape(-1, 2)


def _joined(points: FloatArray) -> tuple[FloatArray, Iterator[tuple[int, int, float]]]:
    """Spacing of each point, and the edges of the minimum spanning tree from the shortest to the longest."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial import Delaunay, KDTree

    count = len(points)
    distances, nearest = KDTree(points).query(points, NEIGHBOURS + 1)
    spacing = np.maximum(distances[:, -1], np.finfo(float).tiny)
    starts, neighbours = Delaunay(points, qhull_options="QJ Pp").vertex_neighbor_vertices
    one = np.concatenate(
        [np.repeat(np.arange(count), np.diff(starts)), np.repeat(np.arange(count), NEIGHBOURS)]
    )
    other = np.concatenate([neighbours, nearest[:, 1:].ravel()])
    pairs = np.unique(np.sort(np.stack([one, other]), axis=0), axis=1)
    one, other = pairs[:, pairs[0] != pairs[1]]
    apart = np.linalg.norm(points[one] - points[other], axis=1)
    lengths = np.maximum(apart, np.maximum(spacing[one], spacing[other]))
    tree = minimum_spanning_tree(coo_array((lengths, (one, other)), shape=(count, count))).tocoo()
    order = np.argsort(tree.data, kind="stable")
    ends = zip(tree.row[order].tolist(), tree.col[order].tolist(), tree.data[order].tolist(), strict=True)
    return spacing, ends


def _root(group: list[int], point: int) -> int:
    while group[point] != point:
        group[point] = group[group[point]]
        point = group[point]
    return point


def _outline(points: FloatArray, widest: float) -> FloatArray:
    """The outer boundary of the triangles between the points that have no edge longer than `widest`."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import Delaunay

    triangles = Delaunay(points, qhull_options="QJ Pp").simplices
    edges = np.sort(np.stack([triangles, np.roll(triangles, 1, axis=1)], axis=-1), axis=-1)
    lengths = np.linalg.norm(points[edges[..., 0]] - points[edges[..., 1]], axis=-1)
    kept = edges[(lengths <= widest).all(axis=1)].reshape(-1, 2)
    pairs, times = np.unique(kept, axis=0, return_counts=True)
    ends = pairs[times == 1]
    joined = coo_array((np.ones(len(ends)), ends.T), shape=(len(points), len(points)))
    _, loop = connected_components(joined, directed=False)
    leftmost = ends.ravel()[points[ends.ravel(), 0].argmin()]
    return points[ends[loop[ends[:, 0]] == loop[leftmost]]]
