"""Islands of the layout and of its Gaussian twin, outlined, and what comparing them says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.latent.island_comparison import IslandComparison
from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.engine.latent.statistics.islands import Island, curve
from lsd_studio.engine.latent.views import Layout
from lsd_studio.engine.operations.latent import LatentOperations
from lsd_studio.ui.plots.cloud_plot import CloudPlot, Overlay
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.layouts import row
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

ISLANDS = "islands of t-SNE"
"""Key of the task that compares them."""

TWINS = 19
"""Laid out: of noise, islands are called real in one of twenty cases."""

ABOUT = (
    f"Lays {TWINS} Gaussian twins out by the same settings. Islands with a wider gap around them than any of the "
    "twins' are outlined solid, others dashed; the twin with the widest gap is shown"
)


@dataclass(frozen=True)
class Outlined:
    """Islands that are outlined: `real` solid, `doubtful` dashed, for twins show them too or were not compared."""

    real: tuple[Island, ...] = ()
    doubtful: tuple[Island, ...] = ()


class Islands(QWidget):
    """A sentence about islands and the button that compares them; their outlines are drawn in the two plots.

    Signals:
        progressed: see `LatentPage.progressed`.
        wanted: islands are to be compared with twins.
        compared: the `IslandComparison`, and the milliseconds it took.
    """

    wanted = Signal()
    progressed = Signal(str, str, float)
    compared = Signal(object, float)

    def __init__(self, latent: LatentOperations, tasks: Tasks, own: CloudPlot, other: CloudPlot) -> None:
        super().__init__()
        self._latent, self._tasks = latent, tasks
        self._plots = {False: own, True: other}
        self._shown = {False: Outlined(), True: Outlined()}
        self.found: IslandComparison | None = None
        self.sentence = WrappedLabel("Islands of the layout")
        self.compare = push_button("Compare islands", self.wanted, ABOUT)
        self.setLayout(row((self.sentence, 1), self.compare))
        self.setVisible(False)

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        if self.found is None:
            return "Press Compare islands: does mere noise make such islands?"
        return "Select an island by lasso to compare it with another."

    def shown(self, twin: bool) -> Outlined:
        """The islands that are outlined in a plot."""
        return self._shown[twin]

    def let_compare(self, can: bool) -> None:
        """Whether there is a layout to compare now."""
        self.compare.setEnabled(can and not self._tasks.is_running(ISLANDS))

    def look_at(self, layout: Layout) -> None:
        """Outline the islands of a layout that is done."""
        twin = layout.settings.twin
        self._tasks.deliver(
            self._latent.islands(layout, f"islands {twin}"), partial(self._show_visible, twin)
        )

    def compare_with_twins(self, layout: Layout, twin_of: TwinOf) -> None:
        """Lay twins out as the codes are, and say which of the islands these show too."""
        self._tasks.cancel(ISLANDS)
        self._tasks.run(self._follow(layout, twin_of), ISLANDS)

    def forget(self) -> None:
        """There is no layout any more."""
        self._outline(False)
        self.forget_twin()
        self.setVisible(False)

    def forget_twin(self) -> None:
        """There is no twin any more, and nothing was compared with it."""
        self._tasks.cancel(ISLANDS)
        self.found = None
        self._outline(True)
        own = self._shown[False]
        self._show_visible(False, (*own.real, *own.doubtful))

    async def _follow(self, layout: Layout, twin_of: TwinOf) -> None:
        call = self._latent.compare_islands(layout, TWINS, twin_of)
        async for step in call:
            self.progressed.emit(ISLANDS, step.what, step.share or 0.0)
        found = self.found = await call
        self._outline(False, found.islands, found.doubtful)
        self._outline(True, (), found.twin_islands)
        self.sentence.setText(found.sentence)
        self.compared.emit(found, call.milliseconds)

    def _show_visible(self, twin: bool, found: Sequence[Island]) -> None:
        self._outline(twin, (), found)
        if not twin:
            number = len(found)
            seen = f"{number or 'No'} island{'' if number == 1 else 's'} can be seen"
            self.sentence.setText(f"{seen}, outlined. Noise makes islands too: compare with twins.")
            self.setVisible(True)

    def _outline(self, twin: bool, real: Sequence[Island] = (), doubtful: Sequence[Island] = ()) -> None:
        self._shown[twin] = Outlined(tuple(real), tuple(doubtful))
        solid = [Overlay(curve(island.outline)) for island in real]
        dashed = [Overlay(curve(island.outline), "text", dashed=True) for island in doubtful]
        self._plots[twin].show_overlays([*dashed, *solid])
