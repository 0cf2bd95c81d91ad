"""A page of Operate: every operator from label to label, compared on test images beside random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.panels.compared_operators import front_panel
from lsd_studio.engine.figures.spec import Panel, PlotFigure
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operators.compared import Comparison
from lsd_studio.engine.operators.picture_style import MEASURES
from lsd_studio.engine.operators.results import BuiltOperator, MovedImages
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import READER_NAMES, Reader
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.operate.compared.moved_image import MovedImage
from lsd_studio.ui.operate.compared.table import OperatorTable
from lsd_studio.ui.operate.figures import compared_figures
from lsd_studio.ui.operate.path import PathPage
from lsd_studio.ui.operate.state import ComparedState
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.layouts import card, column, row, title
from lsd_studio.ui.widgets.measuring_row import MeasuringRow
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from lsd_studio.engine.operations.label_operators import ComparedOperators

COMPARE, BUILD = "compare operators", "build operator"
"""Tasks: the comparison under way; an operator that is built between two labels."""

NOTHING = (
    "Not compared yet. “Compare” moves test images from label to label by ten operators and by 200 random ones "
    "beside each; this takes a few minutes, shows each operator as it is done, and can be stopped."
)

NO_OPERATOR = "No operator chosen: choose one in the table."
NO_IMAGE = "No image selected: choose a test image on the page Path, or draw in Decompose."


class ComparedPage(QWidget):
    """The table, the front of arrival against style kept, and an image under the operator that is chosen.

    Args:
        path: the page whose image is moved.

    Attributes:
        comparison: what is shown; None before.
        built: the operator that the image is moved by; None before.

    Signals:
        answered: milliseconds that the engine took, and what is shown was computed from, in words.
        guided: what to do next has changed.
        kept: an operator was saved in the bundle.
    """

    answered = Signal(float, str)
    guided = Signal()
    kept = Signal()

    def __init__(
        self, engine: Engine, tasks: Tasks, themes: ThemeManager, selection: Selection, path: PathPage
    ) -> None:
        super().__init__()
        self._engine, self._tasks, self._selection, self._path = engine, tasks, selection, path
        self.comparison: Comparison | None = None
        self.built: BuiltOperator | None = None
        self._asked: OpenedBundle | None = None
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
        self.run = MeasuringRow(
            tasks,
            COMPARE,
            "Compare",
            "Compare again",
            "Compare every operator from label to label on test images: transport, rotation, mean difference, "
            "Gaussian optimal transport, LEACE, least squares, Procrustes, LDA and SVM",
            "Compare operators",
            "operators",
        )
        self.run.wanted.connect(self._compare)
        self.run.stopped.connect(self._stopped)
        self.run.changed.connect(self.guided)
        self.table = OperatorTable(themes)
        self.table.chosen.connect(self._choose)
        self.plot = PanelPlot(themes, "Arrival against style kept")
        self.plot.hint = (
            "Not compared yet: every operator will be a point here, by who arrives and what style is kept."
        )
        self.plot.setMinimumSize(300, 300)
        self.notes = WrappedLabel("What was compared")
        self.image = MovedImage(themes)
        self.image.built.connect(self._build)
        self.image.moved.connect(self._move)
        self.image.keep_wanted.connect(self._keep)
        self._lay_out()
        path.subject_changed.connect(self._show_subject)
        selection.bundle_changed.connect(self._forget)
        if selection.bundle is not None:
            self.image.use_labels(selection.bundle.label_names)
        self._show(None)

    @property
    def next_step(self) -> str:
        if self.run.is_running:
            return "Comparing operators; you can stop it."
        if self.comparison is None:
            return "Press Compare to see which operators arrive, or try one on the image."
        if self.built is None:
            return "Choose an operator in the table, and try it on the image."
        return "Drag or play the operator, keep it under a name, or choose another."

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
        head = SideBySide(row(title("Operators from label to label"), None), self.run, stretches=(1, 1))
        choices = SideBySide(row(self.measure, None), row(None, self.reader))
        seen = SideBySide(
            column((card(self.table), 1), card(self.image), spacing=2 * GRID),
            card(column(choices, (self.plot, 1))),
            stretches=(0, 1),
            spacing=2 * GRID,
        )
        self.setLayout(column(head, (seen, 1), self.notes))

    @Slot()
    def _compare(self) -> None:
        bundle = self._selection.bundle
        if bundle is not None:
            self._tasks.run(self._follow(self._engine.label_operators.compare(bundle.data_set)), COMPARE)

    @Slot()
    def _stopped(self) -> None:
        self.notes.setText("Comparison stopped.")

    async def _look_for(self, call: Call[Any, Comparison | None]) -> None:
        try:
            found = await call
        except StudioError as error:
            self.notes.setText(str(error))
            return
        if found is not None and not self.run.is_running:
            self._show_whole(found, call.milliseconds)

    async def _follow(self, call: Call[Doing | Comparison, ComparedOperators]) -> None:
        try:
            found = await self.run.follow(call, self._show)
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
        self.answered.emit(milliseconds, f"{isolated(bundle.name)} · {comparison.notes[0]}")

    def _show(self, comparison: Comparison | None) -> None:
        """Show a comparison, or what there is of it so far."""
        judged = comparison is not None and "judge" in comparison.readers
        if judged and (self.comparison is None or "judge" not in self.comparison.readers):
            self.reader.set_value("judge")
        self.comparison = comparison
        bundle = self._selection.bundle
        self.table.show_comparison(comparison, () if bundle is None else bundle.label_names)
        self.reader.setVisible(judged)
        self.run.show_measured(comparison is not None)
        self.notes.setText(NOTHING if comparison is None else " ".join(comparison.notes))
        self._draw()
        self.guided.emit()

    @Slot()
    def _draw(self) -> None:
        if self.comparison is None:
            self.plot.show_panel(Panel(()))
            return
        measure = self.measure.value or "slant"
        self.plot.show_panel(front_panel(self.comparison, measure, self._reader, self.table.operator or ""))
        self.plot.setAccessibleDescription(f"{measure} kept, read by {READER_NAMES[self._reader]}")

    @Slot()
    def _choose(self) -> None:
        self._draw()
        if self.built is not None and self.built.name != self.table.operator:
            self._build()

    @Slot()
    def _build(self) -> None:
        """Build the operator that is chosen, between the labels that are chosen."""
        bundle, name = self._selection.bundle, self.table.operator
        source, target = self.image.labels
        if bundle is None or source == target:
            return
        if name is None or not self._path.has_images:
            self.image.clear(NO_OPERATOR if name is None else NO_IMAGE)
            return
        self.image.words.setText("Building the operator on training images…")
        self._tasks.cancel(BUILD)
        call = self._engine.label_operators.build(name, source, target, bundle.data_set)
        self._tasks.deliver(call, self._take_built, BUILD)

    def _take_built(self, built: BuiltOperator) -> None:
        self.built = built
        self._show_subject()
        self.guided.emit()

    @Slot()
    def _show_subject(self) -> None:
        """Show the image of the path's page, and move it."""
        images = self._path.images
        if images is not None and len(images):
            self.image.show_image(images[0], "image" if len(images) == 1 else f"first of {len(images)}")
        if self.isVisible():
            self._move(self.image.t)

    @Slot(float)
    def _move(self, t: float) -> None:
        if self.built is not None and self._path.has_images:
            call = self._engine.label_operators.move(self.built, t, self._path.encoded)
            self._tasks.run(self._follow_move(call))

    async def _follow_move(self, call: Call[Any, MovedImages]) -> None:
        moved = await call
        bundle = self._selection.bundle
        if bundle is not None and self.built is not None:
            self.image.show_moved(moved)
            self.answered.emit(call.milliseconds, f"{isolated(bundle.name)} · {moved.provenance}")

    @Slot(str)
    def _keep(self, name: str) -> None:
        if self.built is not None:
            call = self._engine.label_operators.keep(self.built, name, self.comparison)
            self._tasks.deliver(call, lambda _: self._take_kept(name))

    def _take_kept(self, name: str) -> None:
        self.image.words.setText(f"Saved as “{name}”: compose and share it under Fitted operators.")
        self.kept.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Show the image that is selected now."""
        self._show_subject()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays that nobody sees."""
        self.image.play.setChecked(False)

    @Slot()
    def _forget(self) -> None:
        """Another bundle is in use: what was compared is not of it."""
        self._tasks.cancel(COMPARE)
        self._tasks.cancel(BUILD)
        self._asked, self.built = None, None
        if self._selection.bundle is not None:
            self.image.use_labels(self._selection.bundle.label_names)
        self._show(None)
        if self.isVisible():
            self.refresh()
