"""A page of Operate: every operator from label to label, compared on test images beside random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.panels.compared_operators import READERS, front_panel
from lsd_studio.engine.figures.spec import Panel, PlotFigure
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operators.compared import Comparison
from lsd_studio.engine.operators.picture_style import MEASURES
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Reader
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.operate.figures import compared_figures
from lsd_studio.ui.operate.operator_table import OperatorTable
from lsd_studio.ui.operate.state import ComparedState
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import outlined_button, progress_bar
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import card, column, row, title
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from lsd_studio.engine.operations.label_operators import ComparedOperators

COMPARE = "compare operators"
"""Task: the comparison under way."""

NOTHING = (
    "Nothing compared yet. “Compare” moves test images from label to label by ten operators and by 200 random ones "
    "beside each; this takes a few minutes, shows each operator as it is done, and can be stopped."
)


class ComparedPage(QWidget):
    """The table and the front of arrival against style kept.

    Attributes:
        comparison: what is shown; None before.

    Signals:
        answered: milliseconds that the engine took, and what is shown was computed from, in words.
        guided: what to do next has changed.
    """

    answered = Signal(float, str)
    guided = Signal()

    def __init__(self, engine: Engine, tasks: Tasks, themes: ThemeManager, selection: Selection) -> None:
        super().__init__()
        self._engine, self._tasks, self._selection = engine, tasks, selection
        self.comparison: Comparison | None = None
        self._asked: OpenedBundle | None = None
        self._comparing = False
        self.measure = Segments(
            "Style",
            *((name, name.capitalize(), f"How much of the {name} of a picture is kept") for name in MEASURES),
            value="slant",
            take=self._draw,
        )
        self.reader = Segments(
            "Reader",
            ("judge", "Judge", "The bundle's second classifier, which no loss saw"),
            ("classifier", "C", "The classifier that was in the losses, and marks its own work"),
            value="classifier",
            take=self._draw,
        )
        self.start = outlined_button(
            "Compare",
            "Compare every operator from label to label on test images: transport, rotation, mean difference, "
            "Gaussian optimal transport, LEACE, least squares, Procrustes, LDA and SVM",
            self._press,
            name="Compare operators",
        )
        self.progress = progress_bar("Progress of the comparison")
        self.progress.setFixedWidth(12 * GRID)
        self.doing = ElidingLabel("What is being compared")
        self.doing.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.table = OperatorTable(themes)
        self.table.chosen.connect(self._draw)
        self.plot = PanelPlot(themes, "Arrival against style kept")
        self.plot.setMinimumSize(340, 300)
        self.notes = WrappedLabel("What was compared")
        self._lay_out()
        tasks.changed.connect(self._show_comparing)
        selection.bundle_changed.connect(self._forget)
        self._show(None)

    @property
    def next_step(self) -> str:
        if self._comparing:
            return "Comparing operators; you can stop it."
        if self.comparison is None:
            return "Press Compare to see which operators arrive, and with which style."
        return "Choose an operator in the table, or another measure of style."

    @property
    def state(self) -> ComparedState:
        """Which measure of style is drawn, who reads, and the operator that is chosen."""
        return ComparedState(style=self.measure.value, reader=self.reader.value, operator=self.table.operator)

    def show_state(self, state: ComparedState) -> None:
        """Draw that again."""
        if state.style is not None:
            self.measure.set_value(state.style)
        if state.reader is not None:
            self.reader.set_value(state.reader)
        self.table.choose(state.operator or "")
        self._draw()

    def figures(self) -> tuple[PlotFigure, ...]:
        """The front and the table as figures for publication; none before a comparison."""
        bundle = self._selection.bundle
        if self.comparison is None or bundle is None:
            return ()
        return compared_figures(self.comparison, self._reader, bundle.name)

    @Slot()
    def refresh(self) -> None:
        """Look for a comparison that was stored before, once for each bundle."""
        bundle = self._selection.bundle
        if bundle is not None and bundle is not self._asked:
            self._asked = bundle
            self._tasks.run(self._look_for(self._engine.label_operators.compared(bundle.data_set)))

    @property
    def _reader(self) -> Reader:
        comparison = self.comparison
        judged = comparison is not None and "judge" in comparison.readers
        return "judge" if judged and self.reader.value == "judge" else "classifier"

    def _lay_out(self) -> None:
        run = row(None, (self.doing, 8), self.progress, self.start)
        head = SideBySide(row(title("Operators from label to label"), None), run, stretches=(1, 1))
        choices = SideBySide(row(self.measure, None), row(None, self.reader))
        self._seen = SideBySide(
            card(self.table), card(column(choices, (self.plot, 1))), stretches=(0, 1), spacing=2 * GRID
        )
        self.setLayout(column(head, (self._seen, 1), self.notes, spacing=12))

    @Slot()
    def _press(self) -> None:
        bundle = self._selection.bundle
        if self._comparing:
            self._tasks.cancel(COMPARE)
            self.notes.setText("Comparison stopped.")
        elif bundle is not None:
            self._tasks.run(self._follow(self._engine.label_operators.compare(bundle.data_set)), COMPARE)

    async def _look_for(self, call: Call[Any, Comparison | None]) -> None:
        try:
            found = await call
        except StudioError as error:
            self.notes.setText(str(error))
            return
        if found is not None and not self._comparing:
            self._show_whole(found, call.milliseconds)

    async def _follow(self, call: Call[Doing | Comparison, ComparedOperators]) -> None:
        try:
            async for step in call:
                if isinstance(step, Comparison):
                    self._show(step)
                else:
                    self.doing.setText(step.in_words)
                    self.progress.setValue(round(1000 * (step.share or 0.0)))
            found = await call
        except StudioError as error:
            self.notes.setText(str(error))
            return
        self._show_whole(found.comparison, call.milliseconds)
        if found.not_stored:
            self.notes.setText(f"{self.notes.text()} {found.not_stored}")

    def _show_whole(self, comparison: Comparison, milliseconds: float) -> None:
        self._show(comparison)
        bundle = self._selection.bundle
        assert bundle is not None
        self.answered.emit(milliseconds, f"{bundle.name} · {comparison.notes[0]}")

    def _show(self, comparison: Comparison | None) -> None:
        """Show a comparison, or what there is of it so far."""
        judged = comparison is not None and "judge" in comparison.readers
        if judged and (self.comparison is None or "judge" not in self.comparison.readers):
            self.reader.set_value("judge")
        self.comparison = comparison
        bundle = self._selection.bundle
        self.table.show_comparison(comparison, () if bundle is None else bundle.label_names)
        self.reader.setVisible(judged)
        self.notes.setText(NOTHING if comparison is None else " ".join(comparison.notes))
        self._seen.setVisible(comparison is not None)
        self._draw()
        self.guided.emit()

    @Slot()
    def _draw(self) -> None:
        if self.comparison is None:
            self.plot.show_panel(Panel(()))
            return
        measure = self.measure.value or "slant"
        self.plot.show_panel(front_panel(self.comparison, measure, self._reader, self.table.operator or ""))
        self.plot.setAccessibleDescription(f"{measure} kept, read by {READERS[self._reader]}")

    @Slot()
    def _show_comparing(self) -> None:
        comparing = self._tasks.is_running(COMPARE)
        if comparing != self._comparing:
            self._comparing = comparing
            self.start.setText("Stop" if comparing else "Compare again" if self.comparison else "Compare")
            self.guided.emit()
        for part in (self.progress, self.doing):
            part.setVisible(comparing)

    @Slot()
    def _forget(self) -> None:
        """Another bundle is in use: what was compared is not of it."""
        self._tasks.cancel(COMPARE)
        self._asked = None
        self._show(None)
        if self.isVisible():
            self.refresh()
