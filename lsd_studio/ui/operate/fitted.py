"""The second page of Operate: operators fitted on pairs of images, composed, inverted, raised to powers, kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QWidget

from lsd_studio.engine.messages.choices import Method
from lsd_studio.engine.messages.core import Event, Failed, Stop, Stopped
from lsd_studio.engine.messages.figures import PlotFigure
from lsd_studio.engine.messages.operate import (
    ApplyOperator,
    Factor,
    FitOperator,
    ForgetOperator,
    KeepOperator,
    ListOperators,
    OperatorApplied,
    OperatorFitted,
    OperatorInfo,
    OperatorsListed,
    Pairs,
    Turn,
)
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.ui.app.icons import icon
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.operate.figures import fitted_figures
from lsd_studio.ui.operate.operator_product import LAST, OperatorProduct
from lsd_studio.ui.operate.operator_spectrum import EigenvaluePlot, ErrorBars
from lsd_studio.ui.operate.pair_form import PairForm
from lsd_studio.ui.operate.path import PathPage
from lsd_studio.ui.shell.bridge import EngineBridge
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title, tool_button
from lsd_studio.ui.widgets.picture_rows import PictureRows
from lsd_studio.ui.widgets.picture_tile import PictureTile

__all__ = ["FittedPage"]

NO_FIT = "Choose pairs and fit an operator: held-out pairs appear here, before, with the operator, and after."
NO_FACTOR = "Fit an operator, or choose one that the bundle keeps: it is applied to the images taken along."
NO_IMAGES = "Take images along first: choose one or ten test images, or draw one in Decompose."


class FittedPage(QWidget):
    """Fit an operator on pairs, look at it, and apply products and powers of operators to other images.

    Args:
        path: the page whose images are operated on.

    Signals:
        answered: milliseconds that the engine took, and what is shown was computed from, in words.
        guided: what to do next has changed.
    """

    answered = Signal(float, str)
    guided = Signal()

    def __init__(
        self, bridge: EngineBridge, themes: ThemeManager, selection: Selection, path: PathPage
    ) -> None:
        super().__init__()
        self._bridge, self._selection, self._path = bridge, selection, path
        self._pairs: OperatorFitted | None = None
        self._kept: dict[str, OperatorInfo] = {}
        self.applied: OperatorApplied | None = None
        self._build(themes)
        self._lay_out()
        bridge.told.connect(self._hear)
        selection.bundle_changed.connect(self._use_bundle)
        themes.changed.connect(self._dress)
        self._dress(themes.theme)
        self._look_at_operator()
        if selection.bundle is not None:
            self._use_bundle(selection.bundle)

    # --- what others may do ---------------------------------------------------------------------------------------

    @property
    def fitted(self) -> OperatorInfo | None:
        """The operator fitted last."""
        return None if self._pairs is None else self._pairs.operator

    @property
    def factors(self) -> tuple[Factor | Turn, ...]:
        """What is applied, the first factor first."""
        return self.product.factors

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        if self.form.is_fitting:
            return "The operator is being fitted; it can be stopped."
        if not self.factors:
            return "Fit an operator on pairs, or choose one that the bundle keeps."
        return "Move the power t, compose it with another operator, or keep it under a name."

    def figures(self) -> tuple[PlotFigure, ...]:
        """The pairs, the images, and the operator looked at, as figures for publication."""
        bundle = self._selection.bundle
        if bundle is None:
            return ()
        return fitted_figures(
            self._pairs, self.applied, self._path.images, self._operator_chosen(), bundle.name
        )

    def use_factors(self, factors: Sequence[Factor | Turn]) -> None:
        """Apply these, the first one first, such as the legs of a path."""
        self.product.use_factors(factors)

    @Slot()
    def refresh(self) -> None:
        """Apply the factors to the images that are taken along now."""
        self.guided.emit()
        subject = self._path.subject()
        if not self.factors or subject is None:
            self.applied = None
            for tile in (self.before, self.after):
                tile.hide()
            self.pictures.show()
            self.pictures.clear(NO_IMAGES if self.factors else NO_FACTOR)
            self.words.setText("")
            return
        self._bridge.submit(ApplyOperator(self.factors, subject))

    # --- building -------------------------------------------------------------------------------------------------

    def _build(self, themes: ThemeManager) -> None:
        self.form = PairForm(themes)
        self.form.fit_wanted.connect(self._fit)
        self.form.stop_wanted.connect(self._stop)
        self.operators = QListWidget()
        self.operators.setAccessibleName("Operators of the bundle")
        self.operators.setMinimumHeight(48)
        self.operators.currentItemChanged.connect(self._look_at_operator)
        self.operators.itemDoubleClicked.connect(self._compose)
        self.compose = tool_button("Apply it too", "Apply the chosen operator after the others")
        self.compose.clicked.connect(self._compose)
        self.forget = tool_button("Remove from the bundle", "Remove the chosen operator from the bundle")
        self.forget.clicked.connect(self._forget)
        self.product = OperatorProduct(themes)
        self.product.changed.connect(self.refresh)
        self.product.keep_wanted.connect(self._keep)
        self.held_out = PictureRows(themes, "Held-out pairs")
        self.held_out.clear(NO_FIT)
        self.pictures = PictureRows(themes, "Images under the operators")
        self.pictures.clear(NO_FACTOR)
        self.before, self.after = PictureTile(themes, "image"), PictureTile(themes, "with the operator")
        for tile in (self.before, self.after):
            tile.hide()
        self.words = caption("", "What was applied")
        self.spectrum = EigenvaluePlot(themes)
        self.errors = ErrorBars(themes)
        self.about = caption("", "What the operator was made from")

    def _lay_out(self) -> None:
        kept = column(row(title("Operators"), None, self.compose, self.forget), self.operators)
        kept.setStretch(1, 1)
        left = column(card(self.form), card(kept), card(self.product))
        left.setSpacing(2 * GRID)
        left.setStretch(1, 1)
        left.setStretch(2, 1)
        pairs = column(title("Held-out pairs"), self.held_out)
        pairs.setStretch(1, 1)
        slide = row(QLabel("power t"), self.product.power, self.product.power_text)
        slide.setStretch(1, 1)
        applied = column(
            title("Images taken along"), slide, self.pictures, row(self.before, self.after), self.words
        )
        applied.setStretch(2, 1)
        applied.setStretch(3, 1)
        middle = column(card(pairs), card(applied))
        middle.setSpacing(2 * GRID)
        middle.setStretch(0, 1)
        middle.setStretch(1, 1)
        about = column(title("Eigenvalues"), self.spectrum, self.about, title("Error"), self.errors)
        about.setStretch(1, 1)
        whole = row(left, middle, card(about))
        whole.setSpacing(2 * GRID)
        for place, share in enumerate((6, 15, 8)):
            whole.setStretch(place, share)
        self.setLayout(whole)

    # --- asking ---------------------------------------------------------------------------------------------------

    @Slot(object, str)
    def _fit(self, pairs: Pairs, method: Method) -> None:
        self._bridge.submit(FitOperator(pairs, method))
        self.guided.emit()

    @Slot()
    def _stop(self) -> None:
        self._bridge.submit(Stop("FitOperator"))

    @Slot()
    def _compose(self) -> None:
        if (name := self._chosen()) is not None:
            self.product.append(name)

    @Slot(str)
    def _keep(self, name: str) -> None:
        self._bridge.submit(KeepOperator(name, self.factors))

    @Slot()
    def _forget(self) -> None:
        if name := self._chosen():
            self._bridge.submit(ForgetOperator(name))
            self.product.remove(name)

    # --- hearing --------------------------------------------------------------------------------------------------

    @Slot(object)
    def _hear(self, event: Event) -> None:
        match event:
            case OperatorFitted():
                self._show_fitted(event)
            case OperatorsListed():
                self._kept = {operator.name: operator for operator in event.operators}
                self._show_operators()
            case OperatorApplied() if event.factors == self.factors:
                self._show_applied(event)
            case Stopped(what="FitOperator"):
                self.form.say("Stopped; nothing was fitted.")
            case Failed(request="FitOperator"):
                self.form.say(event.sentence)
            case Failed(request="ApplyOperator"):
                self.words.setText(event.sentence)
            case _:
                pass

    def _show_fitted(self, event: OperatorFitted) -> None:
        self._pairs = event
        self.form.say(" ".join(event.notes) or f"Fitted in {event.seconds:.1f} s.")
        self.held_out.show_rows(
            ("before", event.before, None), ("operator", event.applied, None), ("after", event.after, None)
        )
        self._show_operators()
        self.operators.setCurrentRow(0)
        self.product.use_factors([Factor()])

    def _show_applied(self, event: OperatorApplied) -> None:
        self.applied = event
        images = self._path.images
        single = len(event.pictures) == 1
        for tile in (self.before, self.after):
            tile.setVisible(single)
        self.pictures.setVisible(not single)
        bundle = self._selection.bundle
        assert bundle is not None
        if single:
            label = int(event.labels[0])
            name, probability = bundle.label_names[label], float(event.probabilities[0, label])
            self.after.show_picture(event.pictures[0], "with the operator", label, name, probability)
            if images is not None:
                self.before.show_image(images[0], "image")
        else:
            known = images is not None and len(images) == len(event.pictures)
            first = [("image", images, None)] if images is not None and known else []
            self.pictures.show_rows(*first, ("operator", event.pictures, event.labels.tolist()))
        self.words.setText(" ".join((_sentence(event.provenance), *event.notes)))
        self.answered.emit(event.milliseconds, f"{bundle.name} · {event.provenance}")

    @Slot(object)
    def _use_bundle(self, bundle: OpenedBundle) -> None:
        self._pairs, self._kept = None, {}
        self.form.use_data(bundle.data_set, bundle.label_names)
        self.held_out.clear(NO_FIT)
        self.product.use_labels(bundle.label_names)
        self._show_operators()
        self._bridge.submit(ListOperators())

    # --- showing --------------------------------------------------------------------------------------------------

    def _chosen(self) -> str | None:
        """The name of the operator chosen in the list; None where none is."""
        item = self.operators.currentItem()
        return None if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def _operator_chosen(self) -> OperatorInfo | None:
        name = self._chosen()
        return self.fitted if name == "" else self._kept.get(name or "")

    def _show_operators(self) -> None:
        before = self._chosen()
        self.operators.clear()
        for name in (*([""] if self._pairs is not None else []), *self._kept):
            item = QListWidgetItem(name or LAST)
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.operators.addItem(item)
            if name == before:
                self.operators.setCurrentItem(item)
        if self.operators.currentItem() is None and self.operators.count():
            self.operators.setCurrentRow(0)
        self._look_at_operator()

    @Slot()
    def _look_at_operator(self) -> None:
        name, operator = self._chosen(), self._operator_chosen()
        self.compose.setEnabled(operator is not None)
        self.forget.setEnabled(bool(name))
        if operator is None:
            self.spectrum.clear_eigenvalues()
            self.errors.clear()
            self.about.setText("No operator is chosen.")
            return
        self.spectrum.show_eigenvalues(operator.eigenvalues)
        self.errors.show_operator(operator)
        undone = "It can be undone." if operator.invertible else operator.reason
        self.about.setText(f"{operator.name or LAST}: {operator.method}, {operator.description}. {undone}")

    @Slot(object)
    def _dress(self, theme: Theme) -> None:
        self.compose.setIcon(icon("mdi6.plus", theme))
        self.forget.setIcon(icon("mdi6.trash-can-outline", theme))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""
