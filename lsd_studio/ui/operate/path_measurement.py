"""Measuring a path over test images: a button that starts and stops it, its progress, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.operators.results import MeasuredPath
from lsd_studio.engine.operators.walks import PathSettings
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import outlined_button, progress_bar
from lsd_studio.ui.widgets.layouts import row

if TYPE_CHECKING:
    from lsd_studio.engine.operators.path_quality import LegQuality

MEASURE = "measure path"
"""The task that is measured in."""


class PathMeasurement(QWidget):
    """Measures a path with one operator after the other, on demand.

    Attributes:
        is_done: whether all operators were measured on the path.

    Signals:
        measured: an operator, its legs so far as a tuple of LegQuality, and in words what they come to.
        finished: all operators were measured.
    """

    measured = Signal(str, object, str)
    finished = Signal()

    def __init__(self, engine: Engine, tasks: Tasks, themes: ThemeManager) -> None:
        super().__init__()
        self._engine, self._tasks = engine, tasks
        self._paths: dict[str, PathSettings] = {}
        self._source = ""
        self.is_done = False
        meaning = "Turn every test image along its leg and see where it ends"
        self.button = outlined_button("Measure", meaning, self.toggle)
        self.progress = progress_bar("Legs measured")
        self.progress.setFixedSize(12 * GRID, GRID)
        self.setLayout(row(self.progress, self.button))
        tasks.changed.connect(self._show)
        themed_icon(self.button, "mdi6.target", themes)
        self._show()

    @property
    def is_measuring(self) -> bool:
        return self._tasks.is_running(MEASURE)

    def use(self, paths: dict[str, PathSettings], source: str) -> None:
        """Measure this path from now on, by operator, on a data set; what was under way for another is given up."""
        self._tasks.cancel(MEASURE)
        self._paths, self._source, self.is_done = paths, source, False

    @Slot()
    def toggle(self) -> None:
        if self.is_measuring:
            self._tasks.cancel(MEASURE)
        elif self._source:
            self.is_done = False
            self._tasks.run(self._measure(), MEASURE)

    async def _measure(self) -> None:
        self.progress.setRange(0, sum(path.legs for path in self._paths.values()))
        self.progress.setValue(0)
        for name, path in self._paths.items():
            legs: list[LegQuality] = []
            call = self._engine.operate.measure(path, self._source)
            async for step in call:
                if isinstance(step, Doing):
                    words = step.in_words
                else:
                    legs.append(step)
                    words = f"{len(legs)} of {path.legs} legs"
                    self.progress.setValue(self.progress.value() + 1)
                self.measured.emit(name, tuple(legs), words)
            measured = await call
            self.measured.emit(name, measured.legs, measured_in_words(measured))
        self.is_done = True
        self.finished.emit()

    @Slot()
    def _show(self) -> None:
        self.button.setText("Stop" if self.is_measuring else "Measure on test images")
        self.progress.setVisible(self.is_measuring)


def measured_in_words(measured: MeasuredPath) -> str:
    """How many images of a path arrive, and of how many independent codes; on a second line which style they keep."""
    rate = measured.endpoint_rate
    counted = f", {rate.count} different codes" if rate.count < measured.images else ""
    arriving = (
        f"{100 * rate.value:.1f} % arrive ({100 * rate.low:.0f}–{100 * rate.high:.0f}{counted})",
        f"{100 * measured.monotonicity.value:.1f} % rise all the way",
        f"{measured.images} images of {measured.data}",
    )
    return f"{' · '.join(arriving)}\n{_style_in_words(measured.style)}"


def _style_in_words(style: Mapping[str, Measure]) -> str:
    if all(math.isnan(kept.value) for kept in style.values()):
        return "no style to compare: one picture for all of a label"
    measured = (f"{name} {_number(kept.value)}" for name, kept in style.items())
    return f"kept by {next(iter(style.values())).count}, r: {', '.join(measured)}"


def _number(correlation: float) -> str:
    return "–" if math.isnan(correlation) else f"{correlation:.2f}".replace("-", "−")
