"""Accuracies, margins and codes in words, the same in every view of an evaluation."""

from __future__ import annotations

import math

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.evaluation.findings import BundleMetrics, Latent, Measure
from lsd_studio.engine.operations.evaluate import Evaluation
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.widgets.number_formatting import counted

LATENTS: dict[Latent, str] = {"sampled": "sampled z", "mean": "mean μ"}
READINGS: dict[Reading, str] = {"absolute": "absolute |c|", "signed": "signed c"}


def share(value: float) -> str:
    """A share as per cent with two decimals, never rounded up to certainty."""
    if 0.99995 <= value < 1:
        return "> 99.99 %"
    return f"{100 * value:.2f} %"


def interval(measure: Measure) -> str:
    """The 95 % interval of a share in per cent; nothing where it has none."""
    if math.isnan(measure.low):
        return ""
    return f"{100 * measure.low:.2f}–{100 * measure.high:.2f}"


def measured_on(evaluation: Evaluation) -> str:
    """What the numbers shown were computed from."""
    metrics, measured = evaluation.metrics, evaluation.findings.measured
    if not evaluation.findings.trials:
        how = "first look at the means"
    else:
        how = f"{evaluation.findings.trials} trials, seed {measured.get('seed', 0)}"
        how += "" if evaluation.not_stored else ", saved"
    return f"{origin(metrics)} · {counted(len(evaluation.images))} test images of {isolated(metrics.data)} · {how}"


def origin(metrics: BundleMetrics) -> str:
    """A bundle and the profile that it was trained by."""
    return f"{isolated(metrics.bundle)} · profile {metrics.profile}" if metrics.profile else metrics.bundle
