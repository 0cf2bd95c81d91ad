"""Codes of the open latent space that are selected: drawn around, shown, compared, and written to files.

A selection is given along and a new one returned, so that whoever asks can undo. N codes.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.latent.group_difference import GroupDifference
from lsd_studio.engine.latent.selection import (
    CodeSelection,
    Group,
    GroupOperator,
    How,
    SeenAxes,
    SelectedPoints,
    Shown,
    group_densities,
    labelled,
    matched,
    outlined,
    selected_points,
)
from lsd_studio.engine.latent.statistics.densities import ComponentDensities
from lsd_studio.engine.latent.statistics.paths import Station
from lsd_studio.engine.latent.statistics.planes import Axes
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.steps import Doing

if TYPE_CHECKING:
    from lsd_studio.engine.spaces.conditions import Matches
    from lsd_studio.engine.spaces.latent_space import LatentSpace


class SelectionOperations(Operations):
    """Selects among the codes that `LatentOperations` opened; raises a StudioError where none are open."""

    @operation(scope="latent space")
    def outline(
        self,
        outline: NDArray[np.float64],
        shown: Shown,
        group: Group = "A",
        how: How = "replace",
        before: CodeSelection | None = None,
        among: Matches | None = None,
    ) -> CodeSelection:
        """The selection once the codes within an outline have joined a group, or left theirs.

        Args:
            outline: float64 [P, 2], the corners of a polygon on a plane or in a layout, in the units of its axes.
            how: whether they take the place of the group, join it, or leave any group.
            before: the selection until now.
            among: the codes that are selected from; None for all.

        Raises:
            StudioError: the outline has fewer than three corners, or the layout is one of the twin.
        """
        return outlined(self._session.open_latent_dataset(), outline, shown, group, how, before, among)

    @operation("analysis", scope="latent space")
    def matching(self, condition: str) -> Matches:
        """The codes that match a condition on their columns, such as `kind = B cell and age > 40`, or hold a text.

        Raises:
            StudioError: there are no columns, or the condition names a column or a value that is not there.
        """
        from lsd_studio.engine.spaces.conditions import matching

        return matching(self._session.open_latent_dataset().columns, condition)

    @operation(scope="latent space")
    def matched(
        self, matches: Matches, group: Group = "A", how: How = "replace", before: CodeSelection | None = None
    ) -> CodeSelection:
        """The selection once the codes that match a condition have joined a group, or left theirs."""
        return matched(matches, group, how, before)

    @operation(latest="pane", scope="latent space")
    def points(self, selection: CodeSelection, shown: Shown, pane: str = "") -> SelectedPoints:
        """Where the selected codes are on a plane or in a layout; the latest of each pane wins."""
        return selected_points(self._session.open_latent_dataset(), selection, shown)

    @operation("analysis", scope="latent space")
    def densities(
        self, selection: CodeSelection, width: float = 0.25, axes: Axes = "components"
    ) -> tuple[ComponentDensities | None, ComponentDensities | None]:
        """Densities of A and of B along each axis, as `LatentOperations.densities` has those of all codes.

        Raises:
            StudioError: the width is not above 0, or gives too many intervals.
        """
        return group_densities(self._session.open_latent_dataset(), selection, width, axes)

    @operation(scope="latent space")
    def labelled(
        self, first: str, second: str | None = None, seen: tuple[SeenAxes, ...] = ()
    ) -> CodeSelection:
        """The codes of one label as A, those of another as B; `seen` is what they were chosen by, if they were drawn.

        Raises:
            StudioError: there is no such label or axis, or both labels are the same.
        """
        return labelled(self._session.open_latent_dataset(), first, second, seen)

    @operation("analysis", scope="latent space")
    def compare(self, selection: CodeSelection, seed: int = 0) -> Generator[Doing, None, GroupDifference]:
        """Test whether A and B differ in more than what they were drawn by; without a B, A and all others.

        Raises:
            StudioError: a group has too few codes.
        """
        from lsd_studio.engine.latent.group_difference import compare_groups

        of = self._session.open_latent_dataset()
        return (yield from compare_groups(of.codes, selection.groups, selection.seen, of.principal, seed))

    @operation("analysis", scope="latent space")
    def path(self, selection: CodeSelection, operator: GroupOperator) -> tuple[Station, Station]:
        """From the code in the middle of A to where an operator to B takes it, for `LatentOperations.path_place`.

        Raises:
            StudioError: a group has too few codes.
        """
        from lsd_studio.engine.latent.group_path import group_path

        return group_path(self._session.open_latent_dataset(), selection, operator)

    @operation("analysis", scope="latent space")
    def as_labels(self, selection: CodeSelection, space: LatentSpace) -> LatentSpace:
        """The space of the codes that are open, with the selection as a column of labels.

        Raises:
            StudioError: no code is selected.
        """
        from lsd_studio.engine.spaces.drawn_labels import with_drawn_labels

        return with_drawn_labels(space, self._session.open_latent_dataset().rows, selection)

    @operation("analysis", scope="latent space")
    def write_rows(self, selection: CodeSelection, file: Path) -> Path:
        """Write the selected codes with their columns as a table (CSV), which opens as a file of codes.

        Raises:
            StudioError: no code is selected, or the file cannot be written.
        """
        from lsd_studio.engine.latent.selected_rows import write_selected

        return write_selected(self._session.open_latent_dataset(), selection, file)

    @operation("analysis", scope="latent space")
    def write_column(self, selection: CodeSelection, file: Path) -> Path:
        """Write all codes (.npz) with the selection as a column of labels, which opens as a file of codes.

        Raises:
            StudioError: no code is selected, or the file cannot be written.
        """
        from lsd_studio.engine.latent.selected_rows import write_with_selection

        return write_with_selection(self._session.open_latent_dataset(), selection, file)

    @operation("analysis", scope="latent space")
    def write_pictures(self, selection: CodeSelection, folder: Path) -> int:
        """Write the pictures of the selected codes to a folder, a subfolder for each group; returns how many.

        Raises:
            StudioError: no selected code has a picture, or the folder cannot be written to.
        """
        from lsd_studio.engine.latent.selected_rows import write_pictures

        return write_pictures(self._session.open_latent_dataset(), selection, folder)
