"""The second page of Operate: operators fitted on pairs of images, composed, inverted, raised to powers, kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSlider,
    QWidget,
)

from lsd_studio.engine.messages.bundles import BundleOpened
from lsd_studio.engine.messages.core import Event, Failed, Stop, Stopped
from lsd_studio.engine.messages.operate import (
    ApplyOperator,
    Factor,
    FitOperator,
    FolderPairs,
    ForgetOperator,
    KeepOperator,
    ListOperators,
    MeasuredPairs,
    Method,
    OperatorApplied,
    OperatorFitted,
    OperatorInfo,
    OperatorsListed,
    Pairs,
    SequencePairs,
    Turn,
)
from lsd_studio.ui.bridge import EngineBridge
from lsd_studio.ui.icons import icon
from lsd_studio.ui.layouts import caption, card, column, row, title, tool_button
from lsd_studio.ui.operate_path import PathPage
from lsd_studio.ui.operator_spectrum import EigenvaluePlot, ErrorBars
from lsd_studio.ui.picture_rows import PictureRows
from lsd_studio.ui.picture_tile import PictureTile
from lsd_studio.ui.segments import Segments
from lsd_studio.ui.selection import Selection
from lsd_studio.ui.theme import GRID, Theme, ThemeManager

__all__ = ["FittedPage"]

THIN, SLANT, FOLDER, SEQUENCE = "thickness", "slant", "folder", "sequence"
LAST = "fitted last"
POWERS = 100
"""Steps of the slider from one power to the next; it goes from −2 to 3."""

NO_FIT = "Choose pairs and fit an operator: held-out pairs appear here, before, with the operator, and after."
NO_FACTOR = "Fit an operator, or choose one that the bundle keeps: it is applied to the images taken along."


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
        self,
        bridge: EngineBridge,
        themes: ThemeManager,
        selection: Selection,
        path: PathPage,
    ) -> None:
        super().__init__()
        self._bridge, self._selection, self._path = bridge, selection, path
        self._folder: Path | None = None
        self._fitting: int | None = None
        self._fitted: OperatorInfo | None = None
        self._kept: dict[str, OperatorInfo] = {}
        self._factors: list[Factor | Turn] = []
        self._asked = 0
        self.applied: OperatorApplied | None = None
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(0)
        self._calm.timeout.connect(self._apply)
        self._build(themes)
        self._lay_out()
        bridge.told.connect(self._hear)
        selection.bundle_changed.connect(self._use_bundle)
        themes.changed.connect(self._dress)
        self._dress(themes.theme)
        self._choose_pairs()
        self._show_factors()
        if selection.bundle is not None:
            self._use_bundle(selection.bundle)

    # --- what others may do ---------------------------------------------------------------------------------------

    @property
    def fitted(self) -> OperatorInfo | None:
        """The operator fitted last."""
        return self._fitted

    @property
    def factors(self) -> tuple[Factor | Turn, ...]:
        """What is applied, the first factor first."""
        return tuple(self._factors)

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        if self._fitting is not None:
            return "The operator is being fitted; it can be stopped."
        if not self._factors:
            return "Fit an operator on pairs, or choose one that the bundle keeps."
        return "Move the power t, compose it with another operator, or keep it under a name."

    def use_turns(self, turns: tuple[Turn, ...]) -> None:
        """Take the legs of a path as the factors."""
        self._factors = list(turns)
        self._show_factors()
        self._apply()

    @Slot()
    def refresh(self) -> None:
        """Apply the factors to the images that are taken along now."""
        self._calm.start()

    # --- building -------------------------------------------------------------------------------------------------

    def _build(self, themes: ThemeManager) -> None:
        self.pairs = QComboBox()
        self.pairs.setAccessibleName("Pairs to fit on")
        for words, kind in (
            ("Thin to thick strokes", THIN),
            ("Upright to slanted digits", SLANT),
            ("Folders before and after", FOLDER),
            ("A sequence of images", SEQUENCE),
        ):
            self.pairs.addItem(words, kind)
        self.pairs.currentIndexChanged.connect(self._choose_pairs)
        self.label = QComboBox()
        self.label.setAccessibleName("Labels of the pairs")
        self.folder = tool_button("Choose a folder", "Choose the folder that holds the pairs")
        self.folder.setText("Choose a folder…")
        self.folder.setProperty("role", "outlined")
        self.folder.clicked.connect(self._choose_folder)
        self.method = Segments(
            "Method",
            ("orthogonal", "Orthogonal", "The orthogonal matrix nearest to the pairs (Procrustes)"),
            ("least squares", "Least squares", "Any matrix, by ridge regression"),
        )
        self.method.set_value("orthogonal")
        self.fit = tool_button(
            "Fit", "Fit the operator that takes the first image of each pair to the second"
        )
        self.fit.setText("Fit on pairs")
        self.fit.setProperty("role", "outlined")
        self.fit.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fit.clicked.connect(self._toggle_fit)
        self.notes = caption("", "Notes on the fit")
        self.operators = QListWidget()
        self.operators.setAccessibleName("Operators of the bundle")
        self.operators.currentItemChanged.connect(self._look_at_operator)
        self.operators.itemDoubleClicked.connect(self._compose)
        self.compose = tool_button("Apply it too", "Apply the chosen operator after the others")
        self.compose.clicked.connect(self._compose)
        self.forget = tool_button("Remove from the bundle", "Remove the chosen operator from the bundle")
        self.forget.clicked.connect(self._forget)
        self.product = QListWidget()
        self.product.setAccessibleName("Operators applied, the first one first")
        self.product.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.product.model().rowsMoved.connect(self._reorder)
        self.product.currentRowChanged.connect(self._choose_factor)
        self.invert = tool_button("Invert", "Undo all of it: the last factor first, each to the power −t")
        self.invert.clicked.connect(self._invert)
        self.drop = tool_button("Leave it out", "Take the chosen factor out of the product")
        self.drop.clicked.connect(self._drop)
        self.name = QLineEdit()
        self.name.setPlaceholderText("name, such as thicker")
        self.name.setAccessibleName("Name to keep the product under")
        self.name.returnPressed.connect(self._keep)
        self.keep = tool_button("Keep in the bundle", "Keep the product of these operators in the bundle")
        self.keep.clicked.connect(self._keep)
        self.power = QSlider(Qt.Orientation.Horizontal)
        self.power.setRange(-2 * POWERS, 3 * POWERS)
        self.power.setValue(POWERS)
        self.power.setAccessibleName("Power t of the chosen factor")
        self.power.valueChanged.connect(self._set_power)
        self.power_text = QLabel()
        self.power_text.setMinimumWidth(8 * GRID)
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
        fitting = column(
            title("Fit on pairs"),
            self.pairs,
            row(self.label, self.folder),
            row(self.method, None),
            row(self.fit, None),
            self.notes,
        )
        kept = column(row(title("Operators"), None, self.compose, self.forget), self.operators)
        kept.setStretch(1, 1)
        product = column(
            row(title("Applied, first one first"), None, self.invert, self.drop),
            self.product,
            row(self.name, self.keep),
        )
        product.setStretch(1, 1)
        left = column(card(fitting), card(kept), card(product))
        left.setSpacing(2 * GRID)
        left.setStretch(1, 1)
        left.setStretch(2, 1)
        pairs = column(title("Held-out pairs"), self.held_out)
        pairs.setStretch(1, 1)
        slide = row(QLabel("power t"), self.power, self.power_text)
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
        self.operators.setMinimumHeight(48)
        self.product.setMinimumHeight(48)

    # --- fitting --------------------------------------------------------------------------------------------------

    @Slot()
    def _choose_pairs(self) -> None:
        kind = self.pairs.currentData()
        measured = kind in (THIN, SLANT)
        self.label.setVisible(measured)
        self.folder.setVisible(not measured)
        self.fit.setEnabled(self._selection.bundle is not None and (measured or self._folder is not None))

    @Slot()
    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Choose the folder that holds the pairs")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.use_folder)
        dialog.open()

    @Slot(str)
    def use_folder(self, path: str) -> None:
        """Take pairs from a folder."""
        self._folder = Path(path)
        self.folder.setText(self._folder.name)
        self._choose_pairs()

    def _chosen_pairs(self) -> Pairs:
        assert self._selection.bundle is not None
        kind, label = self.pairs.currentData(), self.label.currentData()
        if kind == FOLDER:
            return FolderPairs(self._folder or Path())
        if kind == SEQUENCE:
            return SequencePairs(self._folder or Path())
        labels = () if label is None else (int(label),)
        return MeasuredPairs(self._selection.bundle.data_set, kind, labels)

    @Slot()
    def _toggle_fit(self) -> None:
        if self._fitting is not None:
            self._bridge.submit(Stop("FitOperator"))
            return
        method: Method = "least squares" if self.method.value == "least squares" else "orthogonal"
        self._fitting = self._bridge.submit(FitOperator(self._chosen_pairs(), method))
        self._show_fitting()

    def _show_fitting(self) -> None:
        self.fit.setText("Stop fitting" if self._fitting is not None else "Fit on pairs")
        if self._fitting is not None:
            self.notes.setText("Encoding pairs and fitting …")
        self.guided.emit()

    # --- the product ----------------------------------------------------------------------------------------------

    @Slot()
    def _compose(self) -> None:
        item = self.operators.currentItem()
        if item is not None:
            self._factors.append(Factor(item.data(Qt.ItemDataRole.UserRole)))
            self._show_factors(len(self._factors) - 1)
            self._apply()

    @Slot()
    def _drop(self) -> None:
        place = self.product.currentRow()
        if 0 <= place < len(self._factors):
            del self._factors[place]
            self._show_factors(min(place, len(self._factors) - 1))
            self._apply()

    @Slot()
    def _invert(self) -> None:
        self._factors = [_inverse(factor) for factor in reversed(self._factors)]
        self._show_factors()
        self._apply()

    @Slot(QModelIndex, int, int, QModelIndex, int)
    def _reorder(self, *_: object) -> None:
        order = [
            self.product.item(place).data(Qt.ItemDataRole.UserRole) for place in range(self.product.count())
        ]
        self._factors = [self._factors[each] for each in order]
        QTimer.singleShot(0, self._show_factors)
        self._apply()

    @Slot(int)
    def _choose_factor(self, place: int) -> None:
        chosen = self._factors[place] if 0 <= place < len(self._factors) else None
        self.power.setEnabled(isinstance(chosen, Factor))
        self.power.blockSignals(True)
        self.power.setValue(round(POWERS * chosen.power) if isinstance(chosen, Factor) else POWERS)
        self.power.blockSignals(False)
        self._show_power()

    @Slot(int)
    def _set_power(self, value: int) -> None:
        place = self.product.currentRow()
        if not 0 <= place < len(self._factors):
            return
        factor = self._factors[place]
        if isinstance(factor, Factor):
            self._factors[place] = replace(factor, power=value / POWERS)
            self.product.item(place).setText(self._factor_in_words(self._factors[place]))
            self._show_power()
            self._apply()

    @Slot()
    def _apply(self) -> None:
        subject = self._path.subject()
        if not self._factors or subject is None:
            self.applied = None
            self.pictures.clear(
                NO_FACTOR if subject is not None else "Take images along on the page Path first."
            )
            self.words.setText("")
            return
        self._asked = self._bridge.submit(ApplyOperator(tuple(self._factors), subject))

    @Slot()
    def _keep(self) -> None:
        name = self.name.text().strip().lower()
        if name and self._factors:
            self._bridge.submit(KeepOperator(name, tuple(self._factors)))
            self.name.clear()

    @Slot()
    def _forget(self) -> None:
        item = self.operators.currentItem()
        name = "" if item is None else item.data(Qt.ItemDataRole.UserRole)
        if name:
            self._factors = [
                each for each in self._factors if not (isinstance(each, Factor) and each.name == name)
            ]
            self._bridge.submit(ForgetOperator(name))
            self._show_factors()
            self._apply()

    # --- hearing --------------------------------------------------------------------------------------------------

    @Slot(object)
    def _hear(self, event: Event) -> None:
        match event:
            case OperatorFitted():
                self._show_fitted(event)
            case OperatorsListed():
                self._kept = {operator.name: operator for operator in event.operators}
                self._show_operators()
            case OperatorApplied() if event.factors == tuple(self._factors):
                self._show_applied(event)
            case Stopped(what="FitOperator"):
                self._fitting = None
                self.notes.setText("Stopped; nothing was fitted.")
                self._show_fitting()
            case Failed(request="FitOperator"):
                self._fitting = None
                self.notes.setText(event.sentence)
                self._show_fitting()
            case Failed(request="ApplyOperator"):
                self.words.setText(event.sentence)
            case _:
                pass

    def _show_fitted(self, event: OperatorFitted) -> None:
        self._fitting, self._fitted = None, event.operator
        self._show_fitting()
        self.notes.setText(" ".join(event.notes) or f"Fitted in {event.seconds:.1f} s.")
        self.held_out.show_rows(
            ("before", event.before, None), ("operator", event.applied, None), ("after", event.after, None)
        )
        self._factors = [Factor()]
        self._show_operators()
        self.operators.setCurrentRow(0)
        self._show_factors()
        self._apply()

    def _show_applied(self, event: OperatorApplied) -> None:
        self.applied = event
        images, labels = self._path.images, event.labels
        single = len(event.pictures) == 1
        for tile in (self.before, self.after):
            tile.setVisible(single)
        self.pictures.setVisible(not single)
        if single:
            self._show_single(event)
        else:
            known = images is not None and len(images) == len(labels)
            first = [("image", images, None)] if images is not None and known else []
            self.pictures.show_rows(*first, ("operator", event.pictures, [int(label) for label in labels]))
        self.words.setText(" ".join((_sentence(event.provenance), *event.notes)))
        bundle = self._selection.bundle
        self.answered.emit(event.milliseconds, f"{bundle.name if bundle else ''} · {event.provenance}")

    def _show_single(self, event: OperatorApplied) -> None:
        assert self._selection.bundle is not None
        label = int(event.labels[0])
        name, probability = self._selection.bundle.label_names[label], float(event.probabilities[0, label])
        self.after.show_picture(event.pictures[0], "with the operator", label, name, probability)
        if self._path.images is not None:
            self.before.show_image(self._path.images[0], "image")

    @Slot(object)
    def _use_bundle(self, bundle: BundleOpened) -> None:
        self._fitted, self._fitting, self._factors, self._kept = None, None, [], {}
        self.applied = None
        self.label.clear()
        self.label.addItem("All labels", None)
        for label, name in enumerate(bundle.label_names):
            self.label.addItem(f"Label {name}" if name.isdigit() else name, label)
        self.held_out.clear(NO_FIT)
        self.pictures.clear(NO_FACTOR)
        self.notes.setText("")
        self._show_operators()
        self._show_factors()
        self._choose_pairs()
        self._bridge.submit(ListOperators())

    # --- showing --------------------------------------------------------------------------------------------------

    def _show_operators(self) -> None:
        item = self.operators.currentItem()
        before = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        self.operators.clear()
        for name in (*([""] if self._fitted is not None else []), *self._kept):
            each = QListWidgetItem(name or LAST)
            each.setData(Qt.ItemDataRole.UserRole, name)
            self.operators.addItem(each)
            if name == before:
                self.operators.setCurrentItem(each)
        if self.operators.currentItem() is None and self.operators.count():
            self.operators.setCurrentRow(0)
        self._look_at_operator()

    @Slot()
    def _look_at_operator(self) -> None:
        item = self.operators.currentItem()
        name = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        operator = None if name is None else self._fitted if name == "" else self._kept.get(name)
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

    def _show_factors(self, chosen: int = -1) -> None:
        self.product.blockSignals(True)
        self.product.clear()
        for place, factor in enumerate(self._factors):
            item = QListWidgetItem(self._factor_in_words(factor))
            item.setData(Qt.ItemDataRole.UserRole, place)
            self.product.addItem(item)
        self.product.setCurrentRow(chosen if chosen >= 0 else len(self._factors) - 1)
        self.product.blockSignals(False)
        there = bool(self._factors)
        for control in (self.invert, self.drop, self.name, self.keep):
            control.setEnabled(there)
        self._choose_factor(self.product.currentRow())
        self.guided.emit()

    def _factor_in_words(self, factor: Factor | Turn) -> str:
        if isinstance(factor, Factor):
            return f"{factor.name or LAST}   t = {_number(factor.power)}"
        return (
            f"{self._vector(factor.source)} → {self._vector(factor.target)}   {_number(factor.degrees, 0)}°"
        )

    def _vector(self, vector: int) -> str:
        assert self._selection.bundle is not None
        names = self._selection.bundle.label_names
        return f"ξ({names[vector % len(names)]}, {vector // len(names) + 1})"

    def _show_power(self) -> None:
        self.power_text.setText(
            f"t = {_number(self.power.value() / POWERS)}" if self.power.isEnabled() else ""
        )

    @Slot(object)
    def _dress(self, theme: Theme) -> None:
        for button, name in (
            (self.fit, "mdi6.function-variant"),
            (self.compose, "mdi6.plus"),
            (self.forget, "mdi6.trash-can-outline"),
            (self.invert, "mdi6.swap-vertical"),
            (self.drop, "mdi6.minus"),
            (self.keep, "mdi6.content-save-outline"),
        ):
            button.setIcon(icon(name, theme))


def _inverse(factor: Factor | Turn) -> Factor | Turn:
    if isinstance(factor, Factor):
        return replace(factor, power=-factor.power)
    return replace(factor, degrees=-factor.degrees)


def _number(value: float, places: int = 2) -> str:
    return f"{value:.{places}f}".replace("-", "−")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""
