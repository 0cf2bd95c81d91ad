"""The tables of `lsd-studio evaluate --generator`: a row a measure, a column a set of images, for each network."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.generator.report import MEASURES, PATHS, SETS, SPACES
from lsd_studio.engine.vocabulary import READER_NAMES
from lsd_studio.percentages import percentage

if TYPE_CHECKING:
    from lsd_studio.engine.evaluation.findings import Measure
    from lsd_studio.engine.evaluation.generator.report import GeneratorReport, ReaderReport


def run(options: argparse.Namespace) -> None:
    """Answer with how good the bundle's generator is, beside what other sets of images would be."""
    if options.trials is not None:
        raise StudioError(
            "--trials is of codes of test images, and a generator has its own draws: leave it out."
        )
    with Engine() as engine, bars() as shown:
        shown.show("opening the bundle", 0.0)
        engine.bundles.open(options.bundle).result()
        call = engine.evaluate.generator(options.data, options.seed, options.images, stored=False)
        reported = call.result(shown.follow)
        shown.note(*reported.notes)
        if options.keep:
            engine.evaluate.publish_generator(reported).result()
    report = reported.report
    for name, reader in report.readers.items():
        print_table((f"by {READER_NAMES[name]}", *SETS.values()), _rows(reader), options.json)
    print_table(("nearest training image by", *_NEAREST), _nearness_rows(report), options.json)
    answer(reported.measured, options.json)


_NEAREST = ("nearer than held-out images", "p", "among the nearest of both", "p", "beside: other test images")


def _rows(reader: ReaderReport) -> list[tuple[str, ...]]:
    sets = reader.sets.values()
    nothing = ("",) * (len(SETS) - 1)
    return [
        *((words, *(_plain(found.measure(name)) for found in sets)) for name, words in MEASURES.items()),
        *((f"length of {PATHS[of]}", _plain(length), *nothing) for of, length in reader.path_length.items()),
    ]


def _nearness_rows(report: GeneratorReport) -> list[tuple[str, ...]]:
    return [
        (
            SPACES[space],
            percentage(found.nearer, 1),
            _p_value(found.p_value),
            f"{percentage(found.nearest.value, 1)} of {found.nearest.count}",
            _p_value(found.nearest_p_value),
            f"{percentage(report.real[space].nearer, 1)}, p = {_p_value(report.real[space].p_value)}",
        )
        for space, found in report.memorisation.items()
    ]


def _plain(measure: Measure) -> str:
    if math.isnan(measure.low):
        return f"{measure.value:.3g}"
    return f"{measure.value:.3g} ({measure.low:.3g} … {measure.high:.3g})"


def _p_value(p_value: float) -> str:
    return "< 0.0001" if p_value < 0.0001 else f"{p_value:.2g}"
