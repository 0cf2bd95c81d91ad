"""Paths through quasi-eigenvectors, or any vectors, and codes carried along them (Algorithm 1 mended, Fig. 8)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operators.planes import FloatArray, rotate, weigh_rest
from lsd_studio.engine.vocabulary import Through

if TYPE_CHECKING:
    from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors

QUARTER = 90.0
"""Degrees that a leg of a path counts: between quasi-eigenvectors it is a quarter turn in the plane of the two."""

PAPER_STEP = 30.0
"""Degrees of one step, Δθ = π/6: three of them lead from one label to the next (R22)."""

ROUNDING = 1e-9
"""Length of amplitudes below which they are rounding errors."""

PARALLEL = 1e-6
"""Sine of the angle between neighbouring anchors below which they span no plane."""


@dataclass(frozen=True, eq=False)
class Path:
    """A way through anchors along which codes are turned: in the plane of each anchor and the next, by their angle.

    A *position* is counted in legs: 0 is the first anchor, 1.5 half way, by angle, from the second to the third.
    Between quasi-eigenvectors a leg is a quarter turn. A closed path goes on from the last anchor to the first, and its
    positions are all real numbers. Turning is continuous in the position, and at an anchor a code that set out from
    another one lies, with what it had there, on the anchor's direction.

    Attributes:
        anchors: float64 [K, M], any vectors of which no two neighbours are parallel.
        closed: whether it goes on from the last to the first.
    """

    anchors: FloatArray
    closed: bool = False

    def __post_init__(self) -> None:
        if self.anchors.ndim != 2 or len(self.anchors) < 2:
            raise StudioError("A path needs at least two stations: add one.")
        if not np.isfinite(self.anchors).all() or not np.linalg.norm(self.anchors, axis=1).all():
            raise StudioError("A path leads through vectors of finite length above 0: choose other stations.")
        if (np.sin(self.angles) < PARALLEL).any():
            raise StudioError(
                "Two neighbouring stations point the same or the opposite way: take one of them out."
            )

    @property
    def legs(self) -> int:
        """The number of legs: one fewer than anchors, or as many where the path is closed."""
        return len(self.anchors) - (0 if self.closed else 1)

    @cached_property
    def angles(self) -> FloatArray:
        """The angle of each leg in radians, float64 [legs]."""
        starts, ends = self._ends_of_legs
        return 2 * np.arctan2(np.linalg.norm(starts - ends, axis=1), np.linalg.norm(starts + ends, axis=1))

    def within(self, position: float) -> float:
        """The position, brought to 0…legs where the path is open."""
        return position if self.closed else min(max(position, 0.0), float(self.legs))

    def positions(self, step: float) -> FloatArray:
        """Positions from start to end, float64 [P]: each leg in equal steps of at most `step` degrees, all anchors hit.

        A leg counts as 90 degrees, which it is between quasi-eigenvectors.

        Raises:
            StudioError: a step that is not above 0.
        """
        if not step > 0:
            raise StudioError(f"A step must be more than 0 degrees, not {step:g}.")
        steps_a_leg = max(1, math.ceil(QUARTER / step - 1e-9))
        return np.arange(self.legs * steps_a_leg + 1) / steps_a_leg

    def direction(self, position: float) -> FloatArray:
        """The point of the path at a position as a vector of length 1, float64 [M]."""
        position = self.within(position)
        leg = min(math.floor(position), self.legs - 1) if not self.closed else math.floor(position)
        first, second, angle = self._leg(leg)
        turned = (position - leg) * angle
        return np.cos(turned) * first + np.sin(turned) * second

    def carry(
        self, codes: ArrayLike, starts: ArrayLike, position: float, *, style: float = 1.0
    ) -> FloatArray:
        """Codes [N, M] carried from the positions `starts` (one, or [N]) to `position`, ahead or back.

        With `style` 1 these are the true rotations, which keep every other component (R21). With 0 only what a code has
        along the path at its start is carried: the paper's transport (Eq. 11, R20). Between, the rest of the code is
        weighted by `style` and then turned like all of it. Lengths are not brought to √M: see `planes.renormalise`.

        Raises:
            StudioError: a style outside 0…1.
        """
        if not 0 <= style <= 1:
            raise StudioError(f"The share of the rest of a code that is kept is from 0 to 1, not {style:g}.")
        codes = np.asarray(codes, dtype=np.float64)
        starts = np.broadcast_to(np.asarray(starts, dtype=np.float64), codes.shape[:1])
        position = self.within(position)
        if style < 1:
            codes = self._weigh_style(codes, starts, style)
        if not len(codes):
            return codes
        legs = range(math.floor(min(position, starts.min())), math.ceil(max(position, starts.max())))
        turned = {leg: np.clip(position - leg, 0, 1) - np.clip(starts - leg, 0, 1) for leg in legs}
        for leg in legs:
            codes = self.turn(codes, leg, np.maximum(turned[leg], 0))
        for leg in reversed(legs):
            codes = self.turn(codes, leg, np.minimum(turned[leg], 0))
        return codes

    def turn(self, codes: FloatArray, leg: int, share: ArrayLike) -> FloatArray:
        """Codes [..., M] turned in the plane of a leg by a share of its angle, one for all or one for each [...]."""
        share = np.asarray(share, dtype=np.float64)
        if not share.any():
            return codes
        first, second, angle = self._leg(leg)
        return rotate(first, second, share * angle, codes)

    def _weigh_style(self, codes: FloatArray, starts: FloatArray, style: float) -> FloatArray:
        places, which = np.unique(starts, return_inverse=True)
        directions = np.stack([self.direction(place) for place in places])[which]
        return weigh_rest(directions, style, codes)

    def _leg(self, leg: int) -> tuple[FloatArray, FloatArray, float]:
        starts, seconds = self._frames
        return starts[leg % self.legs], seconds[leg % self.legs], float(self.angles[leg % self.legs])

    @cached_property
    def _ends_of_legs(self) -> tuple[FloatArray, FloatArray]:
        unit = self.anchors / np.linalg.norm(self.anchors, axis=1, keepdims=True)
        return unit[: self.legs], np.roll(unit, -1, axis=0)[: self.legs]

    @cached_property
    def _frames(self) -> tuple[FloatArray, FloatArray]:
        """Orthonormal vectors of each leg's plane, the first at its start: two arrays [legs, M]."""
        starts, ends = self._ends_of_legs
        seconds = ends - (starts * ends).sum(axis=1, keepdims=True) * starts
        return starts, seconds / np.linalg.norm(seconds, axis=1, keepdims=True)


