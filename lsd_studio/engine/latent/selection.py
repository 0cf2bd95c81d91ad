"""Codes that are selected in two groups, A and B: by outlines around their points, or by a condition on columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.densities import ComponentDensities, component_densities
from lsd_studio.engine.latent.statistics.moments import Codes
from lsd_studio.engine.latent.statistics.planes import MOST_POINTS, Axes, Plane, check_axes, enclosed
from lsd_studio.engine.latent.views import Layout
from lsd_studio.engine.spaces.conditions import Matches

if TYPE_CHECKING:
    from lsd_studio.engine.latent.dataset import LatentDataset

Group = Literal["A", "B"]
GROUPS: tuple[Group, ...] = get_args(Group)

How = Literal["replace", "add", "remove"]
"""What becomes of the codes within an outline: they take the place of their group, join it, or leave any group."""

GroupOperator = Literal["mean_difference", "gaussian_transport"]
"""Of `LABEL_OPERATORS`, those from A to B."""

Shown: TypeAlias = Plane | Layout
"""What an outline is drawn on."""


@dataclass(frozen=True)
class SeenAxes:
    """Axes whose coordinates placed the points that an outline was drawn around."""

    axes: Axes
    numbers: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class CodeSelection:
    """Which of N codes are selected.

    Attributes:
        groups: int8 [N], 0 for none, 1 for A, 2 for B.
        counts: codes of A and of B.
        seen: what the outlines were drawn on, without repetition.
        conditions: what codes had to match, without repetition.
    """

    groups: NDArray[np.int8]
    counts: tuple[int, int]
    seen: tuple[SeenAxes, ...]
    conditions: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no code is selected."""
        return not any(self.counts)


@dataclass(frozen=True, eq=False)
class SelectedPoints:
    """Where selected codes are shown: points float32 [K, 2], of the groups int64 [K], 0 for A and 1 for B."""

    points: Codes
    groups: NDArray[np.int64]


def outlined(
    of: LatentDataset,
    outline: NDArray[np.float64],
    shown: Shown,
    group: Group,
    how: How,
    before: CodeSelection | None,
    among: Matches | None = None,
) -> CodeSelection:
    """The selection once the codes within an outline have joined a group or left theirs; no code is in both groups.

    Args:
        outline: float64 [P, 2], the corners of a polygon in the units of the axes.
        before: the selection until now.
        among: the codes that are selected from; None for all.

    Raises:
        StudioError: the outline has no area to speak of, there is no such plane, or the layout is one of the twin.
    """
    if isinstance(shown, Plane):
        found = enclosed(of.projected(shown, twin=False), outline, of.indexed(shown, twin=False))
    else:
        points, indices = _points(of, shown)
        found = indices[enclosed(points, outline)]
    if among is None:
        return _changed(found, group, how, before, len(of.codes), seen=(_seen(of, shown),))
    found = found[among.found[found]]
    return _changed(found, group, how, before, len(of.codes), (_seen(of, shown),), (among.condition,))


def matched(matches: Matches, group: Group, how: How, before: CodeSelection | None) -> CodeSelection:
    """The selection once the codes that match a condition have joined a group or left theirs."""
    found = np.flatnonzero(matches.found)
    return _changed(found, group, how, before, len(matches.found), conditions=(matches.condition,))


def _changed(
    found: NDArray[np.int64],
    group: Group,
    how: How,
    before: CodeSelection | None,
    count: int,
    seen: tuple[SeenAxes, ...] = (),
    conditions: tuple[str, ...] = (),
) -> CodeSelection:
    """The selection of `count` codes once those that were found have joined a group or left theirs."""
    groups = np.zeros(count, dtype=np.int8) if before is None else before.groups.copy()
    number = GROUPS.index(group) + 1
    if how == "replace":
        groups[groups == number] = 0
    if before is not None and groups.any():
        seen, conditions = (*before.seen, *seen), (*before.conditions, *conditions)
    groups[found] = 0 if how == "remove" else number
    counts = int(np.count_nonzero(groups == 1)), int(np.count_nonzero(groups == 2))
    return CodeSelection(groups, counts, tuple(dict.fromkeys(seen)), tuple(dict.fromkeys(conditions)))


def labelled(
    of: LatentDataset, first: str, second: str | None = None, seen: tuple[SeenAxes, ...] = ()
) -> CodeSelection:
    """The codes of one label as A and those of another as B.

    Args:
        seen: what they were chosen by, where they were drawn around before.

    Raises:
        StudioError: there is no such label, both are the same, or there is no such axis.
    """
    names = of.data.label_names
    groups = np.zeros(len(of.codes), dtype=np.int8)
    for number, name in enumerate((first, second), start=1):
        if name is None:
            continue
        if name not in names:
            listed = ", ".join(names[:20]) + ("…" if len(names) > 20 else "")
            raise StudioError(f"There is no label {name}: choose one of {listed}.")
        groups[of.data.labels == names.index(name)] = number
    if first == second:
        raise StudioError(
            f"Both groups are {first}: name two labels, or one alone for a comparison with the rest."
        )
    for axes in seen:
        check_axes(of.components, *axes.numbers)
    return CodeSelection(
        groups, (int(np.count_nonzero(groups == 1)), int(np.count_nonzero(groups == 2))), seen
    )


def selected_points(of: LatentDataset, selection: CodeSelection, shown: Shown) -> SelectedPoints:
    """Where the selected codes are on a plane or in a layout, evenly thinned to 20 000.

    Raises:
        StudioError: there is no such plane, or the layout is one of the twin.
    """
    points, indices = _points(of, shown)
    groups = selection.groups[indices]
    found = np.flatnonzero(groups)
    found = found[:: max(-(-len(found) // MOST_POINTS), 1)]
    return SelectedPoints(points[found], groups[found].astype(np.int64) - 1)


def group_densities(
    of: LatentDataset, selection: CodeSelection, width: float, axes: Axes
) -> tuple[ComponentDensities | None, ComponentDensities | None]:
    """Densities of A and of B along each axis in intervals of `width`; None for a group without codes.

    Raises:
        StudioError: the width is not above 0, or gives too many intervals.
    """
    found: list[ComponentDensities | None] = []
    for number in (1, 2):
        codes = of.codes[selection.groups == number]
        if axes == "principal" and len(codes):
            codes = of.principal.coordinates(codes, slice(of.principal.rank))
        found.append(component_densities(codes, width) if len(codes) else None)
    return found[0], found[1]


def _points(of: LatentDataset, shown: Shown) -> tuple[Codes, NDArray[np.int64]]:
    if isinstance(shown, Plane):
        return of.projected(shown, twin=False), np.arange(len(of.codes))
    if shown.settings.twin:
        raise StudioError("Points of the Gaussian twin are no codes: select in the layout of the codes.")
    return shown.points, shown.indices


def _seen(of: LatentDataset, shown: Shown) -> SeenAxes:
    if isinstance(shown, Plane) and shown.second:
        return SeenAxes("components", tuple(range(of.components)))
    if isinstance(shown, Plane):
        return SeenAxes(shown.axes, (shown.x, shown.y))
    leading = shown.settings.leading
    if leading is None:
        return SeenAxes("components", tuple(range(of.components)))
    return SeenAxes("principal", tuple(range(leading)))
