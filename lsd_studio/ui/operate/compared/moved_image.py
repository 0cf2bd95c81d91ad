"""An image under an operator from label to label, dragged or played from 0, the image itself, to 1, and kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, QVariantAnimation, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.operators.results import MovedImages
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.widgets.controls import outlined_button, slider
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import column, row, tool_button
from lsd_studio.ui.widgets.picture_tile import PictureTile
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.side_by_side import SideBySide

STEPS = 100
"""Places of the slider from 0 to 1."""

PLAYED = 1600
"""Milliseconds from 0 to 1 where it is played."""

TILE = 104
"""Pixels of a picture with its words, in which one of 28 pixels is twice as large."""

HINT = "Choose an operator in the table and two labels, and try it on the image."


class MovedImage(QWidget):
    """The image beside the image under the operator, and what it is moved by.

    Signals:
        built: a person wants the operator between these labels.
        moved: t, 0…1, at which the image is wanted.
        keep_wanted: a name to keep the whole operator under.
    """

    built = Signal()
    moved = Signal(float)
    keep_wanted = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._names: Sequence[str] = ()
        self.before, self.after = PictureTile(themes, "image"), PictureTile(themes, "moved")
        for tile in (self.before, self.after):
            tile.setFixedWidth(TILE)
            tile.setMinimumHeight(TILE)
        self.source, self.target = QComboBox(), QComboBox()
        for box, name in ((self.source, "From label"), (self.target, "To label")):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(3)
            box.currentIndexChanged.connect(self._choose)
        self.build = outlined_button(
            "Try", "Build the operator that is chosen in the table between these labels"
        )
        self.build.clicked.connect(self.built)
        self.share = slider(
            "Share t of the operator", "0 is the image itself, 1 the whole operator", 0, STEPS
        )
        self.share.setValue(STEPS)
        self.share.valueChanged.connect(self._drag)
        self.share_words = plain_label()
        self.share_words.setMinimumWidth(7 * GRID)
        self.play = tool_button("Play the operator", "Play from 0 to 1 and back", checkable=True)
        self.play.toggled.connect(self._play)
        self._film = QVariantAnimation(self)
        self._film.setDuration(PLAYED)
        self._film.setStartValue(0)
        self._film.setEndValue(STEPS)
        self._film.valueChanged.connect(self.share.setValue)
        self._film.finished.connect(self._turn_back)
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name, such as three-to-eight")
        self.name.setAccessibleName("Name of the operator between labels")
        self.name.returnPressed.connect(self._keep)
        self.keep = outlined_button(
            "Keep", "Save the whole operator in the bundle, to be composed and shared under Fitted operators"
        )
        self.keep.clicked.connect(self._keep)
        self.words = ElidingLabel("What was applied")
        labels = row(self.source, QLabel("→"), self.target, self.build, None)
        dragged = row(self.play, (self.share, 1), self.share_words)
        kept = row((self.name, 1), self.keep)
        asked = column(SideBySide(labels, kept, stretches=(0, 1)), dragged, self.words, None)
        self.setLayout(row(self.before, self.after, (asked, 1), spacing=2 * GRID))
        themed_icon(self.play, "mdi6.play", themes)
        self.clear(HINT)

    @property
    def labels(self) -> tuple[int, int]:
        """Source and target."""
        return self.source.currentIndex(), self.target.currentIndex()

    @property
    def t(self) -> float:
        """How much of the operator is wanted, 0…1."""
        return self.share.value() / STEPS

    def use_labels(self, names: Sequence[str]) -> None:
        """Another bundle is in use: its labels are called so."""
        self._names = names
        for box, label in ((self.source, 0), (self.target, 1)):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(list(names))
                box.setCurrentIndex(label)
        self.clear(HINT)

    def show_image(self, picture: np.ndarray, words: str) -> None:
        """Show the image itself, uint8 [H, W, C]."""
        self.before.show_image(picture, words)

    def show_moved(self, moved: MovedImages) -> None:
        """Show the first of the images under the operator."""
        label = int(moved.probabilities[0].argmax())
        probability = float(moved.probabilities[0, label])
        self.after.show_picture(moved.pictures[0], "moved", label, self._names[label], probability)
        judged = ""
        if moved.judged is not None:
            judged = f" · the judge reads {isolated(self._names[moved.judged[0].argmax()])}"
        self.words.setText(moved.provenance + judged)
        self._enable(True)

    def clear(self, words: str) -> None:
        """Show no operator, and say what to do."""
        self.play.setChecked(False)
        self.after.clear("moved")
        self.words.setText(words)
        self._enable(False)

    def _enable(self, built: bool) -> None:
        for control in (self.share, self.play, self.name, self.keep):
            control.setEnabled(built)
        self.share_words.setText(f"t = {self.t:.2f}" if built else "")

    @Slot()
    def _choose(self) -> None:
        source, target = self.labels
        self.build.setEnabled(source != target)
        if self.share.isEnabled() and source != target:
            self.built.emit()

    @Slot(int)
    def _drag(self, _: int) -> None:
        self.share_words.setText(f"t = {self.t:.2f}")
        self.moved.emit(self.t)

    @Slot(bool)
    def _play(self, playing: bool) -> None:
        if playing:
            self._film.setDirection(QVariantAnimation.Direction.Forward)
            self._film.start()
        else:
            self._film.stop()

    @Slot()
    def _turn_back(self) -> None:
        forward = self._film.direction() is QVariantAnimation.Direction.Forward
        back, forth = QVariantAnimation.Direction.Backward, QVariantAnimation.Direction.Forward
        self._film.setDirection(back if forward else forth)
        self._film.start()

    @Slot()
    def _keep(self) -> None:
        if name := self.name.text().strip().lower():
            self.keep_wanted.emit(name)
            self.name.clear()
