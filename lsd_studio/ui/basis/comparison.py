"""Basis, compared: all orthogonalisations over the same η, side by side."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from lsd_studio.engine.basis.measures import BasisView
from lsd_studio.engine.operations.basis import BasisMeasured
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.basis.comparison_table import ComparisonTable
from lsd_studio.ui.basis.orthogonalisations import orthogonalisation
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title

__all__ = ["ComparisonView"]

HINT = "Measure all five over the same η, on held-out training images. Click a row to show that basis in every view."


class ComparisonView(QWidget):
    """The table, and the button that has it measured.

    Signals:
        chosen: the Orthogonalisation that was clicked.
        wanted: all are to be measured over the same η as the basis that is shown.
    """

    chosen = Signal(object)
    wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.table = ComparisonTable(themes)
        self.table.chosen.connect(self.chosen)
        self.measure = QPushButton("Measure all")
        self.measure.setToolTip("Measure every orthogonalisation of this η on held-out training images")
        self.measure.clicked.connect(self.wanted)
        self.words = caption(HINT, "Measured on")
        head = row(title("Orthogonalisations"), self.words, self.measure)
        head.setStretch(1, 1)
        inside = column(head, self.table)
        inside.setStretch(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(card(inside))

    def show_view(self, view: BasisView | None) -> None:
        """Mark the basis that is shown in the other views, and show its pictures."""
        self.measure.setEnabled(view is not None)
        kind = None if view is None else orthogonalisation(view.set_one, view.complement)
        self.table.mark(kind)
        if kind is not None and view is not None:
            self.table.show_pictures(kind, view.xi.pictures, view.number_of_labels)

    def show_measures(self, measured: BasisMeasured, labels: int) -> None:
        """Show what one orthogonalisation does, and its pictures; `labels` are l."""
        measures = measured.measures
        kind = orthogonalisation(measures.set_one, measures.complement)
        if kind is not None:
            self.table.show_measures(kind, measures)
            self.table.show_pictures(kind, measured.pictures, labels)
        self.words.setText(
            f"Measured on {measures.images} held-out training images over the same η; best in bold."
        )

    def clear(self) -> None:
        """Forget what was measured of another η."""
        self.table.clear()
        self.words.setText(HINT)
