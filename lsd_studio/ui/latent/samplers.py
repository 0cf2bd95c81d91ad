"""The Samplers page: points drawn in every way of the posts, decoded and measured side by side (R27, R31)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from lsd_studio.engine.figures.panels.latent import sampler_measures_panel, samplers_panel
from lsd_studio.engine.figures.spec import Panel, ViewSettings
from lsd_studio.engine.latent.sampler_comparison import MeasuredSampler, SamplerComparison, SamplerMeasures
from lsd_studio.engine.latent.statistics.samplers import Sampler
from lsd_studio.engine.operations.latent import LatentOperations
from lsd_studio.engine.scheduler import Call
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.latent.page import StartedPage
from lsd_studio.ui.latent.sampler_table import SamplerTable
from lsd_studio.ui.latent.state import SamplersState
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.number_boxes import whole_number_box

__all__ = ["SAMPLERS", "SamplersPage"]

SAMPLERS = "measuring samplers"
"""Key of the task that measures, and what is shown of it."""

PICTURES = 24
IDLE = (
    "Random points of the latent space, drawn in every way of the posts: in cubes, in the box and the ellipses of the "
    "codes, and from the normal of their mean and covariance. Press “Compare” to decode and measure them."
)


class SamplersPage(StartedPage):
    """A table that fills while samplers are measured, the codes themselves first as the yardstick.

    Attributes:
        compared: the comparison that is shown, once it is whole.
    """

    has_twin = False
    key, start_words = SAMPLERS, "Compare"

    def __init__(self, latent: LatentOperations, tasks: Tasks, themes: ThemeManager) -> None:
        super().__init__(latent, tasks, themes)
        self._rows: list[SamplerMeasures] = []
        self.compared: SamplerComparison | None = None
        self.table = SamplerTable(themes)
        self._area = QScrollArea()
        self._area.setWidget(self.table)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        self._area.viewport().installEventFilter(self)
        self.points = whole_number_box("Points of each sampler", 100, 5000, 1000)
        self.points.setSingleStep(500)
        self.seed = whole_number_box("Seed of all draws", 0, 2**31 - 1, 0)
        self.sentence = QLabel(IDLE)
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("What the comparison of samplers says")
        self.notes = caption(name="Notes on the samplers")
        self.notes.hide()
        head = row(
            title("Samplers"), None, QLabel("points"), self.points, QLabel("seed"), self.seed, self.run
        )
        self.setLayout(column(card(column(head, self.sentence, self.notes, (self._area, 1)))))
        self._show_controls()

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        if self.is_running:
            return "See the first rows while the others are measured."
        if not self._rows:
            return "Press Compare to see which random points decode well."
        return "Hover over a row for all of its measures."

    def panels(self) -> tuple[Panel, ...]:
        """The pictures of all samplers, and their measures."""
        if not self._rows:
            return ()
        return samplers_panel(self._rows), sampler_measures_panel(self._rows)

    @property
    def view_settings(self) -> ViewSettings:
        """Points and seed, of what is shown where there is something."""
        points, seed = self.points.value(), self.seed.value()
        if self.compared is not None and self.compared.rows:
            points, seed = self.compared.rows[0].points, self.compared.seed
        return SamplersState(points=points, seed=seed, compared=bool(self._rows)).model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Compare anew with the same draws."""
        state = SamplersState.model_validate(settings)
        for box, value in ((self.points, state.points), (self.seed, state.seed)):
            if value is not None:
                box.setValue(value)
        if state.compared and self.space is not None:
            self.start()

    def start(self, samplers: tuple[Sampler, ...] = ()) -> None:
        """Draw, decode and measure; none means all that the coder allows."""
        self.tasks.cancel(SAMPLERS)
        self.clear()
        call = self.latent.compare_samplers(samplers, self.points.value(), PICTURES, self.seed.value())
        self.tasks.run(self._follow(call), SAMPLERS)
        self.guided.emit()

    def fields(self) -> tuple[QWidget, ...]:
        """Points and seed."""
        return self.points, self.seed

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the rows grow with the room that they have."""
        if event.type() is QEvent.Type.Resize:
            self.table.fill(self._area.viewport().height())
        return super().eventFilter(watched, event)

    def clear(self) -> None:
        """Show nothing: what was shown is of other codes."""
        self._rows, self.compared = [], None
        self.table.show_rows(())
        self.sentence.setText(IDLE)
        self.notes.hide()

    async def _follow(self, call: Call[MeasuredSampler, SamplerComparison]) -> None:
        async for step in call:
            self._rows.append(step.measures)
            self.table.show_rows(self._rows)
            words = f"measuring samplers, {step.done} of {step.wanted}"
            self.progressed.emit(SAMPLERS, words, step.done / step.wanted)
        self.compared = compared = await call
        self.sentence.setText(compared.sentence)
        self.notes.setText(" ".join(compared.notes))
        self.notes.setVisible(bool(compared.notes))
        points = compared.rows[0].points if compared.rows else 0
        words = f"{len(compared.rows)} samplers, {points} points each, seed {compared.seed}"
        self.answered.emit(call.milliseconds, words)
        self.guided.emit()
