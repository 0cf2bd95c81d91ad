"""The controls below the path editor: how much of the style is kept, through what the path leads, and playing it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from lsd_studio.engine.operators.paths import QUARTER
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.operate.state import STEPS, PathState
from lsd_studio.ui.widgets.controls import slider
from lsd_studio.ui.widgets.layouts import column, row, tool_button
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide

SPEEDS = (22.5, 45.0, 90.0, 180.0, 360.0)
"""Degrees a second of the handle at play."""


class PathControls(QWidget):
    """What a path is walked with.

    Signals:
        style_moved: the share of the style that is kept, 0…1.
        step_chosen: Δθ in degrees.
        speed_chosen: degrees a second.
    """

    style_moved = Signal(float)
    step_chosen = Signal(float)
    speed_chosen = Signal(float)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        kept = "How much of the rest of the code is kept: nothing is the paper's transport, all of it the true rotation"
        self.style_slider = slider("Share of the style that is kept", kept, 0, 100)
        self.style_slider.valueChanged.connect(lambda percent: self.style_moved.emit(percent / 100))
        self.style_text = plain_label()
        self.style_text.setMinimumWidth(5 * GRID)
        self.play = tool_button("Play", "Play the path (Space)")
        self.speed = _choice("Playback speed", [f"{speed:g}°/s" for speed in SPEEDS], SPEEDS.index(QUARTER))
        self.speed.currentIndexChanged.connect(lambda place: self.speed_chosen.emit(SPEEDS[place]))
        self.step = _choice("Step Δθ", [f"Δθ {step:g}°" for step in STEPS], 0)
        self.step.setToolTip(
            "Step of the arrow keys (Shift: a tenth, Ctrl: to the next label) and of the pictures along the path"
        )
        self.step.currentIndexChanged.connect(lambda place: self.step_chosen.emit(STEPS[place]))
        self.through = Segments(
            "Stations",
            ("vectors", "ξ", "Through the labels' quasi-eigenvectors: every leg is a quarter turn"),
            (
                "averages",
                "η",
                "Through the labels' averages, where their images lie: a leg is their own angle",
            ),
        )
        self.snap = tool_button("Snap", "Snap the handle to a label within 5°", checkable=True)
        self.snap.setChecked(True)
        self.loop = tool_button("Loop", "Close the path from the last label to the first (L)", checkable=True)
        themed_icon(self.snap, "mdi6.magnet", themes)
        themed_icon(self.loop, "mdi6.sync", themes)
        self.show_playing(False)
        style = row(QLabel("Transport"), (self.style_slider, 1), QLabel("Rotation"), self.style_text)
        walk = row(self.play, self.speed, self.step, None)
        path = row(self.through, None, self.snap, self.loop)
        self.setLayout(column(style, SideBySide(walk, path, stretches=(1, 1))))

    def show_state(self, state: PathState) -> None:
        """Show what a path is walked with, without a signal."""
        self.through.set_value(state.through)
        with QSignalBlocker(self.style_slider), QSignalBlocker(self.step):
            self.style_slider.setValue(round(100 * state.style))
            self.step.setCurrentIndex(STEPS.index(state.step))
        self.style_text.setText(f"{100 * state.style:.0f} %")
        self.loop.setChecked(state.path.closed)

    def show_playing(self, playing: bool) -> None:
        """Offer to hold the handle, or to play."""
        themed_icon(self.play, "mdi6.pause" if playing else "mdi6.play", self._themes)
        self.play.setAccessibleName("Pause" if playing else "Play")


def _choice(name: str, words: Sequence[str], chosen: int) -> QComboBox:
    box = QComboBox()
    box.addItems(list(words))
    box.setCurrentIndex(chosen)
    box.setAccessibleName(name)
    return box
