"""The views of the Basis workspace; those with plots are made when they are first in front."""

from __future__ import annotations

from functools import cached_property
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.basis.measures import BasisView
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.basis.audit import AuditView
from lsd_studio.ui.basis.comparison_table import ComparisonView
from lsd_studio.ui.basis.inner_products import InnerProductsView
from lsd_studio.ui.basis.samples import SamplesView
from lsd_studio.ui.basis.state import SamplesState
from lsd_studio.ui.basis.vector_grid import VectorsView
from lsd_studio.ui.widgets.front_stack import FrontStack

LEAST_HEIGHT = 320
"""Pixels that a view makes do with while a basis is being built below it."""

View = TypeVar("View", VectorsView, InnerProductsView, AuditView)


class BasisViews(FrontStack):
    """All views show the same basis and the same selected vector, those too that are made later.

    Args:
        empty: what is in front while there is no basis.

    Signals:
        selected: index of the vector that was clicked.
        samples_wanted: the source that samples are to be drawn from.
        repeat_wanted: the basis is to be built again with another seed.
    """

    selected = Signal(int)
    samples_wanted = Signal(str)
    repeat_wanted = Signal()

    def __init__(self, empty: QWidget, themes: ThemeManager) -> None:
        super().__init__(empty)
        self._empty, self._themes = empty, themes
        self._basis: BasisView | None = None
        self._vector = -1
        self._labels: tuple[tuple[str, ...], int] | None = None
        self._made: dict[str, VectorsView | InnerProductsView | AuditView] = {}
        self._samples: SamplesView | None = None
        self.vectors = self._join("vectors", VectorsView(themes))
        self.compare = ComparisonView(themes)
        self._add(self.compare)

    @cached_property
    def products(self) -> InnerProductsView:
        return self._join("products", InnerProductsView(self._themes))

    @cached_property
    def audit(self) -> AuditView:
        view = self._join("audit", AuditView(self._themes))
        view.repeat.clicked.connect(lambda: self.repeat_wanted.emit())
        return view

    @cached_property
    def samples(self) -> SamplesView:
        view = self._samples = SamplesView(self._themes)
        view.wanted.connect(self.samples_wanted)
        if self._labels is not None:
            view.use_labels(*self._labels)
        self._add(view)
        return view

    @property
    def range(self) -> int | None:
        """Where the colours of ⟨η|η⟩ end, as the slider has it; None before the inner products were in front."""
        return self.products.range.value() if "products" in self._made else None

    @property
    def samples_state(self) -> SamplesState:
        """What is shown of samples."""
        return SamplesState() if self._samples is None else self._samples.state

    def bring(self, name: str) -> None:
        """Bring a view to the front, as soon as there is a basis."""
        self.setCurrentWidget(self._empty if self._basis is None else getattr(self, name))

    def show_view(self, basis: BasisView | None) -> None:
        """Show another basis, or none."""
        self._basis = basis
        self.compare.show_view(basis)
        for view in self._made.values():
            view.show_view(basis)

    def select(self, vector: int) -> None:
        """Mark the selected vector; −1 marks none."""
        self._vector = vector
        for view in self._made.values():
            view.select(vector)

    def use_labels(self, label_names: tuple[str, ...], latent_dimensions: int) -> None:
        """Another bundle: samples are drawn anew when they are in front."""
        self._labels = label_names, latent_dimensions
        if self._samples is not None:
            self._samples.use_labels(label_names, latent_dimensions)

    def forget_asking(self) -> None:
        """The samples were stopped: they are asked for again when they are next in front."""
        if self._samples is not None:
            self._samples.forget_asking()

    def _join(self, name: str, view: View) -> View:
        view.selected.connect(self.selected)
        view.show_view(self._basis)
        view.select(self._vector)
        self._made[name] = view
        self._add(view)
        return view

    def _add(self, view: QWidget) -> None:
        view.setMinimumHeight(LEAST_HEIGHT)
        self.addWidget(view)
