"""What the networks draw, from any moment of the training: sheets of pictures with a scrubber, and how C reads them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from lsd_studio.engine.operations.training import RunPictures
from lsd_studio.engine.runs.frames import PictureGroup
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.train.histogram import LabelHistogram
from lsd_studio.ui.train.sheet import TITLES, PictureSheet
from lsd_studio.ui.widgets.controls import slider
from lsd_studio.ui.widgets.layouts import caption, column, row
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.side_by_side import SideBySide


class TrainPictures(QWidget):
    """All pictures of a stage at one moment, with a scrubber that goes back to any other.

    Attributes:
        shown: the pictures of the moment; steps: the moments that are offered.

    Signals:
        wanted: the step whose pictures are asked for, or −1 for the newest.
    """

    wanted = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.shown: RunPictures | None = None
        self.sheets = {kind: PictureSheet(themes, kind) for kind in TITLES}
        self.histogram = LabelHistogram(themes)
        scrubbing = "Scrub back through the training; the right end follows the newest pictures"
        self.scrubber = slider("Training step", scrubbing, 0, 0)
        self.scrubber.valueChanged.connect(self._scrub)
        self._moment = caption(name="Step shown")
        self._moment.setWordWrap(False)
        self._moment.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._moment.setMinimumWidth(22 * GRID)
        sheets = row(*zip(self.sheets.values(), (5, 4, 4, 4, 4), strict=True), spacing=2 * GRID)
        beside = SideBySide(sheets, self.histogram, stretches=(17, 3), spacing=2 * GRID)
        self.setLayout(column((beside, 1), row(QLabel("step"), self.scrubber, self._moment)))
        self.steps: tuple[int, ...] = ()
        self._steps_per_epoch = 1.0
        self.clear()

    @property
    def follows(self) -> bool:
        """Whether the newest pictures are wanted."""
        return self.scrubber.value() >= self.scrubber.maximum()

    def clear(self) -> None:
        self.shown, self.steps = None, ()
        self._set_scrubber(0, 0)
        self._moment.setText("")
        for sheet in self.sheets.values():
            sheet.show_group(None, ())
            sheet.hide()
        self.histogram.show_counts(None)

    def show_steps(self, steps: tuple[int, ...], steps_per_epoch: float) -> None:
        """Offer these moments; the current one stays, the newest is followed."""
        followed, at = self.follows, self.steps[self.scrubber.value()] if self.steps else None
        self.steps, self._steps_per_epoch = steps, steps_per_epoch
        last = max(0, len(steps) - 1)
        self._set_scrubber(last, last if followed or at is None else int(np.searchsorted(steps, at)))

    def show_pictures(self, shown: RunPictures) -> None:
        self.shown = shown
        groups: dict[str, PictureGroup] = {group.title: group for group in shown.frame.groups}
        for kind, sheet in self.sheets.items():
            sheet.setVisible(kind in groups)
            sheet.show_group(groups.get(kind), shown.label_names)
        self.histogram.show_counts(shown)
        frame = shown.frame
        self._moment.setText(
            f"{counted(frame.step)} of {counted(frame.total_steps)} · "
            f"epoch {frame.step / self._steps_per_epoch:.1f}"
        )

    @Slot(int)
    def _scrub(self, place: int) -> None:
        if self.steps:
            self.wanted.emit(-1 if self.follows else self.steps[min(place, len(self.steps) - 1)])

    def _set_scrubber(self, last: int, place: int) -> None:
        with QSignalBlocker(self.scrubber):
            self.scrubber.setRange(0, last)
            self.scrubber.setValue(place)
        self.scrubber.setEnabled(last > 0)
