"""One training of a study, from where it stands to its measures: an ordinary run, resumed where it was begun."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsd_studio import __version__
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.files import run_file, write_in_run
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.studies.study import Training
from lsd_studio.files.json_text import Strict, json_bytes, read_json


class Measured(Strict):
    """What a run's `measured.json` holds: all measures of its bundle by dotted name, and what they were made of.

    Those of `evaluate` are named as there, those of `evaluate --steering` begin with "steering", those of
    `label_efficiency` with "labelled_codes".
    """

    made_of: dict[str, Any]
    data: dict[str, str]
    images: int
    device: str
    precision: str
    measures: dict[str, float]


@dataclass(frozen=True)
class Outcome:
    """What became of a training: its measures, or the sentence that says why there are none."""

    training: Training
    measured: Measured | None = None
    failed: str = ""


def measured_file(run: Path) -> Path:
    """Where a run's measures are kept."""
    return run / "measured.json"


def carry_out_training(training: Training) -> Outcome:
    """Train what is not trained yet, and measure what is not measured yet.

    What cannot be trained or measured is an outcome too, so that the others go on.
    """
    try:
        found = kept_measures(training)
        if found is None:
            _train(training)
            found = _measure(training)
    except StudioError as error:
        return Outcome(training, failed=str(error))
    return Outcome(training, found)


def kept_measures(training: Training) -> Measured | None:
    """What was measured of the bundle that these settings end in; None where it is not trained or measured yet."""
    try:
        found = read_json(measured_file(training.run), Measured)
        return found if found.made_of == _made_of(training) else None
    except StudioError:
        return None


def _train(training: Training) -> None:
    from lsd_studio.engine.training.control import Control
    from lsd_studio.engine.training.plan import plan_training, planned_images, reusable_stages
    from lsd_studio.engine.training.settings import TrainingSettings
    from lsd_studio.engine.training.whole_run import carry_out

    begun = run_file(training.run).exists()
    branches = not begun and not training.is_reference and run_file(training.reference).exists()
    profile = load_profile(training.profile, training.overrides)
    plan = plan_training(
        TrainingSettings(
            run=training.run,
            profile=training.profile,
            data=training.data,
            seed=training.seed,
            overrides=training.overrides,
            resume=begun,
            parent=training.reference if branches and reusable_stages(training.reference, profile) else None,
        )
    )
    for _ in carry_out(plan, training.run, planned_images(plan), Control()):
        pass


def _measure(training: Training) -> Measured:
    from lsd_studio.engine.bundle import open_bundle
    from lsd_studio.engine.datasets import hold_out, load_fitting
    from lsd_studio.engine.evaluation.evaluation import evaluate_bundle
    from lsd_studio.engine.evaluation.label_efficiency import label_efficiency, label_measures
    from lsd_studio.engine.evaluation.published_metrics import bundle_metrics
    from lsd_studio.engine.evaluation.steering import steer_bundle
    from lsd_studio.engine.steps import finished

    bundle, asked = open_bundle(training.run), training.measure
    trained_on = bundle.manifest.trained_on
    test = load_fitting(trained_on, None, "test")
    test = test.part(0, len(test) if asked.images is None else asked.images)
    used, _ = hold_out(load_fitting(trained_on, None, "train"))
    evaluated = finished(
        evaluate_bundle(bundle, test, used, trials=asked.trials, seed=training.seed)
    ).measured
    _, steered = finished(steer_bundle(bundle, test, turns=asked.turns, seed=training.seed))
    found = {
        name: measure.value
        for name, measure in bundle_metrics("", {**evaluated, "steering": steered}).measures.items()
        if math.isfinite(measure.value)
    }
    if asked.labelled_codes:
        read = finished(label_efficiency(bundle, test, used, asked.labelled_codes, seed=training.seed))
        found |= {f"labelled_codes.{name}": value for name, value in label_measures(read).items()}
    measured = Measured(
        made_of=_made_of(training),
        data={"name": training.data, "checksum": test.checksum},
        images=len(test),
        device=bundle.manifest.device,
        precision=bundle.manifest.precision,
        measures=found,
    )
    write_in_run(measured_file(training.run), json_bytes(measured.model_dump(mode="json")), durable=True)
    return measured


def _made_of(training: Training) -> dict[str, Any]:
    """All that the measures depend on, as JSON's types.

    Raises:
        StudioError: the run has no bundle yet.
    """
    from lsd_studio.engine.bundle import find_bundle
    from lsd_studio.engine.bundle.checked_files import open_manifest
    from lsd_studio.engine.bundle.manifest import Manifest
    from lsd_studio.engine.training.plan import data_source

    _, manifest_hash = open_manifest(find_bundle(training.run), Manifest)
    return {
        "bundle": manifest_hash,
        "profile": load_profile(training.profile, training.overrides).settings(),
        "data": data_source(training.data),
        "seed": training.seed,
        "measure": training.measure.model_dump(mode="json"),
        "version": __version__,
    }
