"""Typed, immutable events of a training run, the same for the window, the command line and a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lsd_studio.engine.runs.history import ThinnedHistory

StageName = Literal["classifier", "judge", "gan", "encoder", "joint", "autoencoder"]
RunStage = Literal["classifier", "judge", "gan", "encoder", "joint", "autoencoder", "basis"]
"""What runs are made of, in this order: those of an autoencoder of classifier and autoencoder, others of the rest."""

Finding = Literal["label missing", "collapse", "discriminator wins", "not finite"]


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
class PicturesSaved:
    """Pictures at a fixed z were drawn after `step` batches and kept in the file `path`, see `runs.frames`.

    Args:
        counts: how many of the `sum(counts)` images that were drawn C reads as each label.
    """

    stage: StageName
    step: int
    path: Path
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Diagnosed:
    """Something is wrong, or may be: what was seen, as one sentence, and what to try, as another."""

    stage: StageName
    step: int
    finding: Finding
    sentence: str
    advice: str


@dataclass(frozen=True)
class HistoryGrown:
    """The curves of the stage under way have grown; `history` is a copy, at most four a second."""

    stage: StageName
    history: ThinnedHistory


@dataclass(frozen=True)
class Progressed:
    """How far the run is, about once a second; of the basis, steps are parts of a hundred.

    Args:
        seconds_per_step: over the last half minute, with measures, pictures and checkpoints, without pauses; None where
            nothing moved in it, as while the basis waits for a rare label, and so with what is left.
        seconds_left: of the whole run, None where the time of a later stage is not known.
    """

    stage: RunStage
    step: int
    total_steps: int
    seconds_per_step: float | None
    seconds_left_in_stage: float | None
    seconds_left: float | None


@dataclass(frozen=True)
class Paused:
    """The run holds before the batch after `step`."""

    stage: RunStage
    step: int


@dataclass(frozen=True)
class Resumed:
    """The run goes on after a pause."""

    stage: RunStage
    step: int


@dataclass(frozen=True)
class StageDone:
    """The stage's network is trained."""

    stage: StageName
    measures: Mapping[str, float]


@dataclass(frozen=True)
class BasisProgress:
    """A step of building the basis: what is done now, the fraction of it, and that of the whole basis, 0…1.

    `note` says what it waits for, if there is something: labels that are rarely drawn.
    """

    doing: str
    fraction: float
    overall: float
    note: str = ""


@dataclass(frozen=True)
class Cancelled:
    """The run stopped between two batches as asked; it goes on from the checkpoint when resumed."""

    stage: RunStage
    step: int


@dataclass(frozen=True)
class RunDone:
    """Everything is trained and the bundle is written."""

    bundle: Path


TrainingEvent = (
    StageStarted
    | StepDone
    | EpochDone
    | CheckpointSaved
    | PicturesSaved
    | Diagnosed
    | HistoryGrown
    | Progressed
    | Paused
    | Resumed
    | StageDone
    | BasisProgress
    | Cancelled
    | RunDone
)
