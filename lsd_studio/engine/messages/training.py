"""Training runs: asked for, started, held, followed, compared, kept in order.

Stages come in the order classifier, gan, encoder, basis; those of an autoencoder are classifier, autoencoder.
The typed events of the training loop are offered here too: a `TrainingReported` carries one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from lsd_studio.engine.messages.core import Event, LaneName, Request
from lsd_studio.engine.training.events import (
    BasisProgress,
    Cancelled,
    CheckpointSaved,
    Diagnosed,
    EpochDone,
    Finding,
    Paused,
    PicturesSaved,
    Progressed,
    Resumed,
    RunDone,
    RunStage,
    StageDone,
    StageName,
    StageStarted,
    StepDone,
    TrainingEvent,
)

__all__ = [
    "BasisProgress",
    "CancelTraining",
    "Cancelled",
    "CheckedSettings",
    "CheckpointSaved",
    "Curve",
    "CurvesGrown",
    "Device",
    "DeviceName",
    "Diagnosed",
    "Difference",
    "EpochDone",
    "Estimating",
    "Finding",
    "GroupTitle",
    "Outcome",
    "PauseTraining",
    "Paused",
    "PictureGroup",
    "PicturesSaved",
    "Progressed",
    "ResumeTraining",
    "Resumed",
    "RunDetails",
    "RunDone",
    "RunList",
    "RunPictures",
    "RunStage",
    "RunState",
    "RunSummary",
    "Setting",
    "SettingKind",
    "ShippedProfile",
    "StageDone",
    "StageName",
    "StageStarted",
    "StageState",
    "StageSummary",
    "StartTraining",
    "StepDone",
    "StepTraining",
    "TrainingChoices",
    "TrainingEnded",
    "TrainingEstimate",
    "TrainingEvent",
    "TrainingPaused",
    "TrainingReported",
    "TrainingResumed",
    "TrainingStarted",
    "Value",
]

Value = bool | int | float | str | tuple[int, ...]
"""Of a setting."""

RunState = Literal["running", "paused", "elsewhere", "stopped", "finished", "failed", "damaged"]
"""running, paused: by this process. elsewhere: another process or machine is writing it now. stopped: it can be
resumed. finished: it has a bundle. failed, damaged: the summary's sentence says why."""

StageState = Literal["waiting", "under way", "done"]

Outcome = Literal["finished", "cancelled", "failed"]
"""How a training ended: cancelled keeps a checkpoint; of failed a Failed event says why."""

SettingKind = Literal["integer", "number", "choice", "text", "integers"]

DeviceName = Literal["cuda", "mps", "cpu"]

GroupTitle = Literal["data", "given", "encoded", "random", "generated"]


# --- what runs are ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Curve:
    """One quantity over the steps of a stage, in at most 2 048 bins of consecutive steps.

    Args:
        name: as in the losses or measures; title: for people; unit: "nats", "share", "dB", "per pixel" or "".
        scope: of the training batches, or of held-out training images after each epoch.
        steps: float64 [n], the middle of each bin; lowest, highest, mean: float32 [n], over the steps in the bin.
    """

    stage: StageName
    name: str
    title: str
    unit: str
    scope: Literal["batch", "held out"]
    steps: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    mean: np.ndarray

    def smoothed(self, weight: float) -> np.ndarray:
        """The mean, each bin averaged with those before it, float32 [n].

        Args:
            weight: of the past, 0 (the mean itself) to below 1. The first bins are not drawn towards zero.
        """
        past, known, smooth = 0.0, 0.0, np.empty_like(self.mean)
        for place, value in enumerate(self.mean.tolist()):
            past, known = weight * past + (1 - weight) * value, weight * known + (1 - weight)
            smooth[place] = past / known
        return smooth


@dataclass(frozen=True)
class Difference:
    """A setting, its value in a run, and the other value that it is compared with."""

    key: str
    value: str
    other: str


@dataclass(frozen=True)
class StageSummary:
    """How far a stage of a run is.

    Args:
        step: batches done; of a run that was cut off, those in its checkpoint. total_steps: 0 where not known yet.
            Of the basis both are parts of a hundred.
        origin: "" for a stage trained here, else such as "taken over from first" or "gone on from first at step 900".
        measures: the last on held-out training images, by name.
    """

    stage: RunStage
    state: StageState
    step: int
    total_steps: int
    epochs: int
    origin: str
    measures: Mapping[str, float]


