"""How far a run is, as its events tell: a value that each event makes anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from lsd_studio.engine.runs.summary import RunSummary, StageSummary
from lsd_studio.engine.training.events import (
    BasisProgress,
    EpochDone,
    Progressed,
    RunDone,
    RunStage,
    StageDone,
    StageName,
    StageStarted,
    StepDone,
    TrainingEvent,
)
from lsd_studio.ui.train.formatting import duration, stage_words
from lsd_studio.ui.train.stages import StageStatus
from lsd_studio.ui.widgets.number_formatting import counted

NETWORKS: tuple[StageName, ...] = get_args(StageName)
ORDER: tuple[RunStage, ...] = (*NETWORKS, "basis")


@dataclass(frozen=True)
class RunProgress:
    """How far a run is.

    Args:
        stages: in their order.
        doing: what the building of the basis is at.
        seconds_left_in_stage, seconds_left: None where not known.
    """

    stages: Mapping[RunStage, StageSummary] = field(default_factory=dict)
    doing: str = ""
    seconds_left_in_stage: float | None = None
    seconds_left: float | None = None

    @property
    def latest(self) -> StageName:
        """The last stage of networks that has begun."""
        begun = (name for name in reversed(NETWORKS) if self._stage(name).state != "waiting")
        return next(begun, NETWORKS[0])

    def _stage(self, stage: RunStage) -> StageSummary:
        return self.stages.get(stage) or StageSummary(stage, "waiting", 0, 0, 0, "", {})

    def changed(self, stage: RunStage, **changes: Any) -> RunProgress:
        """The same with something else known of a stage."""
        known = {**self.stages, stage: replace(self._stage(stage), **changes)}
        return replace(self, stages=_ordered(known))


def progress_of(run: RunSummary) -> RunProgress:
    """How far a run is, as the list of runs knows it."""
    return RunProgress({each.stage: each for each in run.stages}, seconds_left=run.seconds_left)


def merged(listed: RunProgress, live: RunProgress) -> RunProgress:
    """How far a run is by its own events, and by the list for stages of which no event came."""
    return replace(live, stages=_ordered({**listed.stages, **live.stages}))


def _ordered(stages: Mapping[RunStage, StageSummary]) -> dict[RunStage, StageSummary]:
    return {name: stages[name] for name in ORDER if name in stages}


def advanced(progress: RunProgress, event: TrainingEvent) -> RunProgress:
    """How far a run is after an event of its training."""
    match event:
        case StageStarted(stage=stage):
            total = event.total_steps
            return progress.changed(stage, state="under way", step=event.first_step, total_steps=total)
        case StepDone(stage=stage):
            return progress.changed(stage, state="under way", step=event.step, total_steps=event.total_steps)
        case EpochDone(stage=stage):
            return progress.changed(stage, measures=event.measures)
        case StageDone(stage=stage):
            total = progress.stages[stage].total_steps if stage in progress.stages else 0
            return progress.changed(stage, state="done", step=total, measures=event.measures)
        case BasisProgress():
            share = round(100 * event.overall)
            return replace(
                progress.changed("basis", state="under way", step=share, total_steps=100),
                doing=f"{event.doing}, {event.note}" if event.note else event.doing,
            )
        case RunDone() if "basis" in progress.stages:
            return replace(progress.changed("basis", state="done", step=100, total_steps=100), doing="")
        case Progressed(seconds_left_in_stage=in_stage, seconds_left=left):
            return replace(progress, seconds_left_in_stage=in_stage, seconds_left=left)
        case _:
            return progress


def stage_statuses(progress: RunProgress, *, held: bool) -> dict[RunStage, StageStatus]:
    """What the stages' buttons show of it."""
    return {name: _status(progress, each, held) for name, each in progress.stages.items()}


def _status(progress: RunProgress, stage: StageSummary, held: bool) -> StageStatus:
    share = stage.step / stage.total_steps if stage.total_steps else 0.0
    if stage.state != "under way":
        return StageStatus(stage.state, share, stage_words(stage))
    if stage.stage == "basis":
        words = f"{stage.step} %" + (f" · {progress.doing}" if progress.doing else "")
    else:
        words = f"{counted(stage.step)} of {counted(stage.total_steps)}"
        if left := duration(progress.seconds_left_in_stage):
            words += f" · {left} left"
    return StageStatus("under way", share, words, held)
