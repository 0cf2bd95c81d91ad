"""How late the window's own timer comes while training runs at full speed with curves and pictures live.

    python benchmarks/training_delay.py [--seconds 60] [--profile studio] [--data mnist] [--json FILE]

A real window shows the Train workspace (on the display there is, or set QT_QPA_PLATFORM=offscreen). A training is
started from its form; once the GAN is under way, a timer of 16 ms is watched: its delay is what comes beyond 16 ms.
Then the same with a pointer that reads the curves out, and with all panels smoothed. Each handler of engine events and
each repaint of a plot is timed too. Runs go to a folder that is removed. Targets on 2 idle cores: delay p99 ≤ 20 ms,
no handler above 16 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from interaction import DelayWatch, rest, summary, wait_until
from PySide6.QtCore import QPointF

from lsd_studio.engine.api import Engine
from lsd_studio.engine.training.events import StepDone
from lsd_studio.engine.training.monitoring.broadcasts import TrainingReported
from lsd_studio.ui.app.application import prepare_application
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.app.theme import ThemeChoice
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.tasks import asyncio_within_qt
from lsd_studio.ui.train.workspace import TrainWorkspace

QUICK = {"classifier.epochs": "1", "gan.epochs": "40"}
"""So that the GAN comes soon and lasts."""


def timed(owner: Any, name: str, found: list[float]) -> None:
    """Let every call of a method note its milliseconds."""
    plain = getattr(owner, name)

    def call(*arguments: object) -> object:
        start = time.perf_counter()
        try:
            return plain(*arguments)
        finally:
            found.append(1000 * (time.perf_counter() - start))

    setattr(owner, name, call)


def hover(workspace: TrainWorkspace, seconds: float) -> None:
    """Lead a pointer to and fro over the first panel."""
    panel, end, step = workspace.view.curves.panels[0], time.monotonic() + seconds, 0
    while time.monotonic() < end:
        area = panel.view.sceneBoundingRect()
        place = QPointF(area.left() + area.width() * (step % 60) / 60, area.center().y())
        panel.plot.scene().sigMouseMoved.emit(place)
        step += 1
        rest(30)


def measure(profile: str, data: str, seconds: float) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    handlers: list[float] = []
    timed(TrainWorkspace, "_take_curves", handlers)
    timed(TrainWorkspace, "_take_report", handlers)
    timed(TrainWorkspace, "_take_list", handlers)
    timed(TrainWorkspace, "_take_run", handlers)
    with TemporaryDirectory() as folder, Engine() as engine, asyncio_within_qt():
        os.environ["LSD_STUDIO_DATA"] = folder
        settings = open_settings(Path(folder) / "window.ini")
        themes = ThemeChoice(settings)
        window = MainWindow(engine, themes, settings)
        window.resize(1280, 800)
        window.show()
        workspace = window.go_to("Train")
        assert isinstance(workspace, TrainWorkspace)
        form, curves = workspace.form, workspace.view.curves
        wait_until(lambda: form.is_good, 600)
        form.profile.setCurrentText(profile)
        form.choose_data(data)
        for key, text in QUICK.items():
            form.rows[key].set_text(text)
        wait_until(lambda: form.is_good, 60)
        steps: list[float] = []

        def hear(event: object) -> None:
            if isinstance(event, TrainingReported) and isinstance(event.report, StepDone):
                steps.append(event.report.step)

        engine.subscribe(hear)
        form.start.click()
        wait_until(lambda: curves.stage == "gan" and workspace.view.pictures.shown is not None, 1200)
        handlers.clear()
        watch = DelayWatch()
        start, before = time.perf_counter(), len(steps) - 1
        rest(1000 * seconds)
        found["delay"] = summary(watch.delays)
        found["handlers"] = summary(handlers)
        done = sum(max(0, after - step) for step, after in pairwise(steps[before:]))
        found["training"] = {"steps_a_second": round(done / (time.perf_counter() - start), 2)}
        watch.delays.clear()
        hover(workspace, seconds / 2)
        found["delay_while_reading_out"] = summary(watch.delays)
        curves.smoothing.setValue(90)
        watch.delays.clear()
        rest(500 * seconds)
        found["delay_while_smoothing"] = summary(watch.delays)
        engine.unsubscribe(hear)
        engine.close()
        window.close()
        window.deleteLater()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long the delay is measured")
    parser.add_argument("--profile", default="studio")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    prepare_application()
    found = measure(options.profile, options.data, options.seconds)
    for name, figures in found.items():
        print(name, "  ".join(f"{key} {value}" for key, value in figures.items()))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
