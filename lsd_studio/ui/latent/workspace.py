"""The Latent space workspace: where an autoencoder's codes lie, and how to draw points that decode well (R24–R33)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QStackedWidget, QVBoxLayout

from lsd_studio.engine.messages.core import Event, Failed, Request, Working
from lsd_studio.engine.messages.figures import PlotFigure, ViewSettings
from lsd_studio.engine.messages.latent import (
    CodersListed,
    ComparedWithTwin,
    CompareSamplers,
    CompareWithTwin,
    DrawTwin,
    EmbedCodes,
    Embedding,
    Encoding,
    LatentSpaceOpened,
    ListCoders,
    OpenLatentSpace,
    SamplerMeasured,
    ShowCorrelations,
    ShowDensities,
    ShowPair,
    TwinDrawn,
    TwinOf,
)
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.latent.densities import DensitiesPage
from lsd_studio.ui.latent.embedding import EmbeddingPage
from lsd_studio.ui.latent.header import LatentHeader
from lsd_studio.ui.latent.page import LatentPage
from lsd_studio.ui.latent.pairs import PairsPage
from lsd_studio.ui.latent.path import PathsPage
from lsd_studio.ui.latent.plane import PlanesPage
from lsd_studio.ui.latent.samplers import SamplersPage
from lsd_studio.ui.latent.twin import TwinMode
from lsd_studio.ui.latent.verdict import LatentVerdict
from lsd_studio.ui.shell.asking import Asking
from lsd_studio.ui.shell.bridge import EngineBridge
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.layouts import caption, row
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.segments import Segments

__all__ = ["LatentWorkspace"]

TEST: TypeAdapter[CompareWithTwin | None] = TypeAdapter(CompareWithTwin | None)

VIEWS = (
    ("densities", "Densities", "Codes along every component, and against their radius"),
    ("planes", "Planes", "Codes on any two axes, at any zoom"),
    ("pairs", "Pairs", "Pearson matrix, density contours and confidence ellipses of pairs of components"),
    ("embedding", "t-SNE", "A layout in which neighbours stay neighbours"),
    ("samplers", "Samplers", "Random points drawn in every way of the posts, decoded and measured"),
    ("paths", "Paths", "From code to code, or along chosen axes, decoded"),
)
TWINS: dict[str, TwinMode] = {"off": "off", "beside": "beside", "blink": "blink"}
TWINS_OF: tuple[tuple[TwinOf, str, str], ...] = (
    ("codes", "All", "One Gaussian with the mean and covariance of all codes"),
    ("labels", "A label", "One Gaussian for each label, with the mean and covariance of its codes"),
)

LOADING = "The engine is loading. The codes of the first autoencoder are looked at as soon as it is there."
EMPTY = "No codes are looked at. Choose a coder and its images below, and press “Encode”."
NO_TWIN = "Samplers and paths have no twin: the twin’s own points are the sampler “multivariate normal”."
ABOUT_TWIN = "Points of Gaussians with the mean, the covariance and the count of the codes"

SLOW: dict[type[Request], str] = {
    OpenLatentSpace: "opening the model",
    DrawTwin: "drawing the Gaussian twin",
    CompareWithTwin: "testing against Gaussian twins",
    EmbedCodes: "t-SNE",
    CompareSamplers: "measuring samplers",
    ShowDensities: "counting codes along each axis",
    ShowCorrelations: "correlating components",
    ShowPair: "contours of the pair",
}
"""What is told of below the pages while it is under way, and can be stopped."""


class LatentWorkspace(Workspace):
    """Coder and images above, one large page, and a strip that says what the codes are of and what is under way."""

    def __init__(self, bridge: EngineBridge, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(bridge, themes, selection)
        self._space: LatentSpaceOpened | None = None
        self._has_twin = False
        self._is_new = True
        self._told: dict[str, tuple[str, float]] = {}
        self._wanted: ViewSettings = {}
        self._to_test: CompareWithTwin | None = None
        self._source = ""
        self._origins: dict[str, tuple[float, str]] = {}
        self.asking = Asking(bridge, self)
        self.asking.heard.connect(self._hear)
        self.asking.changed.connect(self._show_strip)
        self._build()
        self._lay_out()
        selection.bundle_changed.connect(self._use_bundle)
        self._choose_view("densities")
        self._show_strip()

    # --- what others may do ---------------------------------------------------------------------------------------

    @property
    def space(self) -> LatentSpaceOpened | None:
        """The codes that are looked at."""
        return self._space

    @property
    def page(self) -> LatentPage:
        """The page in front."""
        return self.pages[self.views.value or "densities"]

    @property
    def is_working(self) -> bool:
        """Whether something slow is under way."""
        return bool(self._slow())

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        if self._space is None:
            encoding = self.asking.is_asked(OpenLatentSpace)
            return (
                "Wait for the images to be encoded, or stop."
                if encoding
                else "Choose a coder and encode images."
            )
        return self.page.next_step

    @property
    def view_settings(self) -> ViewSettings:
        """The coder and its images, the page in front with all that is chosen in it, and how the twin is shown."""
        opened = self.header.request
        of = (
            {} if opened is None else {"coder": str(opened.coder), "data": opened.data, "split": opened.split}
        )
        return {
            **of,
            "view": self.views.value,
            "page": dict(self.page.view_settings),
            "twin": self.twin.value,
            "twin_of": self.twin_of.value,
            "tested": TEST.dump_python(self.verdict.tested, mode="json"),
        }

    def show_view(self, settings: ViewSettings) -> None:
        """Show a page again, of the same codes, as soon as there are codes."""
        self._wanted = settings
        request = self.header.request
        coder, data, split = (settings.get(name) for name in ("coder", "data", "split"))
        if coder is None and request is not None:
            coder = request.coder
        if isinstance(coder, str | Path) and isinstance(data, str | None) and split in ("train", "test"):
            wanted = OpenLatentSpace(coder, data, "train" if split == "train" else "test")
            if request is None or self._space is None or not _are_same(wanted, request):
                self._is_new = False
                self.open(wanted)
                self.asking.ask(ListCoders())
                return
        if self._space is not None:
            self._show_wanted()

    def _show_wanted(self) -> None:
        """Show what a figure was made of, now that its codes are there."""
        wanted, self._wanted = self._wanted, {}
        if (view := wanted.get("view")) in self.pages:
            self.go_to(str(view))
        if (of := wanted.get("twin_of")) in ("codes", "labels") and of != self.twin_of.value:
            self.twin_of.set_value(str(of))
            self._choose_twin_of(str(of))
        if (twin := wanted.get("twin")) in TWINS:
            self.twin.set_value(str(twin))
            self._choose_twin(str(twin))
        if isinstance(page := wanted.get("page"), dict):
            self.page.show_view(page)
        try:
            self._to_test = TEST.validate_python(wanted.get("tested"))
        except ValidationError:
            self._to_test = None

    def figures(self) -> tuple[PlotFigure, ...]:
        """The page in front as figures for publication: all of it, then each panel alone."""
        panels = (*self.page.panels(), *self.verdict.panels())
        view = self.views.value or "densities"
        stem = f"latent-{view}"
        heads = dict((value, text) for value, text, _ in VIEWS)
        singles = tuple(
            PlotFigure(
                f"{stem}-{place}", panel.title or heads[view], (panel,), self.computed_from, of="codes"
            )
            for place, panel in enumerate(panels, start=1)
        )
        if len(panels) < 2:
            return singles
        whole = PlotFigure(
            stem,
            f"{heads[view]} of a latent space",
            panels,
            self.computed_from,
            columns=2,
            wide=True,
            of="codes",
        )
        return whole, *singles

    def go_to(self, view: str) -> None:
        """Bring a page to the front: densities, planes, pairs, embedding, samplers or paths."""
        self.views.set_value(view)
        self._choose_view(view)

    def show_twin(self, mode: TwinMode) -> None:
        """Show the Gaussian twin beside the codes, in turn with them, or not."""
        self.twin.set_value(mode)
        self._choose_twin(mode)

    @Slot(object)
    def open(self, request: OpenLatentSpace) -> None:
        """Encode images, in the place of what was looked at."""
        self.header.show_request(request)
        self._forget()
        self.asking.ask(request)
        self.guided.emit()

    # --- building -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.header = LatentHeader()
        self.header.wanted.connect(self.open)
        self.views = Segments("View of the latent space", *VIEWS)
        self.views.set_value("densities")
        self.views.chosen.connect(self._choose_view)
        self.twin = Segments(
            "Gaussian twin",
            ("off", "Off", "Show the codes alone"),
            ("beside", "Beside", f"{ABOUT_TWIN}, beside them"),
            ("blink", "Blink", f"{ABOUT_TWIN}, in turn with them at the same place"),
        )
        self.twin.set_value("off")
        self.twin.chosen.connect(self._choose_twin)
        self.twin_words = QLabel("Gaussian twin")
        self.twin_words.setToolTip(ABOUT_TWIN)
        self.twin_of = Segments("Twin of", *TWINS_OF)
        self.twin_of.set_value("codes")
        self.twin_of.chosen.connect(self._choose_twin_of)
        self.densities = DensitiesPage(self.asking, self.themes)
        self.planes = PlanesPage(self.asking, self.themes)
        self.pairs = PairsPage(self.asking, self.themes)
        self.embedding = EmbeddingPage(self.asking, self.themes)
        self.samplers = SamplersPage(self.asking, self.themes)
        self.paths = PathsPage(self.asking, self.themes, self.history)
        self.pages: dict[str, LatentPage] = {
            "densities": self.densities,
            "planes": self.planes,
            "pairs": self.pairs,
            "embedding": self.embedding,
            "samplers": self.samplers,
            "paths": self.paths,
        }
        for name, page in self.pages.items():
            page.answered.connect(partial(self._answer, name))
            page.guided.connect(self.guided)
        self.verdict = LatentVerdict(self.themes)
        self.verdict.wanted.connect(self._test)
        self.hint = QLabel(LOADING)
        self.hint.setProperty("role", "caption")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words = caption(name="What the codes are of, and what is under way")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress")
        self.progress.setFixedWidth(24 * GRID)
        self.encode = QPushButton("Encode")
        self.encode.setDefault(True)
        self.encode.clicked.connect(self._encode)
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("Stop what is under way; what is shown stays")
        self.stop.clicked.connect(self._stop)

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        for view in (self.hint, *self.pages.values()):
            self._stack.addWidget(view)
        strip = QFrame()
        strip.setProperty("role", "card")
        inside = QVBoxLayout(strip)
        inside.setContentsMargins(12, GRID, 12, GRID)
        line = row(self.header, self.words, self.progress, self.stop, self.encode)
        line.setStretch(1, 1)
        inside.addLayout(line)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        whole.setSpacing(12)
        whole.addLayout(row(self.views, None, self.twin_words, self.twin_of, self.twin))
        whole.addWidget(self._stack, 1)
        whole.addWidget(self.verdict)
        whole.addWidget(strip)

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the first coder's codes when the workspace is seen for the first time."""
        super().showEvent(event)
        if self._is_new:
            self._is_new = False
            self.asking.ask(ListCoders())

    # --- choosing -------------------------------------------------------------------------------------------------

    @Slot(str)
    def _choose_view(self, view: str) -> None:
        page = self.pages[view]
        self._stack.setCurrentWidget(self.hint if self._space is None else page)
        for value in TWINS:
            self.twin.button(value).setEnabled(page.has_twin)
        self.twin.setToolTip(ABOUT_TWIN if page.has_twin else NO_TWIN)
        self._show_twin_of()
        if self.asking.is_asked(CompareWithTwin):
            self.asking.stop(CompareWithTwin().kind)
        self.verdict.forget()
        self._show_verdict()
        self._tell_origin()
        self.guided.emit()

    @Slot(str)
    def _choose_twin(self, mode: str) -> None:
        is_drawn = self._has_twin or self.asking.is_asked(DrawTwin)
        if mode != "off" and not is_drawn and self._space is not None:
            self.asking.ask(DrawTwin(twin_of=self._twin_of))
        self._pass_on_twin()

    @property
    def _twin_of(self) -> TwinOf:
        return "labels" if self.twin_of.value == "labels" else "codes"

    @Slot(str)
    def _choose_twin_of(self, of: str) -> None:
        """The twin is drawn anew where it is shown; a verdict on the other one is forgotten."""
        self._has_twin = False
        self.asking.stop(DrawTwin().kind)
        self.asking.stop(CompareWithTwin().kind)
        self.verdict.forget()
        if self.twin.value != "off" and self._space is not None:
            self.asking.ask(DrawTwin(twin_of=self._twin_of))
        self._pass_on_twin()

    def _show_twin_of(self) -> None:
        """Twins of the labels are offered where there are two labels or more."""
        labelled = self._space is not None and len(self._space.label_names) > 1
        for value, _, _ in TWINS_OF:
            self.twin_of.button(value).setEnabled(self.page.has_twin and (value == "codes" or labelled))
        if self._space is not None and not labelled and self._twin_of == "labels":
            self.twin_of.set_value("codes")

    def _pass_on_twin(self) -> None:
        mode = TWINS[self.twin.value or "off"] if self._has_twin else "off"
        for page in self.pages.values():
            page.show_twin(mode)
        self._show_verdict()
        self.guided.emit()

    def _show_verdict(self) -> None:
        shown = self._has_twin and self.twin.value != "off" and self.page.has_twin
        self.verdict.setVisible(shown and self._space is not None)

    @Slot()
    def _test(self) -> None:
        request = self.page.test()
        if request is not None:
            self._ask_test(replace(request, twin_of=self._twin_of))

    def _ask_test(self, request: CompareWithTwin) -> None:
        self.verdict.begin()
        self.asking.ask(request)

    @Slot()
    def _encode(self) -> None:
        if self.header.request is not None:
            self.open(self.header.request)

    @Slot()
    def _stop(self) -> None:
        for request in self._slow():
            self.asking.stop(request.kind)

    @Slot(object)
    def _use_bundle(self, bundle: OpenedBundle) -> None:
        if not self._is_new:
            self.asking.ask(ListCoders())

    # --- hearing --------------------------------------------------------------------------------------------------

    @Slot(object, object)
    def _hear(self, request: Request, event: Event) -> None:
        match event:
            case CodersListed():
                self.header.offer(event.names, self.selection.bundle)
                if self._space is None and not self.asking.is_asked(OpenLatentSpace):
                    self._encode()
            case Encoding():
                rate = f"{counted(event.done)} of {counted(event.wanted)}, {event.images_per_second:.0f} a second"
                self._tell(request, f"encoding images: {rate}", event.done / max(event.wanted, 1))
            case Embedding():
                at = event.layout
                self._tell(request, f"t-SNE, step {at.step} of {at.of}", at.step / max(at.of, 1))
            case SamplerMeasured():
                self._tell(
                    request, f"measuring samplers, {event.done} of {event.wanted}", event.done / event.wanted
                )
            case Working() if type(request) in SLOW:
                self._tell(request, event.what, self._told.get(request.kind, ("", 0.0))[1])
            case LatentSpaceOpened():
                self._show_space(event)
            case TwinDrawn() if event.twin_of == self._twin_of:
                self._has_twin = True
                self._pass_on_twin()
                if self._to_test is None:
                    self._test()
            case ComparedWithTwin():
                assert isinstance(request, CompareWithTwin)
                self.verdict.show_test(event, request)
                front = self.views.value or "densities"
                self._answer(front, 1000 * event.seconds, "test against Gaussian twins")
            case Failed():
                self._fail(request)
            case _:
                pass

    def _fail(self, request: Request) -> None:
        if isinstance(request, CompareWithTwin):
            self.verdict.forget()
        if isinstance(request, OpenLatentSpace | ListCoders):
            self.hint.setText(EMPTY)

    def _tell(self, request: Request, words: str, share: float) -> None:
        self._told[request.kind] = words, share
        self._show_strip()

    def _forget(self) -> None:
        """Other codes are on their way: what is shown is of those before."""
        self.asking.forget()
        self._told.clear()
        self._space, self._has_twin = None, False
        for page in self.pages.values():
            page.show_twin("off")
            page.use_space(None)
        self.hint.setText("The images are being encoded. Their codes are looked at as soon as all are there.")
        self._choose_view(self.views.value or "densities")

    def _show_space(self, space: LatentSpaceOpened) -> None:
        self._space = space
        self._source = (
            f"{space.name} · {space.data} {space.split} · {counted(space.count)} × {space.components}"
        )
        for page in self.pages.values():
            page.use_space(space)
        self._origins = dict.fromkeys(self.pages, (1000 * space.seconds, f"{self._source} · encoded"))
        self._choose_view(self.views.value or "densities")
        self._choose_twin(self.twin.value or "off")
        self._show_wanted()

    def _answer(self, name: str, milliseconds: float, shown: str) -> None:
        """Note what a page was computed from, and tell it where that page is in front."""
        self._origins[name] = milliseconds, f"{self._source} · {shown}"
        if name == self.views.value:
            self._tell_origin()

    def _tell_origin(self) -> None:
        if self._space is not None:
            self.answered.emit(*self._origins[self.views.value or "densities"])

    # --- showing --------------------------------------------------------------------------------------------------

    def _slow(self) -> list[Request]:
        return [request for request in self.asking.under_way if type(request) in SLOW]

    @Slot()
    def _show_strip(self) -> None:
        slow = self._slow()
        kinds = {request.kind for request in slow}
        self._told = {kind: told for kind, told in self._told.items() if kind in kinds}
        if self._to_test is not None and not self.asking.under_way:
            wanted, self._to_test = self._to_test, None
            self._ask_test(wanted)
        for part in (self.progress, self.stop):
            part.setVisible(bool(slow))
        self.encode.setVisible(not slow and self._space is None)
        self.encode.setEnabled(self.header.request is not None)
        if not slow:
            self.words.setText("" if self._space is None else space_words(self._space))
            if self._space is None and not self._is_new and not self.asking.is_asked(ListCoders):
                self.hint.setText(EMPTY)
            return
        request = slow[-1]
        words, share = self._told.get(request.kind, (SLOW[type(request)], 0.0))
        self.words.setText(f"{words[:1].upper()}{words[1:]}")
        self.progress.setValue(round(1000 * share))


def _are_same(one: OpenLatentSpace, other: OpenLatentSpace) -> bool:
    """Whether both encode the same images by the same coder, by its whole path: those of runs all end in one name."""
    return (str(one.coder), one.data, one.split) == (str(other.coder), other.data, other.split)


def space_words(space: LatentSpaceOpened) -> str:
    """What codes are of, and what is to be known of them."""
    which = "test" if space.split == "test" else "training"
    codes = f"{counted(space.count)} codes of {space.components} components: {which} images of {space.data}"
    return " ".join((f"{codes}, encoded by {space.provenance}.", *space.notes))
