"""What a run has been through, kept line by line, so that a resumed run still knows its beginning.

`RUN/events.jsonl` holds one JSON object a line: the events of the run but for single steps, each with its type and
the time. A line that a crash cut short is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lsd_studio.engine.bundle.manifest import StageRecord
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.training.events import BasisProgress, StepDone, TrainingEvent

__all__ = ["note_event", "read_journal", "stage_records"]


def note_event(journal: Path, event: TrainingEvent) -> None:
    """Append an event to the journal; steps and the progress of the basis, which come by the thousand, are left out.

    Raises:
        StudioError: the disk is full or not writable.
    """
    if isinstance(event, StepDone | BasisProgress):
        return
    entry = {
        "event": type(event).__name__,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        **asdict(event),
    }
    try:
        with journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, default=str, ensure_ascii=False) + "\n")
    except OSError as error:
        raise StudioError(
            f"{journal} could not be written ({error.strerror}): please make room, then resume the run."
        ) from error


def read_journal(journal: Path) -> list[dict[str, Any]]:
    """All whole lines of a journal in their order; none where there is no journal."""
    entries = []
    lines = journal.read_text(encoding="utf-8", errors="replace").splitlines() if journal.is_file() else []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return entries


def stage_records(entries: list[dict[str, Any]]) -> tuple[StageRecord, ...]:
    """The training, stage by stage, from a journal; of an epoch that was done twice the later one counts."""
    steps = {
        entry["stage"]: entry["total_steps"] for entry in entries if entry.get("event") == "StageStarted"
    }
    return tuple(_stage_record(stage, total, entries) for stage, total in steps.items())


def _stage_record(stage: Any, steps: int, entries: list[dict[str, Any]]) -> StageRecord:
    epochs: dict[int, Mapping[str, Any]] = {
        entry["epoch"]: entry
        for entry in entries
        if entry.get("event") == "EpochDone" and entry.get("stage") == stage
    }
    in_order = [epochs[epoch] for epoch in sorted(epochs)]
    names = list(in_order[-1]["measures"]) if in_order else []
    return StageRecord(
        name=stage,
        epochs=len(in_order),
        steps=steps,
        seconds=sum(entry["seconds"] for entry in in_order),
        metrics=dict(in_order[-1]["measures"]) if in_order else {},
        history={name: tuple(entry["measures"][name] for entry in in_order) for name in names},
    )
