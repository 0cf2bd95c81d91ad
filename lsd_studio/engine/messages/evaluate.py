"""Evaluating the open bundle on test images: what it says of itself, a first look, and all that can be measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from lsd_studio.engine.evaluation.findings import (
    TRUE_RANKS,
    Findings,
    FloorCurves,
    Latent,
    Measure,
    Read,
    Statement,
)
from lsd_studio.engine.messages.choices import Reading
from lsd_studio.engine.messages.core import Event, LaneName, Progress, Request

__all__ = [
    "TRUE_RANKS",
    "Evaluate",
    "Evaluated",
    "Evaluating",
    "EvaluationStated",
    "Findings",
    "FloorCurves",
    "Latent",
    "Measure",
    "Read",
    "Statement",
]


@dataclass(frozen=True)
class Evaluate(Request):
    """Evaluate the open bundle (R16–R18, R34, R37). Answers: EvaluationStated, Evaluating …, Evaluated.

    What was kept of the same evaluation is told at once.

    Args:
        data: the test images, by name or folder; None takes the data set that the bundle was trained on.
        whole: whether to measure all, with many draws, and keep it; or only look at the means.
        trials: draws of each test image.
        seed: of all draws.
    """

    lane: ClassVar[LaneName] = "analysis"

    data: str | None = None
    whole: bool = True
    trials: int = 20
    seed: int = 0


@dataclass(frozen=True)
class EvaluationStated(Progress):
    """What bundles say of themselves, for comparison: the open one, if it does, and those that are shipped."""

    own: Statement | None
    others: tuple[Statement, ...]


@dataclass(frozen=True)
class Evaluating(Progress):
    """How far an evaluation is.

    Args:
        doing: what is being done, in words; share: of the whole that is done, 0…1.
        per_trial: of the trials so far `reconstruction_accuracy` and `lsd_accuracy.{set_one,any_set,signed}`.
    """

    doing: str
    share: float
    per_trial: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluated(Event):
    """What was found.

    Args:
        images: uint8 [N, C, H, W], the test images; label_names: l names.
        reading: the one that the profile reads by.
        findings: everything; `findings.trials` is 0 after a first look.
        statement: what was evaluated on what, and the numbers by dotted name.
        kept: whether it is kept for the next time.
        milliseconds: from request to answer.
    """

    images: np.ndarray
    label_names: tuple[str, ...]
    reading: Reading
    findings: Findings
    statement: Statement
    kept: bool
    milliseconds: float
