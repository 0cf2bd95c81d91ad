"""The journal of a run, line by line, so that a resumed run still knows its beginning.

`RUN/events.jsonl` holds one JSON object a line: the events of the run that do not come by the thousand, each with its
type and the time. A line that a crash cut short, or that holds anything else, is passed over.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.counts import MOST, Moment
from lsd_studio.engine.training.events import (
    Cancelled,
    CheckpointSaved,
    Diagnosed,
    EpochDone,
    Paused,
    PicturesSaved,
    Resumed,
    RunDone,
    StageDone,
    StageStarted,
    TrainingEvent,
)
from lsd_studio.files.json_text import json_bytes, parse_json_object, validated
from lsd_studio.files.plain_files import check_plain

NOTED = (
    StageStarted,
    EpochDone,
    CheckpointSaved,
    PicturesSaved,
    Diagnosed,
    Paused,
    Resumed,
    StageDone,
    Cancelled,
    RunDone,
)
READERS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in NOTED}
LARGEST_JOURNAL = 256 * 2**20


class _Line(BaseModel):
    event: str
    time: Moment


@dataclass(frozen=True)
class Noted:
    """An event and when it was noted, in POSIX seconds."""

    time: float
    event: TrainingEvent


def note_event(journal: Path, event: TrainingEvent) -> None:
    """Append an event to the journal, if it is of a kind that is kept.

    Raises:
        StudioError: the disk is full or not writable.
    """
    if isinstance(event, NOTED):
        note_events(journal, [Noted(datetime.now(UTC).timestamp(), event)])


def note_events(journal: Path, noted: Sequence[Noted]) -> None:
    """Append events with their times.

    Raises:
        StudioError: the disk is full or not writable.
    """
    lines = [json_bytes(_entry(entry), indent=None) + b"\n" for entry in noted]
    try:
        with journal.open("ab") as file:
            file.write(b"".join(lines))
    except OSError as error:
        raise StudioError(
            f"{journal} could not be written ({error.strerror}): please make room, then resume the run."
        ) from error


class JournalReader:
    """Reads a journal that may still be written to: each time only what has come since.

    Attributes:
        noted: all that was read so far, in its order.
    """

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self.noted: list[Noted] = []
        self._read_up_to = 0

    def read(self) -> list[Noted]:
        """Read what is new and return all; nothing where there is no journal.

        Raises:
            StudioError: the journal is larger than any run makes it.
        """
        try:
            check_plain(self.journal, LARGEST_JOURNAL)
        except StudioError:
            if self.journal.is_file():
                raise
            return self.noted
        try:
            with self.journal.open("rb") as file:
                size = file.seek(0, 2)
                if size < self._read_up_to:
                    self.noted, self._read_up_to = [], 0
                file.seek(self._read_up_to)
                new = file.read(size - self._read_up_to)
        except OSError:
            return self.noted
        whole = new[: new.rfind(b"\n") + 1]
        self._read_up_to += len(whole)
        for line in whole.splitlines():
            noted = _noted(line)
            if noted is not None:
                self.noted.append(noted)
        return self.noted


def read_journal(journal: Path) -> list[Noted]:
    """All whole lines of a journal in their order; none where there is no journal."""
    return JournalReader(journal).read()


def _entry(noted: Noted) -> dict[str, Any]:
    time = datetime.fromtimestamp(noted.time, UTC).isoformat(timespec="seconds")
    stated = {name: _stated(value) for name, value in asdict(noted.event).items()}
    return {"event": type(noted.event).__name__, "time": time, **stated}


def _stated(value: Any) -> Any:
    """A value as JSON has it: measures that are no finite number are left out, as they are in curves."""
    if isinstance(value, Mapping):
        return {name: inner for name, inner in value.items() if math.isfinite(inner)}
    return str(value) if isinstance(value, Path) else value


def _noted(line: bytes) -> Noted | None:
    try:
        entry = parse_json_object(line, "a line", may_be_infinite=True)
        noted = validated(_Line, entry, "a line")
        event = validated(READERS[noted.event], entry, "a line")
    except (StudioError, KeyError):
        return None
    is_plausible = all(0 <= value <= MOST for value in entry.values() if isinstance(value, int))
    return Noted(noted.time.timestamp(), event) if is_plausible else None
