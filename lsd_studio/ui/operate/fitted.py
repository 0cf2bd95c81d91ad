"""The second page of Operate: operators fitted on pairs of images, composed, inverted, raised to powers, saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.panels.operators import eigenvalues_panel
from lsd_studio.engine.figures.spec import Panel, PlotFigure
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operators.pair_sources import PairSource
from lsd_studio.engine.operators.products import Factor
from lsd_studio.engine.operators.results import AnalysedOperator, AppliedOperators, FittedOperator
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import READER_NAMES, Method
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.operate.error_bars import ErrorBars
from lsd_studio.ui.operate.figures import fitted_figures
from lsd_studio.ui.operate.operator_product import LAST, OperatorProduct
from lsd_studio.ui.operate.pair_form import PairForm
from lsd_studio.ui.operate.path import PathPage
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.dialogs import ask_for_new, ask_for_path
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import card, column, row, title, tool_button
from lsd_studio.ui.widgets.picture_rows import PictureRows
from lsd_studio.ui.widgets.picture_tile import PictureTile
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from lsd_studio.engine.operators.store import Operator

FIT, APPLY = "fit operator", "apply operators"
"""Tasks: a fit, and the images under the factors."""

PICTURES = 440
"""Least width of the column of pictures, in which ten stand side by side."""

SHARED = "Operators (*.safetensors)"
NO_FIT = "Choose pairs and fit an operator: held-out pairs appear here, before, with the operator, and after."
NO_FACTOR = "Fit an operator, or choose one saved in the bundle: it is applied to the selected images."
NOT_INVERTIBLE = "Not invertible: like the transport, it maps some directions to zero."
NO_IMAGES = "No image selected: choose test images, or draw in Decompose."


class FittedPage(QWidget):
    """Fit an operator on pairs, look at it, and apply products and powers of operators to other images.

    Args:
        path: the page whose images are operated on.

    Attributes:
        fitted: the operator fitted last; applied: the images under the product.

    Signals:
        answered: milliseconds that the engine took, and what is shown was computed from, in words.
        guided: what to do next has changed.
    """

    answered = Signal(float, str)
    guided = Signal()

    def __init__(
        self, engine: Engine, tasks: Tasks, themes: ThemeManager, selection: Selection, path: PathPage
    ) -> None:
        super().__init__()
        self._engine, self._tasks = engine, tasks
        self._selection, self._path = selection, path
        self.fitted: FittedOperator | None = None
        self._saved: dict[str, AnalysedOperator] = {}
        self.applied: AppliedOperators | None = None
        self._build(themes)
        self._lay_out()
        tasks.changed.connect(self._show_fitting)
        selection.bundle_changed.connect(self._use_bundle)
        themed_icon(self.compose, "mdi6.plus", themes)
        themed_icon(self.remove_button, "mdi6.trash-can-outline", themes)
        themed_icon(self.share, "mdi6.share-variant-outline", themes)
        themed_icon(self.add, "mdi6.folder-open-outline", themes)
        self._show_chosen()
        if selection.bundle is not None:
            self._use_bundle(selection.bundle)

    @property
    def next_step(self) -> str:
        if self.form.is_fitting:
            return "Fitting the operator; you can stop it."
        if not self.product.factors:
            return "Fit an operator on pairs, or choose one saved in the bundle."
        return "Move the power t, compose it with another operator, or save it under a name."

    def figures(self) -> tuple[PlotFigure, ...]:
        """The pairs, the images, and the selected operator, as figures for publication."""
        bundle = self._selection.bundle
        if bundle is None:
            return ()
        return fitted_figures(
            self.fitted, self.applied, self._path.images, self._operator_chosen(), bundle.name
        )

    @Slot()
    def refresh(self) -> None:
        """Apply the factors to the images that are selected now."""
        self.guided.emit()
        if not self.product.factors or not self._path.has_images:
            self._tasks.cancel(APPLY)
            self.applied = None
            for tile in (self.before, self.after):
                tile.hide()
            self.pictures.show()
            self.pictures.clear(NO_IMAGES if self.product.factors else NO_FACTOR)
            self.words.setText("")
            return
        self._tasks.run(
            self._apply(self._engine.operate.apply(self.product.factors, self._path.encoded)), APPLY
        )

    def _build(self, themes: ThemeManager) -> None:
        self.form = PairForm(themes)
        self.form.fit_wanted.connect(self._fit)
        self.form.stop_wanted.connect(self._stop)
        self.operators = QListWidget()
        self.operators.setAccessibleName("Operators of the bundle")
        self.no_operators = ElidingLabel("No operators")
        self.no_operators.setText("None yet: fit one on pairs.")
        self.operators.setMinimumHeight(48)
        self.operators.currentItemChanged.connect(self._show_chosen)
        self.operators.itemDoubleClicked.connect(self._compose)
        self.compose = tool_button("Append to the product", "Apply the selected operator after the others")
        self.compose.clicked.connect(self._compose)
        self.remove_button = tool_button(
            "Remove from the bundle", "Remove the selected operator from the bundle"
        )
        self.remove_button.clicked.connect(self._remove)
        sharing = (
            "Write the selected operator to a file for others, with what is known of it as JSON beside it"
        )
        self.share = tool_button("Share the operator", sharing)
        self.share.clicked.connect(self._share)
        self.add = tool_button(
            "Add an operator from a file", "Add an operator that someone shared to the bundle"
        )
        self.add.clicked.connect(self.choose_file)
        self.product = OperatorProduct(themes)
        self.product.changed.connect(self.refresh)
        self.product.save_wanted.connect(self._save)
        self.held_out = PictureRows(themes, "Held-out pairs")
        self.held_out.clear(NO_FIT)
        self.pictures = PictureRows(themes, "Images under the operators")
        self.pictures.clear(NO_FACTOR)
        self.before, self.after = PictureTile(themes, "image"), PictureTile(themes, "with the operator")
        for tile in (self.before, self.after):
            tile.hide()
        self.words = WrappedLabel("What was applied")
        self.spectrum = PanelPlot(themes, "Eigenvalues of the operator")
        self.spectrum.hint = "The eigenvalues of the operator that is chosen."
        self.spectrum.setAspectLocked(True)
        self.spectrum.setMinimumHeight(160)
        self.errors = ErrorBars(themes)
        self.about = WrappedLabel("What the operator was made from")

    def _lay_out(self) -> None:
        head = row(title("Operators"), None, self.compose, self.add, self.share, self.remove_button)
        saved = column(head, self.no_operators, (self.operators, 1))
        left = column(card(self.form), (card(saved), 1), (card(self.product), 1), spacing=2 * GRID)
        pairs = column(title("Held-out pairs"), (self.held_out, 1))
        applied = column(
            title("Selected images"),
            row(QLabel("Power t"), (self.product.power, 1), self.product.power_text),
            (self.pictures, 1),
            (row(self.before, self.after), 1),
            self.words,
        )
        middle = QWidget()
        middle.setLayout(column((card(pairs), 1), (card(applied), 1), spacing=2 * GRID))
        middle.setMinimumWidth(PICTURES)
        about = column(title("Eigenvalues"), (self.spectrum, 1), self.about, title("Error"), self.errors)
        seen = SideBySide(middle, card(about), stretches=(15, 8), spacing=2 * GRID)
        self.setLayout(column(SideBySide(left, seen, stretches=(6, 23), spacing=2 * GRID)))

    @Slot(object, str)
    def _fit(self, pairs: PairSource, method: Method) -> None:
        self._tasks.run(self._follow_fit(self._engine.operate.fit(pairs, method)), FIT)

    async def _follow_fit(self, call: Call[Doing, FittedOperator]) -> None:
        try:
            async for doing in call:
                self.form.say(f"{doing.in_words}…")
            fitted = await call
        except StudioError as error:
            self.form.say(str(error))
        else:
            self._show_fitted(fitted, call.milliseconds)

    async def _apply(self, call: Call[Any, AppliedOperators]) -> None:
        try:
            applied = await call
        except StudioError as error:
            self.words.setText(str(error))
        else:
            self._show_applied(applied, call.milliseconds)

    @Slot()
    def _stop(self) -> None:
        self._tasks.cancel(FIT)
        self.form.say("Fit stopped.")

    @Slot()
    def _compose(self) -> None:
        if (name := self._chosen()) is not None:
            self.product.append(name)

    @Slot(str)
    def _save(self, name: str) -> None:
        self._tasks.run(self._change_saved(self._engine.operate.save(name, self.product.factors)))

    @Slot()
    def _remove(self) -> None:
        if name := self._chosen():
            self._tasks.run(self._change_saved(self._engine.operate.remove(name)))
            self.product.remove(name)

    @Slot()
    def _share(self) -> None:
        if name := self._chosen():

            def write(file: Path) -> None:
                self._tasks.deliver(self._engine.operate.share(name, file), self._tell_shared)

            ask_for_new(self, "Share the operator", write, f"{name}.safetensors", (SHARED,))

    def _tell_shared(self, beside: Path) -> None:
        self.form.say(
            f"Shared as {beside.with_suffix('.safetensors')}, and what is known of it as {beside.name}."
        )

    @Slot()
    def choose_file(self) -> None:
        """Ask for an operator that someone shared, and add it to the bundle."""
        ask_for_path(self, "Add an operator", self.add_file, SHARED)

    def add_file(self, file: Path) -> None:
        """Add an operator that someone shared to the bundle."""
        self._tasks.run(self._change_saved(self._engine.operate.add(file)))

    async def _change_saved(self, change: Call[Any, Any]) -> None:
        await change
        self._show_saved(await self._engine.operate.operators())

    @Slot()
    def _show_fitting(self) -> None:
        fitting = self._tasks.is_running(FIT)
        if fitting != self.form.is_fitting:
            self.form.show_fitting(fitting)
            self.guided.emit()

    def _show_saved(self, operators: tuple[AnalysedOperator, ...]) -> None:
        self._saved = {each.operator.name: each for each in operators}
        self._show_operators()

    def _show_fitted(self, fitted: FittedOperator, milliseconds: float) -> None:
        self.fitted = fitted
        self.form.say(" ".join(fitted.notes) or f"Fitted in {milliseconds / 1000:.1f} s.")
        self.held_out.show_rows(
            ("before", fitted.before, None), ("operator", fitted.applied, None), ("after", fitted.after, None)
        )
        self._show_operators()
        self.operators.setCurrentRow(0)
        self.product.use_factors([Factor()])

    def _show_applied(self, applied: AppliedOperators, milliseconds: float) -> None:
        self.applied = applied
        images = self._path.images
        single = len(applied.pictures) == 1
        for tile in (self.before, self.after):
            tile.setVisible(single)
        self.pictures.setVisible(not single)
        bundle = self._selection.bundle
        assert bundle is not None
        if single:
            label = int(applied.labels[0])
            name, probability = bundle.label_names[label], float(applied.probabilities[0, label])
            self.after.show_picture(applied.pictures[0], "with the operator", label, name, probability)
            if images is not None:
                self.before.show_image(images[0], "image")
        else:
            known = images is not None and len(images) == len(applied.pictures)
            first = [("image", images, None)] if images is not None and known else []
            self.pictures.show_rows(*first, ("operator", applied.pictures, applied.labels.tolist()))
        self.words.setText(" ".join((_sentence(applied.provenance), *applied.notes)))
        self.answered.emit(milliseconds, f"{isolated(bundle.name)} · {applied.provenance}")

    @Slot(object)
    def _use_bundle(self, bundle: OpenedBundle) -> None:
        self.fitted, self._saved = None, {}
        self._tasks.cancel(FIT)
        self.form.use_data(bundle.data_set, bundle.label_names)
        self.held_out.clear(NO_FIT)
        self.product.use_labels(bundle.label_names)
        self._show_operators()
        self.list_again()

    @Slot()
    def list_again(self) -> None:
        """List the operators that the bundle has now."""
        self._tasks.deliver(self._engine.operate.operators(), self._show_saved)

    def _chosen(self) -> str | None:
        """The name of the operator chosen in the list; None where none is."""
        item = self.operators.currentItem()
        return None if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def _operator_chosen(self) -> AnalysedOperator | None:
        name = self._chosen()
        last = None if self.fitted is None else self.fitted.analysed
        return last if name == "" else self._saved.get(name or "")

    def _show_operators(self) -> None:
        before = self._chosen()
        self.operators.clear()
        for name in (*([""] if self.fitted is not None else []), *self._saved):
            item = QListWidgetItem(name or LAST)
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.operators.addItem(item)
            if name == before:
                self.operators.setCurrentItem(item)
        self.no_operators.setVisible(not self.operators.count())
        if self.operators.currentItem() is None and self.operators.count():
            self.operators.setCurrentRow(0)
        self._show_chosen()

    @Slot()
    def _show_chosen(self) -> None:
        chosen = self._operator_chosen()
        self.compose.setEnabled(chosen is not None)
        for button in (self.remove_button, self.share):
            button.setEnabled(bool(self._chosen()))
        if chosen is None:
            self.spectrum.show_panel(Panel(()))
            self.errors.clear()
            self.about.setText("No operator selected.")
            return
        operator = chosen.operator
        self.spectrum.show_panel(eigenvalues_panel(chosen))
        self.errors.show_operator(operator)
        undone = "Invertible." if chosen.invertible else NOT_INVERTIBLE
        said = f"{operator.name or LAST}: {operator.made}, {operator.description}. {undone}"
        self.about.setText(" ".join(filter(None, (said, _measured(operator)))))


def _measured(operator: Operator) -> str:
    """How many images arrived under operators like this one, in a sentence; "" where it was not compared."""
    if (measured := operator.measured) is None:
        return ""
    shares = " and ".join(
        f"{100 * share.value:.1f} % read by {READER_NAMES[reader]}"
        for reader, share in measured.arrived.items()
        if share.value is not None
    )
    chance = "beyond" if measured.clears_random else "within"
    return (
        f"Of its like, over {measured.pairs} pairs of labels and {measured.images} test images, {shares} arrived: "
        f"{chance} chance."
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""
