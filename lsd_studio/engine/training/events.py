"""What a training run tells: typed, immutable events, the same for the window, the command line and a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = [
    "BasisProgress",
    "Cancelled",
    "CheckpointSaved",
    "EpochDone",
    "RunDone",
    "StageDone",
    "StageName",
    "StageStarted",
    "StepDone",
    "TrainingEvent",
]

StageName = Literal["classifier", "gan", "encoder"]


@dataclass(frozen=True)
class StageStarted:
    """A stage begins, or goes on after `first_step` batches that a checkpoint held."""

    stage: StageName
    first_step: int
    total_steps: int
    device: str
    precision: str


@dataclass(frozen=True)
class StepDone:
    """One batch: its losses by name, each unweighted and averaged over the batch, and its seconds."""

    stage: StageName
    step: int
    total_steps: int
    epoch: int
    losses: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class EpochDone:
    """One pass over the training images; the measures come from held-out training images, never from test images."""

    stage: StageName
    epoch: int
    epochs: int
    measures: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class CheckpointSaved:
    """The state after `step` batches is on disk."""

    stage: StageName
    step: int
    path: Path


@dataclass(frozen=True)
class StageDone:
    """The stage's network is trained."""

    stage: StageName
    measures: Mapping[str, float]


@dataclass(frozen=True)
class BasisProgress:
    """A step of building the basis: what is done now, and the fraction done in 0…1."""

    doing: str
    fraction: float


@dataclass(frozen=True)
class Cancelled:
    """The run stopped between two batches as asked; it goes on from the checkpoint when resumed."""

    stage: StageName
    step: int


@dataclass(frozen=True)
class RunDone:
    """Everything is trained and the bundle is written."""

    bundle: Path


TrainingEvent = (
    StageStarted | StepDone | EpochDone | CheckpointSaved | StageDone | BasisProgress | Cancelled | RunDone
)
