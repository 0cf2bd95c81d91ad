"""A second space of the same rows: turned to what a plane of the first shows, and how many neighbours both share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.moments import Codes, finite_rows
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.percentages import percentage

if TYPE_CHECKING:
    from lsd_studio.engine.latent.dataset import LatentDataset

NEIGHBOURS = 10
LAST_LAYOUT = "last layout"
"""Names what t-SNE made last of the codes, as a space of two components."""

DEALINGS = 9
PLANE = 2

MOST_COMPARED = 5000
"""Codes whose neighbours are looked for, and among which."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """Codes of a second space, turned to be nearest to those of the first, and moved and scaled to their mean and size.

    Attributes:
        codes: float32 [N, K], in the units of what they are aligned with: K = M, or 2 for a plane.
        share: of the squared distances from the mean in what they are aligned with, how much they explain at the best
            scale, 0…1.
        by_chance: the same on average where rows are dealt to the codes at random, by a seed, nine times.
        with_plane: whether they are aligned with a plane, and not with the whole first space.
    """

    codes: Codes
    share: float
    by_chance: float
    with_plane: bool


@dataclass(frozen=True, eq=False)
class SecondSpace:
    """Codes of the same N rows under other networks, or another array of the same file.

    Attributes:
        name: of the array or coder.
        codes: float32 [N, M′], of the rows in their order.
        whole: these aligned with the codes of the first space; None of one or two components, which are aligned with
            each plane by itself.
    """

    name: str
    codes: Codes
    whole: Aligned | None


@dataclass(frozen=True, eq=False)
class SharedNeighbours:
    """How many nearest neighbours two spaces share.

    Attributes:
        share: of the `neighbours` nearest neighbours of a code in one space, those that are so in the other too, 0…1.
        by_chance: what spaces without any relation share on average, 0…1.
        compared: codes over which the share is the mean, and among which neighbours are looked for; of: all codes.
    """

    share: float
    by_chance: float
    neighbours: int
    compared: int
    of: int

    @property
    def sentence(self) -> str:
        """What was counted, in plain words."""
        drawn = f"{self.compared} codes" + (f" drawn of {self.of}" if self.compared < self.of else "")
        return (
            f"Of the {self.neighbours} nearest neighbours of a code in one space, {percentage(self.share, 1)} are so "
            f"in the other too: the mean over {drawn}, among which they are looked for; unrelated spaces share "
            f"{percentage(self.by_chance, 1)}."
        )


@dataclass(frozen=True, eq=False)
class Beside:
    """What is said of a second space: its name, M′ components, and the neighbours that it shares with the first."""

    name: str
    components: int
    shared: SharedNeighbours


def second_space(
    name: str, codes: NDArray[np.floating], rows: NDArray[np.int64], first: Codes
) -> SecondSpace:
    """The codes of some rows as a second space.

    Args:
        codes: [R, M′].
        rows: int64 [N], of the codes in the first space.
        first: float32 [N, M], these codes.

    Raises:
        StudioError: one of the rows has no code here, or one that is not finite; or all codes are the same.
    """
    if rows.max() >= len(codes):
        raise StudioError(f"{name} has {len(codes)} codes, and not the same rows: choose one with as many.")
    taken = codes[rows].astype(np.float32)
    lost = len(taken) - int(finite_rows(taken).sum())
    if lost:
        raise StudioError(
            f"{lost} of these {len(rows)} rows have no finite code in {name}: open it first and this one beside it."
        )
    if not taken.std(axis=0).any():
        raise StudioError(f"All codes of {name} are the same, so there is nothing to show: choose another.")
    whole = aligned(taken, first) if taken.shape[1] > PLANE else None
    return SecondSpace(name, taken, whole)


def laid_out(of: LatentDataset) -> SecondSpace:
    """The last layout of the codes as a second space of two components.

    Raises:
        StudioError: there is none, or it is of some codes only.
    """
    layout = of.layout
    if layout is None:
        raise StudioError("These codes are not laid out yet: start t-SNE and let it finish first.")
    if len(layout.indices) < len(of.codes):
        raise StudioError(
            f"The last layout is of {len(layout.indices)} codes, and there are {len(of.codes)}: lay all of them out."
        )
    return second_space(LAST_LAYOUT, layout.points, layout.indices, of.codes)


def aligned(codes: Codes, target: Codes, *, with_plane: bool = False) -> Aligned:
    """Codes [N, M′] turned to be nearest to a target [N, K], moved to its mean and brought to its size.

    The rotation is the orthogonal Procrustes one; the narrower of both is taken to be 0 along further axes, and what
    the wider one has beyond K axes is left out. Of M′ = K it is Procrustes analysis, and 1 − `share` its disparity.

    Raises:
        StudioError: no direction of the codes has any relation to the target.
    """
    centre, middle = codes.mean(axis=0), target.mean(axis=0)
    moved, wanted = codes - centre, target - middle
    gram, total = (moved.T @ moved).astype(np.float64), float((wanted.astype(np.float64) ** 2).sum())
    turn, scale, share = _nearest_view(moved.T @ wanted, gram, total)
    random = random_numbers(0, "rows dealt to another space")
    dealt = [
        _nearest_view(moved.T @ wanted[random.permutation(len(wanted))], gram, total)[2]
        for _ in range(DEALINGS)
    ]
    placed = moved @ (scale * turn).astype(np.float32) + middle
    return Aligned(np.asfortranarray(placed, dtype=np.float32), share, float(np.mean(dealt)), with_plane)


def _nearest_view(
    cross: NDArray[np.floating], gram: NDArray[np.float64], total: float
) -> tuple[NDArray[np.float64], float, float]:
    """Axes [M′, K] that bring codes nearest to a target, a scale to its size, and the share that is explained of it.

    Args:
        cross: [M′, K], codes times target; gram: [M′, M′], codes times codes; total: target times target, summed up.
    """
    from scipy.linalg import polar

    turn, stretch = polar(cross.astype(np.float64))
    size, matched = float(np.trace(turn.T @ gram @ turn)), float(np.trace(stretch))
    if not size or not matched:
        raise StudioError("Both spaces have no relation here: choose other axes or another space.")
    return turn, math.sqrt(total / size), min(matched**2 / (size * total), 1.0)


def shared_neighbours(
    first: Codes, second: Codes, neighbours: int = NEIGHBOURS, most: int = MOST_COMPARED, seed: int = 0
) -> SharedNeighbours:
    """How many nearest neighbours, by distance in the whole space, codes [N, M] and [N, M′] of the same rows share.

    Args:
        most: how many codes are compared; drawn by the seed where there are more.

    Raises:
        StudioError: there are too few codes.
    """
    from sklearn.neighbors import NearestNeighbors

    if len(first) < 2 * neighbours:
        raise StudioError(
            f"Neighbours are compared from {2 * neighbours} codes on, not {len(first)}: take more."
        )
    rows = np.arange(len(first))
    if len(rows) > most:
        random = random_numbers(seed, "codes whose neighbours are compared")
        rows = np.sort(random.choice(len(first), most, replace=False))
    nearest = [
        NearestNeighbors(n_neighbors=neighbours, algorithm="brute")
        .fit(codes[rows])
        .kneighbors(return_distance=False)
        for codes in (first, second)
    ]
    same = (nearest[0][:, :, None] == nearest[1][:, None, :]).any(axis=2)
    return SharedNeighbours(
        share=float(same.mean()),
        by_chance=neighbours / (len(rows) - 1),
        neighbours=neighbours,
        compared=len(rows),
        of=len(first),
    )
