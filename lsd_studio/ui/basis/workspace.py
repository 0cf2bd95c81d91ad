"""The Basis workspace: η and ξ as pictures, matrices, samples and figures, and how they are built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QStackedWidget, QVBoxLayout, QWidget

from lsd_studio.engine.messages.basis import (
    BasesCompared,
    BasisMeasured,
    BasisRepeated,
    BasisSaved,
    BasisShown,
    BasisUsed,
    BasisView,
    BuildBasis,
    FinishBasis,
    Measures,
    OrthogonaliseAnew,
    SamplesDrawn,
    SamplesShown,
    ShowBasis,
    UseBasis,
)
from lsd_studio.engine.messages.core import Event, Failed, Progress, Request, Stop, Stopped
from lsd_studio.engine.messages.figures import PlotFigure, ViewSettings
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.basis.audit import AuditView
from lsd_studio.ui.basis.build import BuildStrip
from lsd_studio.ui.basis.comparison import ComparisonView
from lsd_studio.ui.basis.figures import basis_figures
from lsd_studio.ui.basis.inner_products import InnerProductsView
from lsd_studio.ui.basis.orthogonalisations import ORTHOGONALISATIONS, Orthogonalisation, orthogonalisation
from lsd_studio.ui.basis.samples import SamplesView
from lsd_studio.ui.basis.vectors import VectorsView
from lsd_studio.ui.shell.bridge import EngineBridge
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.layouts import row
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.segments import Segments

__all__ = ["BasisWorkspace"]

LOADING = "The engine is loading. The basis of the bundle is shown as soon as it is there."
DECODING = "Decoding the basis…"
FAILED = "The basis could not be shown. Open another bundle, or build a basis below."

VIEWS = (
    ("vectors", "Vectors", "η and ξ decoded, labels × sets (Figure 4a–b)"),
    ("products", "Inner products", "⟨η|η⟩ and ⟨ξ|ξ⟩ as heatmaps (Figure 4c–d)"),
    ("samples", "Samples", "Samples of each label, and their latent densities (Figure 3)"),
    ("audit", "Audit", "What carries labels and what is sampling noise"),
    ("compare", "Compare", "All orthogonalisations of the same η, side by side"),
)
LEAST_HEIGHT = 320
"""Pixels that a view makes do with while a basis is being built below it."""

QUICK = (ShowBasis, UseBasis, Stop)
"""Requests that are answered before a progress bar could be read."""


class BasisWorkspace(Workspace):
    """One large view of the basis at a time, the same basis in all of them, and a strip that builds another."""

    def __init__(self, bridge: EngineBridge, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(bridge, themes, selection)
        self._view: BasisView | None = None
        self._made: dict[Orthogonalisation, BasisView] = {}
        self._measured: dict[Orthogonalisation, Measures] = {}
        self._asked: dict[int, Request] = {}
        self._portraits: list[Measures] = []
        self._portrait_asked = 0
        self._using = ""
        self._wanted: ViewSettings = {}
        self._is_stale = True
        self._build()
        self._lay_out()
        bridge.told.connect(self._hear)
        selection.bundle_changed.connect(self._change_bundle)
        selection.vector_changed.connect(self._select)
        self._show(None)
        if selection.bundle is not None:
            self._use_labels(selection.bundle)

    # --- what others may do ---------------------------------------------------------------------------------------

    @property
    def view(self) -> BasisView | None:
        """The basis that is shown."""
        return self._view

    @property
    def is_waiting(self) -> bool:
        """Whether something was asked of the engine that it has not answered yet."""
        return bool(self._asked)

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        if self._view is None:
            return "Wait for the bundle's basis, or open a bundle."
        if self.strip.is_working:
            return "Look around while the engine works, or stop it."
        if not self._view.in_use:
            return "Use this basis everywhere, or save it as a bundle."
        return "Click a vector to look at it everywhere, or read the audit."

    def go_to(self, view: str) -> None:
        """Bring one of the views to the front: vectors, products, samples, audit or compare."""
        self.segments.set_value(view)
        self._choose_view(view)

    def figures(self) -> tuple[PlotFigure, ...]:
        """The view in front, as figures for publication."""
        if self._view is None:
            return ()
        drawn = {source: plot.densities for source, plot in self.samples.densities.items()}
        sampled = {source: told for source, told in drawn.items() if told is not None}
        source, end = self._provenance(self._view), self.products.eta_end
        return basis_figures(
            self._view,
            self.segments.value or "vectors",
            source,
            end,
            sampled,
            self.samples.shown_samples,
            self.samples.shown_component,
        )

    @property
    def view_settings(self) -> ViewSettings:
        """The view in front, the basis and the vector looked at, and where the colours of ⟨η|η⟩ end."""
        made = (
            {} if self._view is None else {"set_one": self._view.set_one, "complement": self._view.complement}
        )
        return {
            "view": self.segments.value,
            "range": self.products.range.value(),
            "vector": self.selection.vector,
            "samples": self.samples.view_settings,
            **made,
        }

    def show_view(self, settings: ViewSettings) -> None:
        """Show a view again, as soon as the basis is there."""
        self._wanted = settings
        self._show_wanted()

    def ask(self, request: Request) -> None:
        """Ask the engine for something about the basis."""
        number = self.bridge.submit(request)
        superseded = [each for each, asked in self._asked.items() if asked.kind == request.kind]
        for each in superseded:
            del self._asked[each]
        self._asked[number] = request
        if not isinstance(request, QUICK):
            self.strip.begin(request)
            self.guided.emit()

    def show_kind(self, kind: Orthogonalisation) -> None:
        """Show another ξ of the same η, made if it has not been yet."""
        if kind in self._made:
            self._show(self._made[kind])
        elif kind in self._measured:
            self.ask(ShowBasis(self._measured[kind].key))
        elif self._view is not None:
            self.ask(OrthogonaliseAnew(kind.set_one, kind.complement, self._view.key))

    @Slot()
    def stop(self) -> None:
        """Stop everything slow that is under way or waits."""
        for kind in {asked.kind for asked in self._asked.values() if not isinstance(asked, QUICK)}:
            self.ask(Stop(kind))

    # --- building -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.segments = Segments("View of the basis", *VIEWS)
        self.segments.set_value("vectors")
        self.segments.chosen.connect(self._choose_view)
        self.kind = QComboBox()
        self.kind.setAccessibleName("Orthogonalisation that is shown")
        self.kind.setPlaceholderText("another one")
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for offered in ORTHOGONALISATIONS:
            self.kind.addItem(offered.name, offered)
            self.kind.setItemData(self.kind.count() - 1, offered.meaning, Qt.ItemDataRole.ToolTipRole)
        self.kind.activated.connect(self._choose_kind)
        self.source = plain_label()
        self.source.setProperty("role", "caption")
        self.source.setAccessibleName("What the basis was made from")
        self.hint = QLabel(LOADING)
        self.hint.setProperty("role", "caption")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.vectors = VectorsView(self.themes)
        self.products = InnerProductsView(self.themes)
        self.samples = SamplesView(self.themes)
        self.audit = AuditView(self.themes)
        self.comparison = ComparisonView(self.themes)
        self.strip = BuildStrip(self.themes)
        self._views: dict[str, QWidget] = {
            "vectors": self.vectors,
            "products": self.products,
            "samples": self.samples,
            "audit": self.audit,
            "compare": self.comparison,
        }
        for selected in (self.vectors.selected, self.products.selected, self.audit.selected):
            selected.connect(self.selection.look_at_vector)
        for wanted in (self.samples.wanted, self.audit.wanted, self.comparison.wanted, self.strip.wanted):
            wanted.connect(self.ask)
        self.comparison.chosen.connect(self.show_kind)
        self.strip.stopped.connect(self.stop)
        self.strip.open_wanted.connect(self._open)

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        for view in (self.hint, *self._views.values()):
            view.setMinimumHeight(LEAST_HEIGHT)
            self._stack.addWidget(view)
        by = QLabel("ξ by")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        whole.setSpacing(12)
        whole.addLayout(row(self.segments, None, self.source, by, self.kind))
        whole.addWidget(self._stack, 1)
        whole.addWidget(self.strip)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the basis of the bundle when it is seen for the first time."""
        super().showEvent(event)
        self.vectors.xi.setFocus()
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the curves of a basis that is being built grow with the window."""
        self.strip.filling.prefer(round(0.2 * self.height()))

    # --- choosing -------------------------------------------------------------------------------------------------

    @Slot(str)
    def _choose_view(self, view: str) -> None:
        self._stack.setCurrentWidget(self.hint if self._view is None else self._views[view])
        if view == "samples" and self._view is not None:
            self.samples.ask()

    def _show_wanted(self) -> None:
        """Show what a figure was made of; what needs the basis waits for it."""
        wanted = self._wanted
        if wanted.get("view") in tuple(self._views):
            self.go_to(str(wanted["view"]))
        if type(reach := wanted.get("range")) is int:
            self.products.range.setValue(reach)
        if self._view is None:
            return
        self._wanted = {}
        if isinstance(samples := wanted.get("samples"), dict):
            self.samples.show_view(samples)
        if isinstance(vector := wanted.get("vector"), int) and 0 <= vector < len(self._view.xi.kept):
            self.selection.look_at_vector(vector)
        asked = wanted.get("set_one"), wanted.get("complement")
        for kind in ORTHOGONALISATIONS:
            if asked == (kind.set_one, kind.complement) != (self._view.set_one, self._view.complement):
                self.show_kind(kind)

    @Slot(int)
    def _choose_kind(self, place: int) -> None:
        self.show_kind(self.kind.itemData(place))

    @Slot(Path)
    def _open(self, bundle: Path) -> None:
        self.selection.want_bundle(bundle)

    @Slot(int)
    def _select(self, vector: int) -> None:
        for view in (self.vectors, self.products, self.audit):
            view.select(vector)

    # --- hearing --------------------------------------------------------------------------------------------------

    @Slot(object)
    def _change_bundle(self, bundle: OpenedBundle) -> None:
        if self._using:
            for kind, view in self._made.items():
                self._made[kind] = replace(view, in_use=view.key == self._using)
            self.ask(ShowBasis(self._using))
            return
        self._use_labels(bundle)
        if self.isVisible():
            self._refresh()

    def _use_labels(self, bundle: OpenedBundle) -> None:
        self._is_stale = True
        self.stop()
        self._asked.clear()
        self.strip.use_labels(bundle.label_names)
        self.samples.use_labels(bundle.label_names, bundle.latent_dimensions)
        self._forget()
        self._show(None)

    def _refresh(self) -> None:
        if self._is_stale and self.selection.bundle is not None:
            self._is_stale = False
            self.hint.setText(DECODING)
            self.ask(ShowBasis())

    def _forget(self) -> None:
        """Another η: what was made and measured of the one before is not comparable."""
        self._made.clear()
        self._measured.clear()
        self._portraits.clear()
        self.comparison.clear()

    @Slot(object)
    def _hear(self, event: Event) -> None:
        request = self._asked.get(event.number)
        if isinstance(event, Stopped):
            ended = [
                number
                for number, asked in self._asked.items()
                if asked.kind == event.what and number <= event.number
            ]
            if ended and event.what.startswith("SampleLabels"):
                self.samples.forget_asking()
            self._end([event.number, *ended], "Stopped.")
            return
        if request is None:
            return
        match event:
            case SamplesDrawn():
                self.samples.add(event)
            case BasisMeasured():
                self._measure(event.measures)
            case SamplesShown():
                self.samples.finish(event)
            case BasisRepeated():
                self.audit.show_repetition(event)
            case BasesCompared():
                for measures in event.rows:
                    self._measure(measures)
                self._portraits = list(event.rows)
            case BasisShown():
                self._take(event, request)
            case BasisUsed() if isinstance(request, UseBasis):
                self._using = request.basis
                self.selection.use_bundle(event.opened)
                self._using = ""
            case BasisSaved():
                self.strip.show_saved(event.path)
            case Failed() if self._view is None:
                self.hint.setText(FAILED)
            case _:
                pass
        if isinstance(event, Progress):
            if not isinstance(request, QUICK):
                self.strip.tell(request, event)
        else:
            self._end([event.number])

    def _end(self, numbers: list[int], words: str = "") -> None:
        for number in numbers:
            asked = self._asked.pop(number, None)
            if asked is not None and not isinstance(asked, QUICK):
                self.strip.end(asked, words)
        self._ask_for_portrait()
        self.guided.emit()

    def _take(self, shown: BasisShown, request: Request) -> None:
        view = shown.view
        if isinstance(request, BuildBasis | FinishBasis) or request == ShowBasis():
            self._forget()
        kind = orthogonalisation(view.set_one, view.complement)
        if kind is not None:
            self._made[kind] = view
        if shown.number == self._portrait_asked:
            self.comparison.show_pictures_of(view)
        else:
            self._show(view)

    def _measure(self, measures: Measures) -> None:
        kind = orthogonalisation(measures.set_one, measures.complement)
        if kind is not None:
            self._measured[kind] = measures
        self.comparison.show_measures(measures)

    def _ask_for_portrait(self) -> None:
        """Have the compared bases decoded, one after the other, while nothing else is asked for."""
        while self._portraits and not self._asked:
            measures = self._portraits.pop(0)
            kind = orthogonalisation(measures.set_one, measures.complement)
            if kind is not None and kind not in self._made:
                self.ask(ShowBasis(measures.key))
                self._portrait_asked = max(self._asked)

    def _show(self, view: BasisView | None) -> None:
        self._view = view
        for part in (self.vectors, self.products, self.audit, self.comparison, self.strip):
            part.show_view(view)
        kind = None if view is None else orthogonalisation(view.set_one, view.complement)
        self.kind.setEnabled(view is not None)
        self.kind.setCurrentIndex(-1 if kind is None else ORTHOGONALISATIONS.index(kind))
        self._select(-1 if self.selection.vector is None else self.selection.vector)
        self.source.setText("" if view is None else f"V = {view.vectors} · seed {view.seed}")
        self._choose_view(self.segments.value or "vectors")
        if view is not None:
            self.answered.emit(view.milliseconds, self._provenance(view))
            self._show_wanted()
        self.guided.emit()

    def _provenance(self, view: BasisView) -> str:
        profile = "" if self.selection.bundle is None else f" · profile {self.selection.bundle.profile}"
        used = "" if view.in_use else " · not in use"
        early = "" if view.is_full else ", stopped early"
        return f"{view.bundle}{profile} · V = {view.vectors}{early} · seed {view.seed} · {view.title}{used}"
