"""Which pairs an operator is fitted on, and how."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from lsd_studio.engine.operators.pair_sources import FolderPairs, MeasuredPairs, PairSource, SequencePairs
from lsd_studio.engine.vocabulary import Method
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.dialogs import ask_for_path
from lsd_studio.ui.widgets.layouts import column, row, title
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

THICKNESS, SLANT, FOLDER, SEQUENCE = "thickness", "slant", "folder", "sequence"


class PairForm(QWidget):
    """Choose pairs and a method, and fit.

    Signals:
        fit_wanted: a PairSource and a Method.
        stop_wanted: the fit under way is to be given up.
    """

    fit_wanted = Signal(object, str)
    stop_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._source = ""
        self._folder: Path | None = None
        self.is_fitting = False
        self.pairs = QComboBox()
        self.pairs.setAccessibleName("Pairs to fit on")
        for words, kind in (
            ("Thin to thick strokes", THICKNESS),
            ("Upright to slanted digits", SLANT),
            ("Folders before and after", FOLDER),
            ("A sequence of images", SEQUENCE),
        ):
            self.pairs.addItem(words, kind)
        self.pairs.currentIndexChanged.connect(self._choose)
        self.label = QComboBox()
        self.label.setAccessibleName("Labels of the pairs")
        self.label.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.label.setMinimumContentsLength(10)
        kinds = "A folder with the subfolders before and after, whose files are paired by name; or images in order"
        self.folder = outlined_button("Choose a folder…", kinds, self._choose_folder, name="Choose a folder")
        self.method = Segments(
            "Method",
            ("least squares", "Least squares", "Any matrix, by ridge regression"),
            ("orthogonal", "Orthogonal", "The orthogonal matrix nearest to the pairs (Procrustes)"),
        )
        self.method.set_value("least squares")
        fitting = "Fit the operator that takes the first image of each pair to the second"
        self.fit = outlined_button("Fit", fitting, self._press)
        self.notes = WrappedLabel("Notes on the fit")
        choices = self.pairs, row(self.label, self.folder), row(self.method, None), row(self.fit, None)
        self.setLayout(column(title("Fit on pairs"), *choices, self.notes))
        themed_icon(self.fit, "mdi6.function-variant", themes)
        self.show_fitting(False)

    def use_data(self, source: str, names: tuple[str, ...]) -> None:
        """Take measured pairs from a data set with these labels."""
        self._source = source
        self.label.clear()
        self.label.addItem("All labels", None)
        for label, name in enumerate(names):
            self.label.addItem(f"Label {name}" if name.isdigit() else name, label)
        self.say("")
        self._choose()

    def use_folder(self, folder: Path) -> None:
        self._folder = folder
        self.folder.setText(folder.name)
        self._choose()

    def show_fitting(self, fitting: bool) -> None:
        """Let the button stop the fit under way, or start one."""
        self.is_fitting = fitting
        self.fit.setText("Stop fitting" if fitting else "Fit on pairs")
        self._choose()

    def say(self, words: str) -> None:
        """Say how far the fit is, or what came of it."""
        self.notes.setText(words)

    @Slot()
    def _choose(self) -> None:
        measured = self.pairs.currentData() in (THICKNESS, SLANT)
        self.label.setVisible(measured)
        self.folder.setVisible(not measured)
        self.fit.setEnabled(bool(self._source) and (measured or self._folder is not None))

    @Slot()
    def _choose_folder(self) -> None:
        ask_for_path(self, "Choose the folder of the pairs", self.use_folder)

    @Slot()
    def _press(self) -> None:
        if self.is_fitting:
            self.stop_wanted.emit()
            return
        method: Method = "orthogonal" if self.method.value == "orthogonal" else "least squares"
        self.fit_wanted.emit(self._chosen(), method)

    def _chosen(self) -> PairSource:
        kind, label = self.pairs.currentData(), self.label.currentData()
        if kind == FOLDER:
            return FolderPairs(self._folder or Path())
        if kind == SEQUENCE:
            return SequencePairs(self._folder or Path())
        return MeasuredPairs(self._source, kind, () if label is None else (int(label),))
