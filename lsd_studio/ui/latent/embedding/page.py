"""The t-SNE page: a layout of the codes, by t-SNE watched while it is optimised (R29), or by UMAP."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QSizePolicy, QWidget

from lsd_studio.engine.figures.panels.latent import layout_panel
from lsd_studio.engine.figures.spec import Panel, ViewSettings
from lsd_studio.engine.latent.island_comparison import IslandComparison
from lsd_studio.engine.latent.selection import How, SelectedPoints
from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings, Method
from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.engine.latent.views import CodeView, Layout
from lsd_studio.engine.operations.latent import LatentOperations, OpenedLatentSpace
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.latent.code_card import CodeCard
from lsd_studio.ui.latent.code_colours import CodeColours, ColourBox, classes_of
from lsd_studio.ui.latent.embedding.divergence import DivergencePlot
from lsd_studio.ui.latent.embedding.islands import Islands
from lsd_studio.ui.latent.embedding.methods import IDLE, METHODS, POSTS, SOURCES, settings_words
from lsd_studio.ui.latent.label_legend import LabelLegend
from lsd_studio.ui.latent.page import StartedPage
from lsd_studio.ui.latent.plane import SIDE
from lsd_studio.ui.latent.selection.code_filter import those_that_match
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.latent.state import EmbeddingState
from lsd_studio.ui.latent.twin import TwinMode, TwinPanes
from lsd_studio.ui.plots.outlined_plot import OutlinedPlot
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.label_colours import Classes
from lsd_studio.ui.widgets.layouts import caption, card, column, row
from lsd_studio.ui.widgets.number_boxes import number_box, whole_number_box
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_column import side_column

EMBEDDING = "t-SNE"
"""Key of the task that lays codes out, and what is shown of it."""

FIELD = 96
"""Pixels of a field for a setting, at least."""


class EmbeddingPage(StartedPage):
    """The layout, and beside it what it is made with, how far it is, and the code under the pointer."""

    key = EMBEDDING

    def __init__(
        self,
        latent: LatentOperations,
        tasks: Tasks,
        themes: ThemeManager,
        selected: SelectedCodes,
        colours: CodeColours,
    ) -> None:
        super().__init__(latent, tasks, themes)
        self._selected, self._colours = selected, colours
        self._layouts: dict[bool, Layout] = {}
        self._paused = False
        self._at = -1
        self._build()
        self._lay_out()
        self._show_controls()

    @property
    def layout_shown(self) -> Layout | None:
        """The codes' layout as it is now."""
        return self._layouts.get(False)

    @property
    def settings(self) -> EmbeddingSettings:
        return EmbeddingSettings(
            points=self.points.value(),
            leading=self.source.currentData(),
            perplexity=self.perplexity.value(),
            early_exaggeration=self.exaggeration.value(),
            steps=self.steps.value(),
            seed=self.seed.value(),
            method=self._method,
        )

    @property
    def _method(self) -> Method:
        return "UMAP" if self.method.value == "UMAP" else "t-SNE"

    @property
    def next_step(self) -> str:
        if self.is_running:
            return "Pause to inspect the layout, or stop and keep it."
        if self.layout_shown is None:
            return "Press Start to lay the codes out."
        return self.islands.next_step

    def panels(self) -> tuple[Panel, ...]:
        if self.space is None:
            return ()
        now = self._colours.now
        names = self.space.label_names if now is None else now.names
        shown = [(twin, name) for twin, name in self.sides if twin in self._layouts]
        among = self._selected.filter.now
        title = {False: those_that_match("Codes", "" if among is None else among.condition)}
        outlined = self.islands.shown
        return tuple(
            layout_panel(
                self._parted(self._layouts[twin])[0],
                names,
                title.get(twin, name),
                named=not twin,
                islands=outlined(twin).real,
                doubtful=outlined(twin).doubtful,
            )
            for twin, name in shown
        )

    @property
    def view_settings(self) -> ViewSettings:
        own = self.layout_shown
        made = self.settings if own is None else own.settings
        return EmbeddingState(embedding=made, laid_out=own is not None).model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Lay the codes out anew in the same way: the same seed gives the same layout."""
        state = EmbeddingState.model_validate(settings)
        made = state.embedding
        if made is None:
            return
        self.points.setValue(made.points)
        self.source.setCurrentIndex(self.source.findData(made.leading))
        self.method.set_value(made.method)
        self._set_course(made)
        self.seed.setValue(made.seed)
        if state.laid_out and self.space is not None:
            self.start()

    @Slot()
    def start(self) -> None:
        """Lay the codes out, and then the twin's points where the twin is shown."""
        self.tasks.cancel(EMBEDDING)
        self._layouts.clear()
        self._paused = False
        for pane in (self.own, self.other):
            pane.clear_codes()
        self.islands.forget()
        self._ask_selected()
        self.divergence.forget()
        self._embed(self.settings)

    def _embed(self, settings: EmbeddingSettings) -> None:
        self.tasks.run(self._follow(self.latent.embed(settings)), EMBEDDING)

    async def _follow(self, call: Call[Doing | Layout, Layout]) -> None:
        async for step in call:
            if isinstance(step, Layout):
                self._show_layout(step, "")
                words = f"{step.settings.method}, step {step.step} of {step.of}"
                self.progressed.emit(EMBEDDING, words, step.step / max(step.of, 1))
            else:
                self.progressed.emit(EMBEDDING, step.what, math.nan)
        layout = await call
        self._show_layout(layout, f", done in {call.milliseconds / 1000:.1f} s")
        self.islands.look_at(layout)
        self.answered.emit(call.milliseconds, settings_words(layout.settings))
        if self.twin != "off":
            self._embed_twin()
        self.guided.emit()

    def _embed_twin(self) -> None:
        own = self.layout_shown
        if own is not None and True not in self._layouts:
            self._embed(replace(own.settings, twin=True))

    def fields(self) -> tuple[QWidget, ...]:
        return (
            self.method, self.points, self.source, self.perplexity, self.exaggeration, self.steps, self.seed,
            self.as_posts,
        )  # fmt: skip

    def _build(self) -> None:
        self.own = OutlinedPlot(self.themes, "Layout of the codes")
        self.other = OutlinedPlot(self.themes, "Layout of the Gaussian twin")
        self.own.outlined.connect(self._outline_codes)
        self.own.escaped.connect(self._selected.clear)
        self.own.use_tool(self._selected.tool)
        self._selected.tool_changed.connect(self.own.use_tool)
        self._selected.changed.connect(self._ask_selected)
        self._selected.filter.changed.connect(self._show_colours)
        self.own.hovered.connect(partial(self._hover, False))
        self.other.hovered.connect(partial(self._hover, True))
        self.twin_panes = (TwinPanes(self.own, self.other),)
        self.islands = Islands(self.latent, self.tasks, self.own, self.other)
        self.islands.wanted.connect(self._compare_islands)
        self.islands.progressed.connect(self.progressed)
        self.islands.compared.connect(self._show_compared)
        self.method = Segments("Layout", *METHODS, value="t-SNE", take=self._show_controls)
        self.points = whole_number_box(
            "Codes", 50, 200_000, 5000, "How many codes are laid out, drawn at random"
        )
        self.points.setSingleStep(1000)
        self.source = QComboBox()
        self.source.setAccessibleName("What is laid out")
        for words, leading in SOURCES:
            self.source.addItem(words, leading)
        self.perplexity = number_box(
            "Perplexity", 1.0, 500.0, 30.0, "Effective number of neighbours of a code"
        )
        self.exaggeration = number_box(
            "Early exaggeration", 1.0, 100.0, 12.0, "Of attraction, for the first 250 steps"
        )
        self.steps = whole_number_box("Steps", 0, 5000, 750, "In all; the first 250 exaggerate attraction")
        self.seed = whole_number_box(
            "Seed", 0, 2**31 - 1, 0, "Of the draw of codes and of the search for neighbours"
        )
        posts = "Perplexity 10, exaggeration 16, 1 000 steps in all"
        self.as_posts = push_button("As in the posts", lambda: self._set_course(POSTS), posts)
        self.hold = push_button("Pause", self._press_hold, "Pause or resume the optimisation")
        self.words = caption(IDLE, "How far the layout is")
        self.legend = LabelLegend(self.themes)
        self.colours = ColourBox(self._colours)
        self._colours.changed.connect(self._show_colours)
        self.divergence = DivergencePlot(self.themes)
        self.divergence.setMinimumHeight(88)
        self.divergence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.code = CodeCard(
            self.themes, "Under the pointer", "Point at the layout to decode the nearest code."
        )

    def _lay_out(self) -> None:
        picture = column(
            row((self.words, 1), self.colours), (self.twin_panes[0], 1), self.legend, self.islands
        )
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(GRID // 2)
        form.setHorizontalSpacing(GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, field in (
            ("Codes", self.points),
            ("Of", self.source),
            ("Perplexity", self.perplexity),
            ("Exaggeration", self.exaggeration),
            ("Steps", self.steps),
            ("Seed", self.seed),
        ):
            field.setMinimumWidth(FIELD)
            form.addRow(QLabel(words), field)
        side = column(
            row(self.method, None),
            form,
            row(self.run, self.hold, None),
            row(self.as_posts, None),
            (self.divergence, 1),
            self.code,
        )
        self.setLayout(row((card(picture), 1), side_column(side, SIDE), spacing=12))

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        labels = () if space is None else space.label_names
        for pane in (self.own, self.other):
            pane.use_labels(len(labels))
        self.colours.use_space(space)
        if space is not None:
            self.points.setMaximum(max(50, space.count))
        self.code.use_space(space)
        super().use_space(space)
        self._show_colours()

    def clear(self) -> None:
        self._layouts.clear()
        for pane in (self.own, self.other):
            pane.clear_codes()
        self.islands.forget()
        self._ask_selected()
        self.divergence.forget()
        self.code.clear()
        self.words.setText(IDLE)

    def ask_twin(self) -> None:
        if not self.is_running:
            self._embed_twin()

    def show_twin(self, mode: TwinMode, of: TwinOf = "codes") -> None:
        """Show the twin; one of another kind is laid out anew."""
        if of != self.twin_of and self._layouts.pop(True, None) is not None:
            self.other.clear_codes()
        if of != self.twin_of:
            self.islands.forget_twin()
        super().show_twin(mode, of)

    @Slot()
    def _compare_islands(self) -> None:
        if self.layout_shown is not None:
            self.islands.compare_with_twins(self.layout_shown, self.twin_of)

    @Slot(object, float)
    def _show_compared(self, found: IslandComparison, milliseconds: float) -> None:
        """The twin in sight is from now on the one with the widest gap."""
        self._layouts[True] = found.twin
        self._show_points(self.other, found.twin)
        self.other.show_all()
        self.answered.emit(
            milliseconds,
            f"islands of {found.layout.settings.method} and of {len(found.separations)} Gaussian twins",
        )
        self.guided.emit()

    @Slot()
    def _press_hold(self) -> None:
        paused = not self._paused
        self.tasks.deliver(self.latent.pause_embedding(paused), lambda done: self._show_paused(paused))

    def _show_paused(self, paused: bool) -> None:
        self._paused = paused
        self._show_controls()

    def _set_course(self, settings: EmbeddingSettings) -> None:
        self.perplexity.setValue(settings.perplexity)
        self.exaggeration.setValue(settings.early_exaggeration)
        self.steps.setValue(settings.steps)

    @Slot()
    def _show_controls(self) -> None:
        super()._show_controls()
        if not self.is_running:
            self._paused = False
        self.hold.setText("Resume" if self._paused else "Pause")
        is_umap = self._method == "UMAP"
        self.hold.setEnabled(self.is_running and not is_umap)
        self.exaggeration.setEnabled(not (self.is_running or is_umap))
        self.as_posts.setEnabled(not (self.is_running or is_umap))
        self.islands.let_compare(self.layout_shown is not None and not self.is_running)

    def _show_layout(self, layout: Layout, done: str) -> None:
        twin = layout.settings.twin
        self._layouts[twin] = layout
        pane, method = self.other if twin else self.own, layout.settings.method
        pane.name_axes(f"{method} axis 1 (no unit)", f"{method} axis 2 (no unit)")
        self._show_points(pane, layout)
        if not pane.is_zoomed:
            pane.show_all()
        whose = "Gaussian twin: " if twin else ""
        phase = ", early exaggeration" if layout.exaggerated else ""
        divergence = "" if math.isnan(layout.divergence) else f", KL divergence {layout.divergence:.3f} nats"
        self.words.setText(
            f"{whose}{settings_words(layout.settings)}: step {layout.step} of {layout.of}{phase}{divergence}{done}."
        )
        if not twin:
            self.divergence.add(layout.step, layout.divergence)
            self._ask_selected()

    def _show_points(self, pane: OutlinedPlot, layout: Layout) -> None:
        """Show a layout in the colours that were chosen, which the twin has none of but its own."""
        pane.hold_classes(Classes(0 if self.space is None else len(self.space.label_names)))
        if pane is self.own and self._colours.now is not None:
            pane.hold_classes(classes_of(self._colours.now))
        shown, others = self._parted(layout)
        pane.show_others(others.points)
        pane.show_points(shown.points, shown.labels)

    def _parted(self, layout: Layout) -> tuple[Layout, Layout]:
        """The codes that match the condition, in the colours that were chosen, and the others; of the twin, all."""
        now, among = self._colours.now, self._selected.filter.now
        matches = np.ones(len(layout.indices), dtype=bool)
        if not layout.settings.twin:
            if now is not None:
                layout = replace(layout, labels=now.classes[layout.indices])
            if among is not None:
                matches = among.found[layout.indices]
        return layout.taken(matches), layout.taken(~matches)

    @Slot()
    def _show_colours(self) -> None:
        now, coloured = self._colours.now, self._colours.kind != "one"
        self.legend.setVisible(coloured)
        if now is not None:
            self.legend.show_labels(now.names, classes_of(now))
        else:
            self.legend.show_labels(() if self.space is None else self.space.label_names)
        if self.layout_shown is not None:
            self._show_points(self.own, self.layout_shown)
        self.own.colour_labels(coloured)

    @Slot(object, str)
    def _outline_codes(self, outline: np.ndarray, how: How) -> None:
        if self.layout_shown is not None:
            self._selected.outline(self.layout_shown, outline, how)

    @Slot()
    def _ask_selected(self) -> None:
        shown = self.layout_shown
        call = None if shown is None else self._selected.points(shown, "t-SNE")
        if call is None:
            self.own.show_none_selected()
        else:
            self.tasks.deliver(call, self._show_selected)

    def _show_selected(self, found: SelectedPoints) -> None:
        self.own.show_selected(found.points, found.groups)

    def _hover(self, twin: bool, x: float, y: float) -> None:
        pane = self.other if twin else self.own
        layout = self._layouts.get(twin)
        at = -1 if layout is None or math.isnan(x) else pane.cloud.nearest(QPointF(x, y), pane.reach())
        if at == self._at:
            return
        self._at = at
        if layout is None or at < 0:
            pane.mark(None)
            return
        place = pane.cloud.place(at)
        pane.mark((place.x(), place.y()))
        index = int(self._parted(layout)[0].indices[at])
        if index < 0:
            return
        call = self.latent.code(index, twin, pane="t-SNE")
        self.tasks.deliver(call, partial(self._show_code, "Point of the twin" if twin else "Code"))

    def _show_code(self, whose: str, code: CodeView) -> None:
        if self.space is not None:
            self.code.show_code(code, self.space, whose)
