"""How fast the window answers a hand, idle and while training runs behind it.

    python benchmarks/interaction.py [--bundle BUNDLE] [--moves 300] [--seconds 60] [--json FILE]

A real window is shown (on the display there is, or set QT_QPA_PLATFORM=offscreen), strokes are drawn on its canvas by
mouse events, and from each event to the end of the repaint of the ranking is one measurement. The delay of the window
is that of a timer of 16 ms beyond its 16 ms. Training is the studio profile on MNIST through the engine's own lane.
Targets on 2 idle cores: stroke to picture p99 ≤ 30 ms idle, ≤ 100 ms while training; delay p99 ≤ 20 ms, none > 100 ms.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from lsd_studio.engine.api import Engine
from lsd_studio.engine.training.monitoring.broadcasts import TrainingEnded, TrainingReported
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.ui.app.application import prepare_application
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.app.theme import ThemeChoice
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.tasks import asyncio_within_qt

TICK = 16
REST = 40
"""Milliseconds between the answer to one movement and the next, as of a hand that moves on."""


class PaintWatch(QObject):
    """Notes when the last answer was shown, and when the ranking was last painted to the end."""

    def __init__(self) -> None:
        super().__init__()
        self.last = 0.0
        self.answered = 0.0

    def note_answer(self) -> None:
        self.answered = time.perf_counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 Qt's own name
        if event.type() is QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QApplication.sendEvent(watched, event)
            watched.installEventFilter(self)
            self.last = time.perf_counter()
            return True
        return False


class DelayWatch(QObject):
    """Collects by how many milliseconds a 16 ms timer comes late."""

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.delays.append(max(0.0, 1000 * (now - self._last) - TICK))
        self._last = now


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit(f"Nothing came in {seconds:.0f} s; is the machine idle?")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def rest(milliseconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(milliseconds), loop.quit)
    loop.exec()


def mouse(window: MainWindow, kind: QEvent.Type, place: QPointF) -> None:
    canvas = window.decompose.canvas
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    where = QPointF(place.x() * canvas.width(), place.y() * canvas.height())
    event = QMouseEvent(kind, where, canvas.mapToGlobal(where), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def spiral(step: int) -> QPointF:
    angle, radius = step / 6, 0.12 + 0.2 * ((step / 90) % 1)
    return QPointF(0.5 + radius * math.cos(angle), 0.5 + radius * math.sin(angle))


def stroke_to_picture(window: MainWindow, moves: int) -> list[float]:
    """Milliseconds from each mouse movement to the end of the repaint with its answer."""
    watch, workspace, found = PaintWatch(), window.decompose, []
    workspace.ranking.installEventFilter(watch)
    workspace.answered.connect(watch.note_answer)
    for step in range(moves):
        if step % 60 == 0:
            mouse(window, QEvent.Type.MouseButtonRelease, spiral(step))
            workspace.clear()
            mouse(window, QEvent.Type.MouseButtonPress, spiral(step))
            wait_until(lambda: workspace.is_up_to_date, 300)
            rest(REST)
        start = time.perf_counter()
        mouse(window, QEvent.Type.MouseMove, spiral(step + 1))
        wait_until(lambda start=start: watch.last > watch.answered > start and workspace.is_up_to_date, 300)
        found.append(1000 * (watch.last - start))
        rest(REST)
    mouse(window, QEvent.Type.MouseButtonRelease, spiral(moves))
    workspace.answered.disconnect(watch.note_answer)
    workspace.ranking.removeEventFilter(watch)
    return found


def summary(milliseconds: list[float]) -> dict[str, float]:
    values = np.array(milliseconds)
    return {
        "count": len(values),
        "p50": round(float(np.percentile(values, 50)), 2),
        "p99": round(float(np.percentile(values, 99)), 2),
        "max": round(float(values.max()), 2),
    }


def train_beside(engine: Engine, run: Path) -> list[float]:
    """Start a training and wait until it runs; returns the times of its reports, which go on coming."""
    reports: list[float] = []

    def hear(event: object) -> None:
        if isinstance(event, TrainingReported):
            reports.append(time.perf_counter())
        if isinstance(event, TrainingEnded) and event.error is not None:
            print(event.error, file=sys.stderr)

    engine.subscribe(hear)
    engine.training.start(TrainingSettings(run, profile="studio", data="mnist"))
    wait_until(lambda: len(reports) > 5 or not engine.is_training, 600)
    if not engine.is_training:
        raise SystemExit("The training did not run.")
    return reports


def measure(bundle: Path | None, moves: int, seconds: float) -> dict[str, dict[str, float]]:
    prepare_application()
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory() as folder, Engine() as engine, asyncio_within_qt():
        settings = open_settings(Path(folder) / "window.ini")
        themes = ThemeChoice(settings)
        window = MainWindow(engine, themes, settings)
        window.show()
        window.open_bundle(bundle)
        wait_until(
            lambda: window.decompose.picker.grid.model() is not None or window.message_bar.isVisible(), 900
        )
        if window.message_bar.isVisible():
            raise SystemExit(window.message_bar.text)
        stroke_to_picture(window, 20)
        found["stroke_to_picture_idle"] = summary(stroke_to_picture(window, moves))

        reports = train_beside(engine, Path(folder) / "run")
        delays = DelayWatch()
        start, before = time.perf_counter(), len(reports)
        while time.perf_counter() - start < seconds:
            rest(200)
        found["delay_while_training"] = summary(delays.delays)
        found["training"] = {
            "reports_a_second": round((len(reports) - before) / (time.perf_counter() - start), 2)
        }
        delays.delays.clear()
        found["stroke_to_picture_while_training"] = summary(stroke_to_picture(window, moves))
        found["delay_while_training_and_drawing"] = summary(delays.delays)
        engine.close()
        window.close()
        window.deleteLater()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, help="a bundle or a finished run; without it the shipped one")
    parser.add_argument("--moves", type=int, default=300, help="movements of the hand in each part")
    parser.add_argument("--seconds", type=float, default=60, help="how long the delay is measured")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    found = measure(options.bundle, options.moves, options.seconds)
    for name, figures in found.items():
        print(name, "  ".join(f"{key} {value}" for key, value in figures.items()))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
