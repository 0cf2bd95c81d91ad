"""A field for the condition that codes must match, how many do, and what can be done with those."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from lsd_studio.engine.latent.selection import GROUPS
from lsd_studio.engine.operations.latent import OpenedLatentSpace
from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.layouts import row
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import tip_words
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

ABOUT = (
    "A column, one of = ≠ < ≤ > ≥, and a value, joined by “and” or “or”: kind = B cell and age > 40. Or a text that a "
    "label or name holds. Enter shows the codes that match; what is measured stays of all codes."
)
NO_COLUMNS = "Codes are found by columns beside them, and these have none."
NARROWEST, WIDEST = 25 * GRID, 40 * GRID
"""Pixels of the field."""


class FilterBar(QWidget):
    """The field, how many codes match, and where some do buttons that let them be a group."""

    def __init__(self, selected: SelectedCodes) -> None:
        super().__init__()
        self._selected, self._filter = selected, selected.filter
        self._count = 0
        self.setAccessibleName("Filter")
        self.field = QLineEdit()
        self.field.setAccessibleName("Codes that match")
        self.field.setPlaceholderText("Find codes")
        self.field.setClearButtonEnabled(True)
        self.field.setMaximumWidth(WIDEST)
        self.field.setMinimumWidth(NARROWEST)
        self.field.editingFinished.connect(self._look)
        self.field.textChanged.connect(self._clear)
        self.words = WrappedLabel("How many codes match")
        self.take = tuple(
            outlined_button(
                f"To {group}",
                f"Let the codes that match be group {group}, in the place of those that were",
                partial(selected.take_matching, group),
                name=f"Codes that match to {group}",
            )
            for group in GROUPS
        )
        self.setLayout(row((self.field, 1), (self.words, 1), *self.take))
        self._filter.changed.connect(self._show)
        self._show()

    def use_space(self, space: OpenedLatentSpace) -> None:
        """Look among these codes, in the columns beside them."""
        self._count = space.count
        columns = f" Columns: {', '.join(space.columns)}." if space.columns else ""
        self.field.setToolTip(tip_words(f"{ABOUT}{columns}" if space.example else NO_COLUMNS))
        self.field.setPlaceholderText(f"Find codes: {space.example}" if space.example else "Find codes")
        self.field.setEnabled(bool(space.example))

    @Slot()
    def _look(self) -> None:
        self._filter.look_for(self.field.text())

    @Slot(str)
    def _clear(self, text: str) -> None:
        if not text:
            self._filter.look_for("")

    @Slot()
    def _show(self) -> None:
        if self.field.text().strip() != self._filter.condition:
            self.field.setText(self._filter.condition)
        now, problem = self._filter.now, self._filter.problem
        self.words.setText(
            problem or (f"{counted(now.count)} of {counted(self._count)} match" if now else "")
        )
        self.words.setProperty("role", "problem" if problem else "caption")
        self.words.style().polish(self.words)
        self.field.setProperty("state", "refused" if problem else "")
        self.field.style().polish(self.field)
        for button in self.take:
            button.setVisible(now is not None and now.count > 0)
