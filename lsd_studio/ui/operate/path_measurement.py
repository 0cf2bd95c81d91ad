"""Measuring a path over test images: a button that starts and stops it, its progress, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.messages.core import Event, Failed, Stop, Stopped
from lsd_studio.engine.messages.operate import MeasurePath, PathMeasured, PathMeasuring, PathSettings
from lsd_studio.ui.app.icons import icon
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.shell.bridge import EngineBridge
from lsd_studio.ui.widgets.layouts import tool_button

__all__ = ["PathMeasurement", "measured_in_words"]


class PathMeasurement(QWidget):
    """Measures a path with one operator after the other, on demand.

    Signals:
        measured: a pane, its legs so far as a tuple of LegMeasured, and in words what they come to.
        finished: all operators were measured.
    """

    measured = Signal(int, object, str)
    finished = Signal()

    def __init__(self, bridge: EngineBridge, themes: ThemeManager) -> None:
        super().__init__()
        self._bridge = bridge
        self._paths: dict[int, PathSettings] = {}
        self._source = ""
        self._left: list[int] = []
        self._asked = 0
        self._done = False
        self.button = tool_button("Measure", "Turn every test image along its leg and see where it ends")
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setProperty("role", "outlined")
        self.button.clicked.connect(self.toggle)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(12 * GRID, GRID)
        self.progress.setAccessibleName("Legs measured")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.progress)
        row.addWidget(self.button)
        bridge.told.connect(self._hear)
        themes.changed.connect(self._dress)
        self._dress(themes.theme)
        self._show(0)

    @property
    def is_measuring(self) -> bool:
        """Whether a measurement is under way."""
        return bool(self._left)

    @property
    def is_done(self) -> bool:
        """Whether all operators were measured on the path."""
        return self._done

    def use(self, paths: dict[int, PathSettings], source: str) -> None:
        """Measure this path from now on, by pane, on a data set; what was under way for another is given up."""
        if self._left:
            self._stop()
        self._paths, self._source, self._done = paths, source, False

    @Slot()
    def toggle(self) -> None:
        """Start the measurement, or stop it."""
        if self._left:
            self._stop()
        elif self._source:
            self._left, self._done = list(self._paths), False
            self._ask()

    def _ask(self) -> None:
        pane = self._left[0]
        self._asked = self._bridge.submit(MeasurePath(self._paths[pane], self._source, pane=pane))
        self._show(0)

    def _stop(self) -> None:
        self._bridge.submit(Stop(f"MeasurePath {self._left[0]}"))
        self._left = []
        self._show(0)

    @Slot(object)
    def _hear(self, event: Event) -> None:
        match event:
            case PathMeasuring() if event.number == self._asked and self._left:
                self._show(len(event.legs))
                self.measured.emit(event.pane, event.legs, f"{len(event.legs)} of {event.of} legs")
            case PathMeasured() if event.number == self._asked and self._left:
                self._take(event)
            case Failed() | Stopped() if event.number == self._asked:
                self._left = []
                self._show(0)
            case _:
                pass

    def _take(self, event: PathMeasured) -> None:
        self.measured.emit(event.pane, event.legs, measured_in_words(event))
        self._left = self._left[1:]
        if self._left:
            self._ask()
        else:
            self._done = True
            self._show(0)
            self.finished.emit()

    def _show(self, legs: int) -> None:
        measuring = bool(self._left)
        self.button.setText("Stop" if measuring else "Measure on test images")
        self.progress.setVisible(measuring)
        if measuring:
            path = self._paths[self._left[0]]
            of = len(path.stations) - (0 if path.closed else 1)
            self.progress.setRange(0, len(self._paths) * of)
            self.progress.setValue((len(self._paths) - len(self._left)) * of + legs)

    @Slot(object)
    def _dress(self, theme: Theme) -> None:
        self.button.setIcon(icon("mdi6.target", theme))


def measured_in_words(event: PathMeasured) -> str:
    """How many images of a path arrive, of how many independent codes that is the rate, and which style they keep."""
    rate = event.endpoint_rate
    counted = f", {rate.count} different codes" if rate.count < event.images else ""
    return " · ".join(
        (
            f"{100 * rate.value:.1f} % arrive ({100 * rate.low:.0f}–{100 * rate.high:.0f}{counted})",
            f"{100 * event.monotonicity.value:.1f} % rise all the way",
            _style_in_words(event.style),
            f"{event.images} images of {event.data}",
        )
    )


def _style_in_words(style: Mapping[str, Measure]) -> str:
    if all(math.isnan(kept.value) for kept in style.values()):
        return "no style to compare: one picture for all of a label"
    told = (f"{name} {_number(kept.value)}" for name, kept in style.items())
    return f"kept by {next(iter(style.values())).count}, r: {', '.join(told)}"


def _number(correlation: float) -> str:
    return "–" if math.isnan(correlation) else f"{correlation:.2f}".replace("-", "−")
