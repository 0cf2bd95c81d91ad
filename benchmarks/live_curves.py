"""Two million training steps pushed through the live curves: how much memory they take, and how long a repaint is.

    python benchmarks/live_curves.py [--steps 2000000] [--json FILE]

The steps go, a hundred at a time, through the engine's thinned history, its curves go into the window's panels as
often as an engine tells them, and each repaint is timed to its end (set QT_QPA_PLATFORM=offscreen without a display).
Targets: memory grows by at most 50 MB, a repaint takes at most 16 ms. Memory is the process's resident set.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtWidgets import QApplication

from lsd_studio.engine.runs.curves import Curve
from lsd_studio.engine.runs.history import ThinnedHistory
from lsd_studio.ui.app.application import prepare_application
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.app.theme import ThemeChoice
from lsd_studio.ui.plots.live_curves import LiveCurves, ShownRun

NAMES = ("discriminator_real", "discriminator_fake", "generator")
EPOCH, AT_ONCE, BETWEEN_REPAINTS = 2400, 100, 20_000


def resident_megabytes() -> float:
    """Of this process; Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def curves_of(history: ThinnedHistory) -> tuple[Curve, ...]:
    return tuple(Curve("gan", name, name, "nats", "batch", *history.curve(name)) for name in history.names)


def repaint(live: LiveCurves) -> tuple[float, float]:
    """Milliseconds from new curves to the end of the repaint of all panels, and of the slowest panel's own repaint."""
    start = time.perf_counter()
    live._draw()
    ends = [time.perf_counter()]
    for panel in live.panels:
        panel.plot.viewport().repaint()
        ends.append(time.perf_counter())
    return 1000 * (ends[-1] - start), 1000 * max(after - end for end, after in pairwise(ends))


def measure(steps: int, size: tuple[int, int]) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        live = LiveCurves(ThemeChoice(open_settings(Path(folder) / "window.ini")))
        live.resize(*size)
        live.show_stage("gan")
        live.show()
        history, random, times = ThinnedHistory(NAMES), np.random.default_rng(0), []
        before = 0.0
        for first in range(0, steps, AT_ONCE):
            at = np.arange(first + 1, first + AT_ONCE + 1)
            falling = 0.7 * np.exp(-at / (0.3 * steps))[:, None]
            history.extend(at, falling + np.abs(random.normal(0.4, 0.2, (AT_ONCE, len(NAMES)))))
            if (first + AT_ONCE) % BETWEEN_REPAINTS == 0:
                live._runs = (ShownRun("long", {"gan": curves_of(history)}, {"gan": EPOCH}),)
                times.append(repaint(live))
                QApplication.processEvents()
            before = before or (resident_megabytes() if len(times) == 2 else 0.0)
        grown = resident_megabytes() - before
        live.close()
        live.deleteLater()
    warm = np.array(times[2:])
    return {
        "steps": steps,
        "memory_growth_megabytes": round(grown, 1),
        **{
            f"{what}_p{share}": round(float(np.percentile(warm[:, place], share)), 2)
            for place, what in enumerate(("repaint", "slowest_panel"))
            for share in (50, 99)
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2_000_000)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    prepare_application()
    found = {
        f"{width} x {height}": measure(options.steps, (width, height))
        for width, height in ((820, 300), (1900, 640))
    }
    for name, figures in found.items():
        print(name, "  ".join(f"{key} {value}" for key, value in figures.items()))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
