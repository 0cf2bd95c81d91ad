"""Building a basis: what to build, how far it is, and what to do with it then."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QPushButton, QSpinBox, QWidget

from lsd_studio.engine.basis.measures import BasisView
from lsd_studio.engine.basis.progress import LabelledFrameProgress, LatentSetsProgress
from lsd_studio.engine.operations.basis import BasisMeasured, BasisProgress, SamplesDrawn
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.basis.filling import FillingPanel
from lsd_studio.ui.basis.orthogonalisations import (
    ORTHOGONALISATIONS,
    orthogonalisation,
    orthogonalisation_box,
)
from lsd_studio.ui.widgets.controls import progress_bar, push_button
from lsd_studio.ui.widgets.dialogs import ask_for_new
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import column, row, title
from lsd_studio.ui.widgets.number_boxes import whole_number_box
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import capitalised, plain_label
from lsd_studio.ui.widgets.side_by_side import SideBySide

LARGEST_SEED = 2**31 - 1
PAPER_VECTORS = 5000


class SlowTask(StrEnum):
    """The key of a task whose progress is shown."""

    BUILD = "build"
    REPEAT = "repeat"
    COMPARE = "compare"
    ORTHOGONALISE = "orthogonalise"
    ENCODED_SAMPLES = "encoded samples"
    RANDOM_SAMPLES = "random samples"
    SAVE = "save"


FILLING = frozenset({SlowTask.BUILD, SlowTask.REPEAT})
"""Tasks that gather latent vectors."""

WAITING = {
    SlowTask.BUILD: "Waiting to gather latent vectors",
    SlowTask.REPEAT: "Waiting to build with another seed",
    SlowTask.COMPARE: "Waiting to measure the orthogonalisations",
    SlowTask.ORTHOGONALISE: "Making another ξ of the same η",
    SlowTask.ENCODED_SAMPLES: "Waiting to draw samples",
    SlowTask.RANDOM_SAMPLES: "Waiting to draw samples",
    SlowTask.SAVE: "Saving the bundle",
}
"""What is shown of each until its first progress."""

FINISHING = "Making ξ of the averages so far"

FINISH_GATHERING = "Stop gathering, and make ξ of the averages so far"
KEEP_FRAME = "Stop turning, and keep the frame as it is now"
"""What finishing early comes to."""


class BuildStrip(QFrame):
    """One row of what to build; while the engine works, how far it is, with a stop.

    Attributes:
        build: has a basis built as the fields say; use: has the one that is shown used in every workspace.
        finish: has a basis made of what was gathered, or its frame kept as it is; stop: ends what is under way.
        turns_frame: whether the frame of the basis that is built is being turned, and can be kept as it is.

    Signals:
        save_wanted: the basis that is shown is to be saved into this folder.
        open_wanted: the folder of a bundle that was saved.
    """

    save_wanted = Signal(Path)
    open_wanted = Signal(Path)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._saved = Path()
        self._suggested = ""
        self.turns_frame = False
        self._under_way: dict[SlowTask, tuple[str, float | None]] = {}
        self._label_names: tuple[str, ...] = ()
        self._build_idle()
        self._build_work()
        self.filling = FillingPanel(themes)
        fields = row(title("Build a basis"), *self._fields, self.build, None)
        actions = row(self.status, None, self.open_saved, self.use, self.save)
        self._idle = SideBySide(fields, actions, stretches=(1, 0))
        self._work = QWidget()
        self._work.setLayout(row(self.words, (self.progress, 1), self.finish, self.stop))
        self.setLayout(column(self.filling, self._work, self._idle, margin=(12, GRID, 12, GRID)))
        self._show_work()

    def _build_idle(self) -> None:
        averaged = "V, latent vectors averaged per set and label; 5000 in the paper (R11)"
        self.vectors = _number("V", "V = ", 1, 10_000_000, PAPER_VECTORS, averaged)
        repeated = "Seed of all draws; the same seed gives the same basis on this machine"
        self.seed = _number("seed", "seed ", 0, LARGEST_SEED, 1, repeated)
        self.kind = orthogonalisation_box("Orthogonalisation to build with")
        self._fields = (self.vectors, self.seed, self.kind)
        self.build = QPushButton("Build")
        self.build.setToolTip("Gather latent vectors, average them to η, and make ξ of them")
        self.build.setDefault(True)
        self.status = plain_label()
        self.status.setProperty("role", "caption")
        self.status.setAccessibleName("Status of the basis")
        self.open_saved = push_button("Open", lambda: self.open_wanted.emit(self._saved))
        self.open_saved.setAccessibleName("Open the saved bundle")
        self.use = QPushButton("Use everywhere")
        self.use.setToolTip("Decompose with this basis in every workspace; the bundle's files stay unchanged")
        saving = "Save the bundle's networks with this basis in a new folder"
        self.save = push_button("Save as bundle…", self._choose_folder, saving)

    def _build_work(self) -> None:
        self.words = ElidingLabel("Current task", "")
        self.progress = progress_bar("Progress")
        self.progress.setMinimumWidth(160)
        self.finish = QPushButton("Finish early")
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("Stop what is under way and discard it")

    @property
    def is_working(self) -> bool:
        return bool(self._under_way)

    def use_labels(self, label_names: tuple[str, ...]) -> None:
        """Another bundle is in use."""
        self._label_names = label_names

    def show_view(self, view: BasisView | None) -> None:
        """Offer to use and to save the basis that is shown."""
        self.open_saved.hide()
        self.use.setEnabled(view is not None and not view.in_use)
        self.save.setEnabled(view is not None)
        self.build.setEnabled(bool(self._label_names))
        if view is None:
            self.status.setText("")
            return
        self._suggested = suggested_name(view)
        kind = orthogonalisation(view.set_one, view.complement)
        if kind is not None:
            self.kind.setCurrentIndex(ORTHOGONALISATIONS.index(kind))
        if view.in_use:
            self.status.setText("In use.")
        elif view.is_full:
            self.status.setText("Not in use and not saved.")
        else:
            self.status.setText(f"Stopped early: at least {int(view.counts.min())} vectors per set.")

    def begin(self, key: SlowTask) -> None:
        """A slow task was started."""
        self._under_way[key] = WAITING[key], None
        if key in FILLING:
            self.finish.setVisible(key is SlowTask.BUILD)
            self._offer_to_finish(turns_frame=False)
            self.filling.clear()
        self._show_work()

    def _offer_to_finish(self, turns_frame: bool) -> None:
        self.turns_frame = turns_frame
        self.finish.setToolTip(KEEP_FRAME if turns_frame else FINISH_GATHERING)
        self.finish.setEnabled(True)

    def begin_finishing(self) -> None:
        """A basis is being made of what there is so far."""
        self._under_way[SlowTask.BUILD] = FINISHING, None
        self.finish.setEnabled(False)
        self._show_work()

    def show_progress(self, key: SlowTask, step: BasisProgress) -> None:
        done: tuple[str, float | None]
        match step:
            case Doing():
                done = capitalised(step.what), None
            case LatentSetsProgress():
                self.filling.show()
                self.filling.show_filling(step, self._label_names)
                rate = counted(step.latents_per_second)
                wanted = f"{step.counts.size} × {step.wanted}"
                words = (
                    f"Gathering latent vectors: {100 * step.fraction:.0f} % of {wanted}, {rate} per second"
                )
                done = words, step.fraction
            case LabelledFrameProgress():
                words = f"Turning the frame: {step.held} of {step.vectors} read as their label"
                done = words, step.fraction
                if key is SlowTask.BUILD and not self.turns_frame:
                    self._offer_to_finish(turns_frame=True)
            case BasisMeasured():
                words = f"Measuring orthogonalisations: {step.done} of {step.wanted}"
                done = words, step.done / step.wanted
            case SamplesDrawn():
                share = float(step.counts.sum()) / (step.each * len(step.counts))
                done = f"Drawing samples from {step.source} latent vectors: {100 * share:.0f} %", share
        self._under_way[key] = done
        self._show_work()

    def leave(self, running: Collection[SlowTask]) -> None:
        """Show no task but those that are still running."""
        self._under_way = {key: done for key, done in self._under_way.items() if key in running}
        self._show_work()

    def say_stopped(self) -> None:
        self.status.setText("Stopped.")
        self.open_saved.hide()

    def show_saved(self, path: Path) -> None:
        self._saved = path
        self.status.setText("Saved.")
        self.open_saved.setToolTip(f"Open {path.name} in every workspace\n{path}")
        self.open_saved.show()

    def _show_work(self) -> None:
        """Show all that is under way, and the share of what is least far; or what can be built, if nothing is."""
        self._work.setVisible(self.is_working)
        self._idle.setVisible(not self.is_working)
        if self._under_way.keys().isdisjoint(FILLING):
            self.filling.hide()
            self.finish.hide()
        self.words.setText(" · ".join(dict.fromkeys(words for words, _ in self._under_way.values())))
        shares = [share for _, share in self._under_way.values() if share is not None]
        self.progress.setRange(0, 1000 if shares else 0)
        if shares:
            self.progress.setValue(round(1000 * min(shares)))

    @Slot()
    def _choose_folder(self) -> None:
        ask_for_new(self, "Save as bundle (new folder)", self.save_wanted.emit, self._suggested)


def suggested_name(view: BasisView) -> str:
    """A folder's name that says which bundle a basis is of, and how it was made."""
    bundle = re.sub(r"\W*\(.*\)$", "", view.bundle)
    made = "-".join(dict.fromkeys((view.set_one, view.complement)))
    return f"{bundle}-{made}-V{view.vectors}-seed{view.seed}"


def _number(name: str, prefix: str, least: int, largest: int, value: int, meaning: str) -> QSpinBox:
    field = whole_number_box(name, least, largest, value, meaning)
    field.setPrefix(prefix)
    field.setMinimumWidth(96)
    return field
