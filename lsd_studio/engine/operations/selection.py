"""Codes of the open latent space that are selected: drawn around, shown, and written to files.

A selection is given along and a new one returned, so that whoever asks can undo. N codes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.latent.selection import (
    CodeSelection,
    Group,
    How,
    SelectedPoints,
    Shown,
    outlined,
    selected_points,
)
from lsd_studio.engine.operations import Operations, operation


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
    ) -> CodeSelection:
        """The selection once the codes within an outline have joined a group, or left theirs.

        Args:
            outline: float64 [P, 2], the corners of a polygon on a plane or in a layout, in the units of its axes.
            how: whether they take the place of the group, join it, or leave any group.
            before: the selection until now.

        Raises:
            StudioError: the outline has fewer than three corners, or the layout is one of the twin.
        """
        return outlined(self._session.open_latent_dataset(), outline, shown, group, how, before)

    @operation(latest="pane", scope="latent space")
    def points(self, selection: CodeSelection, shown: Shown, pane: str = "") -> SelectedPoints:
        """Where the selected codes are on a plane or in a layout; the latest of each pane wins."""
        return selected_points(self._session.open_latent_dataset(), selection, shown)

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
