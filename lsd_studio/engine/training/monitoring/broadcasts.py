"""What the engine broadcasts of the training under way; each carries the run's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lsd_studio.engine.training.events import StageName, TrainingEvent

if TYPE_CHECKING:
    from lsd_studio.engine.runs.curves import Curve

Outcome = Literal["finished", "cancelled", "failed"]
"""How a training ended: cancelled keeps a checkpoint."""


@dataclass(frozen=True)
class TrainingStarted:
    """Training into the folder `run` has begun; `name` is the run's for people, `notes` what to know of its images."""

    run: Path
    name: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainingReported:
    """One event of the training loop; of StepDone at most 20 a second."""

    run: Path
    report: TrainingEvent


@dataclass(frozen=True, eq=False)
class CurvesGrown:
    """All curves of the stage under way, in place of those sent before; at most four a second."""

    run: Path
    stage: StageName
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class TrainingEnded:
    """Training is over; `error` says why it failed, None where it did not."""

    run: Path
    outcome: Outcome
    error: Exception | None = None


TrainingBroadcast = TrainingStarted | TrainingReported | CurvesGrown | TrainingEnded