def path_through(
    basis: QuasiEigenvectors, stations: Sequence[int], *, closed: bool = False, through: Through = "vectors"
) -> Path:
    """The path through the vectors of these indices 0…M − 1 (set outer, label inner), in this order.

    Raises:
        StudioError: fewer than two stations, one that does not exist or is outside set 1 where the path leads through
            averages, or the same one twice in a row.
    """
    last = (len(basis.xi_) if through == "vectors" else basis.number_of_labels) - 1
    for station in stations:
        if not 0 <= station <= last:
            raise StudioError(f"There is no vector {station}: stations are numbers from 0 to {last}.")
    following = [*stations[1:], *(stations[:1] if closed else ())]
    for station, after in zip(stations, following, strict=False):
        if station == after:
            name = f"label {basis.label(station)} in set {basis.set_(station)}"
            raise StudioError(f"The path goes from {name} to itself: take it out once.")
    return Path(_vectors(basis, through)[list(stations)], closed)


def enter(
    basis: QuasiEigenvectors, stations: Sequence[int], codes: ArrayLike, *, through: Through = "vectors"
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Where codes [N, M] stand on the path through `stations`: at their own label's vector of set 1.

    A code's own vector is that of its largest amplitude over set 1, with its sign. Where it is a station (the first of
    several), the code is at it as it is; else the code is turned from its own vector to the first station (R21).

    Returns:
        Codes float64 [N, M], their positions float64 [N], and their own vectors int64 [N].
    """
    codes = np.array(codes, dtype=np.float64)
    own = basis.transform(codes)[:, : basis.number_of_labels].argmax(axis=1)
    starts = np.zeros(len(codes))
    for vector in np.unique(own).tolist():
        of_it = own == vector
        if vector in stations:
            starts[of_it] = list(stations).index(vector)
        else:
            way = Path(_vectors(basis, through)[[vector, stations[0]]])
            codes[of_it] = way.carry(codes[of_it], 0.0, 1.0)
    return codes, starts, own


def _vectors(basis: QuasiEigenvectors, through: Through) -> FloatArray:
    return basis.xi_ if through == "vectors" else basis.eta_
