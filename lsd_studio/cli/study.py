"""`lsd-studio study`: many trainings in a queue, and one table of what they differ in."""

from __future__ import annotations

import argparse
import math
import shlex
import signal
from collections.abc import Mapping
from importlib import import_module

from lsd_studio.cli.answers import answer, bars, print_table, say
from lsd_studio.cli.endings import EXIT_DONE, EXIT_MISTAKE, Stopped, interrupts_held
from lsd_studio.engine.studies.over_seeds import OverSeeds
from lsd_studio.engine.studies.results import (
    MEASURES,
    READERS,
    Variants,
    differences,
    in_order,
    means,
    study_result,
)
from lsd_studio.engine.studies.study import Study, load_study
from lsd_studio.files.folders import make_folder

SHORT_READERS = ("lsd", "nearest mean", "shrunk lda", "logistic")
"""`READERS` as they fit a terminal."""


def run(options: argparse.Namespace) -> int:
    """Train and measure what is not yet, print the table, and answer with all of it."""
    study = load_study(options.study)
    trainings = study.trainings(options.out)
    make_folder(options.out)
    with interrupts_held():  # torch takes seconds to import, and one that is cut through aborts the process
        from lsd_studio.engine.studies.queue import outcomes

        import_module("lsd_studio.engine.training.whole_run")  # which the first training would import

    done = []
    try:
        with bars() as shown:
            shown.say(
                f"{len(trainings)} trainings in {options.out}: open it in the workspace Train to watch them."
            )
            shown.show("trainings", 0.0, f"0 of {len(trainings)}")
            for outcome in outcomes(trainings, options.jobs or study.jobs, options.backend):
                done.append(outcome)
                shown.say(f"{outcome.training.run.name}: {outcome.failed or 'trained and measured'}")
                shown.show("trainings", len(done) / len(trainings), f"{len(done)} of {len(trainings)}")
    except KeyboardInterrupt as error:
        number = error.number if isinstance(error, Stopped) else int(signal.SIGINT)
        again = shlex.join(["lsd-studio", "study", options.study, "--out", str(options.out)])
        say(f"Stopped, the last checkpoint is kept; go on with: {again}")
        return 128 + number
    done = in_order(study, done)
    of, less = means(study, done), differences(study, done)
    for data in study.data:
        rows = _rows(study, of[data], less[data])
        print_table((data, "mean ± SD", "95 % interval", "seeds"), rows, options.json)
        for variant in study.variants if study.measure.labelled_codes else ():
            columns = (f"labelled codes, {data}, {variant}", *SHORT_READERS)
            print_table(columns, _rows_of_labelled(study, of[data][variant]), options.json)
    answer(study_result(study, done), options.json)
    failed = [outcome for outcome in done if outcome.measured is None]
    for outcome in failed:
        say(f"{outcome.training.run.name} is not in the table: {outcome.failed}")
    return EXIT_MISTAKE if failed else EXIT_DONE


def _rows(study: Study, of: Variants, less: Variants) -> list[tuple[str, ...]]:
    """A row for each measure, below it every variant, and what it differs by from the reference."""
    rows: list[tuple[str, ...]] = []
    for name in MEASURES:
        found = {variant: measures[name] for variant, measures in of.items()}
        found |= {f"{variant} − {study.reference}": measures[name] for variant, measures in less.items()}
        measured = [(f"  {which}", *_cells(each)) for which, each in found.items() if each.n]
        if measured:
            rows += [(name, "", "", ""), *measured]
    return rows


def _rows_of_labelled(study: Study, of: Mapping[str, OverSeeds]) -> list[tuple[str, ...]]:
    """Of each number of labelled codes the accuracy of every reader, below it the interval of LSD's less its."""
    rows: list[tuple[str, ...]] = []
    for count in sorted(study.measure.labelled_codes):
        accuracies = [_cells(of[f"labelled_codes.{count}.{name}"])[0] for name in READERS]
        less = [_cells(of[f"labelled_codes.{count}.lsd_less_{name}"])[1] for name in READERS[1:]]
        rows += [(str(count), *map(_dense, accuracies)), ("  lsd less", "", *map(_dense, less))]
    return rows


def _dense(cell: str) -> str:
    """Without spaces, so that five columns fit a terminal."""
    return cell.replace(" ", "")


def _cells(found: OverSeeds) -> tuple[str, str, str]:
    if found.n == 0:
        return "–", "–", "0"
    spread = "" if math.isnan(found.sd) else f" ± {found.sd:.4f}"
    between = "–" if math.isnan(found.low) else f"{found.low:.4f} … {found.high:.4f}"
    return f"{found.mean:.4f}{spread}".replace("-", "−"), between.replace("-", "−"), str(found.n)
