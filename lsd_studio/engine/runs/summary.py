"""Summaries of runs: how far their stages are and what they reached; and details from their folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lsd_studio.engine.training.events import Diagnosed, RunStage, StageName

if TYPE_CHECKING:
    from lsd_studio.engine.runs.curves import Curve

RunState = Literal["running", "paused", "elsewhere", "stopped", "finished", "failed", "damaged"]
"""running, paused: by this process. elsewhere: another process or machine is writing it now. stopped: it can be
resumed. finished: it has a bundle. failed, damaged: the summary's sentence says why."""

StageState = Literal["waiting", "under way", "done"]


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


@dataclass(frozen=True)
class RunList:
    """All runs there are, newest first; `folder` is where new ones are made."""

    folder: Path
    runs: tuple[RunSummary, ...]
