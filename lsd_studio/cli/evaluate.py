"""`lsd-studio evaluate`: what a bundle can do, measured on test images."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from typing import Any

from lsd_studio.cli import steering
from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Evaluating, Measure
from lsd_studio.engine.steps import Doing

TRIALS = 20


def run(options: argparse.Namespace) -> None:
    """Evaluate and answer with every measure; each accuracy has its 95 % interval."""
    if options.keep:
        from lsd_studio.engine.bundle.reading import is_shipped_name

        if is_shipped_name(options.bundle):
            raise StudioError(
                f"{options.bundle} ships with its evaluation: please name a bundle's folder with --keep."
            )
    if options.steering:
        steering.run(options)
        return
    with Engine() as engine:
        with bars() as shown:

            def show(step: Doing | Evaluating) -> None:
                if isinstance(step, Doing):
                    shown.follow(step)
                else:
                    shown.show("evaluating", step.share, step.doing)

            shown.show("opening the bundle", 0.0)
            engine.bundles.open(options.bundle).result()
            call = engine.evaluate.measure(
                options.data,
                trials=options.trials or TRIALS,
                seed=options.seed,
                stored=False,
                images=options.images,
            )
            evaluation = call.result(show)
            shown.note(*evaluation.notes)
        measured = evaluation.findings.measured
        print_table(("measure", "value", "95 % interval", "of"), _rows(measured), options.json)
        if options.keep:
            engine.evaluate.publish(evaluation).result()
    answer(measured, options.json)


def _rows(measured: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str, str, str]]:
    """One row for each number or interval, with its count; lists, which only JSON has room for, are left out."""
    rows = []
    for name, value in measured.items():
        if isinstance(value, Mapping) and {"value", "low", "high"} <= set(value):
            rows.append((prefix + name, *_cells(Measure.of(value))))
        elif isinstance(value, Mapping) and name not in ("versions", "data"):
            rows += _rows(value, f"{prefix}{name}.")
        elif isinstance(value, float):
            rows.append((prefix + name, f"{value:.4g}", "", ""))
        elif isinstance(value, int | str):
            rows.append((prefix + name, str(value), "", ""))
    return rows


def _cells(measure: Measure) -> tuple[str, str, str]:
    """Value, interval and count, "–" for what there is not."""
    value = "–" if math.isnan(measure.value) else f"{measure.value:.4f}"
    between = "–" if math.isnan(measure.low) else f"{measure.low:.4f} … {measure.high:.4f}"
    return value, between, str(measure.count or "")
