"""The Latent space workspace: where an autoencoder's codes lie, and how to draw points that decode well (R24–R33)."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.figures.spec import PlotFigure, ViewSettings
from lsd_studio.engine.latent.dataset import EncodingStep
from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.engine.latent.twin_comparison import TwinTestSettings
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operations.latent import OpenedLatentSpace
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.codes.codes_in_use import CodesInUse
from lsd_studio.ui.latent.code_colours import CodeColours
from lsd_studio.ui.latent.densities import DENSITIES
from lsd_studio.ui.latent.embedding.islands import ISLANDS
from lsd_studio.ui.latent.embedding.page import EMBEDDING
from lsd_studio.ui.latent.header import LatentHeader, LatentSource, space_words
from lsd_studio.ui.latent.page import LatentPage
from lsd_studio.ui.latent.pages import LatentPages
from lsd_studio.ui.latent.pairs import CORRELATIONS, PAIR
from lsd_studio.ui.latent.samplers import SAMPLERS
from lsd_studio.ui.latent.selection.group_card import COMPARING, GroupCard
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.latent.selection.selection_bar import SelectionBar
from lsd_studio.ui.latent.state import LatentState
from lsd_studio.ui.latent.twin import TwinMode
from lsd_studio.ui.latent.verdict import LatentVerdict
from lsd_studio.ui.latent.views import ABOUT_TWIN, DRAWN_ON, NO_DECODER, NO_TWIN, TWINS, TWINS_OF, VIEWS
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.controls import progress_bar, push_button
from lsd_studio.ui.widgets.layouts import caption, column, row
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import capitalised, plain_label
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide

LOADING = "Loading the engine… The codes of the first autoencoder are shown next."
ENCODING = "Encoding images… Their codes are shown once all are encoded."
EMPTY = "No codes loaded. Choose a coder and its images below, and press “Encode”."

LISTING, OPENING = "listing the coders", "opening the model"
TWIN, TEST = "drawing the Gaussian twin", "testing against Gaussian twins"
"""Keys of tasks."""

SLOW = (DENSITIES, CORRELATIONS, PAIR, SAMPLERS, EMBEDDING, ISLANDS, COMPARING, TEST, TWIN, OPENING)
"""Keys of what is shown below the pages while it is under way, and can be stopped; the last that is counts."""


class LatentWorkspace(Workspace):
    """Coder and images above, one large page, and a strip that says what the codes are of and what is under way.

    Attributes:
        space: the codes that are open.
    """

    follows_bundle = False

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self.space: OpenedLatentSpace | None = None
        self._has_twin = False
        self._is_new = True
        self._progress: dict[str, tuple[str, float]] = {}
        self._wanted = LatentState()
        self._to_test: TwinTestSettings | None = None
        self._source = ""
        self._origins: dict[str, tuple[float, str]] = {}
        self._build()
        self._lay_out()
        selection.bundle_changed.connect(self._use_bundle)
        selection.codes_changed.connect(self._use_codes)
        self._choose_view("densities")
        self.tasks.changed.connect(self._show_strip)
        self._show_strip()

    @property
    def page(self) -> LatentPage | None:
        """The page that is chosen; None before it was in front of codes."""
        return self.pages.made.get(self._view) if self.pages.can_show(self._view) else None

    @property
    def _view(self) -> str:
        return self.views.value or "densities"

    @property
    def is_working(self) -> bool:
        return bool(self._slow())

    @property
    def next_step(self) -> str:
        if self.space is None:
            if self.tasks.is_running(OPENING):
                return "Wait until the images are encoded, or stop."
            return "Choose a coder and encode images."
        return "" if self.page is None else self.page.next_step

    @property
    def view_settings(self) -> ViewSettings:
        source = self.header.source
        return LatentState(
            coder=str(source.coder) if isinstance(source, LatentSource) else None,
            data=source.data if isinstance(source, LatentSource) else None,
            split=source.split if isinstance(source, LatentSource) else None,
            view=self._view,
            page={} if self.page is None else dict(self.page.view_settings),
            twin=self.twin.value,
            twin_of=self.twin_of.value,
            where=self.selected.filter.condition,
            tested=self.verdict.tested,
        ).model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Show a page again, of the same codes, as soon as there are codes."""
        self._wanted = state = LatentState.model_validate(settings)
        source = self.header.source
        known = source.coder if isinstance(source, LatentSource) else None
        coder = known if state.coder is None else state.coder
        if coder is not None and state.split is not None:
            wanted = LatentSource(coder, state.data, state.split)
            if not isinstance(source, LatentSource) or self.space is None or not wanted.is_same_as(source):
                self._is_new = False
                self.open(wanted)
                self._list_coders()
                return
        if self.space is not None:
            self._show_wanted()

    def _show_wanted(self) -> None:
        """Show what a figure was made of, now that its codes are there."""
        wanted, self._wanted = self._wanted, LatentState()
        if wanted.view is not None:
            self.go_to(wanted.view)
        if wanted.twin_of is not None and wanted.twin_of != self.twin_of.value:
            self.twin_of.set_value(wanted.twin_of)
            self._choose_twin_of(wanted.twin_of)
        if wanted.twin is not None:
            self.show_twin(wanted.twin)
        if wanted.where is not None:
            self.selected.filter.look_for(wanted.where)
        if wanted.page and self.page is not None:
            self.page.show_view(wanted.page)
        self._to_test = wanted.tested

    def figures(self) -> tuple[PlotFigure, ...]:
        """The page in front as figures for publication: all of it, then each panel alone."""
        panels = () if self.page is None else (*self.page.panels(), *self.verdict.panels())
        stem, source = f"latent-{self._view}", self.computed_from
        head = next(text for value, text, _ in VIEWS if value == self._view)
        singles = tuple(
            PlotFigure(f"{stem}-{place}", panel.title or head, (panel,), source, of="codes")
            for place, panel in enumerate(panels, start=1)
        )
        if len(panels) < 2:
            return singles
        title = f"{head} of a latent space"
        return PlotFigure(stem, title, panels, source, columns=2, wide=True, of="codes"), *singles

    def go_to(self, view: str) -> None:
        """Bring a page to the front: densities, planes, pairs, embedding, samplers or paths."""
        self.views.set_value(view)
        self._choose_view(view)

    def show_twin(self, mode: TwinMode) -> None:
        self.twin.set_value(mode)
        self._choose_twin(mode)

    @Slot(object)
    def open(self, source: LatentSource | CodesInUse) -> None:
        """Encode images, or take codes that came alone, in the place of what was open."""
        self._is_new = False
        self.header.show_source(source)
        self._forget()
        self.tasks.run(self._open(source), OPENING)
        self.guided.emit()

    def _build(self) -> None:
        self.header = LatentHeader()
        self.header.wanted.connect(self.open)
        self.header.codes_wanted.connect(self.selection.use_codes)
        self.views = Segments("View of the latent space", *VIEWS, value="densities", take=self._choose_view)
        self.twin = Segments(
            "Gaussian twin",
            ("off", "Off", "Show the codes alone"),
            ("beside", "Beside", f"{ABOUT_TWIN}, beside them"),
            ("blink", "Blink", f"{ABOUT_TWIN}, in turn with them at the same place"),
        )
        self.twin.set_value("off")
        self.twin.chosen.connect(self._choose_twin)
        self.twin_words = plain_label("Gaussian twin")
        self.twin_words.setToolTip(ABOUT_TWIN)
        self.twin_of = Segments("Twin of", *TWINS_OF, value="codes", take=self._choose_twin_of)
        self.verdict = LatentVerdict(self.themes)
        self.verdict.run.clicked.connect(self._test)
        self.hint = caption(LOADING)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.selected = SelectedCodes(self.engine.selection, self.tasks, self.history, self.selection)
        self.selected.said.connect(self.said)
        self.selection_bar = SelectionBar(self.selected, self.themes)
        shared = self.engine.latent, self.tasks, self.themes
        self.groups = GroupCard(self.engine.latent, self.selected, self.tasks, self.themes)
        self.colours = CodeColours(self.engine.latent, self.tasks)
        beside = self.engine.second_space
        self.pages = LatentPages(self.hint, *shared, self.selected, self.colours, self.history, beside)
        self.pages.answered.connect(self._answer)
        self.pages.guided.connect(self.guided)
        self.pages.progressed.connect(self._report)
        self.words = caption(name="Codes and progress")
        self.progress = progress_bar("Progress")
        self.progress.setFixedWidth(24 * GRID)
        self.encode = push_button("Encode", self._encode, default=True)
        self.stop = push_button("Stop", self._stop, "Stop the running task and keep what is shown")

    def _lay_out(self) -> None:
        strip = QFrame()
        strip.setProperty("role", "card")
        doing = row((self.words, 1), self.progress, self.stop, self.encode)
        work = SideBySide(self.header, doing, stretches=(0, 1))
        strip.setLayout(column(work, margin=(12, GRID, 12, GRID)))
        twin = row(self.twin_words, self.twin_of, self.twin, None)
        head = SideBySide(row(self.views, None), twin, stretches=(1, 0))
        self.setLayout(
            column(
                head,
                self.selection_bar,
                (self.pages, 1),
                self.groups,
                self.verdict,
                strip,
                spacing=12,
                margin=2 * GRID,
            )
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Open the codes in use, or encode the first coder's images, when the workspace is first shown."""
        super().showEvent(event)
        if self._is_new:
            self._is_new = False
            if self.selection.codes is not None:
                self.open(self.selection.codes)
            self._list_coders()

    @Slot(str)
    def _choose_view(self, view: str) -> None:
        self.pages.bring(view)
        self._show_hint()
        for value in TWINS:
            self.twin.button(value).setEnabled(self._can_have_twin)
        self.twin.setToolTip(ABOUT_TWIN if self._can_have_twin else NO_TWIN)
        self.selection_bar.show_on(self.space is not None and view in DRAWN_ON)
        self._show_twin_of()
        self.tasks.cancel(TEST)
        self.verdict.forget()
        self._show_verdict()
        self._report_origin()
        self.guided.emit()

    @Slot(str)
    def _choose_twin(self, mode: str) -> None:
        is_drawn = self._has_twin or self.tasks.is_running(TWIN)
        if mode != "off" and not is_drawn and self.space is not None:
            self.tasks.run(self._draw_twin(), TWIN)
        self._pass_on_twin()

    @property
    def _twin_of(self) -> TwinOf:
        return "labels" if self.twin_of.value == "labels" else "codes"

    @Slot(str)
    def _choose_twin_of(self, of: str) -> None:
        """The twin is drawn anew where it is shown; a verdict on the other one is forgotten."""
        self._has_twin = False
        self.tasks.cancel(TWIN)
        self.tasks.cancel(TEST)
        self.verdict.forget()
        self._choose_twin(self.twin.value or "off")

    @property
    def _can_have_twin(self) -> bool:
        return self.page is None or self.page.has_twin

    def _show_twin_of(self) -> None:
        """Twins of the labels are offered where there are two labels or more."""
        labelled = self.space is not None and len(self.space.label_names) > 1
        for value, _, _ in TWINS_OF:
            self.twin_of.button(value).setEnabled(self._can_have_twin and (value == "codes" or labelled))
        if self.space is not None and not labelled and self._twin_of == "labels":
            self.twin_of.set_value("codes")

    def _pass_on_twin(self) -> None:
        self.pages.show_twin(TWINS[self.twin.value or "off"] if self._has_twin else "off", self._twin_of)
        self._show_verdict()
        self.guided.emit()

    def _show_verdict(self) -> None:
        is_shown = self._has_twin and self.twin.value != "off" and self._can_have_twin
        self.verdict.setVisible(is_shown and self.space is not None)

    @Slot()
    def _test(self) -> None:
        settings = None if self.page is None else self.page.test()
        if settings is not None:
            self._ask_test(replace(settings, twin_of=self._twin_of))

    def _ask_test(self, settings: TwinTestSettings) -> None:
        self.tasks.cancel(TEST)
        self.verdict.forget()
        self.tasks.run(self._follow_test(settings), TEST)

    @Slot()
    def _encode(self) -> None:
        if self.header.source is not None:
            self.open(self.header.source)

    @Slot()
    def _stop(self) -> None:
        for key in self._slow():
            self.tasks.cancel(key)

    @Slot(object)
    def _use_bundle(self, bundle: OpenedBundle) -> None:
        if not self._is_new:
            self._list_coders()

    @Slot(object)
    def _use_codes(self, codes: CodesInUse | None) -> None:
        if codes is not None and not self._is_new:
            self.open(codes)

    def _list_coders(self) -> None:
        self.tasks.deliver(self.engine.latent.coders(), self._offer, LISTING)

    def _offer(self, shipped: tuple[str, ...]) -> None:
        self.header.offer(shipped, self.selection.bundle)
        if self.space is None and not self.tasks.is_running(OPENING):
            self._encode()

    async def _open(self, source: LatentSource | CodesInUse) -> None:
        if isinstance(source, CodesInUse):
            taken = self.engine.latent.open_codes(source.space, source.column)
            self._show_space(await taken, taken.milliseconds)
            return
        call = self.engine.latent.open(source.coder, source.data, source.split)
        async for step in call:
            if isinstance(step, EncodingStep):
                done = (
                    f"{counted(step.done)} of {counted(step.wanted)}, {step.images_per_second:.0f} a second"
                )
                self._report(OPENING, f"encoding images: {done}", step.done / max(step.wanted, 1))
            else:
                self._report(OPENING, step.what)
        self._show_space(await call, call.milliseconds)

    async def _draw_twin(self) -> None:
        await self.engine.latent.draw_twin(twin_of=self._twin_of)
        self._has_twin = True
        self._pass_on_twin()
        if self._to_test is None:
            self._test()

    async def _follow_test(self, settings: TwinTestSettings) -> None:
        call = self.engine.latent.compare_with_twin(settings)
        async for step in call:
            self._report(TEST, step.what, step.share or 0.0)
        self.verdict.show_test(await call, call.milliseconds / 1000)
        self._answer(self._view, call.milliseconds, "test against Gaussian twins")

    @Slot(str, str, float)
    def _report(self, key: str, words: str, share: float = math.nan) -> None:
        """Say what is under way; without a share, as far as it was."""
        before = self._progress.get(key, ("", 0.0))[1]
        self._progress[key] = words, before if math.isnan(share) else share
        self._show_strip()

    def _forget(self) -> None:
        """Other codes are on their way: what is shown is of those before."""
        self.tasks.cancel_all()
        self._progress.clear()
        self.space, self._has_twin = None, False
        self.selected.forget()
        self.colours.forget()
        self.history.clear()
        self.pages.show_twin("off", self._twin_of)
        self.pages.use_space(None)
        self._choose_view(self._view)

    def _show_space(self, space: OpenedLatentSpace, milliseconds: float) -> None:
        self.space = space
        name, data = isolated(space.name), f"{isolated(space.data)} {space.split}".strip()
        self._source = f"{name} · {data} · {counted(space.count)} × {space.components}"
        self.pages.use_space(space)
        self.groups.use_space(space)
        self.selection_bar.use_space(space)
        made = "encoded" if space.split else "read"
        self._origins = {name: (milliseconds, f"{self._source} · {made}") for name, _, _ in VIEWS}
        self._choose_view(self._view)
        self._choose_twin(self.twin.value or "off")
        self._show_wanted()

    @Slot(str, float, str)
    def _answer(self, name: str, milliseconds: float, shown: str) -> None:
        """Note what a page was computed from, and tell it where that page is in front."""
        self._origins[name] = milliseconds, f"{self._source} · {shown}"
        if name == self.views.value:
            self._report_origin()

    def _report_origin(self) -> None:
        if self.space is not None:
            self.answered.emit(*self._origins[self._view])

    def _slow(self) -> list[str]:
        return [key for key in SLOW if self.tasks.is_running(key)]

    def _show_hint(self) -> None:
        """Say what is on its way while there are no codes, or what to do."""
        if self.space is not None:
            self.hint.setText(NO_DECODER)
        elif self.tasks.is_running(OPENING):
            self.hint.setText(ENCODING)
        elif self.hint.text() != LOADING or not (self._is_new or self.tasks.is_running(LISTING)):
            self.hint.setText(EMPTY)

    @Slot()
    def _show_strip(self) -> None:
        slow = self._slow()
        self._show_hint()
        self._progress = {key: done for key, done in self._progress.items() if key in slow}
        self.verdict.show_testing(TEST in slow)
        if self._to_test is not None and not self.tasks.is_busy:
            wanted, self._to_test = self._to_test, None
            self._ask_test(wanted)
        for part in (self.progress, self.stop):
            part.setVisible(bool(slow))
        self.encode.setVisible(not slow and self.space is None)
        self.encode.setEnabled(self.header.source is not None)
        if not slow:
            self.words.setText("" if self.space is None else space_words(self.space))
            return
        words, share = self._progress.get(slow[-1], (slow[-1], 0.0))
        self.words.setText(capitalised(words))
        self.progress.setValue(round(1000 * share))
