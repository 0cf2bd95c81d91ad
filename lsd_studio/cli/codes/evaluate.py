"""`lsd-studio evaluate FILE`: how well labelled codes can be read, on codes that fitted nothing."""

from __future__ import annotations

import argparse

from lsd_studio.cli.answers import answer, bars, measure_rows, print_table
from lsd_studio.cli.codes.space import label_column, read_space, refuse_for_codes
from lsd_studio.engine.api import Engine


def run(options: argparse.Namespace) -> None:
    """Evaluate and answer with every measure; each accuracy has its 95 % interval.

    Raises:
        StudioError: no column is named, or what is asked needs networks.
    """
    refuse_for_codes(options, "data", "images", "trials", "steering", "generator", "figure", "keep")
    with Engine() as engine, bars() as shown:
        space = read_space(engine, options, shown)
        column = label_column(options, space)
        found = engine.spaces.evaluate(space, column, options.seed).result(shown.follow)
        shown.note(*found["notes"])
    print_table(("measure", "value", "95 % interval", "of"), measure_rows(found), options.json)
    answer({"space": space.facts(), "labels": column, **found}, options.json)
