"""The Samplers page: points drawn in every way of the posts, decoded and measured side by side (R27, R31)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea

from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.messages.figures import Panel, ViewSettings
from lsd_studio.engine.messages.latent import (
    CompareSamplers,
    CompareWithTwin,
    LatentSpaceOpened,
    SamplerMeasured,
    SamplerMeasures,
    SamplersCompared,
)
from lsd_studio.engine.messages.panels.latent import sampler_measures_panel, samplers_panel
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.latent.page import LatentPage
from lsd_studio.ui.latent.sampler_table import SamplerTable
from lsd_studio.ui.shell.asking import Asking
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.number_boxes import whole_number_box

__all__ = ["SamplersPage"]

PICTURES = 24
KIND = CompareSamplers().kind
IDLE = (
    "Random points of the latent space, drawn in every way of the posts: in cubes, in the box and the ellipses of the "
    "codes, and from the normal of their mean and covariance. Press “Compare” to decode and measure them."
)


class SamplersPage(LatentPage):
    """A table that fills while samplers are measured, the codes themselves first as the yardstick."""

    has_twin = False

    def __init__(self, asking: Asking, themes: ThemeManager) -> None:
        super().__init__(asking, themes)
        self._rows: list[SamplerMeasures] = []
        self._compared: SamplersCompared | None = None
        self.table = SamplerTable(themes)
        self._area = QScrollArea()
        self._area.setWidget(self.table)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.viewport().installEventFilter(self)
        self.points = whole_number_box("Points of each sampler", 100, 5000, 1000)
        self.points.setSingleStep(500)
        self.seed = whole_number_box("Seed of all draws", 0, 2**31 - 1, 0)
        self.run = QPushButton("Compare")
        self.run.setDefault(True)
        self.run.clicked.connect(self._press)
        self.sentence = QLabel(IDLE)
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("What the comparison of samplers says")
        self.notes = caption(name="Notes on the samplers")
        self.notes.hide()
        head = row(
            title("Samplers"), None, QLabel("points"), self.points, QLabel("seed"), self.seed, self.run
        )
        whole = column(head, self.sentence, self.notes, self._area)
        whole.setStretch(3, 1)
        framed = card(whole)
        self.setLayout(column(framed))
        asking.changed.connect(self._show_controls)
        self._show_controls()

    @property
    def compared(self) -> SamplersCompared | None:
        """The comparison that is shown, once it is whole."""
        return self._compared

    @property
    def is_running(self) -> bool:
        """Whether samplers are being measured."""
        return self.asking.is_asked(CompareSamplers)

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        if self.is_running:
            return "Look at the first rows while the others are measured."
        if not self._rows:
            return "Press Compare to see which random points decode well."
        return "Rest on a row for all of its measures."

    def panels(self) -> tuple[Panel, ...]:
        """The pictures of all samplers, and their measures."""
        if not self._rows:
            return ()
        return samplers_panel(self._rows), sampler_measures_panel(self._rows)

    @property
    def view_settings(self) -> ViewSettings:
        """Points and seed, of what is shown where there is something."""
        points, seed = self.points.value(), self.seed.value()
        if self._compared is not None and self._compared.rows:
            points, seed = self._compared.rows[0].points, self._compared.seed
        return {"points": points, "seed": seed, "compared": bool(self._rows)}

    def show_view(self, settings: ViewSettings) -> None:
        """Compare anew with the same draws."""
        for box, name in ((self.points, "points"), (self.seed, "seed")):
            if isinstance(value := settings.get(name), int):
                box.setValue(value)
        if settings.get("compared") is True and self.space is not None:
            self.compare()

    def compare(self) -> None:
        """Draw, decode and measure."""
        self.clear()
        self.asking.ask(
            CompareSamplers(points=self.points.value(), pictures=PICTURES, seed=self.seed.value())
        )
        self.guided.emit()

    def test(self) -> CompareWithTwin | None:
        """None: the samplers are compared with the codes by their own measures."""
        return None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the rows grow with the room that they have."""
        if event.type() is QEvent.Type.Resize:
            self.table.fill(self._area.viewport().height())
        return super().eventFilter(watched, event)

    def use_space(self, space: LatentSpaceOpened | None) -> None:
        """There are other codes, or none."""
        super().use_space(space)
        self._show_controls()

    def clear(self) -> None:
        """Show nothing: what was shown is of other codes."""
        self._rows, self._compared = [], None
        self.table.show_rows(())
        self.sentence.setText(IDLE)
        self.notes.hide()

    def hear(self, request: Request, event: Event) -> None:
        """Show one sampler more, or all."""
        match event:
            case SamplerMeasured():
                self._rows.append(event.measures)
                self.table.show_rows(self._rows)
            case SamplersCompared():
                self._rows, self._compared = list(event.rows), event
                self.table.show_rows(self._rows)
                self.sentence.setText(event.sentence)
                self.notes.setText(" ".join(event.notes))
                self.notes.setVisible(bool(event.notes))
                points = event.rows[0].points if event.rows else 0
                words = f"{len(event.rows)} samplers, {points} points each, seed {event.seed}"
                self.answered.emit(1000 * event.seconds, words)
                self.guided.emit()
            case _:
                pass

    @Slot()
    def _press(self) -> None:
        if self.is_running:
            self.asking.stop(KIND)
        elif self.space is not None:
            self.compare()

    @Slot()
    def _show_controls(self) -> None:
        self.run.setText("Stop" if self.is_running else "Compare")
        self.run.setEnabled(self.space is not None)
        for box in (self.points, self.seed):
            box.setEnabled(not self.is_running)
