"""The codes that are selected, on all pages of the Latent space workspace."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Never, TypeAlias

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from lsd_studio.engine.latent.group_difference import GroupDifference
from lsd_studio.engine.latent.selection import (
    CodeSelection,
    Group,
    GroupOperator,
    How,
    SelectedPoints,
    Shown,
)
from lsd_studio.engine.latent.statistics.densities import ComponentDensities
from lsd_studio.engine.latent.statistics.paths import Station
from lsd_studio.engine.latent.statistics.planes import Axes
from lsd_studio.engine.operations.selection import SelectionOperations
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.spaces.drawn_labels import DRAWN
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.codes.codes_in_use import CodesInUse
from lsd_studio.ui.latent.selection.code_filter import CodeFilter
from lsd_studio.ui.plots.outlined_plot import Tool
from lsd_studio.ui.shell.change import Change
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.number_formatting import counted

GroupDensities: TypeAlias = tuple[ComponentDensities | None, ComponentDensities | None]

WRITING = "writing selected codes"
"""Key of the task."""


class SelectedCodes(QObject):
    """Two groups of codes, A and B, which outlines are drawn around; each change is a step of the history.

    Attributes:
        now: the selection; None while no code is selected.
        group: that the next outline is drawn for; tool: that draws it.
        filter: the condition that codes must match to be shown and selected.

    Signals:
        changed: other codes are selected, or none.
        tool_changed: the Tool that a drag is from now on.
        comparison_wanted: a person asks whether A and B differ.
        said: a sentence for a person, such as where a file is.
    """

    changed = Signal()
    tool_changed = Signal(str)
    comparison_wanted = Signal()
    said = Signal(str)

    def __init__(
        self, operations: SelectionOperations, tasks: Tasks, history: QUndoStack, window: Selection
    ) -> None:
        super().__init__()
        self._operations, self._tasks, self._history, self._window = operations, tasks, history, window
        self.now: CodeSelection | None = None
        self.group: Group = "A"
        self.tool: Tool = "move"
        self.filter = CodeFilter(operations, tasks)

    def use_tool(self, tool: Tool) -> None:
        """Let a drag move the view, or draw a box or a lasso."""
        self.tool = tool
        self.tool_changed.emit(tool)

    def outline(self, shown: Shown, outline: np.ndarray, how: How) -> None:
        """Select the codes within an outline that was drawn on a plane or in a layout."""
        call = self._operations.outline(outline, shown, self.group, how, self.now, self.filter.now)
        self._tasks.deliver(call, partial(self._take, self.group))

    def take_matching(self, group: Group, _: bool = False) -> None:
        """Let the codes that match the condition be a group, in the place of those that were."""
        if self.filter.now is not None:
            call = self._operations.matched(self.filter.now, group, before=self.now)
            self._tasks.deliver(call, partial(self._take, group))

    def points(self, shown: Shown, pane: str) -> Call[Never, SelectedPoints] | None:
        """Where the selected codes are; None while none are selected."""
        return None if self.now is None else self._operations.points(self.now, shown, pane)

    def densities(self, width: float, axes: Axes) -> Call[Never, GroupDensities] | None:
        """Densities of A and of B along each axis; None while none are selected."""
        return None if self.now is None else self._operations.densities(self.now, width, axes)

    def compare(self) -> Call[Doing, GroupDifference] | None:
        """Whether A and B differ beyond what they were drawn by; None while none are selected."""
        return None if self.now is None else self._operations.compare(self.now)

    def path(self, operator: GroupOperator) -> Call[Never, tuple[Station, Station]] | None:
        """From the code in the middle of A to where an operator takes it; None while none are selected."""
        return None if self.now is None else self._operations.path(self.now, operator)

    @Slot()
    def clear(self) -> None:
        """Select nothing."""
        if self.now is not None:
            self._change(None, "clear the selection")

    def forget(self) -> None:
        """There are other codes: nothing is selected of them or looked for, and nothing is come back to."""
        self.filter.look_for("")
        self._return_to(None)

    @Slot()
    def use_as_labels(self) -> None:
        """Let the groups be the labels of the codes in use, in all workspaces."""
        codes = self._window.codes
        if self.now is not None and codes is not None:
            call = self._operations.as_labels(self.now, codes.space)
            self._tasks.deliver(call, lambda space: self._window.use_codes(CodesInUse(space, DRAWN)))

    def write_rows(self, file: Path) -> None:
        """Write the selected codes as a table."""
        if self.now is not None:
            call = self._operations.write_rows(self.now, file)
            words = f"{counted(sum(self.now.counts))} selected codes are in {file}."
            self._tasks.deliver(call, lambda _: self.said.emit(words), WRITING)

    def write_column(self, file: Path) -> None:
        """Write all codes with the selection as a column."""
        if self.now is not None:
            call = self._operations.write_column(self.now, file)
            words = f"All codes are in {file}, with the column “selection”: open it with File ▸ Open codes…"
            self._tasks.deliver(call, lambda _: self.said.emit(words), WRITING)

    def write_pictures(self, folder: Path) -> None:
        """Write the pictures of the selected codes."""
        if self.now is not None:
            call = self._operations.write_pictures(self.now, folder)
            self._tasks.deliver(
                call, lambda number: self.said.emit(f"{counted(number)} pictures are in {folder}."), WRITING
            )

    def _take(self, group: Group, selection: CodeSelection) -> None:
        if self.now is not None or not selection.is_empty:
            self._change(None if selection.is_empty else selection, f"select codes for {group}")

    def _change(self, selection: CodeSelection | None, words: str) -> None:
        before = self.now
        self._return_to(selection)
        self._history.push(Change(self._return_to, before, selection, words))

    def _return_to(self, selection: CodeSelection | None) -> None:
        self.now = selection
        self.changed.emit()
