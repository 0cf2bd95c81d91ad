"""How codes are found and selected on planes and layouts, how many are, and what can be done with them."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QMenu, QToolButton, QWidget

from lsd_studio.engine.latent.selection import GROUPS, Group
from lsd_studio.engine.operations.latent import OpenedLatentSpace
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.latent.selection.filter_bar import FilterBar
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.plots.outlined_plot import GROUP_ROLES, Tool
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.dialogs import ask_for_new
from lsd_studio.ui.widgets.layouts import column, row
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide

DRAW = "with Shift to add to the group, with Ctrl to remove; Enter selects what is visible"
TOOLS = (
    ("move", "Move", "A drag moves the view"),
    ("box", "Box", f"A drag draws a box around codes, {DRAW}"),
    ("lasso", "Lasso", f"A drag draws a line around codes, {DRAW}"),
)
NOTHING = "No codes selected"


class SelectionBar(QWidget):
    """Tools and groups, the numbers of selected codes, what is done with them, and the condition they are found by."""

    def __init__(self, selected: SelectedCodes, themes: ThemeManager) -> None:
        super().__init__()
        self._selected, self._themes = selected, themes
        self._is_drawn_on = False
        self.setAccessibleName("Selection")
        self.tool = Segments("Drag", *TOOLS, value="move", take=self._choose_tool)
        self.group = Segments(
            "Group",
            *((group, group, f"The next box or lasso selects codes for group {group}") for group in GROUPS),
            value="A",
            take=self._choose_group,
        )
        self.words = QLabel()
        self.words.setProperty("role", "caption")
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setAccessibleName("Selected codes")
        self.compare = outlined_button(
            "Compare",
            "Test whether A and B, or A and all other codes, differ beyond their outlines, and move a code from A to B",
            selected.comparison_wanted,
        )
        self.clear = outlined_button("Clear", "Select nothing (Esc in the plot)", selected.clear)
        self.export = outlined_button(
            "Save", "Use the groups as labels, or write them to files", name="Save the selection"
        )
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.export)
        self._labels = menu.addAction("Use A and B as labels in all workspaces", selected.use_as_labels)
        menu.addSeparator()
        menu.addAction("Selected rows as a table…", self._ask_rows)
        menu.addAction("All codes, with the selection as a column…", self._ask_column)
        self._pictures = menu.addAction("Pictures of the selected rows…", self._ask_pictures)
        self.export.setMenu(menu)
        self.filter = FilterBar(selected)
        selecting = row(self.tool, self.group, self.words, None, self.compare, self.clear, self.export)
        self.setLayout(column(SideBySide(selecting, self.filter, stretches=(0, 1), spacing=2 * GRID)))
        selected.changed.connect(self._show)
        themes.changed.connect(self._apply_theme)
        self._show()

    def show_on(self, drawn_on: bool) -> None:
        """Be there where codes are selected, and elsewhere as long as some are."""
        self._is_drawn_on = drawn_on
        self._show()

    def use_space(self, space: OpenedLatentSpace) -> None:
        """Offer what there is of these codes: pictures, and labels where they came alone."""
        self._pictures.setEnabled(space.has_pictures)
        self._labels.setEnabled(not space.split)
        self.filter.use_space(space)

    @Slot(str)
    def _choose_tool(self, tool: str) -> None:
        self._selected.use_tool(next(each for each in get_args(Tool) if each == tool))

    @Slot(str)
    def _choose_group(self, group: str) -> None:
        self._selected.group = next(each for each in get_args(Group) if each == group)

    @Slot()
    def _show(self) -> None:
        now = self._selected.now
        self.setVisible(self._is_drawn_on or now is not None)
        for choice in (self.tool, self.group, self.filter):
            choice.setVisible(self._is_drawn_on)
        for button in (self.clear, self.export):
            button.setEnabled(now is not None)
        self.compare.setEnabled(now is not None and now.counts[0] > 0)
        self._apply_theme(self._themes.theme)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        now = self._selected.now
        if now is None:
            self.words.setText(NOTHING)
            return
        parts = [
            f'<span style="color:{theme.colour(role).name()}">●</span>&nbsp;{group}:&nbsp;{counted(count)}'
            for role, group, count in zip(GROUP_ROLES, GROUPS, now.counts, strict=True)
        ]
        self.words.setText(" &nbsp; ".join(parts))

    @Slot()
    def _ask_rows(self) -> None:
        kinds = ("Tables (*.csv)",)
        ask_for_new(self, "Save the selected rows", self._selected.write_rows, "selected.csv", kinds)

    @Slot()
    def _ask_column(self) -> None:
        kinds = ("Codes (*.npz)",)
        title = "Save all codes with the selection as a column"
        ask_for_new(self, title, self._selected.write_column, "codes-with-selection.npz", kinds)

    @Slot()
    def _ask_pictures(self) -> None:
        title = "Save pictures of the selected rows (new folder)"
        ask_for_new(self, title, self._selected.write_pictures, "selected-pictures")
