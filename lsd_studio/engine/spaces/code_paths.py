"""Held-out codes taken along a path of labels: what a probe reads, and whether the path leaves the data (R20–R22)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.operators.path_quality import share_of
from lsd_studio.engine.operators.paths import path_through
from lsd_studio.engine.operators.planes import FloatArray
from lsd_studio.engine.operators.walks import PathSettings
from lsd_studio.engine.spaces.probed_codes import ProbedCodes
from lsd_studio.engine.steps import Doing

MOST_MOVED = 1000
"""Held-out codes that are moved, at most."""

MOST_NEIGHBOURS = 20_000
"""Held-in codes among which the nearest are searched, at most."""

NEAR = 0.99
"""Share of held-out codes that count as near to held-in ones."""


@dataclass(frozen=True, eq=False)
class FollowedCodes:
    """Held-out codes of the first station's label at P positions of a path.

    Attributes:
        positions: float64 [P], in legs.
        codes: how many are moved.
        read: float64 [P, l], the share of them that the probe reads as each label.
        arrived: at each station after the first, the share that is read as its label.
        near: float64 [P], the share whose nearest held-in code is no farther than those of 99 % of the held-out codes.
        row: of the space, whose code stands for a picture of the path; nearest: int64 [P], the row of the held-in code
            that is nearest to it, of the label that the probe reads in it there; distances: float64 [P], in standard
            deviations.
    """

    positions: FloatArray
    codes: int
    read: FloatArray
    arrived: tuple[Measure, ...]
    near: FloatArray
    row: int
    nearest: NDArray[np.int64]
    distances: FloatArray


def follow_codes(
    of: ProbedCodes, path: PathSettings, step: float, row: int | None = None
) -> Generator[Doing, None, FollowedCodes]:
    """Take the held-out codes of the first station's label along a path, all of them from its vector (R21).

    Args:
        step: degrees from position to position, 90 a leg.
        row: of the space, a held-out code of that label; None takes the one in their middle.

    Raises:
        StudioError: stations that make no path, or a row that is no such code.
    """
    basis, labels = of.known.basis, len(of.label_names)
    way = path_through(basis, path.stations, closed=path.closed, through=path.through)
    source = path.stations[0] % labels
    chosen = np.flatnonzero(of.labels == source)
    shown = _shown(of, chosen, row)
    chosen = np.union1d(chosen[:MOST_MOVED], [shown])
    of_shown = int(np.searchsorted(chosen, shown))
    every = -(-len(of.held_in) // MOST_NEIGHBOURS)
    yield Doing("measuring distances", 0.0)
    neighbours = NearestNeighbors(n_neighbors=1).fit(of.held_in[::every])
    reach = np.quantile(neighbours.kneighbors(of.codes[:MOST_MOVED])[0], NEAR)
    positions = way.positions(step)
    read, near = np.empty((len(positions), labels)), np.empty(len(positions))
    nearest, distances = np.empty(len(positions), dtype=np.int64), np.empty(len(positions))
    arrived = []
    for place, position in enumerate(positions):
        yield Doing("taking codes along the path", place / len(positions))
        moved = way.carry(of.codes[chosen], 0.0, float(position), style=path.style)
        seen = of.reader.see(moved)
        named = seen.labels["probe"]
        read[place] = np.bincount(named, minlength=labels) / len(named)
        if position >= 1 and position == int(position):
            target = path.visited[int(position)] % labels
            arrived.append(share_of(named == target, len(np.unique(seen.which))))
        near[place] = (neighbours.kneighbors(moved)[0] <= reach).mean()
        alike = np.flatnonzero(of.held_in_labels == named[of_shown])
        apart = np.linalg.norm(of.held_in[alike] - moved[of_shown], axis=1)
        nearest[place], distances[place] = of.held_in_rows[alike[apart.argmin()]], apart.min()
    return FollowedCodes(
        positions=positions,
        codes=len(chosen),
        read=read,
        arrived=tuple(arrived),
        near=near,
        row=int(of.rows[shown]),
        nearest=nearest,
        distances=distances,
    )


def _shown(of: ProbedCodes, chosen: NDArray[np.int64], row: int | None) -> int:
    """The place of the code whose nearest ones are told."""
    if row is None:
        middle = of.codes[chosen].mean(axis=0)
        return int(chosen[np.linalg.norm(of.codes[chosen] - middle, axis=1).argmin()])
    found = chosen[of.rows[chosen] == row]
    if not len(found):
        label = of.label_names[int(of.labels[chosen[0]])]
        some = ", ".join(str(each) for each in np.sort(of.rows[chosen])[:10])
        raise StudioError(
            f"Row {row} is no held-out code of the label {label}, at which the path begins: choose one of {some}…, or "
            "leave it out."
        )
    return int(found[0])
