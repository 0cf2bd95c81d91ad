"""`lsd-studio evaluate`: what a bundle can do, measured on test images; or how well codes can be read."""

from __future__ import annotations

import argparse

import lsd_studio.cli.codes.evaluate as of_codes
from lsd_studio.cli.answers import answer, bars, measure_rows, print_table
from lsd_studio.cli.codes.space import refuse_for_bundles
from lsd_studio.cli.evaluation import generator, steering
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Evaluating
from lsd_studio.engine.spaces.file_names import is_code_file
from lsd_studio.engine.steps import Doing

TRIALS = 20


def run(options: argparse.Namespace) -> None:
    """Evaluate and answer with every measure; each accuracy has its 95 % interval."""
    if is_code_file(options.bundle):
        of_codes.run(options)
        return
    refuse_for_bundles(options)
    if options.keep:
        from lsd_studio.engine.bundle.reading import is_shipped_name

        if is_shipped_name(options.bundle):
            raise StudioError(
                f"{options.bundle} ships with its evaluation: please name a bundle's folder with --keep."
            )
    if options.steering and options.generator:
        raise StudioError("--steering and --generator measure different things: please give one of them.")
    if options.figure and not options.generator:
        raise StudioError("--figure draws what --generator measures: please give that too.")
    if options.steering or options.generator:
        (steering if options.steering else generator).run(options)
        return
    with Engine() as engine:
        with bars() as shown:

            def show(step: Doing | Evaluating) -> None:
                if isinstance(step, Doing):
                    shown.follow(step)
                else:
                    shown.show("evaluating", step.share, step.doing)

            shown.show("opening the bundle", 0.0)
            engine.bundles.use(options.bundle).result()
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
        print_table(("measure", "value", "95 % interval", "of"), measure_rows(measured), options.json)
        if options.keep:
            engine.evaluate.publish(evaluation).result()
    answer(measured, options.json)
