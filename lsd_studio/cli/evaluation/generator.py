"""The tables of `lsd-studio evaluate --generator`: a row a measure, a column a set of images, for each network."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lsd_studio.cli.answers import answer, bars, check_destination, print_table
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.generator.report import SETS, SPACES
from lsd_studio.engine.evaluation.generator.words import measure_rows, p_words
from lsd_studio.engine.figures.generator_figures import generator_figures
from lsd_studio.engine.vocabulary import READER_NAMES
from lsd_studio.percentages import percentage

if TYPE_CHECKING:
    from lsd_studio.engine.evaluation.generator.report import GeneratorReport


def run(options: argparse.Namespace) -> None:
    """Answer with how good the bundle's generator is, beside what other sets of images would be."""
    if options.trials is not None:
        raise StudioError(
            "--trials is of codes of test images, and a generator has its own draws: leave it out."
        )
    figure = None if options.figure is None else Path(options.figure)
    if figure is not None:
        from lsd_studio.engine.figures.files import format_of  # loads matplotlib

        check_destination(options.figure)
        format_of(figure)
    with Engine() as engine, bars() as shown:
        shown.show("opening the bundle", 0.0)
        name = engine.bundles.use(options.bundle).result().name
        call = engine.evaluate.generator(options.data, options.seed, options.images, stored=False)
        reported = call.result(shown.follow)
        shown.note(*reported.notes)
        if options.keep:
            engine.evaluate.publish_generator(reported).result()
        report = reported.report
        if figure is not None:
            source = f"{name} · {report.notes[0]}"
            whole, *_ = generator_figures(report, report.reader, "pixels", source)
            engine.figures.save(whole, figure).result(shown.follow)
    for name, reader in report.readers.items():
        print_table((f"by {READER_NAMES[name]}", *SETS.values()), measure_rows(reader), options.json)
    print_table(("nearest training image by", *_NEAREST), _nearness_rows(report), options.json)
    answer(reported.measured, options.json)


_NEAREST = ("nearer than held-out images", "", "among the nearest of both", "", "other test images")


def _nearness_rows(report: GeneratorReport) -> list[tuple[str, ...]]:
    return [
        (
            SPACES[space],
            percentage(found.nearer, 1),
            p_words(found.p_value),
            f"{percentage(found.nearest.value, 1)} of {found.nearest.count}",
            p_words(found.nearest_p_value),
            f"{percentage(report.real[space].nearer, 1)}, {p_words(report.real[space].p_value)}",
        )
        for space, found in report.memorisation.items()
    ]
