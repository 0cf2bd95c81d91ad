"""The Basis workspace: η and ξ as pictures, matrices, samples and figures, and how they are built."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.basis.measures import BasisView
from lsd_studio.engine.figures.spec import PlotFigure, ViewSettings
from lsd_studio.engine.operations.basis import BasisMeasured, BasisProgress, SamplesDrawn
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.vocabulary import Source
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.basis.build import BuildStrip, SlowTask
from lsd_studio.ui.basis.figures import basis_figures
from lsd_studio.ui.basis.orthogonalisations import (
    ORTHOGONALISATIONS,
    Orthogonalisation,
    orthogonalisation,
    orthogonalisation_box,
)
from lsd_studio.ui.basis.state import BasisState, SamplesState
from lsd_studio.ui.basis.views import BasisViews
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import column, row
from lsd_studio.ui.widgets.segments import Segments

LOADING = "Loading the engine. The bundle's basis appears here as soon as it is read."
DECODING = "Decoding the basis…"
FAILED = "The basis could not be shown. Open another bundle, or build a basis below."

VIEWS = (
    ("vectors", "Vectors", "η and ξ decoded, labels × sets (Figure 4a–b)"),
    ("products", "Inner products", "⟨η|η⟩ and ⟨ξ|ξ⟩ as heatmaps (Figure 4c–d)"),
    ("samples", "Samples", "Samples of each label, and their latent densities (Figure 3)"),
    ("audit", "Audit", "What carries labels and what is sampling noise"),
    ("compare", "Compare", "All orthogonalisations of the same η, side by side"),
)
SHOW, USE = "show", "use"
"""Tasks that end before a progress bar could be read."""

Result = TypeVar("Result")


class BasisWorkspace(Workspace):
    """One large view of the basis at a time, the same basis in all of them, and a strip that builds another.

    Attributes:
        view: the basis that is shown.
    """

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self.view: BasisView | None = None
        self._known: dict[Orthogonalisation, BasisView] = {}
        self._takes_own_basis = True
        self._wanted = BasisState()
        self._is_stale = True
        self._build()
        self._lay_out()
        self.tasks.changed.connect(self._show_running)
        self.tasks.failed.connect(self._say_failed)
        selection.bundle_changed.connect(self._change_bundle)
        selection.vector_changed.connect(self.views.select)
        self._show(None)
        if selection.bundle is not None:
            self._use_labels(selection.bundle)

    @property
    def next_step(self) -> str:
        if self.view is None:
            return "Wait for the bundle's basis, or open a bundle."
        if self.strip.is_working:
            return "Explore the other views while the engine works, or stop it."
        if not self.view.in_use:
            return "Use this basis everywhere, or save it as a bundle."
        return "Click a vector to select it in every workspace, or read the audit."

    def go_to(self, view: str) -> None:
        """Bring one of the views to the front: vectors, products, samples, audit or compare."""
        self.segments.set_value(view)
        self._choose_view(view)

    def figures(self) -> tuple[PlotFigure, ...]:
        if self.view is None:
            return ()
        shown = self.segments.value or "vectors"
        return basis_figures(self.view, shown, self._provenance(self.view), self.views)

    @property
    def view_settings(self) -> ViewSettings:
        shown = self.view
        state = BasisState(
            view=self.segments.value,
            range=self.views.range,
            vector=self.selection.vector,
            set_one=None if shown is None else shown.set_one,
            complement=None if shown is None else shown.complement,
            samples=self.views.samples_state,
        )
        return state.model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Show a view again, as soon as the basis is there."""
        self._wanted = BasisState.model_validate(settings)
        self._show_wanted()

    def show_kind(self, kind: Orthogonalisation) -> None:
        """Show another ξ of the same η, made if it has not been yet."""
        if kind in self._known:
            self._show(self._known[kind])
        elif self.view is not None:
            call = self.engine.basis.orthogonalise(kind.set_one, kind.complement, self.view.key)
            self._start(SlowTask.ORTHOGONALISE, call, lambda view: self._show(view, call.milliseconds))

    def repeat(self, vectors: int | None = None) -> None:
        """Build the basis that is shown again with another seed; `vectors` is V, its own where it is None."""
        if self.view is not None:
            call = self.engine.basis.repeat(self.view.key, vectors=vectors)
            self._start(SlowTask.REPEAT, call, self.views.audit.show_repetition)

    def sample(self, source: Source, each: int = 1200) -> None:
        """Draw samples of every label from a source."""
        call = self.engine.basis.samples(source, each)
        self._start(SlowTask(f"{source} samples"), call, self.views.samples.finish)

    @Slot()
    def stop(self) -> None:
        """Stop everything slow that is under way or waits."""
        running = self._running()
        if running:
            self._cancel(running)
            self.strip.say_stopped()

    def _build(self) -> None:
        self.segments = Segments("View of the basis", *VIEWS, value="vectors", take=self._choose_view)
        self.kind = orthogonalisation_box("Orthogonalisation")
        self.kind.setPlaceholderText("other")
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.kind.activated.connect(lambda place: self.show_kind(self.kind.itemData(place)))
        self.source = ElidingLabel("Vectors per set and seed of the basis")
        self.source.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.hint = QLabel(LOADING)
        self.hint.setProperty("role", "caption")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.views = BasisViews(self.hint, self.themes)
        self.strip = BuildStrip(self.themes)
        self.views.selected.connect(self.selection.look_at_vector)
        self.views.samples_wanted.connect(self.sample)
        self.views.repeat_wanted.connect(self.repeat)
        self.views.compare.measure.clicked.connect(self._compare)
        self.views.compare.table.chosen.connect(self.show_kind)
        self.strip.build.clicked.connect(self._build_basis)
        self.strip.finish.clicked.connect(self._finish)
        self.strip.stop.clicked.connect(self.stop)
        self.strip.use.clicked.connect(self._use)
        self.strip.save_wanted.connect(self._save)
        self.strip.open_wanted.connect(self.selection.bundle_wanted)

    def _lay_out(self) -> None:
        head = row(self.segments, (self.source, 1), QLabel("ξ by"), self.kind)
        self.setLayout(column(head, (self.views, 1), self.strip, spacing=12, margin=2 * GRID))

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the basis of the bundle when it is seen for the first time."""
        super().showEvent(event)
        self.views.vectors.xi.setFocus()
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.strip.filling.prefer(round(0.2 * self.height()))

    @Slot(str)
    def _choose_view(self, view: str) -> None:
        self.views.bring(view)
        if view == "samples" and self.view is not None:
            self.views.samples.ask()

    def _show_wanted(self) -> None:
        """Show what a figure was made of; what needs the basis waits for it."""
        wanted = self._wanted
        if wanted.view is not None:
            self.go_to(wanted.view)
        if wanted.range is not None:
            self.views.products.range.setValue(wanted.range)
        if self.view is None:
            return
        self._wanted = BasisState()
        if wanted.samples != SamplesState():
            self.views.samples.show_state(wanted.samples)
        if wanted.vector is not None and 0 <= wanted.vector < len(self.view.xi.kept):
            self.selection.look_at_vector(wanted.vector)
        asked = wanted.set_one, wanted.complement
        for kind in ORTHOGONALISATIONS:
            if asked == (kind.set_one, kind.complement) != (self.view.set_one, self.view.complement):
                self.show_kind(kind)

    def _start(self, key: SlowTask, call: Call[Any, Result], take: Callable[[Result], object]) -> None:
        """Start a slow task, in place of the one of its key that is under way; `take` is given what comes of it."""
        self.tasks.cancel(key)
        self.strip.begin(key)
        self.tasks.run(self._follow(key, call, take), key)

    async def _follow(
        self, key: SlowTask, call: Call[BasisProgress, Result], take: Callable[[Result], object]
    ) -> None:
        async for step in call:
            self.strip.show_progress(key, step)
            if isinstance(step, SamplesDrawn):
                self.views.samples.add(step)
            elif isinstance(step, BasisMeasured) and self.view is not None:
                self.views.compare.show_measures(step, self.view.number_of_labels)
        take(await call)

    def _take_built(self, call: Call[BasisProgress, BasisView], view: BasisView) -> None:
        self._forget()
        self._show(view, call.milliseconds)

    @Slot()
    def _compare(self) -> None:
        if self.view is not None:
            self._start(SlowTask.COMPARE, self.engine.basis.compare(self.view.key), lambda measured: None)

    @Slot()
    def _build_basis(self) -> None:
        strip, kind = self.strip, self.strip.kind.currentData()
        call = self.engine.basis.build(
            strip.vectors.value(), strip.seed.value(), kind.set_one, kind.complement
        )
        self._start(SlowTask.BUILD, call, partial(self._take_built, call))

    @Slot()
    def _finish(self) -> None:
        if self.strip.turns_frame:
            self.strip.finish.setEnabled(False)
            self.tasks.deliver(self.engine.basis.keep_frame(), lambda done: None)
            return
        self.tasks.cancel(SlowTask.BUILD)
        self.strip.begin_finishing()
        call = self.engine.basis.finish()
        self.tasks.run(self._follow(SlowTask.BUILD, call, partial(self._take_built, call)), SlowTask.BUILD)

    @Slot()
    def _use(self) -> None:
        if self.view is not None:
            self.tasks.run(self._use_everywhere(self.view.key), USE)

    async def _use_everywhere(self, basis: str) -> None:
        call = self.engine.basis.use(basis)
        opened = await call
        self._known = {kind: replace(view, in_use=view.key == basis) for kind, view in self._known.items()}
        self._takes_own_basis = False
        self.selection.use_bundle(opened)
        self._takes_own_basis = True
        if self.view is not None:
            self._show(replace(self.view, in_use=self.view.key == basis), call.milliseconds)

    @Slot(Path)
    def _save(self, path: Path) -> None:
        if self.view is not None:
            self._start(SlowTask.SAVE, self.engine.basis.save(self.view.key, path), self._show_saved)

    def _show_saved(self, saved: Path) -> None:
        self.strip.show_saved(saved)
        self.said.emit(f"The bundle is saved in {saved}.")

    def _running(self) -> list[SlowTask]:
        return [key for key in SlowTask if self.tasks.is_running(key)]

    def _cancel(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.tasks.cancel(key)
            if key in (SlowTask.ENCODED_SAMPLES, SlowTask.RANDOM_SAMPLES):
                self.views.forget_asking()

    @Slot(object)
    def _change_bundle(self, bundle: OpenedBundle) -> None:
        if self._takes_own_basis:
            self._use_labels(bundle)
            if self.isVisible():
                self._refresh()

    def _use_labels(self, bundle: OpenedBundle) -> None:
        self._is_stale = True
        self._cancel((SHOW, USE, *SlowTask))
        self.strip.use_labels(bundle.label_names)
        self.views.use_labels(bundle.label_names, bundle.latent_dimensions)
        self._forget()
        self._show(None)

    def _refresh(self) -> None:
        if self._is_stale and self.selection.bundle is not None:
            self._is_stale = False
            self.hint.setText(DECODING)
            call = self.engine.basis.show()
            self.tasks.deliver(call, lambda view: self._show(view, call.milliseconds), SHOW)

    def _forget(self) -> None:
        """Another η: what was made and measured of the one before is not comparable."""
        self._known.clear()
        self.views.compare.clear()

    @Slot()
    def _show_running(self) -> None:
        self.strip.leave(self._running())
        self.guided.emit()

    @Slot()
    def _say_failed(self) -> None:
        if self.view is None:
            self.hint.setText(FAILED)

    def _show(self, view: BasisView | None, milliseconds: float = 0.0) -> None:
        self.view = view
        self.views.show_view(view)
        self.strip.show_view(view)
        kind = None if view is None else orthogonalisation(view.set_one, view.complement)
        if kind is not None and view is not None:
            self._known[kind] = view
        self.kind.setEnabled(view is not None)
        self.kind.setCurrentIndex(-1 if kind is None else ORTHOGONALISATIONS.index(kind))
        self.views.select(-1 if self.selection.vector is None else self.selection.vector)
        self.source.setText("" if view is None else f"V = {view.vectors} · seed {view.seed}")
        self._choose_view(self.segments.value or "vectors")
        if view is not None:
            self.answered.emit(milliseconds, self._provenance(view))
            self._show_wanted()
        self.guided.emit()

    def _provenance(self, view: BasisView) -> str:
        profile = "" if self.selection.bundle is None else f" · profile {self.selection.bundle.profile}"
        used = "" if view.in_use else " · not in use"
        early = "" if view.is_full else ", stopped early"
        return f"{isolated(view.bundle)}{profile} · V = {view.vectors}{early} · seed {view.seed} · {view.title}{used}"
