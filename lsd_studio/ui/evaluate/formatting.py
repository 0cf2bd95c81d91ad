"""Accuracies, margins and codes in words, the same in every view of an evaluation."""

from __future__ import annotations

import math

from lsd_studio.engine.messages.choices import Reading
from lsd_studio.engine.messages.evaluate import Evaluated, Latent, Measure, Statement
from lsd_studio.ui.widgets.number_formatting import counted

__all__ = ["LATENTS", "READINGS", "interval", "measured_on", "origin", "share"]

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


def measured_on(evaluated: Evaluated) -> str:
    """What the numbers shown were computed from."""
    said, measured = evaluated.statement, evaluated.findings.measured
    if not evaluated.findings.trials:
        how = "first look at the means"
    else:
        how = f"{evaluated.findings.trials} trials, seed {measured.get('seed', 0)}"
        how += ", kept" if evaluated.kept else ""
    return f"{origin(said)} · {counted(len(evaluated.images))} test images of {said.data} · {how}"


def origin(said: Statement) -> str:
    """A bundle and the profile that it was trained by."""
    return f"{said.bundle} · profile {said.profile}" if said.profile else said.bundle
