"""The Decompose workspace: an image, its amplitudes, and what is left of it with few of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QByteArray, QSettings, QSignalBlocker, Qt, Slot
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QLabel, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import PlotFigure, ViewSettings
from lsd_studio.engine.images.pictures import EncodedPixels
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operations.decompose import DecomposedImage, DecompositionSettings, Reconstruction
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.vocabulary import PAPER_TERMS
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.decompose.amplitude_ranking import AmplitudeRanking
from lsd_studio.ui.decompose.figures import decomposition_figures
from lsd_studio.ui.decompose.readings import Readings
from lsd_studio.ui.decompose.state import DecomposeState
from lsd_studio.ui.shell.change import Change
from lsd_studio.ui.shell.image_source import ImageSource
from lsd_studio.ui.shell.image_workspace import ImageWorkspace
from lsd_studio.ui.shell.recent import Kind, Recent
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.widgets.canvas import (
    DEFAULT_WIDTH,
    LARGEST_WIDTH,
    LEAST_WIDTH,
    DrawingCanvas,
    blank,
    is_blank,
)
from lsd_studio.ui.widgets.controls import outlined_button, slider
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.equal_tiles import EqualTiles
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title, tool_button
from lsd_studio.ui.widgets.picture_tile import PictureTile
from lsd_studio.ui.widgets.pictures import drawing_from, picture_image, png_bytes
from lsd_studio.ui.widgets.plain_text import capitalised, plain_label
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.timers import delay
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

FRAME = 16
"""Milliseconds between two repaints of the answers while a hand draws; the latest answer wins."""

IMAGE, REFINEMENT = "image", "refinement"
"""Tasks: an answer about the image, and its refinement."""

WIDE, WORDS = 1100, 464
"""Pixels of the page from which on both readings lie side by side, and of the words that hold them."""

LOADING = "The engine is loading. You can draw now; the drawing is decomposed as soon as the engine is ready."
NO_BUNDLE = "No bundle is open. Open one from the menu at the top left."


class DecomposeWorkspace(ImageWorkspace):
    """Draw, pick or drop an image and see it decomposed."""

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self._settings = DecompositionSettings(terms=5)
        self._source = self._before = ImageSource(blank())
        self._to_refine = False
        self._pending: tuple[DecomposedImage, float] | None = None
        self.shown: DecomposedImage | None = None
        self._frame = delay(self, FRAME, self._show_pending)
        self._build()
        self._lay_out()
        self._empty(LOADING)
        selection.bundle_changed.connect(self._use_bundle)
        selection.tests_changed.connect(self.picker.show_images)
        self.tasks.changed.connect(self._enable)
        for button, name in (
            (self.pen, "mdi6.pencil"),
            (self.eraser, "mdi6.eraser"),
            (self.clear_button, "mdi6.trash-can-outline"),
            (self.open_button, "mdi6.image-plus-outline"),
            (self.resample, "mdi6.dice-multiple-outline"),
            (self.refine, "mdi6.auto-fix"),
        ):
            themed_icon(button, name, themes)

    # --- what others may do ---------------------------------------------------------------------------------------

    @property
    def is_up_to_date(self) -> bool:
        """Whether what is shown answers the last question about an image."""
        return self.shown is not None and self._pending is None and not self.tasks.is_running(IMAGE)

    @property
    def next_step(self) -> str:
        if self.selection.bundle is None:
            return "Draw while the engine loads."
        if self.shown is None:
            return f"Draw a {self.selection.subject} on the canvas or pick a test image."
        if not self.shown.refined:
            return "Move the slider to keep fewer terms, or refine the reconstruction."
        return f"Compare the refined code's amplitudes, or draw another {self.selection.subject}."

    def look_at_test_image(self, number: int) -> None:
        """Decompose a test image, by its place in the test set; undo comes back to what was there before."""
        tests = self.selection.tests
        if tests is not None and 0 <= number < len(tests.images):
            pixels = tests.images[number]
            backdrop = picture_image(pixels.transpose(1, 2, 0))
            label = tests.label_names[tests.labels[number]]
            source = ImageSource(self._source.ink, pixels, f"test image {number}", backdrop, label)
            self._change(source, "pick a test image")

    def look_at_drawing(self, ink: QImage) -> None:
        """Decompose a drawing that was made elsewhere."""
        self._change(ImageSource(ink), "draw")

    def look_at_file(self, source: Path | bytes) -> None:
        """Decompose an image file or the bytes of one."""
        title = "pasted image" if isinstance(source, bytes) else source.name
        self._change(ImageSource(self._source.ink, source, title), "open an image")

    def look_at(self, source: ImageSource) -> None:
        """Show a drawing or an image and ask the engine about it, without a step in the history."""
        self._source = source
        backdrop = source.backdrop if source.image is None or source.backdrop is not None else blank()
        self.canvas.show_image(source.ink, backdrop)
        if not isinstance(source.image, np.ndarray | EncodedPixels):
            self.picker.forget_pick()
        self._ask()

    def figures(self) -> tuple[PlotFigure, ...]:
        """The image, its amplitudes and its truncations, as figures for publication."""
        if self.shown is None or self.selection.bundle is None:
            return ()
        return decomposition_figures(self.shown, self.selection.bundle, self._provenance(self.shown))

    @property
    def view_settings(self) -> ViewSettings:
        """The image itself, and how what is shown of it was decomposed."""
        shown = self.shown
        settings = self._settings if shown is None else replace(shown.settings, reading=shown.reading)
        state = DecomposeState(
            latent=settings.latent,
            seed=settings.seed,
            reading=settings.reading,
            terms=self._settings.terms,
            refined=shown is not None and shown.refined,
            vector=self.selection.vector,
            **self._source.as_text,
        )
        return state.model_dump(mode="json", exclude_unset=True)

    def show_view(self, settings: ViewSettings) -> None:
        """Show an image again, decomposed in the same way; undo comes back to what was there before."""
        state = DecomposeState.model_validate(settings)
        terms = state.terms if state.terms <= self.terms.maximum() else 1
        self._settings = DecompositionSettings(state.latent, state.seed, state.reading, terms)
        self.latent.set_value(state.latent)
        if state.reading is not None:
            self.reading.set_value(state.reading)
        with QSignalBlocker(self.terms):
            self.terms.setValue(terms)
        self._say_terms()
        if (source := state.source) is not None:
            self._change(source, "open a figure")
            self._to_refine = state.refined
        known = 0 if self.selection.bundle is None else self.selection.bundle.latent_dimensions
        if state.vector is not None and state.vector < known:
            self.selection.look_at_vector(state.vector)

    def keep_session(self, settings: QSettings) -> None:
        """Note the drawing, or the image file."""
        ink, image = self._source.ink, self._source.image
        settings.setValue("drawing", "" if is_blank(ink) else QByteArray(png_bytes(ink)))
        settings.setValue("file", str(image.absolute()) if isinstance(image, Path) else "")

    def recall_session(self, settings: QSettings) -> None:
        """Put the drawing back, or open the file again if it is still there."""
        stored, file = settings.value("drawing"), settings.value("file")
        ink = drawing_from(bytes(stored.data()), blank().size()) if isinstance(stored, QByteArray) else None
        if isinstance(file, str) and file and Path(file).is_file():
            self.look_at(ImageSource(blank(), Path(file), Path(file).name))
        elif ink is not None:
            self.look_at(ImageSource(ink))

    @Slot()
    def clear(self) -> None:
        """Clear the canvas; undo brings the drawing back."""
        if not self._source.is_empty:
            self._change(ImageSource(blank()), "clear")

    # --- building -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        themes = self.themes
        self.canvas = DrawingCanvas(themes)
        self.canvas.stroke_begun.connect(self._stroke_begun)
        self.canvas.changed.connect(self._drawing_changed)
        self.canvas.stroke_ended.connect(self._stroke_ended)
        self.pen = tool_button("Pen", "Draw (P)", checkable=True, shortcut="P")
        self.eraser = tool_button(
            "Eraser", "Erase (E), or draw with the right button", checkable=True, shortcut="E"
        )
        self.pen.setChecked(True)
        tools = QButtonGroup(self)
        tools.addButton(self.pen)
        tools.addButton(self.eraser)
        tools.buttonClicked.connect(self._choose_tool)
        self.width_slider = slider("Brush width", "Brush width", LEAST_WIDTH, LARGEST_WIDTH, DEFAULT_WIDTH)
        self.width_slider.setMinimumWidth(5 * GRID)
        self.width_slider.valueChanged.connect(self._set_width)
        self.clear_button = tool_button("Clear", "Clear the canvas (Del)", shortcut="Del")
        self.clear_button.clicked.connect(self.clear)

        self.seen = PictureTile(themes, "Network input")
        self.reconstruction = PictureTile(themes, "Reconstruction")
        self.readings = Readings(themes, self.engine, self.tasks)
        self.true_label = ElidingLabel("True label of the test image", "title")
        self.steps = caption(name="What was done to the image")
        self.error = WrappedLabel("Error of the reconstruction")
        self.latent = Segments(
            "Code",
            ("mean", "Mean μ", "Decompose the posterior's mean"),
            ("sample", "Sampled z", "Decompose one draw z = μ + σ·ε from the posterior"),
            value="mean",
            take=self._choose_latent,
        )
        self.resample = tool_button("Draw another sample", "Draw another z from the posterior")
        self.resample.setProperty("role", "outlined")
        self.resample.clicked.connect(
            lambda: self._revise(replace(self._settings, seed=self._settings.seed + 1))
        )
        self.reading = Segments(
            "Reading",
            ("absolute", "Absolute |c|", "The largest |c| of all vectors names the label (the paper)"),
            (
                "signed",
                "Signed c",
                "The largest c of set 1 names the label: a negative c says that a label is absent",
            ),
            take=self._choose_reading,
        )
        self.refine = outlined_button(
            "Refine",
            "Lower the reconstruction error by gradient steps on the code; the label is kept",
            self._refine,
        )

        self.tiles = [PictureTile(themes, f"n = {n}") for n in (*PAPER_TERMS, "M")]
        self.slider_tile = PictureTile(themes, "n")
        self.slider_tile.marked = True
        for tile in (*self.tiles, self.slider_tile):
            tile.prefer(80)
        self.terms = slider(
            "Number of terms n", "How many of the largest terms are kept", 1, 100, self._settings.terms
        )
        self.terms.valueChanged.connect(self._set_terms)
        self.terms_text = plain_label()
        self.terms_text.setMinimumWidth(8 * GRID)
        self.ranking = AmplitudeRanking(themes)
        self.ranking.selected.connect(self.selection.look_at_vector)
        self.selection.vector_changed.connect(self.ranking.mark)

    def _lay_out(self) -> None:
        tools = row(self.pen, self.eraser, self.width_slider, self.clear_button, self.open_button)
        left = column(card(column(self.canvas, tools)), (card(self.picker), 1))

        code = SideBySide(row(self.latent, None), row(self.resample, self.refine, None), stretches=(0, 1))
        done = column(self.true_label, self.steps, self.error)
        self._words = QWidget()
        self._words.setLayout(column(None, self.readings, done, code, row(self.reading, None), None))
        pictures = row(self.seen, self.reconstruction, (self._words, 1), spacing=2 * GRID)

        self._strip = EqualTiles(*self.tiles, self.slider_tile)
        slide = row(title("Truncations"), QLabel("terms kept"), self.terms, self.terms_text, spacing=2 * GRID)
        truncations = column(slide, (self._strip, 1))
        self._ranking_caption = ElidingLabel("How the amplitudes are ordered")
        self._ranking_caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = row(title("Amplitudes c by rank"), (self._ranking_caption, 1))
        amplitudes = column(head, (self.ranking, 1))

        right = column((card(pictures), 17), (card(truncations), 20), (card(amplitudes), 24))
        self.setLayout(row(left, (right, 1), spacing=2 * GRID, margin=2 * GRID))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the canvas and the two large pictures grow with the window."""
        edge = min(max(288, round(0.24 * self.width())), round(0.5 * self.height()), 560)
        self.canvas.prefer(edge)
        self.picker.setMaximumWidth(edge)
        self._words.setMinimumWidth(WORDS if self.width() >= WIDE else 0)
        large = min(max(128, round(0.3 * (self.height() - 260))), 320)
        for tile in (self.seen, self.reconstruction):
            tile.prefer(large)

    # --- drawing --------------------------------------------------------------------------------------------------

    @Slot()
    def _stroke_begun(self) -> None:
        self._before = self._source

    @Slot()
    def _drawing_changed(self) -> None:
        if self._source.image is not None:
            self.picker.forget_pick()
        self._source = ImageSource(self.canvas.ink_image)
        self._ask()

    @Slot()
    def _stroke_ended(self) -> None:
        self.history.push(
            Change(self.look_at, self._before, self._source, "erase" if self.canvas.erasing else "draw")
        )

    def _change(self, source: ImageSource, words: str) -> None:
        if self.selection.bundle is not None and source.is_unread:
            self.tasks.run(self._open(source, words), IMAGE)
        else:
            before = self._source
            self.look_at(source)
            self._note_change(before, words)

    async def _open(self, source: ImageSource, words: str) -> None:
        """Take an image that must be read first; all stays as it was where it cannot be, or a hand was quicker."""
        before, call = self._source, self._decomposed(source)
        try:
            shown = await call
        except StudioError:
            self._to_refine = False
            raise
        if self._source is before:
            self._source = replace(source, backdrop=picture_image(shown.picture))
            self.canvas.show_image(source.ink, self._source.backdrop)
            self.picker.forget_pick()
            self._note_change(before, words)
            self._show_soon(shown, call.milliseconds)

    def _note_change(self, before: ImageSource, words: str) -> None:
        self.history.push(Change(self.look_at, before, self._source, words))
        if isinstance(self._source.image, Path):
            self.opened.emit(Recent(Kind.IMAGE, str(self._source.image.absolute())))

    @Slot(QAbstractButton)
    def _choose_tool(self, tool: QAbstractButton) -> None:
        self.canvas.erasing = tool is self.eraser

    @Slot(int)
    def _set_width(self, width: int) -> None:
        self.canvas.brush_width = width

    # --- asking ---------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        if self._source.is_empty:
            self.tasks.cancel(IMAGE)
            self._empty(LOADING if self.selection.bundle is None else self._nothing_yet())
        elif self.selection.bundle is not None:
            self.tasks.run(self._take(self._decomposed(self._source), self._source), IMAGE)

    def _decomposed(self, source: ImageSource) -> Call[Any, DecomposedImage]:
        match source.image:
            case None:
                return self.engine.decompose.drawing(self.canvas.ink(), self._settings)
            case np.ndarray() | EncodedPixels() as pixels:
                return self.engine.decompose.image(pixels, source.title, self._settings)
            case Path() | bytes() as file:
                return self.engine.decompose.file(file, self._settings)

    async def _take(self, call: Call[Any, DecomposedImage], source: ImageSource | None = None) -> None:
        """Show an answer, at the next frame; `source` is what it was asked about, where it is a new image."""
        shown = await call
        if source is self._source and source.image is not None and source.backdrop is None:
            self._source = replace(source, backdrop=picture_image(shown.picture))
            self.canvas.show_image(self._source.ink, self._source.backdrop)
        self._show_soon(shown, call.milliseconds)

    def _show_soon(self, shown: DecomposedImage, milliseconds: float) -> None:
        self._pending = shown, milliseconds
        if not self._frame.isActive():
            self._show_pending()

    def _revise(self, settings: DecompositionSettings) -> None:
        self._settings = settings
        if self.shown is not None:
            self.tasks.run(self._take(self.engine.decompose.revise(settings)), IMAGE)

    @Slot(str)
    def _choose_latent(self, latent: str) -> None:
        self.resample.setEnabled(latent == "sample" and self.selection.bundle is not None)
        self._revise(replace(self._settings, latent="sample" if latent == "sample" else "mean"))

    @Slot(str)
    def _choose_reading(self, reading: str) -> None:
        self._revise(replace(self._settings, reading="signed" if reading == "signed" else "absolute"))

    @Slot()
    def _refine(self) -> None:
        if self.shown is not None:
            self.tasks.run(self._follow_refinement(), REFINEMENT)

    async def _follow_refinement(self) -> None:
        call = self.engine.decompose.refine()
        async for at in call:
            self._show_reconstruction(at.reconstruction, at.root_mean_square_error)
            self.refine.setText(f"Refining {at.step}/{at.steps}")
        await self._take(call)

    @Slot(int)
    def _set_terms(self, terms: int) -> None:
        self._settings = replace(self._settings, terms=terms)
        self._say_terms()
        if self.shown is not None:
            self._ask_truncation()

    def _ask_truncation(self) -> None:
        self.tasks.run(self._take_truncation(self.engine.decompose.truncate(self._settings.terms)))

    async def _take_truncation(self, call: Call[Any, Reconstruction]) -> None:
        part = await call
        if self.shown is not None:
            self._show_part(self.slider_tile, part, f"n = {part.terms}")
            self.answered.emit(call.milliseconds, self._provenance(self.shown))

    # --- showing --------------------------------------------------------------------------------------------------

    @Slot(object)
    def _use_bundle(self, bundle: OpenedBundle) -> None:
        self.readings.use_bundle()
        self.picker.show_images(None)
        self._settings = replace(self._settings, reading=bundle.reading)
        self.reading.set_value(bundle.reading)
        self.ranking.show_bundle(bundle)
        self.terms.setMaximum(bundle.latent_dimensions)
        self._say_terms()
        self.canvas.ask_for(bundle.subject)
        self._empty(self._nothing_yet())
        self._ask()

    def _nothing_yet(self) -> str:
        return (
            f"Draw a {self.selection.subject}, pick a test image, or drop an image file here: its amplitudes appear at "
            "once."
        )

    @Slot()
    def _show_pending(self) -> None:
        pending, self._pending = self._pending, None
        if pending is None or self.selection.bundle is None:
            return
        event, milliseconds = pending
        self._frame.start()
        self.shown = event
        self.selection.look_at_image(event)
        names = self.selection.bundle.label_names
        self.seen.show_picture(
            event.picture, "Network input", event.label, names[event.label], event.probability
        )
        self._show_reconstruction(event.reconstruction, event.root_mean_square_error)
        for tile, part in zip(self._tiles_in_use(), event.truncations, strict=True):
            self._show_part(tile, part, "n = M" if part is event.reconstruction else f"n = {part.terms}")
        if event.slider.terms == self._settings.terms:
            self._show_part(self.slider_tile, event.slider, f"n = {event.slider.terms}")
        else:
            self._ask_truncation()
        self.readings.show_image(event, names, self.ranking.vector_name(event.winner))
        self._show_true_label(self._source.label)
        self.steps.setText(_sentence(event.steps) or f"{capitalised(event.title)}, unchanged.")
        self.ranking.show_decomposition(event)
        self._ranking_caption.setText(f"{self.ranking.order}; c = ⟨ξ(α, i) | z⟩ / M, label α, set i")
        self._enable()
        if self._to_refine and self.is_up_to_date:
            self._to_refine = False
            self._refine()
        self.answered.emit(milliseconds, self._provenance(event))

    def _show_true_label(self, name: str) -> None:
        """Say what the image's label is, where that is known."""
        self.true_label.setText(f"True label: {name}" if name else "")
        self.true_label.setVisible(bool(name))

    def _show_reconstruction(self, part: Reconstruction, error: float) -> None:
        self._show_part(self.reconstruction, part, "Reconstruction")
        self.error.setText(f"Root mean square error {error:.3f}, pixels from −1 to 1.")

    def _show_part(self, tile: PictureTile, part: Reconstruction, caption: str) -> None:
        assert self.selection.bundle is not None
        name = self.selection.bundle.label_names[part.label]
        tile.show_picture(part.picture, caption, part.label, name, part.probability)

    def _tiles_in_use(self) -> list[PictureTile]:
        assert self.selection.bundle is not None
        few = sum(n < self.selection.bundle.latent_dimensions for n in PAPER_TERMS)
        return [*self.tiles[:few], self.tiles[-1]]

    def _empty(self, hint: str) -> None:
        self.shown = self._pending = None
        self.computed_from = ""
        for tile in (self.seen, self.reconstruction, self.slider_tile, *self.tiles):
            tile.clear()
        if self.selection.bundle is not None:
            self._strip.show_only([*self._tiles_in_use(), self.slider_tile])
        self.readings.clear()
        self._show_true_label("")
        self.steps.setText("")
        self.error.setText("")
        self.ranking.clear(hint)
        self._enable()
        self.guided.emit()

    def show_no_bundle(self) -> None:
        """Say that there is no bundle and what to do."""
        if self.selection.bundle is None:
            self._empty(NO_BUNDLE)

    def _enable(self) -> None:
        there = self.shown is not None
        refined = self.shown is not None and self.shown.refined
        refining = self.tasks.is_running(REFINEMENT)
        if not refining:
            self.refine.setText("Refined" if refined else "Refine")
        self.terms.setEnabled(there)
        can_refine = there and not refined and not refining
        if not can_refine and self.window().focusWidget() is self.refine:
            self.terms.setFocus()  # Qt would give it to the reading, which the same key changes
        self.refine.setEnabled(can_refine)
        self.resample.setEnabled(there and self.latent.value == "sample")
        for choice in (self.latent, self.reading):
            choice.setEnabled(self.selection.bundle is not None)

    def _say_terms(self) -> None:
        self.terms_text.setText(f"{self.terms.value()} of {self.terms.maximum()}")

    def _provenance(self, event: DecomposedImage) -> str:
        code = (
            "posterior mean μ" if event.settings.latent == "mean" else f"sample z, seed {event.settings.seed}"
        )
        refined = ", refined" if event.refined else ""
        return f"{isolated(event.title)} · {isolated(event.bundle)} · {code}{refined} · read {event.reading}"


def _sentence(steps: tuple[str, ...]) -> str:
    text = ", ".join(steps)
    return f"{capitalised(text)}." if text else ""
