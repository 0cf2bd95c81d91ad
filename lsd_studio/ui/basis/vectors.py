"""Basis, seen as pictures: all η and all ξ decoded, side by side (Figure 4a–b)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from lsd_studio.engine.basis.measures import BasisView, DecodedVectors
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.basis.vector_grid import VectorGrid
from lsd_studio.ui.widgets.layouts import card, column, title
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.side_by_side import SideBySide

__all__ = ["VectorsView"]


class VectorsView(QWidget):
    """The averages η at the left and the quasi-eigenvectors ξ at the right.

    Signals:
        selected: index of the vector that was clicked.
    """

    selected = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.eta, self.xi = VectorGrid(themes, "η"), VectorGrid(themes, "ξ")
        self._kept = plain_label(), plain_label()
        cards = QHBoxLayout(self)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(2 * GRID)
        heads = ("η, the averages of latent vectors", "ξ, made orthogonal")
        for grid, head, kept in zip((self.eta, self.xi), heads, self._kept, strict=True):
            kept.setProperty("role", "caption")
            grid.selected.connect(self.selected)
            inside = column(SideBySide(title(head), kept, stretches=(1, 0)), _scrolling(grid))
            inside.setStretch(1, 1)
            cards.addWidget(card(inside), 1)

    def show_view(self, view: BasisView | None) -> None:
        """Show the vectors of a basis, or nothing."""
        for grid, kept, vectors in zip(
            (self.eta, self.xi),
            self._kept,
            (None, None) if view is None else (view.eta, view.xi),
            strict=True,
        ):
            grid.show_vectors(vectors, () if view is None else view.label_names)
            kept.setText("" if vectors is None else kept_words(vectors))

    def select(self, vector: int) -> None:
        """Mark the selected vector; −1 marks none."""
        self.eta.select(vector)
        self.xi.select(vector)


def _scrolling(grid: VectorGrid) -> QScrollArea:
    """A grid in all the room there is, and one to scroll where its labels are too many for that."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(grid)
    for part in (area.viewport(), grid):
        part.setAutoFillBackground(False)
    return area


def kept_words(vectors: DecodedVectors) -> str:
    """How many vectors C reads as their own label, in words."""
    return f"C reads {int(vectors.kept.sum())} of {len(vectors.kept)} as their own label"
