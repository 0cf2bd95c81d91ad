"""`lsd-studio basis`: gather the latent sets again and make a new basis of them, or audit the one that is there.

Of a file of codes the basis is made of its labelled codes, see `lsd_studio.cli.codes.basis`.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import numpy as np

import lsd_studio.cli.codes.basis as of_codes
from lsd_studio.cli.answers import Bars, answer, bars, print_table
from lsd_studio.cli.codes.space import refuse_for_bundles
from lsd_studio.engine.api import Engine
from lsd_studio.engine.basis.measures import BasisView
from lsd_studio.engine.basis.progress import LabelledFrameProgress, LatentSetsProgress
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations.basis import BasisProgress
from lsd_studio.engine.spaces.file_names import is_code_file
from lsd_studio.engine.steps import Doing

SETTINGS = ("vectors", "set_one", "complement", "seed")


def run(options: argparse.Namespace) -> None:
    """Build the basis with the run's own networks and images and put it in place of the old, or look at it alone.

    Answers with its measures and its audit.
    """
    if is_code_file(options.bundle):
        of_codes.run(options)
        return
    refuse_for_bundles(options)
    asked = {name: value for name in SETTINGS if (value := getattr(options, name)) is not None}
    if options.audit and asked:
        raise StudioError(
            f"--audit reads the existing basis: leave out --{next(iter(asked)).replace('_', '-')}, or --audit."
        )
    with Engine() as engine, bars() as shown:
        shown.show("opening the bundle", 0.0)
        opened = engine.bundles.use(options.bundle).result()
        if not options.audit:
            if opened.ships:
                raise StudioError(
                    f"{options.bundle} ships with LSD Studio: please copy its folder and name the copy."
                )
            built = engine.basis.build(**asked).result(lambda step: _follow(step, shown))
            engine.basis.save(built.key, opened.path, replace=True).result()
            opened = engine.bundles.use(opened.path).result()
        basis = engine.basis.show().result()
    audit = _audit(basis)
    measures = {
        "vectors": basis.vectors,
        "orthogonality_error": basis.audit.orthogonality_error,
        "condition_number": basis.audit.condition_number,
        "xi_label_rate": float(np.mean(basis.xi.kept)),
    }
    rows = [(name, f"{value:.6g}") for name, value in measures.items()]
    print_table(("measure", "value"), [*rows, ("in words", basis.audit.sentence)], options.json)
    result = {
        "bundle": str(opened.path),
        "parents": list(opened.parents),
        "basis": {**measures, "set_one": basis.set_one, "complement": basis.complement},
        "audit": audit,
    }
    answer(result, options.json)


def _follow(step: BasisProgress, shown: Bars) -> None:
    match step:
        case Doing():
            shown.follow(step)
        case LatentSetsProgress():
            shown.show("latent sets", step.fraction)
        case LabelledFrameProgress():
            shown.show("labelled frame", step.fraction)


def _audit(basis: BasisView) -> dict[str, Any]:
    """The audit as JSON's types, with the vectors that keep their label."""
    found = {**asdict(basis.audit), "eta_kept": basis.eta.kept, "xi_kept": basis.xi.kept}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in found.items()}
