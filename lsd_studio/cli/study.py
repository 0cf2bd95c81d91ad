"""`lsd-studio study`: many trainings in a queue, and one table of what they differ in."""

from __future__ import annotations

import argparse
import math
import shlex
import signal
from collections.abc import Iterator

from lsd_studio.cli.answers import answer, bars, print_table, say
from lsd_studio.cli.exit_codes import EXIT_DONE, EXIT_MISTAKE
from lsd_studio.cli.interrupts import Stopped, interrupts_held
from lsd_studio.engine.studies.over_seeds import OverSeeds
from lsd_studio.engine.studies.results import Table, compared, differences, in_order, means, study_result
from lsd_studio.engine.studies.study import Study, load_study
from lsd_studio.files.folders import make_folder


def run(options: argparse.Namespace) -> int:
    """Train and measure what is not yet, print the table, and answer with all of it."""
    study = load_study(options.study)
    trainings = study.trainings(options.out)
    make_folder(options.out)
    with interrupts_held():  # torch takes seconds to import, and one that is cut through aborts the process
        from lsd_studio.engine.studies.queue import outcomes
        from lsd_studio.engine.training import whole_run as _whole_run  # noqa: F401

    done = []
    try:
        with bars() as shown:
            shown.say(
                f"{len(trainings)} trainings in {options.out}; the workspace Train shows those under way."
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
    for data, rows in _tables(study, means(study, done), differences(study, done)):
        print_table((data, "mean ± SD", "95 % interval", "seeds"), rows, options.json)
    answer(study_result(study, done), options.json)
    failed = [outcome for outcome in done if outcome.measured is None]
    for outcome in failed:
        say(f"{outcome.training.run.name} is not in the table: {outcome.failed}")
    return EXIT_MISTAKE if failed else EXIT_DONE


def _tables(study: Study, of: Table, less: Table) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Of each data set a row for each measure, below it every variant, and what it differs by from the reference."""
    for data, variants in of.items():
        rows: list[tuple[str, ...]] = []
        for name in compared(study):
            found = {variant: measures[name] for variant, measures in variants.items()}
            found |= {
                f"{variant} − {study.reference}": measures[name] for variant, measures in less[data].items()
            }
            measured = [(f"  {which}", *_cells(each)) for which, each in found.items() if each.n]
            if measured:
                rows += [(name, "", "", ""), *measured]
        yield data, rows


def _cells(found: OverSeeds) -> tuple[str, str, str]:
    spread = "" if math.isnan(found.sd) else f" ± {found.sd:.4f}"
    between = "–" if math.isnan(found.low) else f"{found.low:.4f} … {found.high:.4f}"
    return f"{found.mean:.4f}{spread}".replace("-", "−"), between.replace("-", "−"), str(found.n)