@dataclass(frozen=True)
class RunSummary:
    """A run, as the list of runs shows it.

    Args:
        sentence: why it failed or cannot be read; "" otherwise.
        parent: folder of the run that this one is a branch of.
        base: what `differences` compare with: the parent's name, or the shipped profile of the same name; None where
            there is nothing to compare with.
        results: the last measures of all stages as "classifier.held_out_accuracy", and of a kept evaluation.
        bundle: the bundle's folder once there is one; it is opened by it, or by the run.
        created: POSIX seconds, of its beginning.
        seconds: spent on training, all sessions of it together.
        seconds_left: as the process that trains it says; None where nobody does or knows.
    """

    run: Path
    name: str
    state: RunState
    sentence: str = ""
    profile: str = ""
    data: str = ""
    seed: int = 0
    device: str = ""
    stages: tuple[StageSummary, ...] = ()
    parent: Path | None = None
    parent_name: str | None = None
    base: str | None = None
    differences: tuple[Difference, ...] = ()
    results: Mapping[str, float] = field(default_factory=dict)
    bundle: Path | None = None
    created: float = 0.0
    seconds: float = 0.0
    seconds_left: float | None = None


@dataclass(frozen=True)
class Setting:
    """One setting of a profile, as a form needs it.

    Args:
        section: "" for the profile itself, else such as "encoder"; key: as in overrides, "encoder.epochs".
        kind: "integers" is a list of whole numbers, written "[16, 32, 32]".
        low, high: bounds of a number, None where there is none; low_open, high_open: whether they are left out.
        choices: of a choice; unit: such as "epochs", or "".
        description: what it does, with the paper's value and the R-number.
        defaults: its value in each shipped profile that has it.
    """

    section: str
    key: str
    title: str
    kind: SettingKind
    low: float | None
    high: float | None
    low_open: bool
    high_open: bool
    choices: tuple[str, ...]
    unit: str
    description: str
    defaults: Mapping[str, Value]


@dataclass(frozen=True)
class ShippedProfile:
    """A profile that ships: its TOML text, and its notes, each difference from the paper with its reason."""

    name: str
    description: str
    text: str
    notes: Mapping[str, str]


@dataclass(frozen=True)
class Device:
    """Where training can run on this machine, the best first; precision: what "auto" comes to there."""

    name: DeviceName
    title: str
    precision: str


@dataclass(frozen=True, eq=False)
class PictureGroup:
    """Pictures of one kind, uint8 [N, H, W, C], with C's label of each, int64 [N], and its probability, float32 [N].

    `labels_given`: int64 [N], the true labels of "data", "given" and "encoded"; None for images from random z.
    """

    title: GroupTitle
    pictures: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    labels_given: np.ndarray | None = None


