"""`lsd-studio evaluate`: what a bundle can do, measured on test images."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from typing import Any

from lsd_studio.cli.answers import answer, bars, check_destination, print_table
from lsd_studio.cli.exit_codes import EXIT_DONE
from lsd_studio.engine.bundle import EVALUATIONS, is_shipped_name, keep_evaluation, open_bundle
from lsd_studio.engine.datasets import hold_out, load_fitting
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.cache import Dependencies, store_findings
from lsd_studio.engine.evaluation.evaluation import evaluate_bundle
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.steps import finished


def run(options: argparse.Namespace) -> int:
    """Evaluate and answer with every measure; each accuracy has its 95 % interval."""
    check_destination(options.json)
    if options.keep and is_shipped_name(options.bundle):
        raise StudioError(
            f"{options.bundle} ships with its evaluation: please name a bundle's folder with --keep."
        )
    with bars() as shown:
        shown.show("opening the bundle", 0.0)
        bundle = open_bundle(options.bundle)
        trained_on = bundle.manifest.trained_on
        test = load_fitting(trained_on, options.data, "test", shown.show)
        training, _ = hold_out(load_fitting(trained_on, options.data, "train", shown.show))
        shown.note(*test.notes, *training.notes)

        findings = finished(
            evaluate_bundle(bundle, test, training, trials=options.trials, seed=options.seed),
            lambda step: shown.show("evaluating", step.share, step.doing),
        )
    measured = findings.measured
    print_table(("measure", "value", "95 % interval", "of"), _rows(measured), options.json)
    if options.keep:
        keep_evaluation(bundle.path, measured)
        dependencies = Dependencies.of(bundle, test, trials=options.trials, seed=options.seed)
        store_findings(bundle.path / EVALUATIONS, dependencies, findings)
    answer(measured, options.json)
    return EXIT_DONE


def _rows(measured: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str, str, str]]:
    """One row for each number or interval, with its count; lists, which only JSON has room for, are left out."""
    rows = []
    for name, value in measured.items():
        if isinstance(value, Mapping) and {"value", "low", "high"} <= set(value):
            rows.append((prefix + name, *_told(Measure.of(value))))
        elif isinstance(value, Mapping) and name not in ("versions", "data"):
            rows += _rows(value, f"{prefix}{name}.")
        elif isinstance(value, float):
            rows.append((prefix + name, f"{value:.4g}", "", ""))
        elif isinstance(value, int | str):
            rows.append((prefix + name, str(value), "", ""))
    return rows


def _told(measure: Measure) -> tuple[str, str, str]:
    """Value, interval and count, "–" for what there is not."""
    value = "–" if math.isnan(measure.value) else f"{measure.value:.4f}"
    between = "–" if math.isnan(measure.low) else f"{measure.low:.4f} … {measure.high:.4f}"
    return value, between, str(measure.count or "")
