"""The training as a bundle's manifest tells it."""

from __future__ import annotations

from collections.abc import Sequence

from lsd_studio.engine.bundle.manifest import StageRecord
from lsd_studio.engine.runs.journal import Noted
from lsd_studio.engine.training.divergence import finite
from lsd_studio.engine.training.events import EpochDone, StageName, StageStarted

__all__ = ["stage_records"]


def stage_records(noted: Sequence[Noted]) -> tuple[StageRecord, ...]:
    """The training, stage by stage, from a journal; of an epoch that was done twice the later one counts.

    A measure that was no finite number in some epoch is missing there.
    """
    events = [entry.event for entry in noted]
    steps = {event.stage: event.total_steps for event in events if isinstance(event, StageStarted)}
    epochs = [event for event in events if isinstance(event, EpochDone)]
    return tuple(
        _stage_record(stage, total, {event.epoch: event for event in epochs if event.stage == stage})
        for stage, total in steps.items()
    )


def _stage_record(stage: StageName, steps: int, epochs: dict[int, EpochDone]) -> StageRecord:
    in_order = [epochs[epoch] for epoch in sorted(epochs)]
    names = dict.fromkeys(name for event in in_order for name in event.measures)
    return StageRecord(
        name=stage,
        epochs=len(in_order),
        steps=steps,
        seconds=sum(event.seconds for event in in_order),
        metrics=finite(in_order[-1].measures) if in_order else {},
        history={name: tuple(finite(event.measures).get(name) for event in in_order) for name in names},
    )
