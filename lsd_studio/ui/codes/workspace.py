"""What the workspaces for labelled codes share: the choice of labels, what is under way, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.codes.codes_in_use import CodesInUse
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.controls import progress_bar, push_button
from lsd_studio.ui.widgets.front_stack import FrontStack
from lsd_studio.ui.widgets.layouts import caption, column, row
from lsd_studio.ui.widgets.plain_text import capitalised, plain_label

Result = TypeVar("Result")

FINDING = "finding"
"""The task that computes what is shown."""

CHOOSE = "Choose a column of labels, by which codes are told apart."
NONE = "This file has no column of labels, which this needs: save one in the same file, and open it again."


class LabelledCodesWorkspace(Workspace):
    """Computes when it is first seen, and again when there are other codes or labels.

    A kind of workspace has a `compute` of its own; Qt's metaclass leaves no room for abstract methods.

    Args:
        body: what shows the findings; head: stands above it, where there is more than that.
    """

    follows_bundle = False

    def __init__(
        self,
        engine: Engine,
        themes: ThemeManager,
        selection: Selection,
        body: QWidget,
        head: QWidget | None = None,
    ) -> None:
        super().__init__(engine, themes, selection)
        self._is_stale = True
        self._aside: QWidget | None = None
        self.labels = QComboBox()
        self.labels.setAccessibleName("Labels")
        self.labels.setToolTip("The column that tells codes apart, in all workspaces")
        self.labels.activated.connect(self._choose)
        self.hint = QLabel()
        self.hint.setProperty("role", "caption")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words = caption(name="What was computed, and what is under way")
        self.progress = progress_bar("Progress")
        self.progress.setFixedWidth(24 * GRID)
        self.stop = push_button("Stop", self._stop, "Stop, and show nothing")
        self.run = push_button("Compute", self._compute, "Compute again")
        self._stack = FrontStack(self.hint, body)
        self._front: QWidget = self.hint
        self._body = body
        strip = self._strip = QFrame()
        strip.setProperty("role", "card")
        choice = row(plain_label("Labels"), self.labels)
        strip.setLayout(
            column(
                row(choice, (self.words, 1), self.progress, self.stop, self.run), margin=(12, GRID, 12, GRID)
            )
        )
        above = () if head is None else (head,)
        self.setLayout(column(*above, (self._stack, 1), strip, spacing=12, margin=2 * GRID))
        self.tasks.changed.connect(self._show_strip)
        selection.codes_changed.connect(self._use_codes)
        self._use_codes(selection.codes)

    async def compute(self, codes: CodesInUse, labels: str) -> float:
        """Ask for what is shown and show it; returns the milliseconds that the engine took."""
        raise NotImplementedError

    async def followed(self, call: Call[Any, Result]) -> Result:
        """The result of a call, with its progress in the strip."""
        async for step in call:
            if isinstance(step, Doing):
                self.words.setText(capitalised(step.what))
                self.progress.setValue(round(1000 * (step.share or 0.0)))
        return await call

    def show_aside(self, page: QWidget | None) -> None:
        """Show a page that needs no column of labels in place of the findings; None shows them again."""
        self._aside = page
        self._strip.setVisible(page is None)
        if page is not None and self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        self._bring(self._front)

    def _bring(self, view: QWidget) -> None:
        self._front = view
        self._stack.setCurrentWidget(self._aside or view)

    @property
    def next_step(self) -> str:
        codes = self.selection.codes
        return CHOOSE if codes is not None and codes.column is None and codes.space.label_columns else ""

    def showEvent(self, event: QShowEvent) -> None:
        """Compute what was not computed yet."""
        super().showEvent(event)
        self._refresh()

    @Slot(object)
    def _use_codes(self, codes: CodesInUse | None) -> None:
        self.tasks.cancel(FINDING)
        self._is_stale = True
        self._bring(self.hint)
        self.labels.clear()
        if codes is None:
            return
        for name in codes.space.label_columns:
            self.labels.addItem(name)
        self.labels.setCurrentIndex(self.labels.findText(codes.column or ""))
        self.labels.setEnabled(self.labels.count() > 0)
        self._show_strip()
        self._refresh()

    def _refresh(self) -> None:
        codes = self.selection.codes
        if self._is_stale and self.isVisible() and codes is not None and codes.column is not None:
            self._is_stale = False
            self.tasks.run(self._follow(codes, codes.column), FINDING)

    async def _follow(self, codes: CodesInUse, labels: str) -> None:
        milliseconds = await self.compute(codes, labels)
        self._bring(self._body)
        self.answered.emit(milliseconds, f"{isolated(codes.space.name)} · {codes.words}")

    @Slot(int)
    def _choose(self, place: int) -> None:
        if (codes := self.selection.codes) is not None:
            self.selection.use_codes(replace(codes, column=self.labels.itemText(place)))

    @Slot()
    def _compute(self) -> None:
        self._is_stale = True
        self._refresh()

    @Slot()
    def _stop(self) -> None:
        self.tasks.cancel(FINDING)

    @Slot()
    def _show_strip(self) -> None:
        codes, running = self.selection.codes, self.tasks.is_running(FINDING)
        for part in (self.progress, self.stop):
            part.setVisible(running)
        labelled = codes is not None and codes.column is not None
        self.run.setVisible(labelled and not running and self._front is self.hint)
        if running:
            self.hint.setText("Computing…")
            return
        self.words.setText("" if codes is None else " ".join((f"{codes.words}.", *codes.space.notes)))
        if not labelled:
            known = codes is not None and codes.space.label_columns
            self.hint.setText(CHOOSE if known else NONE)
        else:
            self.hint.setText("Nothing was computed: press “Compute”.")
