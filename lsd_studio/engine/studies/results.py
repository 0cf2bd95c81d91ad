"""What a study found: the measures of every training, their means over seeds, and paired differences of variants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lsd_studio.engine.operators.picture_style import MEASURES as STYLES
from lsd_studio.engine.studies.carrying_out import Outcome
from lsd_studio.engine.studies.over_seeds import OverSeeds, over_seeds
from lsd_studio.engine.studies.study import Study

BOTH = ("mean", "sampled")
BASELINES = ("nearest_class_mean", "lda", "logistic_regression")
READERS = ("lsd", "nearest_class_mean", "shrunk_lda", "logistic_regression")
"""Those that are fitted on few labelled codes, see `label_efficiency`; each after the first is compared with it."""
MEASURES = (
    "classifier_accuracy",
    *(f"reconstruction_accuracy.{latent}" for latent in BOTH),
    *(f"lsd_accuracy.{latent}.{way}" for latent in BOTH for way in ("signed", "set_one")),
    *(f"among_first_four.{latent}.{reading}" for latent in BOTH for reading in ("signed", "absolute")),
    "reconstruction.psnr",
    "reconstruction.ssim",
    *(f"baselines.{name}.{latent}" for name in BASELINES for latent in BOTH),
    *(f"lsd_less_baseline.{name}.{latent}" for name in BASELINES for latent in BOTH),
    *(
        f"steering.{reader}.{what}"
        for reader in ("classifier", "judge")
        for what in ("arrived", "least_pair.arrived", "walk.least.read", "frechet.random")
    ),
    *(f"steering.style.{measure}" for measure in STYLES),
)
"""Names of what is compared, as `evaluate --json` has it, and `evaluate --steering --json` below "steering"."""


def compared(study: Study) -> tuple[str, ...]:
    """The names of all measures that a study compares, those of labelled codes last."""
    of_labelled = (*READERS, *(f"lsd_less_{name}" for name in READERS[1:]))
    counts = sorted(study.measure.labelled_codes)
    return (*MEASURES, *(f"labelled_codes.{count}.{name}" for count in counts for name in of_labelled))


Values = Mapping[str, Mapping[str, Mapping[int, Mapping[str, float]]]]
"""Measures by data set, variant, seed and name."""

Variants = dict[str, dict[str, OverSeeds]]
"""By variant and measure."""


def in_order(study: Study, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Outcomes as the study's file has its data sets, variants and seeds."""
    data, variants = list(study.data), list(study.variants)

    def place(outcome: Outcome) -> tuple[int, int, int]:
        of = outcome.training
        return data.index(of.data), variants.index(of.variant), study.seeds.index(of.seed)

    return sorted(outcomes, key=place)


def means(study: Study, outcomes: Sequence[Outcome]) -> dict[str, Variants]:
    """Every measure of every variant over the seeds that it was measured with."""
    values = _values(study, outcomes)
    return {
        data: {
            variant: {
                name: over_seeds([found[name] for found in by_seed.values() if name in found])
                for name in compared(study)
            }
            for variant, by_seed in of_data.items()
        }
        for data, of_data in values.items()
    }


def differences(study: Study, outcomes: Sequence[Outcome]) -> dict[str, Variants]:
    """Every measure of every other variant less the reference's, over the seeds that both were measured with."""
    return {
        data: {
            variant: {
                name: over_seeds(
                    [
                        found[name] - of_data[study.reference][seed][name]
                        for seed, found in by_seed.items()
                        if name in found and name in of_data[study.reference].get(seed, {})
                    ]
                )
                for name in compared(study)
            }
            for variant, by_seed in of_data.items()
            if variant != study.reference
        }
        for data, of_data in _values(study, outcomes).items()
    }


def study_result(study: Study, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All of it as JSON's types, the same however often the study was stopped and whatever `jobs` it had."""
    from lsd_studio.engine.bundle import library_versions

    return {
        "study": study.model_dump(mode="json", exclude={"jobs"}),
        "reference": study.reference,
        "trainings": [_stated(outcome, compared(study)) for outcome in outcomes],
        "means": _stated_table(means(study, outcomes)),
        "differences": _stated_table(differences(study, outcomes)),
        "versions": library_versions(),
    }


def _values(study: Study, outcomes: Sequence[Outcome]) -> Values:
    values: dict[str, dict[str, dict[int, Mapping[str, float]]]] = {
        data: {variant: {} for variant in study.variants} for data in study.data
    }
    for outcome in outcomes:
        of = outcome.training
        if outcome.measured is not None:
            values[of.data][of.variant][of.seed] = outcome.measured.measures
    return values


def _stated(outcome: Outcome, names: Sequence[str]) -> dict[str, Any]:
    of, found = outcome.training, outcome.measured
    which = {"run": of.run.name, "data": of.data, "variant": of.variant, "seed": of.seed}
    if found is None:
        return {**which, "failed": outcome.failed}
    return {
        **which,
        "checksum": found.data["checksum"],
        "images": found.images,
        "device": found.device,
        "precision": found.precision,
        "measures": {name: found.measures[name] for name in names if name in found.measures},
    }


def _stated_table(table: dict[str, Variants]) -> dict[str, Any]:
    return {
        data: {
            variant: {name: found.stated() for name, found in measures.items() if found.n}
            for variant, measures in variants.items()
        }
        for data, variants in table.items()
    }
