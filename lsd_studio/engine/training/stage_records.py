"""The training as a bundle's manifest tells it."""

from __future__ import annotations

from collections.abc import Sequence

from lsd_studio.engine.bundle.manifest import StageRecord
from lsd_studio.engine.runs.journal import Noted
from lsd_studio.engine.training.events import EpochDone, StageName, StageStarted

__all__ = ["stage_records"]


def stage_records(noted: Sequence[Noted]) -> tuple[StageRecord, ...]:
    """The training, stage by stage, from a journal; of an epoch that was done twice the later one counts."""
    events = [entry.event for entry in noted]
    steps = {event.stage: event.total_steps for event in events if isinstance(event, StageStarted)}
    epochs = [event for event in events if isinstance(event, EpochDone)]
    return tuple(
        _stage_record(stage, total, {event.epoch: event for event in epochs if event.stage == stage})
        for stage, total in steps.items()
    )


def _stage_record(stage: StageName, steps: int, epochs: dict[int, EpochDone]) -> StageRecord:
    in_order = [epochs[epoch] for epoch in sorted(epochs)]
    names = list(in_order[-1].measures) if in_order else []
    return StageRecord(
        name=stage,
        epochs=len(in_order),
        steps=steps,
        seconds=sum(event.seconds for event in in_order),
        metrics=dict(in_order[-1].measures) if in_order else {},
        history={name: tuple(event.measures[name] for event in in_order) for name in names},
    )
