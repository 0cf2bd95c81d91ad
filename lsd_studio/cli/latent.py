"""`lsd-studio latent`: where the codes of a data set lie, and how points are drawn that decode well."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.cli.codes.space import read_space, refuse_for_bundles, refuse_for_codes
from lsd_studio.cli.groups import compare
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.report import ReportSettings
from lsd_studio.engine.spaces.file_names import is_code_file

MEASURES = ("inside", "sure", "precision", "recall", "auc")


def run(options: argparse.Namespace) -> None:
    """Measure everything and answer with it; with --report, write figures and tables too."""
    of_codes = is_code_file(options.bundle)
    if of_codes:
        refuse_for_codes(options, "data", "split")
    else:
        refuse_for_bundles(options)
    if options.groups:
        compare(options)
        return
    if options.drawn_on:
        raise StudioError("--drawn-on is for --groups: add them, or leave it out.")
    settings = ReportSettings(
        coder=options.bundle,
        data=options.data,
        split=options.split or "test",
        most=options.number,
        width=options.width,
        points=options.points,
        embedded=options.embed,
        island_twins=options.island_twins,
        twins=options.twins,
        seed=options.seed,
        only=tuple(options.only),
    )
    with Engine() as engine, bars() as shown:
        if of_codes:
            space = read_space(engine, options, shown)
            call = engine.spaces.report(space, options.labels, settings, options.report)
        else:
            call = engine.latent.report(settings, options.report)
        found = call.result(lambda step: shown.show("report", step.share or 0.0, step.what))
        shown.note(*found["space"]["notes"])
    print_table(("measure", "value"), list(_facts(found)), options.json)
    if "rows" in found.get("samplers", {}):
        rows = found["samplers"]["rows"]
        table = [(row["sampler"], *(_number(row[name]) for name in MEASURES)) for row in rows]
        print_table(("sampler", *MEASURES), table, options.json)
    answer(found, options.json)


def _facts(found: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """A row for each number or sentence; lists, which only JSON has room for, are left out."""
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from _facts(value, f"{prefix}{name}.")
        elif isinstance(value, str | int | float):
            yield prefix + name, _number(value) if isinstance(value, float) else str(value)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