# --- requests --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StartTraining(Request):
    """Train all models and the basis into a run's folder (R1…R13). Answers: TrainingStarted … TrainingEnded.

    Args:
        run: folder of the run, made where it is missing; None: a new one in the user's data folder.
        profile: name of a shipped profile or path of a profile file; None: "studio", or that of the run resumed or
            branched from.
        data: name of a data set or path of a folder; None takes the profile's, or that of the run.
        seed: of weights, batches and draws; None: 0, or that of the run.
        overrides: settings as "encoder.epochs=3".
        resume: go on from the run's last checkpoint.
        name: of a new run, for people; None: that of its folder or profile.
        device: "cpu", "cuda" or "mps"; None: the best there is.
        stages: those to train; None: all that are not done, of a branch those from the first that differs.
        parent: a run to branch from; stages that are neither in `stages` nor in `go_on` are taken over from it.
        go_on: stages that begin with the parent's weights at the parent's step: epochs count from the parent's
            beginning, and the learning rate is that of step / new total of steps.
        checkpoint_seconds: at most this much is lost in a crash; None: 60, or that of the run.
        expected_seconds: TrainingEstimate.seconds_by_stage, for the time left while later stages have not begun.
    """

    lane: ClassVar[LaneName] = "training"

    run: Path | None = None
    profile: str | None = None
    data: str | None = None
    seed: int | None = None
    overrides: tuple[str, ...] = ()
    resume: bool = False
    name: str | None = None
    device: str | None = None
    stages: tuple[RunStage, ...] | None = None
    parent: Path | None = None
    go_on: tuple[StageName, ...] = ()
    checkpoint_seconds: float | None = None
    expected_seconds: Mapping[RunStage, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PauseTraining(Request):
    """Hold the training under way before its next batch. Answer: TrainingPaused."""

    lane: ClassVar[LaneName] = "training"


@dataclass(frozen=True)
class ResumeTraining(Request):
    """Go on with the paused training. Answer: TrainingResumed."""

    lane: ClassVar[LaneName] = "training"


@dataclass(frozen=True)
class StepTraining(Request):
    """Do one batch, or one step of building the basis, and hold again. Answer: TrainingPaused."""

    lane: ClassVar[LaneName] = "training"


@dataclass(frozen=True)
class CancelTraining(Request):
    """Stop the training under way at its next batch, with a checkpoint. Answer: TrainingEnded."""

    lane: ClassVar[LaneName] = "training"


# --- events ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RunList:
    """All runs there are, newest first; `folder` is where new ones are made."""

    folder: Path
    runs: tuple[RunSummary, ...]


@dataclass(frozen=True, eq=False)
class RunDetails:
    """A run from its folder.

    Args:
        curves: of all stages that have begun, in their order.
        frames: the steps of each stage at which pictures were kept, rising.
        diagnoses: what was found wrong, in the order of time.
        total_steps, steps_per_epoch: of each stage that has begun.
    """

    summary: RunSummary
    curves: tuple[Curve, ...]
    frames: Mapping[StageName, tuple[int, ...]]
    diagnoses: tuple[Diagnosed, ...]
    total_steps: Mapping[StageName, int]
    steps_per_epoch: Mapping[StageName, int]


@dataclass(frozen=True, eq=False)
class RunPictures:
    """Pictures from a moment of the training.

    Args:
        steps: all at which pictures of this stage were kept, rising; `step` is one of them.
        groups: of the gan "generated", at a fixed z; of the encoder "data", "encoded" (one draw of each code, the
            same ε in all pictures) and "random", as in Figure 2; of an autoencoder "data", where its task alters them
            "given", "encoded" (the means) and, where it is variational, "random".
        counts: int64 [l], how many of `counted` images C reads as each label: generated ones (gan) or encoded and
            decoded ones (encoder, autoencoder).
        confidences: float32 [l], mean probability that C gives to the label it reads; NaN where it reads none.
        confidence: mean over all `counted` images.
    """

    run: Path
    stage: StageName
    step: int
    total_steps: int
    steps: tuple[int, ...]
    groups: tuple[PictureGroup, ...]
    label_names: tuple[str, ...]
    counted: int
    counts: np.ndarray
    confidences: np.ndarray
    confidence: float


@dataclass(frozen=True)
class TrainingChoices:
    """What can be chosen; `data_sets` can be named without a path, the ones that ship first."""

    settings: tuple[Setting, ...]
    profiles: tuple[ShippedProfile, ...]
    data_sets: tuple[str, ...]
    devices: tuple[Device, ...]


@dataclass(frozen=True)
class CheckedSettings:
    """Settings, validated.

    Args:
        problem: the sentence that refuses them, None where they are good; problem_key: the setting it is about.
        values: all settings by key, empty where they are refused.
        base, differences: as in RunSummary: what differs from the profile of the same name or from the parent.
        profile_text: the whole profile as TOML.
        kept: with a parent, the stages that can be taken over unchanged.
    """

    problem: str | None
    problem_key: str | None
    values: Mapping[str, Value]
    base: str | None
    differences: tuple[Difference, ...]
    profile_text: str
    kept: tuple[RunStage, ...]


@dataclass(frozen=True)
class Estimating:
    """A trial under way: the stage measured now, and the fraction of the trial that is done, 0…1."""

    stage: RunStage
    fraction: float


@dataclass(frozen=True)
class TrainingEstimate:
    """What a training would take, from a trial on this machine as busy as it is now.

    Args:
        seconds: of all stages that would be trained; seconds_by_stage: of each.
        seconds_per_step, steps: of each stage of networks; steps not yet done.
        memory_megabytes: that the training needs at the least, at its peak, beside the program itself.
        sentence: all of it in words.
    """

    seconds: float
    seconds_by_stage: Mapping[RunStage, float]
    seconds_per_step: Mapping[StageName, float]
    steps: Mapping[StageName, int]
    memory_megabytes: float
    device: str
    precision: str
    sentence: str


@dataclass(frozen=True)
class TrainingStarted(Event):
    """Training into the folder `run` has begun; `name` is the run's for people, `notes` what to know of its images."""

    run: Path
    name: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainingReported(Event):
    """One typed event of the training loop, as it is; of StepDone at most 20 a second."""

    run: Path
    report: TrainingEvent


@dataclass(frozen=True, eq=False)
class CurvesGrown(Event):
    """All curves of the stage under way, in place of those told before; at most four a second."""

    run: Path
    stage: StageName
    curves: tuple[Curve, ...]


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
    """Training is over."""

    run: Path
    outcome: Outcome
