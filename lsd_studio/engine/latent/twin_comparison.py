"""The codes beside their Gaussian twins: which points a test compares, and what it says of them (R33, R47)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.gaussian_twin import POINTS_AN_AXIS, TwinOf
from lsd_studio.engine.latent.statistics.moments import Codes, moments
from lsd_studio.engine.latent.statistics.planes import LEADING_PLANE, Plane, Window, axis_name
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes, principal_axes
from lsd_studio.engine.latent.statistics.twin_test import CLEAR, NEIGHBOUR_AXES, TwinTest, twin_test
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.percentages import percentage

if TYPE_CHECKING:
    from lsd_studio.engine.latent.dataset import LatentDataset

FEWEST_TWINS, MOST_TWINS = 19, 9999

MOST_NUMBERS = 1_000_000
"""Coordinates that a twin has, so that each takes a tenth of a second at most: 10 000 points along 100 axes."""

FEWEST_OF_A_LABEL = 10
"""Codes of a label, for a Gaussian of its own."""


@dataclass(frozen=True)
class TwinTestSettings:
    """What is compared with Gaussian points of the same mean and covariance (R33, R47).

    Args:
        plane: the projection that is in sight; None: `leading` principal axes, each scaled to unit variance.
        window: part of the plane that is in sight, such as ±0.25 around its middle; None: all.
        leading: number of principal axes without a plane; None: all with variance, or as many as the codes suffice for.
        points: among which neighbours and pairs are searched, 50…2000; fewer where fewer are in sight.
        twins: that are drawn and measured as the codes are, 19…9999. At 499 a difference in one respect alone is clear.
        seed: of all draws.
        twin_of: one Gaussian for all codes, or one for each label.
    """

    plane: Plane | None = LEADING_PLANE
    window: Window | None = None
    leading: int | None = None
    points: int = 1000
    twins: int = 499
    seed: int = 0
    twin_of: TwinOf = "codes"


@dataclass(frozen=True, eq=False)
class TwinComparison:
    """Whether the codes differ in structure from their Gaussian twins.

    Attributes:
        settings: as asked.
        codes: how many are compared; axis_names: of the axes along which they are.
        test: where the codes stand among the twins.
        sentence: what was compared, what is clear and what the test could have seen, in plain words.
        notes: what was left out, one sentence each.
    """

    settings: TwinTestSettings
    codes: int
    axis_names: tuple[str, ...]
    test: TwinTest
    sentence: str
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Compared:
    """Points that a test compares with their twins.

    Attributes:
        points: float32 [N, d].
        groups: int64 [N], labels with a Gaussian of their own; None: one Gaussian.
        axis_names: of the d axes.
        notes: one sentence each on what was left out.
    """

    points: Codes
    groups: NDArray[np.int64] | None
    axis_names: tuple[str, ...]
    notes: tuple[str, ...]


def compare_with_twin(
    of: LatentDataset, settings: TwinTestSettings
) -> Generator[float, None, TwinComparison]:
    """Test the codes against Gaussian twins; yields the share done, 0…1.

    Raises:
        StudioError: a number is out of its range, or there are too few codes of that kind.
    """
    if not FEWEST_TWINS <= settings.twins <= MOST_TWINS:
        raise StudioError(
            f"A p-value takes {FEWEST_TWINS} to {MOST_TWINS} twins, not {settings.twins}: choose in this range."
        )
    random = random_numbers(settings.seed, "twin test")
    compared = points_compared(of, settings.twin_of, settings.plane, settings.leading, random)
    found = yield from twin_test(
        compared.points, compared.groups, settings.window, settings.points, settings.twins, random
    )
    return TwinComparison(
        settings=settings,
        codes=len(compared.points),
        axis_names=compared.axis_names,
        test=found,
        sentence=verdict(found, compared, settings.twins, windowed=settings.window is not None),
        notes=compared.notes,
    )


def points_compared(
    of: LatentDataset,
    twin_of: TwinOf,
    plane: Plane | None,
    leading: int | None,
    random: np.random.Generator,
) -> Compared:
    """The codes on the axes that are looked at.

    On a plane they have its units; otherwise they are the coordinates along leading principal axes, each scaled to unit
    variance. Codes are drawn from all where a twin of all would have more than a million coordinates.

    Args:
        twin_of: one Gaussian for all codes, or one for each label.
        plane: the projection that is looked at.
        leading: without a plane, number of principal axes; None: all, or as many as the codes suffice for.

    Raises:
        StudioError: `leading` is out of range, no two labels have enough codes, or there are too few codes.
    """
    notes: list[str] = []
    every = of.data.labels if twin_of == "labels" else np.zeros(len(of.codes), dtype=np.int64)
    rows = _of_common_labels(every, notes) if twin_of == "labels" else np.arange(len(of.codes))
    rank = of.principal.rank
    if leading is not None and not 1 <= leading <= rank:
        raise StudioError(f"The codes vary along {rank} principal axes, not {leading}: choose 1 to {rank}.")
    smallest = int(np.unique(every[rows], return_counts=True)[1].min())
    suffice = min(
        smallest // POINTS_AN_AXIS, int(np.sqrt(MOST_NUMBERS * smallest / len(rows) / POINTS_AN_AXIS))
    )
    axes = 2 if plane is not None else leading or max(1, min(rank, suffice))
    if plane is None and leading is None and axes < rank:
        notes.append(
            f"Of {rank} principal axes the {axes} leading ones are compared, since each Gaussian takes "
            f"{POINTS_AN_AXIS} codes an axis."
        )
    drawn = _drawn(every, rows, MOST_NUMBERS // axes, random)
    if len(drawn) < len(rows):
        notes.append(f"{len(drawn)} of {len(rows)} codes are drawn for the test.")
        rows = drawn
    groups = every[rows] if twin_of == "labels" else None
    if plane is not None:
        names = tuple(axis_name(plane.axes, axis, of.principal) for axis in (plane.x, plane.y))
        return Compared(np.asarray(of.projected(plane, False)[rows]), groups, names, tuple(notes))
    names = tuple(f"principal axis {axis}" for axis in range(axes))
    return Compared(unit_coordinates(of.codes[rows], of.principal, axes), groups, names, tuple(notes))


def unit_coordinates(codes: Codes, principal: PrincipalAxes, axes: int) -> Codes:
    """Coordinates float32 [N, axes] of codes along leading principal axes, uncorrelated and of unit variance."""
    points = principal.whitened(codes)[:, :axes]
    own = principal_axes(moments(points))
    root = (own.axes[: own.rank].T / own.sigma[: own.rank]) @ own.axes[: own.rank]
    return np.asarray((points - own.mean) @ root, dtype=np.float32)


def verdict(found: TwinTest, compared: Compared, twins: int, windowed: bool) -> str:
    """What the test says, in plain words: what was compared, what is clear, and what it could have seen."""
    twin = "a Gaussian of the same mean and covariance"
    if compared.groups is not None:
        twin = f"{len(np.unique(compared.groups))} Gaussians, one a label, of the same means and covariances"
    least = 1 / (twins + 1)
    overall = f"p = {found.p_value:.3g} over all that was compared, of {twins} twins"
    names = compared.axis_names
    along = " and ".join(names) if len(names) <= 2 else f"{len(names)} axes"
    neighbours = f"{found.points} points by neighbours and pairs"
    if len(names) > NEIGHBOUR_AXES:
        neighbours += f" along the {NEIGHBOUR_AXES} leading axes"
    looked_at = (
        f"Compared: {neighbours}, {found.inside} by their distribution along {along} and about the mean."
    )
    if found.p_value <= CLEAR:
        beyond = (
            "Labels alone can make such a difference: compare with one Gaussian a label."
            if compared.groups is None
            else "This is structure beyond the labels' means and covariances."
        )
        return (
            f"The codes differ from {twin} ({overall}): {_differences(found, compared, windowed)}. {beyond} It need "
            f"not be why random points decode badly. {looked_at}"
        )
    could = (
        f"Clear by themselves would have been neighbours {found.neighbour_clear[0]:.3f} times as far or less, or "
        f"{found.neighbour_clear[1]:.3f} or more (they are {found.neighbour_ratio:.3f}), or a distribution along an "
        f"axis that differs by {found.axis_clear:.3f} (at most {found.axis_distance:.3f} is seen); finer or rarer "
        "structure it does not see."
    )
    if least > CLEAR:
        could = f"{twins} twins give no p-value below {least:.2g}, so nothing can be clear at {CLEAR:g}: draw more."
    return f"No difference from {twin} is clear ({overall}). {could} {looked_at}"


def _differences(found: TwinTest, compared: Compared, windowed: bool) -> str:
    away = 1 - found.neighbour_ratio
    side = "nearer" if away > 0 else "farther"
    near = f"nearest neighbours are {percentage(abs(away))} {side} (p = {found.neighbour_p:.3g})"
    parts = [
        near,
        f"numbers of pairs, p = {found.correlation_p:.3g}",
        f"along {compared.axis_names[found.axis]} the distribution differs by {found.axis_distance:.3f} "
        f"(p = {found.axis_p:.3g} for the largest of {len(compared.axis_names)})",
        f"distances from the mean differ by {found.radius_distance:.3f} (p = {found.radius_p:.3g})",
    ]
    if windowed:
        parts.insert(
            0, f"{found.inside} in sight against {found.inside_twins:.0f} (p = {found.inside_p:.3g})"
        )
    return "; ".join(parts)


def _of_common_labels(labels: NDArray[np.int64], notes: list[str]) -> NDArray[np.int64]:
    """Rows of the labels that have enough codes for a Gaussian of their own; a note says what is left out."""
    values, counts = np.unique(labels, return_counts=True)
    common = values[(counts >= FEWEST_OF_A_LABEL) & (values >= 0)]
    if len(common) < 2:
        raise StudioError(
            f"One Gaussian a label takes two labels of {FEWEST_OF_A_LABEL} codes or more, and there are {len(common)}: "
            "choose labelled images, or more of them."
        )
    rows = np.flatnonzero(np.isin(labels, common))
    if len(rows) < len(labels):
        notes.append(
            f"{len(labels) - len(rows)} codes of {len(values) - len(common)} labels are left out, of which each has "
            f"fewer than {FEWEST_OF_A_LABEL}."
        )
    return rows


def _drawn(
    groups: NDArray[np.int64], rows: NDArray[np.int64], most: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """About `most` of the rows, drawn at random: of each group its share."""
    if len(rows) <= most:
        return rows
    parts = [random.permutation(rows[groups[rows] == group]) for group in np.unique(groups[rows])]
    return np.sort(np.concatenate([part[: -(-len(part) * most // len(rows))] for part in parts]))
