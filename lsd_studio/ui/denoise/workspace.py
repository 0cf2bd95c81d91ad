"""The Denoise workspace: an image with live noise, what every method makes of it, and curves over many images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.denoising.denoised_image import (
    DenoisedImage,
    DenoiseSettings,
    Descent,
    Judged,
    NoiseChoice,
)
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import PlotFigure, ViewSettings
from lsd_studio.engine.images.pictures import EncodedPixels
from lsd_studio.engine.operations.bundles import OpenedBundle, TestImages
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.vocabulary import PAPER_TERMS, NoiseKind
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.denoise.controls import LARGEST, NOISE_WORDS, NoiseControls, noise_in_question
from lsd_studio.ui.denoise.curves import DenoiseCurves
from lsd_studio.ui.denoise.figures import denoised_figures
from lsd_studio.ui.denoise.methods import MethodTiles
from lsd_studio.ui.denoise.state import DenoiseState
from lsd_studio.ui.denoise.tile import JudgedTile
from lsd_studio.ui.shell.change import Change
from lsd_studio.ui.shell.image_source import ImageSource
from lsd_studio.ui.shell.image_workspace import ImageWorkspace
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.widgets.canvas import blank
from lsd_studio.ui.widgets.controls import outlined_button, slider
from lsd_studio.ui.widgets.front_stack import FrontStack
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.plain_text import capitalised, plain_label
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide

if TYPE_CHECKING:
    from lsd_studio.engine.denoising.curves import Curves

NOTHING_YET = "Pick a test image, use the image of Decompose, or drop an image file here."

DENOISING, DESCENT, FIT, MEASUREMENT, CURVES = "denoising", "descent", "fit", "measurement", "curves"
"""Tasks: an answer about the image, a descent, the fit of linear regression, new curves, and those stored before."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What is denoised and how.

    Args:
        source: pixels of a test image uint8 [C, H, W] or as a figure stores them, a file, its bytes, or None for the
            image of Decompose.
        title: which image it is; empty before there is one.
        settings: of noise and denoising.
    """

    source: np.ndarray | EncodedPixels | Path | bytes | None
    title: str
    settings: DenoiseSettings


class DenoiseWorkspace(ImageWorkspace):
    """Noise an image, see it denoised by truncation, by descent and by the baselines, and measure all of them.

    Attributes:
        scene: what is denoised and how.
        shown: the answer; descended: that of descent, once it is done.
    """

    open_title = "Open a noisy image"

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self.scene = self._before = Scene(None, "", DenoiseSettings())
        self._no_regression = ""
        self.shown: DenoisedImage | None = None
        self.descended: Descent | None = None
        self._build()
        self._lay_out()
        self._empty()
        self.tasks.changed.connect(lambda: self.curves.show_running(self.tasks.is_running(MEASUREMENT)))
        for button, name in (
            (self.from_decompose, "mdi6.gesture-double-tap"),
            (self.open_button, "mdi6.image-plus-outline"),
            (self.figure_button, "mdi6.grid"),
        ):
            themed_icon(button, name, themes)
        selection.denoisers_changed.connect(self._ask)
        selection.bundle_changed.connect(self._use_bundle)
        selection.tests_changed.connect(self._use_tests)
        selection.image_changed.connect(self._follow_current_image)
        if selection.bundle is not None:
            self._use_bundle(selection.bundle)
        if selection.tests is not None:
            self._use_tests(selection.tests)

    # --- what others may do ---------------------------------------------------------------------------------------

    @property
    def is_up_to_date(self) -> bool:
        """Whether what is shown answers the last question, descent and all."""
        done = self.descended is not None or not self.descent.isChecked()
        return self.shown is not None and not self.tasks.is_running(DENOISING) and done

    @property
    def is_complete(self) -> bool:
        """Whether no method is missing that this bundle can have, linear regression among them."""
        shown = self.shown
        return (
            self.is_up_to_date and shown is not None and (shown.has_regression or bool(self._no_regression))
        )

    @property
    def next_step(self) -> str:
        if self.selection.bundle is None:
            return "Open a bundle."
        if self.shown is None:
            return NOTHING_YET
        if self.curves.measured is None:
            return "Drag the noise level, or measure the curves."
        return "Drag the noise level, change its kind, or drop a noisy image of your own."

    def look_at_test_image(self, number: int) -> None:
        """Denoise a test image, by its place in the test set."""
        tests = self.selection.tests
        if tests is not None:
            settings = _with_added_noise(self.scene.settings)
            self._change(Scene(tests.images[number], f"test image {number}", settings), "pick a test image")

    def look_at_file(self, source: Path | bytes) -> None:
        """Denoise an image file, or the bytes of one, with the noise that it has."""
        words = "pasted image" if isinstance(source, bytes) else source.name
        settings = replace(self.scene.settings, noise="own", assumed=None)
        self._change(Scene(source, words, settings), "open an image")

    @Slot()
    def look_at_current_image(self) -> None:
        """Noise and denoise the current image of Decompose."""
        if self.selection.image is not None:
            settings = _with_added_noise(self.scene.settings)
            self._change(Scene(None, self.selection.image.title, settings), "use the image of Decompose")

    def set_scene(self, scene: Scene) -> None:
        """Show a scene without a step in the history."""
        self.scene = scene
        if not isinstance(scene.source, np.ndarray | EncodedPixels):
            self.picker.forget_pick()
        self._show_settings()
        self._ask()

    def figures(self) -> tuple[PlotFigure, ...]:
        if self.page.value == "many":
            figure = self.curves.figure()
            return () if figure is None else (figure,)
        if self.shown is None or self.selection.bundle is None:
            return ()
        names = self.selection.bundle.label_names
        return denoised_figures(self.shown, self.descended, names, self._provenance())

    @property
    def view_settings(self) -> ViewSettings:
        """The page in front, the image itself, how it is noised and denoised, and what is drawn of the curves."""
        scene = self.scene
        state = DenoiseState(
            page="many" if self.page.value == "many" else "one",
            denoising=scene.settings,
            descent=self.descent.isChecked(),
            **self.curves.state.model_dump(),
            **({} if scene.source is None else ImageSource(blank(), scene.source, scene.title).as_text),
        )
        return state.model_dump(mode="json", exclude_unset=True)

    def show_view(self, settings: ViewSettings) -> None:
        """Show an image again, noised and denoised in the same way; undo comes back to what was there before."""
        state = DenoiseState.model_validate(settings)
        if state.page is not None:
            self.show_page(state.page)
        self.curves.show_state(state)
        if state.denoising is None:
            return
        scene = replace(self.scene, settings=state.denoising)
        if (source := state.source) is not None:
            scene = Scene(source.image, source.title, state.denoising)
        self._change(scene, "open a figure")
        if state.descent is not None:
            self.descent.setChecked(state.descent)

    @Slot(str)
    def show_page(self, page: str) -> None:
        """Show one image ("one") or the curves ("many")."""
        self.page.set_value(page)
        self.pages.setCurrentIndex(("one", "many").index(page))

    # --- building -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        themes = self.themes
        self.noisy_large = JudgedTile(themes, "Noisy")
        self.noisy_large.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.controls = NoiseControls(themes)
        self.controls.kind_chosen.connect(self._choose_kind)
        self.controls.level_moved.connect(self._move_level)
        self.controls.reseeded.connect(self._reseed)
        self.controls.drag_begun.connect(self._drag_begun)
        self.controls.drag_ended.connect(self._drag_ended)
        self.from_decompose = outlined_button(
            "From Decompose", "Use the current image of Decompose", self.look_at_current_image
        )
        self.open_button.setText("Open…")
        self.open_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.open_button.setProperty("role", "outlined")
        self.words = caption("", "What was done to the image")

        self.methods = MethodTiles(themes)
        self.tiles = [JudgedTile(themes, f"n = {n}") for n in (*PAPER_TERMS, "M")]
        self.descent = QCheckBox("Descend on z")
        self.descent.setToolTip(
            "From the encoder's code to the most probable one: noise likelihood plus ½‖z‖²"
        )
        self.descent.setChecked(True)
        self.descent.toggled.connect(self._toggle_descent)
        self.told = self._box(
            "Told where",
            "Tell descent and PCA which pixels were dropped or covered",
            "told_where",
            "tell where the noise hit",
        )
        self.start = Segments(
            "Encoder",
            ("bundle", "E", "The bundle's encoder, which never saw noise"),
            ("saw_noise", "E that saw noise", "The same encoder, trained further on noisy images"),
            take=partial(self._set, "start", "choose the encoder"),
        )
        self.draws = self._box(
            "Average draws",
            "Average pictures in place of one: of 16 draws z = μ + σ·ε, and of 8 descents that begin at draws "
            "and are pulled to different places of the prior, which is the picture of least squared error",
            "draws",
            "average draws",
        )
        self.automatic = QCheckBox("By the noise floor")
        self.automatic.setToolTip(
            "Keep the |c| that stand above what the posterior's own noise explains: √(2 ln M) standard deviations"
        )
        self.automatic.toggled.connect(self._toggle_automatic)
        self.terms = slider("Number of terms n", "How many of the largest terms are kept", 1, 100)
        self.terms.valueChanged.connect(self._move_terms)
        self.terms.sliderPressed.connect(self._drag_begun)
        self.terms.sliderReleased.connect(self._drag_ended)
        self.terms_text = plain_label()
        self.terms_text.setMinimumWidth(9 * GRID)
        self.rescale = self._box(
            "Rescale to √M",
            "Rescale truncated codes to the norm of a random code",
            "rescale",
            "rescale to √M",
        )
        self.figure_button = outlined_button(
            "Figure 7b",
            "Truncations of 125 test images, as in the paper's Figure 7b",
            lambda: self.figure_wanted.emit("7b"),
        )
        self.train_button = outlined_button(
            "Train denoisers…",
            "Train a denoising autoencoder and an encoder that sees noise for this bundle",
            self.denoisers_wanted,
        )
        self.page = Segments(
            "Page",
            ("one", "One image", "The image on the left, denoised by every method"),
            ("many", "Curves over many images", "PSNR, SSIM and label kept over noise level and n, measured"),
            value="one",
            take=self.show_page,
        )
        self.curves = DenoiseCurves(themes)
        self.curves.wanted.connect(lambda: self.tasks.run(self._follow_measurement(), MEASUREMENT))
        self.curves.stop_wanted.connect(lambda: self.tasks.cancel(MEASUREMENT))

    def _box(self, text: str, meaning: str, setting: str, words: str) -> QCheckBox:
        """A box for one of the settings; `words` name the step in the history."""
        box = QCheckBox(text)
        box.setToolTip(meaning)
        box.toggled.connect(partial(self._set, setting, words))
        return box

    def _lay_out(self) -> None:
        self._sources = row(self.from_decompose, self.open_button, None)
        source = card(column(self.noisy_large, self.controls, self.words, self._sources))
        left = column(source, (card(self.picker), 1))

        choices = row(self.draws, self.descent, self.told, None, spacing=2 * GRID)
        head = SideBySide(row(title("Side by side"), None, self.start), choices, stretches=(1, 0), spacing=12)

        slide = row(title("Truncation"), (self.terms, 1), self.terms_text, spacing=2 * GRID)
        kept = row(self.automatic, self.rescale, None, self.figure_button, spacing=2 * GRID)
        above = SideBySide(slide, kept, stretches=(1, 0), spacing=12)
        truncation = card(column(above, (row(*self.tiles), 1)))
        truncation.setMinimumHeight(27 * GRID)

        one_image, many = QWidget(), QWidget()
        one_image.setLayout(column((card(column(head, (self.methods, 1))), 2), (truncation, 1)))
        many.setLayout(column(card(self.curves)))
        self.pages = FrontStack(one_image, many)
        right = column(row(self.page, None, self.train_button), (self.pages, 1))
        self.setLayout(row(left, (right, 1), spacing=2 * GRID, margin=2 * GRID))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the noisy picture grow with the window."""
        edge = min(max(240, round(0.22 * self.width())), round(0.4 * self.height()), 504)
        self.noisy_large.tile.prefer(edge)
        self.picker.setMaximumWidth(max(edge, self._sources.sizeHint().width()))

    # --- changing -------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Linear regression is fitted where it can be seen."""
        super().showEvent(event)
        if not self.tasks.is_running(FIT):
            self._fit_regression()

    def _change(self, scene: Scene, words: str) -> None:
        before = self.scene
        self.set_scene(scene)
        self.history.push(Change(self.set_scene, before, scene, words))

    def _revise(self, settings: DenoiseSettings, words: str) -> None:
        if settings != self.scene.settings:
            self._change(replace(self.scene, settings=settings), words)

    @Slot()
    def _drag_begun(self) -> None:
        self._before = self.scene

    @Slot()
    def _drag_ended(self) -> None:
        if self.scene is not self._before:
            self.history.push(Change(self.set_scene, self._before, self.scene, "move a slider"))

    def _slide(self, settings: DenoiseSettings, words: str, *, dragging: bool) -> None:
        """A slider moved: while a hand holds it the step in the history waits for its release."""
        if dragging:
            self.set_scene(replace(self.scene, settings=settings))
        else:
            self._revise(settings, words)

    @Slot(str, object)
    def _choose_kind(self, kind: NoiseChoice, assumed: NoiseKind | None) -> None:
        settings, shown = self.scene.settings, self.shown
        chosen = replace(settings, noise=kind, assumed=assumed)
        of = noise_in_question(chosen)
        if of == "own":
            level = 0.0
        elif (
            shown is not None
            and shown.noisy_image.certainty is not None
            and shown.noisy_image.noise.kind == assumed
        ):
            level = shown.noisy_image.noise.level
        else:
            level = LARGEST[of] * (settings.level / LARGEST[noise_in_question(settings)] or 0.4)
        words = NOISE_WORDS[of].lower()
        self._revise(
            replace(chosen, level=level),
            f"choose {words}" if assumed is None else f"take its noise as {words}",
        )

    @Slot(float)
    def _move_level(self, level: float) -> None:
        settings = replace(self.scene.settings, level=level)
        self._slide(settings, "change the noise level", dragging=self.controls.level.isSliderDown())

    @Slot()
    def _reseed(self) -> None:
        settings = self.scene.settings
        self._revise(replace(settings, seed=settings.seed + 1), "draw new noise")

    @Slot(int)
    def _move_terms(self, terms: int) -> None:
        settings = replace(self.scene.settings, terms=terms)
        self._slide(settings, "change the number of terms", dragging=self.terms.isSliderDown())

    @Slot(bool)
    def _toggle_automatic(self, automatic: bool) -> None:
        terms = None if automatic else self.terms.value()
        self._revise(replace(self.scene.settings, terms=terms), "choose n by the noise floor")

    def _set(self, setting: str, words: str, value: object) -> None:
        """Change one of the settings, as one step of the history."""
        changes: dict[str, Any] = {setting: value}
        self._revise(replace(self.scene.settings, **changes), words)

    @Slot(bool)
    def _toggle_descent(self, descend: bool) -> None:
        self.descended = None
        self.methods.descended.clear()
        self.tasks.cancel(DESCENT)
        if descend and self.shown is not None:
            self.tasks.run(self._descend(self.shown), DESCENT)

    # --- asking ---------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        scene = self.scene
        if self.selection.bundle is not None and scene.title:
            call = self.engine.denoise.image(scene.source, scene.title, scene.settings)
            self.tasks.run(self._take(call, scene), DENOISING)

    async def _take(self, call: Call[Never, DenoisedImage], scene: Scene) -> None:
        """Show an answer about a scene; what takes longer follows where it is the scene of now."""
        shown = await call
        self.tasks.cancel(DESCENT)
        self.tasks.cancel(FIT)
        self._show(shown)
        if scene is self.scene:
            if self.descent.isChecked():
                self.tasks.run(self._descend(shown), DESCENT)
            self._fit_regression()
        self.answered.emit(call.milliseconds, self._provenance())

    async def _descend(self, shown: DenoisedImage) -> None:
        call = self.engine.denoise.descend(shown)
        async for at in call:
            self._show_descent(at.found)
        self.descended = await call
        self._show_descent(self.descended.found)
        self.answered.emit(call.milliseconds, self._provenance())

    def _fit_regression(self) -> None:
        """Fit linear regression for the noise that is shown, where it is missing and can be seen."""
        shown = self.shown
        if shown is not None and self.isVisible() and not shown.has_regression and not self._no_regression:
            self.tasks.run(self._add_regression(shown), FIT)

    async def _add_regression(self, shown: DenoisedImage) -> None:
        try:
            found = await self.engine.denoise.linear_regression(shown)
        except StudioError as error:
            self._no_regression = str(error)
        else:
            self.shown = replace(shown, baselines=(*shown.baselines, found))
        self._show_methods()

    async def _follow_measurement(self) -> None:
        call = self.engine.denoise.measure()
        async for at in call:
            self.curves.show_progress(at)
        self._show_curves((await call).curves, stored=False)

    def _show_curves(self, curves: Curves | None, *, stored: bool = True) -> None:
        bundle = self.selection.bundle
        if curves is not None and bundle is not None:
            self.curves.show_curves(
                curves, f"{isolated(bundle.data_set)} with {isolated(bundle.name)}", stored=stored
            )
        self.guided.emit()

    @Slot(object)
    def _use_bundle(self, bundle: OpenedBundle) -> None:
        self.scene = replace(self.scene, source=None, title="")
        for key in (DENOISING, DESCENT, FIT, MEASUREMENT):
            self.tasks.cancel(key)
        self._no_regression = ""
        self.history.clear()
        with QSignalBlocker(self.terms):
            self.terms.setMaximum(bundle.latent_dimensions)
        self.curves.forget()
        self._empty()
        self.tasks.deliver(self.engine.denoise.stored_curves(), self._show_curves, CURVES)

    @Slot(object)
    def _use_tests(self, tests: TestImages) -> None:
        self.picker.show_images(tests)
        if not self.scene.title and self.selection.bundle is not None:
            if self.selection.image is not None:
                self.set_scene(replace(self.scene, source=None, title=self.selection.image.title))
            else:
                self.set_scene(replace(self.scene, source=tests.images[0], title="test image 0"))

    @Slot(object)
    def _follow_current_image(self, image: object) -> None:
        self.from_decompose.setEnabled(image is not None)
        if image is not None and self.scene.title and self.scene.source is None and self.isVisible():
            self._ask()

    # --- showing --------------------------------------------------------------------------------------------------

    def _show(self, shown: DenoisedImage) -> None:
        self.shown, self.descended = shown, None
        self._show_methods()
        for tile, (_, judged) in zip(self._tiles_in_use(), shown.truncations, strict=True):
            last = judged is shown.truncations[-1][1]
            tile.show_judged(judged, self._label_name(judged), caption="n = M" if last else "")
        title = shown.title if isinstance(self.scene.source, Path) else capitalised(shown.title)
        steps = capitalised(", ".join(shown.steps))
        self.words.setText(f"{title}: {shown.noise}." + (f" {steps}." if steps else ""))
        self._show_settings()
        noise = shown.noisy_image.noise
        self.curves.follow(noise.kind, noise.level)

    def _show_methods(self) -> None:
        shown, bundle = self.shown, self.selection.bundle
        assert shown is not None
        assert bundle is not None
        self.noisy_large.show_judged(shown.noisy, self._label_name(shown.noisy))
        self.methods.show_image(shown, bundle.label_names, self._no_regression)
        if self.descended is not None:
            self._show_descent(self.descended.found)

    def _show_descent(self, found: Judged) -> None:
        assert self.shown is not None
        done = self.descended is not None
        self.methods.show_descent(self.shown, found, self._label_name(found), is_done=done)

    def _show_settings(self) -> None:
        settings = self.scene.settings
        self.controls.show_settings(settings)
        shown = self.shown
        offered = shown is not None and shown.has_saw_noise
        for box, value in (
            (self.draws, settings.draws),
            (self.rescale, settings.rescale),
            (self.automatic, settings.terms is None),
            (self.told, settings.told_where),
        ):
            with QSignalBlocker(box):
                box.setChecked(value)
        self.start.set_value(settings.start if offered or shown is None else "bundle")
        self.start.button("saw_noise").setEnabled(offered)
        self.told.setEnabled(settings.noise in ("dropped", "rectangles"))
        terms = settings.terms or (shown.terms if shown is not None else 1)
        if not self.terms.isSliderDown():
            with QSignalBlocker(self.terms):
                self.terms.setValue(terms)
        self.terms_text.setText(f"n = {terms} of {self.terms.maximum()}")

    def _tiles_in_use(self) -> list[JudgedTile]:
        bundle = self.selection.bundle
        few = 0 if bundle is None else sum(n < bundle.latent_dimensions for n in PAPER_TERMS)
        return [*self.tiles[:few], self.tiles[-1]]

    def _empty(self) -> None:
        self.shown = self.descended = None
        for tile in self.findChildren(JudgedTile):
            tile.clear()
        for tile in self.tiles:
            tile.setVisible(self.selection.bundle is None or tile in self._tiles_in_use())
        self.words.setText(NOTHING_YET)
        self.from_decompose.setEnabled(self.selection.image is not None)
        self._show_settings()

    def _label_name(self, judged: Judged) -> str:
        assert self.selection.bundle is not None
        return self.selection.bundle.label_names[judged.label]

    def _provenance(self) -> str:
        assert self.shown is not None
        assert self.selection.bundle is not None
        settings = self.shown.settings
        encoder = "E that saw noise" if settings.start == "saw_noise" else "E"
        code = f"16 draws of {encoder}" if settings.draws else f"posterior mean of {encoder}"
        seed = "" if settings.noise == "own" else f", seed {settings.seed}"
        title, name = isolated(self.shown.title), isolated(self.selection.bundle.name)
        return f"{title} · {name} · {self.shown.noise}{seed} · {code}"


def _with_added_noise(settings: DenoiseSettings) -> DenoiseSettings:
    """The settings for a clean image: Gaussian noise in place of noise of its own."""
    if settings.noise != "own":
        return settings
    return replace(settings, noise="gaussian", level=DenoiseSettings().level, assumed=None)
