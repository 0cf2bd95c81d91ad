"""The same view twice: of the codes, and of a Gaussian with their mean, covariance and count (R33)."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QLabel, QWidget

from lsd_studio.ui.widgets.layouts import column, row

TwinMode = Literal["off", "beside", "blink"]

BLINK = 900
"""Milliseconds that each of the two is seen."""


class TwinPanes(QWidget):
    """Two panes of one kind, the codes' and their Gaussian twin's: one alone, side by side, or in turn at one place."""

    def __init__(self, own: QWidget, twin: QWidget) -> None:
        super().__init__()
        self._own_words, self._twin_words = QLabel("Codes"), QLabel("Gaussian twin")
        self._own, self._twin = _Pane(self._own_words, own), _Pane(self._twin_words, twin)
        self.setLayout(row((self._own, 1), (self._twin, 1), spacing=16))
        self._turn = QTimer(self)
        self._turn.setInterval(BLINK)
        self._turn.timeout.connect(self._swap)
        self.show_mode("off")

    def show_mode(self, mode: TwinMode) -> None:
        """Show the codes alone, both side by side, or one after the other."""
        self._own.setVisible(True)
        self._twin.setVisible(mode == "beside")
        for words in (self._own_words, self._twin_words):
            words.setVisible(mode != "off")
        if mode == "blink":
            self._turn.start()
        else:
            self._turn.stop()

    def name_codes(self) -> None:
        """Name the codes where they stand alone too, beside something else."""
        self._own_words.show()

    @Slot()
    def _swap(self) -> None:
        if not self.isVisible():
            return
        shown, other = (self._own, self._twin) if self._twin.isHidden() else (self._twin, self._own)
        shown.hide()
        other.show()


class _Pane(QWidget):
    """A pane below its name."""

    def __init__(self, words: QLabel, inside: QWidget) -> None:
        super().__init__()
        words.setProperty("role", "caption")
        self.setLayout(column(words, (inside, 1), spacing=2))
