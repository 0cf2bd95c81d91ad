"""The controls of noise: its kind, how much of it, and which draw."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from lsd_studio.engine.denoising.denoised_image import DenoiseSettings, NoiseChoice
from lsd_studio.engine.denoising.noise import LARGEST_LEVEL
from lsd_studio.engine.vocabulary import NOISE_KINDS
from lsd_studio.percentages import percentage
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.widgets.controls import slider
from lsd_studio.ui.widgets.layouts import column, row, tool_button
from lsd_studio.ui.widgets.plain_text import plain_label

NOISE_WORDS: dict[NoiseChoice, str] = {
    "gaussian": "Gaussian noise",
    "salt_and_pepper": "Salt and pepper",
    "dropped": "Dropped pixels",
    "rectangles": "Rectangles",
    "own": "Own noise, estimated",
}
TAKEN_AS = "own "
"""What comes before a kind of noise where the image's own is taken to be of this kind."""

LARGEST: dict[NoiseChoice, float] = {"own": 1.0, **{kind: LARGEST_LEVEL[kind] for kind in NOISE_KINDS}}
STEPS = 100


class NoiseControls(QWidget):
    """Kind, level and seed.

    Signals:
        kind_chosen: a kind of noise that is added and None, or "own" and what it is taken to be.
        level_moved: while the slider moves; reseeded: another draw is wanted.
        drag_begun, drag_ended: around a drag of the slider.
    """

    kind_chosen = Signal(str, object)
    level_moved = Signal(float)
    reseeded = Signal()
    drag_begun = Signal()
    drag_ended = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of noise")
        for value, words in NOISE_WORDS.items():
            self.kind.addItem(words, value)
        for value in NOISE_KINDS:
            self.kind.addItem(f"Own noise: {NOISE_WORDS[value].lower()}", TAKEN_AS + value)
        self.kind.setToolTip(
            "Noise to add, or the noise that your own image already has: estimated, or chosen here"
        )
        self.kind.activated.connect(self._choose_kind)
        self.level = slider("Noise level", "", 0, STEPS)
        self.level.valueChanged.connect(self._move)
        self.level.sliderPressed.connect(self.drag_begun)
        self.level.sliderReleased.connect(self.drag_ended)
        self.amount = plain_label()
        self.amount.setMinimumWidth(7 * GRID)
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.again = tool_button("New noise", "Draw new noise (R)", shortcut="R")
        self.again.clicked.connect(self.reseeded)
        self.setLayout(column(row((self.kind, 1), self.again), row(QLabel("Level"), self.level, self.amount)))
        themed_icon(self.again, "mdi6.dice-multiple-outline", themes)

    def show_settings(self, settings: DenoiseSettings) -> None:
        """Show these settings; no signal is emitted."""
        noise = noise_in_question(settings)
        choice = noise if noise == settings.noise else TAKEN_AS + noise
        self.kind.setCurrentIndex(self.kind.findData(choice))
        if not self.level.isSliderDown():
            with QSignalBlocker(self.level):
                self.level.setValue(round(settings.level / LARGEST[noise] * STEPS))
        self.level.setEnabled(noise != "own")
        self.again.setEnabled(settings.noise != "own")
        self.amount.setText("–" if noise == "own" else level_in_words(noise, settings.level))

    @Slot(int)
    def _choose_kind(self, place: int) -> None:
        choice = self.kind.itemData(place)
        taken_as = choice.removeprefix(TAKEN_AS)
        self.kind_chosen.emit(*(("own", taken_as) if taken_as != choice else (choice, None)))

    @Slot(int)
    def _move(self, value: int) -> None:
        kind = self.kind.currentData().removeprefix(TAKEN_AS)
        self.level_moved.emit(value / STEPS * LARGEST[kind])


def noise_in_question(settings: DenoiseSettings) -> NoiseChoice:
    """The kind of noise whose level is set: what is added, or what an image's own is taken to be."""
    return settings.assumed if settings.noise == "own" and settings.assumed else settings.noise


def level_in_words(kind: str, level: float) -> str:
    """A level with its unit."""
    return f"σ = {level:.2f}" if kind == "gaussian" else percentage(level)
