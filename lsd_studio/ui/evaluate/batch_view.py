"""The batches of test images, one at a time, and the way to the next one with an error."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.evaluation.findings import Latent
from lsd_studio.engine.figures.panels.evaluation import BATCH
from lsd_studio.engine.operations.evaluate import Evaluation
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.evaluate.batch import BatchDots
from lsd_studio.ui.evaluate.formatting import LATENTS, READINGS
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.layouts import column, row, title, tool_button
from lsd_studio.ui.widgets.number_boxes import whole_number_box
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel


class BatchView(QWidget):
    """A batch as dots, its number, counted from 1, and its errors in words."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._evaluation: Evaluation | None = None
        self._way: tuple[Latent, Reading] = ("mean", "signed")
        self.dots = BatchDots(themes)
        self.number = whole_number_box("Batch of test images", 0, 99, 0)
        self.number.setPrefix("batch ")
        self.number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.number.valueChanged.connect(self._show_batch)
        self.previous = tool_button("Previous batch", "Previous batch")
        self.previous.clicked.connect(self.number.stepDown)
        themed_icon(self.previous, "mdi6.chevron-left", themes)
        self.following = tool_button("Next batch", "Next batch")
        self.following.clicked.connect(self.number.stepUp)
        themed_icon(self.following, "mdi6.chevron-right", themes)
        self.next_error = outlined_button(
            "Next error",
            "Go to the next batch with an image read wrong",
            self._go_to_error,
            name="Next batch with an error",
        )
        self.words = WrappedLabel("Summary of the batch")
        steps = (self.previous, self.number, self.following, self.next_error)
        head = row(title("A batch read by LSD"), (self.words, 1), *steps)
        self.setLayout(column(head, (self.dots, 1)))

    def show_findings(
        self, evaluation: Evaluation | None, latent: Latent, reading: Reading, hint: str
    ) -> None:
        """Show the batches of an evaluation, or `hint` where there is none."""
        self._evaluation, self._way = evaluation, (latent, reading)
        for control in (self.number, self.previous, self.following, self.next_error):
            control.setEnabled(evaluation is not None)
        batches = 1 if evaluation is None else -(-len(evaluation.images) // BATCH)
        with QSignalBlocker(self.number):
            self.number.setRange(1, batches)
            self.number.setSuffix(f" of {batches}")
        if evaluation is None:
            self.dots.clear(hint)
            self.words.setText("")
        else:
            self._show_batch()

    @Slot()
    def _show_batch(self) -> None:
        if self._evaluation is not None:
            latent, reading = self._way
            self.dots.show_batch(self._evaluation, latent, reading, self.number.value() - 1)
            draw = "first draw" if latent == "sampled" else LATENTS["mean"]
            self.words.setText(
                f"{draw}, {READINGS[reading]}: {self.dots.wrong} wrong · ring: true label · dot: correct · cross: wrong"
            )

    @Slot()
    def _go_to_error(self) -> None:
        """Go to the next batch with an error, from the start again after the last."""
        if self._evaluation is not None:
            findings = self._evaluation.findings
            wrong = findings.reads[self._way].statistics.first_read != findings.labels
            batches = sorted(set((wrong.nonzero()[0] // BATCH + 1).tolist()))
            later = [batch for batch in batches if batch > self.number.value()]
            if batches:
                self.number.setValue((later or batches)[0])
