"""`lsd-studio operate BUNDLE --compare`: every operator from label to label on test images, beside random ones."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.engine.api import Engine
from lsd_studio.engine.operators.picture_style import MEASURES
from lsd_studio.engine.vocabulary import Reader
from lsd_studio.percentages import percentage

if TYPE_CHECKING:
    from lsd_studio.engine.evaluation.findings import Measure
    from lsd_studio.engine.operators.comparison import Arrival, ComparedOperator


def run_comparison(options: argparse.Namespace) -> None:
    """Compare the operators, and answer with who arrives, with which style, and what random ones do."""
    with Engine() as engine, bars() as shown:
        shown.show("opening the bundle", 0.0)
        opened = engine.bundles.open(options.bundle).result()
        call = engine.operate.compare(options.data or opened.data_set, options.pairs, options.seed)
        compared = call.result(shown.follow)
        shown.note(*compared.notes)
    print_table(
        ("operator", "read by", "arrived", "95 % interval", "random, 99th", "clears"),
        [
            _row(operator, reader, arrival)
            for operator in compared.operators
            for reader, arrival in operator.arrivals.items()
        ],
        options.json,
    )
    print_table(
        ("style kept, r", *MEASURES),
        [
            (operator.title, *(_style(operator.style[name]) for name in MEASURES))
            for operator in compared.operators
        ],
        options.json,
    )
    answer({"bundle": opened.hash, "seed": options.seed, **compared.content}, options.json)


def _row(operator: ComparedOperator, reader: Reader, arrival: Arrival) -> tuple[str, ...]:
    reached = arrival.reached
    return (
        operator.title,
        "C" if reader == "classifier" else reader,
        percentage(reached.value, 1),
        f"{percentage(reached.low, 1)} to {percentage(reached.high, 1)} of {reached.count}",
        percentage(arrival.random_percentile, 1),
        "yes" if arrival.clears_random else "no",
    )


def _style(kept: Measure) -> str:
    return "–" if math.isnan(kept.value) else f"{kept.value:.2f}"
