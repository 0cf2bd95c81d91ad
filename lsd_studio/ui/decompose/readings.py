"""What is read in the image, and how usual the image is among those that the networks were trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations.decompose import DecomposedImage
from lsd_studio.percentages import percent
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.decompose.amplitude_ranking import signed
from lsd_studio.ui.decompose.verdict import Verdict
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.layouts import caption, column
from lsd_studio.ui.widgets.side_by_side import SideBySide

if TYPE_CHECKING:
    from lsd_studio.engine.decomposition.outliers import OutlierScores


class Readings(QWidget):
    """The labels that LSD and C read, held back where the image is unlike the training images.

    Args:
        tasks: of the workspace; the training images are measured by one of them, once an image is shown.
    """

    def __init__(self, themes: ThemeManager, engine: Engine, tasks: Tasks) -> None:
        super().__init__()
        self._engine, self._tasks = engine, tasks
        self._is_measured, self._why_unknown = False, ""
        self.lsd = Verdict(themes, "LSD reads")
        self.classifier = Verdict(themes, "Classifier reads")
        self.usual = caption(name="How usual this image is")
        self.setLayout(column(SideBySide(self.lsd, self.classifier, stretches=(1, 1)), self.usual))

    def use_bundle(self) -> None:
        """Compare with the training images of another bundle from now on."""
        self._is_measured, self._why_unknown = False, ""

    def show_image(self, shown: DecomposedImage, names: tuple[str, ...], vector: str) -> None:
        """Show what is read in the current image; `vector` is the name of the one that ranks first."""
        amplitude = signed(float(shown.amplitudes[shown.winner]))
        self.lsd.show_label(shown.lsd_label, names[shown.lsd_label], f"{vector}, c = {amplitude}")
        self.classifier.show_label(shown.label, names[shown.label], percent(shown.probability))
        self._show_outlier(shown.outlier)

    def clear(self) -> None:
        """Show nothing."""
        self.lsd.clear()
        self.classifier.clear()
        self.usual.setText("")

    def _show_outlier(self, outlier: OutlierScores | None) -> None:
        """Say how usual the current image is, or see to it that this becomes known."""
        if not self.lsd.name:
            return
        for verdict in (self.lsd, self.classifier):
            verdict.hold_back(outlier is not None and outlier.is_outside)
        if outlier is not None:
            self.usual.setText(outlier.sentence)
        elif self._is_measured:
            self._tasks.deliver(self._engine.decompose.outlier(), self._show_outlier)
        elif self._why_unknown:
            self.usual.setText(self._why_unknown)
        else:
            self._tasks.run(self._measure())
            self._say_unknown("The training images are measured, to say how usual this image is.")

    async def _measure(self) -> None:
        call = self._engine.decompose.compare()
        try:
            async for doing in call:
                self._say_unknown(f"{doing.in_words}, to say how usual this image is.")
            await call
        except StudioError as error:
            self._say_unknown(f"How usual this image is cannot be said. {error}")
        else:
            self._is_measured = True
            self._show_outlier(None)

    def _say_unknown(self, why: str) -> None:
        self._why_unknown = why
        if self.lsd.name:
            self.usual.setText(why)
