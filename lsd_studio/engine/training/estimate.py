"""A trial's outcome as an estimate of the whole training."""

from __future__ import annotations

from collections.abc import Generator

from lsd_studio.durations import told_duration
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.messages.training import TrainingEstimate
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.training.events import RunStage, StageName
from lsd_studio.engine.training.memory_needed import memory_errors_told
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.precision import ArithmeticName, arithmetic_of
from lsd_studio.engine.training.trial import Trial, try_stages

__all__ = ["estimate_in_steps"]


def estimate_in_steps(
    plan: Plan, data: LabelledImages
) -> Generator[tuple[RunStage, float], None, TrainingEstimate]:
    """Try what is planned; yields the stage tried and the fraction of the trial done, and returns the answer.

    Raises:
        StudioError: M does not fit the labels, the parent's checkpoint cannot be read, or memory does not suffice.
    """
    with memory_errors_told():
        trial = yield from try_stages(
            plan.profile,
            data,
            device=plan.device,
            stages=plan.stages,
            steps_done=_steps_done(plan),
            trained_in=_trained_in(plan),
        )
    return TrainingEstimate(
        seconds=sum(trial.seconds.values()),
        seconds_by_stage=trial.seconds,
        seconds_per_step=trial.seconds_per_step,
        steps=trial.steps,
        memory_megabytes=trial.memory_megabytes,
        device=trial.device,
        precision=trial.precision,
        sentence=_sentence(trial),
    )


def _steps_done(plan: Plan) -> dict[StageName, int]:
    """Of stages that go on: from the parent's checkpoint, or from the run's own where it is resumed."""
    if plan.parent is not None:
        places = {stage: checkpoint_file(plan.parent, stage) for stage in plan.go_on}
    elif plan.resume and plan.run is not None:
        places = {stage: checkpoint_file(plan.run, stage) for stage in plan.stages if stage != "basis"}
    else:
        places = {}
    return {stage: read_facts(path).step for stage, path in places.items() if path.exists()}


def _trained_in(plan: Plan) -> ArithmeticName | None:
    before = plan.parent or (plan.run if plan.resume else None)
    return arithmetic_of(before) if before is not None else None


def _sentence(trial: Trial) -> str:
    parts = ", ".join(
        f"{stage} {told_duration(seconds)}{_an_epoch(trial, stage)}"
        for stage, seconds in trial.seconds.items()
    )
    return (
        f"About {told_duration(sum(trial.seconds.values()))} on {trial.device} ({trial.precision}), as busy as it is "
        f"now: {parts}; at least {trial.memory_megabytes:.0f} MB of memory beside the program."
    )


def _an_epoch(trial: Trial, stage: RunStage) -> str:
    """What one pass takes, in brackets; empty of the basis, which has none."""
    return f" ({told_duration(trial.seconds_per_epoch[stage])} an epoch)" if stage != "basis" else ""
