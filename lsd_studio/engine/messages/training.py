"""A training run: started, held, followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from lsd_studio.engine.messages.core import Event, LaneName, Request


@dataclass(frozen=True)
class StartTraining(Request):
    """Train all models and the basis into the folder `run` (R1…R13). Answers: TrainingStarted … TrainingEnded.

    Args:
        run: folder of the run, made where it is missing.
        profile: name of a shipped profile or path of a profile file.
        data: name of a data set or path of a folder; None takes the profile's.
        seed: of weights, batches and draws.
        overrides: profile settings as "encoder.epochs=3".
        resume: go on from the run's last checkpoint.
    """

    lane: ClassVar[LaneName] = "training"

    run: Path
    profile: str = "studio"
    data: str | None = None
    seed: int = 0
    overrides: Sequence[str] = ()
    resume: bool = False


@dataclass(frozen=True)
class PauseTraining(Request):
    """Hold the training under way before its next batch. Answer: TrainingPaused."""

    lane: ClassVar[LaneName] = "training"


@dataclass(frozen=True)
class ResumeTraining(Request):
    """Go on with the paused training. Answer: TrainingResumed."""

    lane: ClassVar[LaneName] = "training"


@dataclass(frozen=True)
class CancelTraining(Request):
    """Stop the training under way at its next batch, with a checkpoint. Answer: TrainingEnded."""

    lane: ClassVar[LaneName] = "training"


@dataclass(frozen=True)
class TrainingStarted(Event):
    """Training into the folder `run` has begun."""

    run: Path


@dataclass(frozen=True)
class TrainingReported(Event):
    """One typed event of the training loop (`lsd_studio.engine.training.events`), as it is."""

    run: Path
    report: object


@dataclass(frozen=True)
class TrainingPaused(Event):
    """Training holds before its next batch."""

    run: Path


@dataclass(frozen=True)
class TrainingResumed(Event):
    """Training goes on."""

    run: Path


@dataclass(frozen=True)
class TrainingEnded(Event):
    """Training is over: finished, cancelled (a checkpoint is kept) or failed (a Failed event says why)."""

    run: Path
    outcome: Literal["finished", "cancelled", "failed"]
