"""Export a figure: what of the view, for which place, in which size and format, with a preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QSettings, QSize, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QWidget,
)

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError, sentence_of
from lsd_studio.engine.figures.spec import (
    LEAST_DPI,
    LEAST_MM,
    MOST_DPI,
    MOST_MM,
    MOST_PIXELS,
    PAPER_FIGURES,
    WIDE_FIGURES,
    FigureLook,
    FigureStyle,
    FigureView,
    NumberedFigure,
    PlotFigure,
)
from lsd_studio.engine.operations.figures import RenderedFigure, SavedFigure
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.figures.preview import FigurePreview, copy_figure
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.dialogs import ask_for_new
from lsd_studio.ui.widgets.layouts import caption, column, row
from lsd_studio.ui.widgets.number_boxes import number_box, whole_number_box
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.timers import delay

Result = TypeVar("Result")

STYLES: dict[FigureStyle, float] = {"column": 86.0, "double": 178.0, "slide": 254.0}
"""Widths in mm."""

PREVIEW_DPI = 120
PREVIEW_PIXELS = 1200
"""Pixels of the preview, each way, at most; the window shows fewer."""

PREVIEW = "preview"
"""The task that draws previews."""

PAUSE = 250
"""Milliseconds without a change before the preview is drawn anew."""


class FigureDialog(QDialog):
    """A preview at the left, what is asked for at the right; every change is drawn by the engine.

    Args:
        engine, themes, settings: of the window; lasting: its tasks, in which a figure is written to its end.
        figures: what the view has, the whole of it first.
        view: that they show.
        number: of the paper's figure that is offered first; without one it is the view.
    """

    def __init__(
        self,
        engine: Engine,
        lasting: Tasks,
        themes: ThemeManager,
        settings: QSettings,
        figures: Sequence[PlotFigure],
        view: FigureView,
        number: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine, self._settings, self._figures, self._view = engine, settings, tuple(figures), view
        self._tasks, self._lasting, self._is_open = Tasks(self), lasting, True
        self._tasks.failed.connect(lambda error: self._say(sentence_of(error)))
        self._pause = delay(self, PAUSE, self._render)
        self.setWindowTitle("Export figure")
        self.setModal(True)
        self._build(themes, number)
        self.finished.connect(self._end)
        self._choose()

    @property
    def figure(self) -> PlotFigure | NumberedFigure:
        """What is to be exported."""
        place = self.what.currentIndex()
        if place < len(self._figures):
            return self._figures[place]
        return NumberedFigure(str(self.what.itemData(place)))

    def look(self, dpi: int) -> FigureLook:
        """How it is to be drawn."""
        style = next(style for style in STYLES if style == self.style_choice.value)
        height = self.height_mm.value()
        return FigureLook(
            style=style,
            width=self.width_mm.value(),
            height=height if height > self.height_mm.minimum() else None,
            dpi=dpi,
        )

    def preview_look(self) -> FigureLook:
        """The same for the preview: no larger than the window shows it."""
        look = self.look(PREVIEW_DPI)
        side = max(self.width_mm.value(), look.height or 0.0)
        return replace(look, dpi=max(LEAST_DPI, min(PREVIEW_DPI, int(PREVIEW_PIXELS * 25.4 / side))))

    def save(self, path: Path) -> None:
        """Write the figure to a file."""
        self._settings.setValue("figures/folder", str(path.parent))
        view = self._view if isinstance(self.figure, PlotFigure) else None
        self._say("writing…")
        call = self._engine.figures.save(self.figure, path, self.look(self.dpi.value()), view)
        self._lasting.run(self._follow_saving(call))

    @Slot()
    def copy(self) -> None:
        """Put the figure on the clipboard."""
        self._say("copying…")
        call = self._engine.figures.render(self.figure, self.look(self.dpi.value()))
        self._tasks.run(self._follow_copying(call))

    @Slot()
    def _end(self) -> None:
        """Draw no more; what is being written is finished."""
        self._pause.stop()
        self._is_open = False
        self._tasks.cancel(PREVIEW)

    # --- building -------------------------------------------------------------------------------------------------

    def _build(self, themes: ThemeManager, first: str) -> None:
        self.preview = FigurePreview(themes)
        self.what = QComboBox()
        self.what.setAccessibleName("What is exported")
        self.what.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for figure in self._figures:
            self.what.addItem(figure.title)
        if self._figures:
            self.what.insertSeparator(len(self._figures))
        for number in PAPER_FIGURES:
            self.what.addItem(f"Figure {number} of the paper", number)
        if first:
            self.what.setCurrentIndex(self.what.findData(first))
        self.what.currentIndexChanged.connect(self._choose)
        self.style_choice = Segments(
            "Style",
            ("column", "Column", "For one column of a journal: 86 mm, type of 8 points"),
            ("double", "Two columns", "For two columns of a journal: 178 mm, type of 8 points"),
            ("slide", "Slide", "For a slide of 254 × 142.9 mm: larger type, thicker lines"),
            take=self._choose_style,
        )
        stored = self._settings.value("figures/format")
        self.format = Segments(
            "Format",
            ("pdf", "PDF", "Vectors, type embedded"),
            ("svg", "SVG", "Vectors, type as outlines"),
            ("png", "PNG", "Pixels"),
            value=stored if stored in ("svg", "png") else "pdf",
            take=self._keep_format,
        )
        self.width_mm = number_box("Width", LEAST_MM, MOST_MM, LEAST_MM)
        self.height_mm = number_box("Height", LEAST_MM, MOST_MM, LEAST_MM)
        self.height_mm.setSpecialValueText("as needed")
        self.height_mm.setMinimum(LEAST_MM - 1)
        self.dpi = whole_number_box(
            "Dots per inch",
            LEAST_DPI,
            MOST_DPI,
            300,
            "Of PNG and of the clipboard; pictures inside PDF and SVG have 600 at least",
        )
        self.dpi.setSingleStep(50)
        self.dpi.setSuffix(" dpi")
        for side in (self.width_mm, self.height_mm):
            side.setSuffix(" mm")
            side.valueChanged.connect(lambda: self._pause.start())
        self.dpi.valueChanged.connect(self._estimate)
        self.pixels = caption(name="Pixels of the figure as PNG")
        self.words = caption(name="What the figure shows")
        self.state = caption(name="What became of the figure")
        form = QFormLayout()
        form.setSpacing(GRID)
        for name, field in (
            ("Figure", self.what),
            ("Style", row(self.style_choice, None)),
            ("Width", self.width_mm),
            ("Height", self.height_mm),
            ("Format", row(self.format, None)),
            ("Resolution", self.dpi),
            ("", self.pixels),
        ):
            form.addRow(name, field)
        self.copy_button = push_button("Copy", self.copy, "Put the figure on the clipboard as an image")
        self.copy_button.setAutoDefault(False)
        self.save_button = push_button(
            "Save…",
            self._ask_for_file,
            "Write the figure, its data, and a JSON file that says what it was computed from",
            default=True,
        )
        buttons = row(None, self.copy_button, self.save_button)
        beside = QWidget()
        beside.setLayout(column(form, self.words, None, self.state, buttons, spacing=2 * GRID))
        beside.setFixedWidth(352)
        self.setLayout(row((self.preview, 1), beside, spacing=2 * GRID, margin=2 * GRID))
        self.resize(QSize(1080, 560).boundedTo(self.screen().availableSize()))

    # --- choosing -------------------------------------------------------------------------------------------------

    @Slot()
    def _choose(self) -> None:
        figure = self.figure
        if isinstance(figure, PlotFigure):
            wide = figure.wide
            self._describe(figure.caption, figure.source)
        else:
            wide = figure.number in WIDE_FIGURES
            self.words.setText(
                "Computed for the bundle in use; where it needs an evaluation, that takes minutes the first time."
            )
        self.preview.clear()
        self.style_choice.set_value("double" if wide else "column")
        self._choose_style()

    @Slot()
    def _choose_style(self) -> None:
        slide = self.style_choice.value == "slide"
        self.width_mm.setValue(next(w for style, w in STYLES.items() if style == self.style_choice.value))
        self.height_mm.setValue(142.9 if slide else self.height_mm.minimum())
        self._pause.start()

    @Slot(str)
    def _keep_format(self, kind: str) -> None:
        self._settings.setValue("figures/format", kind)
        self._estimate()

    @Slot()
    def _render(self) -> None:
        self.preview.say("drawing…")
        self._tasks.cancel(PREVIEW)
        call = self._engine.figures.render(self.figure, self.preview_look(), preview=True)
        self._tasks.run(self._follow_preview(call), PREVIEW)

    @Slot()
    def _estimate(self) -> None:
        """Say how many pixels a PNG and the clipboard would have, from the preview's proportions."""
        rendered = self.preview.rendered
        if rendered is None:
            self.pixels.setText("")
            return
        width, height = (
            round(side * self.dpi.value() / rendered.dpi) for side in (rendered.width, rendered.height)
        )
        too_many = "" if width * height <= MOST_PIXELS else f", more than {MOST_PIXELS // 1_000_000} million"
        self.pixels.setText(f"{width} × {height} pixels as PNG{too_many}")
        self.copy_button.setEnabled(not too_many)
        self.save_button.setEnabled(not too_many or self.format.value != "png")

    @Slot()
    def _ask_for_file(self) -> None:
        kind = self.format.value or "pdf"
        folder = str(self._settings.value("figures/folder", ""))
        name, kinds = f"{self._file_name()}.{kind}", [f"{kind.upper()} (*.{kind})"]
        ask_for_new(self, "Save the figure", self.save, name, kinds, folder)

    def _file_name(self) -> str:
        figure = self.figure
        return figure.name if isinstance(figure, PlotFigure) else f"figure-{figure.number}"

    # --- following ------------------------------------------------------------------------------------------------

    async def _followed(self, call: Call[Doing, Result]) -> Result:
        async for step in call:
            if self._is_open:
                self.preview.say(step.in_words)
        return await call

    async def _follow_preview(self, call: Call[Doing, RenderedFigure]) -> None:
        rendered = await self._followed(call)
        self.preview.show_figure(rendered, self._file_name())
        self._describe(rendered.caption, rendered.source)
        self._estimate()

    async def _follow_copying(self, call: Call[Doing, RenderedFigure]) -> None:
        rendered = await self._followed(call)
        copy_figure(rendered)
        self._say(f"On the clipboard, {rendered.width} × {rendered.height} pixels.")

    async def _follow_saving(self, call: Call[Doing, SavedFigure]) -> None:
        """Follow the writing of a figure, which goes on when the dialog is closed."""
        try:
            saved = await self._followed(call)
        except StudioError as error:
            if not self._is_open:
                raise
            self._say(str(error))
        else:
            if self._is_open:
                self._say("Saved as " + ", ".join(path.name for path in saved.files) + ".")

    def _describe(self, caption: str, source: str) -> None:
        self.words.setText("\n".join(filter(None, (caption, source))))

    def _say(self, words: str) -> None:
        self.preview.say("")
        self.state.setText(words)
