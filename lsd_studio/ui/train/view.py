"""A run: its stages and controls, what was found wrong, its curves and its pictures."""

from __future__ import annotations

from html import escape
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QSplitter, QWidget

from lsd_studio.engine.runs.summary import RunSummary
from lsd_studio.engine.training.events import RunStage
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.plots.live_curves import LiveCurves
from lsd_studio.ui.train.formatting import duration, results_words, state_words
from lsd_studio.ui.train.pictures import TrainPictures
from lsd_studio.ui.train.progress import RunProgress, stage_statuses
from lsd_studio.ui.train.stages import StageStrip
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title, tool_button
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.side_by_side import SideBySide

NO_RUN = (
    "Choose a profile and a data set under “New run” on the right, let “Estimate” measure how long it would take on "
    "this machine, and press “Start training”: curves and pictures appear here with the first batches."
)
NO_CHOICE = "Select a run on the right to see how it was trained, or start a new one."


class TrainView(QWidget):
    """What a run shows; it asks nobody and knows only what it is shown."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.heading = ElidingLabel("Name of the run", "title")
        self.meta = ElidingLabel("What the run was trained with")
        self.time_left = caption(name="Time left")
        self.time_left.setWordWrap(False)
        self.resume = self._control("Resume", "Resume from the run's last checkpoint", "mdi6.play")
        self.pause = self._control("Pause", "Pause the training before its next batch", "mdi6.pause")
        self.step = self._control("One batch", "Train one batch, then pause", "mdi6.step-forward")
        stopping = "Stop after the current batch; a checkpoint is saved, so the run can be resumed"
        self.stop = self._control("Stop", stopping, "mdi6.stop")
        self.stages = StageStrip(themes)
        self.note = plain_label()
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.RichText)
        self.note.setAccessibleName("What was found wrong, and what to try")
        self._note_frame = QFrame()
        self._note_frame.setProperty("role", "warning")
        self._note_frame.setStyleSheet("QFrame { border-radius: 6px; }")
        self.dismiss = tool_button("Dismiss the note", "Dismiss the note")
        margin = 12, GRID // 2, GRID // 2, GRID // 2
        self._note_frame.setLayout(row((self.note, 1), self.dismiss, margin=margin))
        self.curves = LiveCurves(themes)
        self.pictures = TrainPictures(themes)
        self.basis_words = plain_label()
        self.basis_words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.basis_words.setWordWrap(True)
        self.basis_words.setProperty("role", "statement")
        self.basis_bar = QProgressBar()
        self.basis_bar.setTextVisible(False)
        self._nothing = title("")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint = plain_label()
        self.hint.setWordWrap(True)
        self.hint.setMaximumWidth(60 * GRID)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        themed_icon(self.dismiss, "mdi6.close", themes)

    def show_nothing(self, *, any_run: bool) -> None:
        """Show no run, and say what to do."""
        self._nothing.setText("No run selected" if any_run else "No runs yet")
        self.hint.setText(NO_CHOICE if any_run else NO_RUN)
        self._empty.show()
        for part in (self._top, self._note_frame, self._split, self._basis):
            part.hide()

    def show_summary(self, run: RunSummary, *, is_here: bool, held: bool) -> None:
        """Show whose curves these are, and the controls that it has now.

        Args:
            is_here: whether it is trained by this program now; held: whether it stands still.
        """
        self._empty.hide()
        self._top.show()
        self.heading.setText(run.name)
        facts = [run.profile, Path(run.data).name, f"seed {run.seed}", run.device]
        if run.seconds:
            facts.append(duration(run.seconds))
        self.meta.setText(" · ".join(filter(None, facts)))
        branch = f"branch of {run.parent_name}" if run.parent_name else ""
        self.meta.setToolTip("\n".join(filter(None, (str(run.run), run.data, branch, results_words(run)))))
        self.resume.setVisible(not is_here and run.state in ("stopped", "failed"))
        self.resume.setEnabled(True)
        for button in (self.pause, self.step, self.stop):
            button.setVisible(is_here)
            button.setEnabled(True)
        self._name_pause(held)

    def show_progress(self, progress: RunProgress, run: RunSummary | None, *, held: bool) -> None:
        self.stages.show_statuses(stage_statuses(progress, held=held))
        left = duration(progress.seconds_left)
        words = "paused" if held else f"{left} left" if left else ""
        self.time_left.setText(words if run is None or run.state != "stopped" else state_words(run))
        basis = progress.stages.get("basis")
        done = 0 if basis is None else basis.step
        self.basis_bar.setValue(100 if basis is not None and basis.state == "done" else done)
        self.basis_words.setText(_basis_words(progress))

    def show_stage(self, stage: RunStage, *, pictures: bool) -> None:
        """Bring a stage to the front; its pictures too, where there are any."""
        self.stages.choose(stage)
        self._basis.setVisible(stage == "basis")
        self._split.setVisible(stage != "basis")
        self._pictures_card.setVisible(pictures)
        if stage != "basis":
            self.curves.show_stage(stage)

    def show_note(self, what: str, advice: str = "") -> None:
        """Say what was found wrong, and what to try; nothing where it is empty."""
        self._note_frame.setVisible(bool(what))
        self.note.setText(f"<b>{escape(what)}</b> {escape(advice)}")

    def _name_pause(self, held: bool) -> None:
        self.pause.setText("Resume" if held else "Pause")
        self.pause.setAccessibleName(self.pause.text())
        self.pause.setToolTip("Resume the training" if held else "Pause the training before its next batch")
        themed_icon(self.pause, "mdi6.play" if held else "mdi6.pause", self._themes)

    def _lay_out(self) -> None:
        controls = self.resume, self.pause, self.step, self.stop
        self.heading.setMinimumWidth(14 * GRID)
        named, held = row(self.heading, (self.meta, 1)), row(None, self.time_left, *controls)
        self._top = card(column(SideBySide(named, held, stretches=(1, 0)), self.stages))
        self._pictures_card = card(self.pictures)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(2 * GRID)
        for part, share in ((card(self.curves), 11), (self._pictures_card, 9)):
            self._split.addWidget(part)
            self._split.setStretchFactor(self._split.count() - 1, share)
        self._split.setSizes([1100, 900])
        self._basis = card(column(None, self.basis_words, self.basis_bar, None))
        self._empty = card(column(None, self._nothing, row(None, (self.hint, 100), None), None))
        pages = (self._split, 1), (self._basis, 1), (self._empty, 1)
        self.setLayout(column(self._top, self._note_frame, *pages, spacing=2 * GRID))

    def _control(self, name: str, meaning: str, sign: str) -> QPushButton:
        button = QPushButton(name)
        button.setToolTip(meaning)
        button.setAccessibleName(name)
        themed_icon(button, sign, self._themes)
        return button


def _basis_words(progress: RunProgress) -> str:
    basis = progress.stages.get("basis")
    if basis is None or basis.state == "waiting":
        return "η and ξ are built when the networks are trained."
    if basis.state == "done":
        return "η and ξ are built. “Use as bundle” opens them in every other workspace."
    return f"Building η and ξ: {progress.doing}, {basis.step} %." if progress.doing else "Building η and ξ."
