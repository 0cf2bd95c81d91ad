"""How a command answers: progress on standard error, the result as a table or as JSON."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from lsd_studio.cli.output import plain, write_result
from lsd_studio.durations import format_duration
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.steps import Doing
from lsd_studio.files.json_text import json_bytes
from lsd_studio.files.writing import unwritable, write_file

console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
"""Everything but results goes to standard error. Text is text: no markup, no emoji code."""


def say(text: str) -> None:
    """Print a line on standard error, once however many processes train."""
    if is_first_process():
        console.print(plain(text))


class Bars:
    """One progress bar a task, made with the first step of the task, with the time that is left."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._noted: set[str] = set()

    def show(self, task: str, fraction: float, note: str = "") -> None:
        """Move the bar of `task` to `fraction`, 0…1; the bars before it are done."""
        if task not in self._tasks:
            for earlier in self._tasks.values():
                self._progress.update(earlier, completed=1)
            self._tasks[task] = self._progress.add_task(task, total=1, note="")
        self._progress.update(self._tasks[task], completed=fraction, note=plain(note, keep=""))

    def follow(self, step: Doing) -> None:
        """Show a step of an operation on the bar of what is being done."""
        self.show(step.what, step.share or 0.0, step.note)

    def say(self, text: str) -> None:
        """Print a line above the bars, once however many processes train."""
        if is_first_process():
            self._progress.console.print(plain(text))

    def note(self, *notes: str) -> None:
        """Say what a reader must know of the data, each sentence once."""
        for sentence in dict.fromkeys(notes):
            if sentence not in self._noted:
                self.say(sentence)
        self._noted.update(notes)


class _TimeLeft(ProgressColumn):
    """What is left at the pace of the last half minute, as everywhere else; empty where nothing moves."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        left = None if task.finished else task.time_remaining
        return Text("" if left is None else format_duration(left))


@contextmanager
def bars() -> Iterator[Bars]:
    """Progress bars on standard error; in a log, where nothing can be redrawn, only what is said is printed."""
    progress = Progress(
        TextColumn("{task.description:<24}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        _TimeLeft(),
        TextColumn("{task.fields[note]}", markup=False),
        console=console,
        disable=not console.is_terminal or not is_first_process(),
        refresh_per_second=5,
    )
    with nullcontext() if progress.disable else progress:  # rich 14 ends a line even where it showed no bar
        yield Bars(progress)


def is_first_process() -> bool:
    """Whether this process speaks for all that `torchrun` started."""
    return os.environ.get("RANK", "0") == "0"


def check_destination(destination: str | None) -> None:
    """Find out before long work whether its result could be written.

    Raises:
        StudioError: the folder is missing or cannot be written to, or the file is a folder.
    """
    if destination in (None, "-"):
        return
    path = Path(str(destination)).absolute()
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise StudioError(f"{path} cannot be written: please name a file in a folder that exists.")


def answer(result: Mapping[str, object] | Sequence[object], destination: str | None) -> None:
    """Write a result as JSON to the file, or to standard output for "-"; nothing where no JSON was asked for.

    Raises:
        StudioError: the file cannot be written, or the result is not finite; what was there is untouched.
    """
    if destination is None or not is_first_process():
        return
    if destination == "-":
        write_result(json_bytes(result, ascii_only=True) + b"\n")
    else:
        write_output(Path(destination), json_bytes(result) + b"\n")


def write_output(destination: Path, content: bytes) -> None:
    """Write what a command was asked for: a file whole or not at all, where a link leads; a device or pipe as it is.

    Raises:
        StudioError: it cannot be written; the file that was there is untouched.
    """
    place = destination.resolve()
    if place.is_file() or not place.exists():
        write_file(place, content)
        return
    try:
        place.write_bytes(content)
    except OSError as error:
        raise unwritable(place, error) from error


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], destination: str | None = None
) -> None:
    """Print a table for people, unless standard output is promised to JSON."""
    if destination == "-" or not is_first_process():
        return
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(plain(column, keep=""), overflow="fold")
    for row in rows:
        table.add_row(*(plain(str(cell), keep="") for cell in row))
    Console(highlight=False, markup=False, emoji=False).print(table)


def measure_rows(measured: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str, str, str]]:
    """One row for each number or interval, with its count; lists, which only JSON has room for, are left out."""
    rows = []
    for name, value in measured.items():
        if isinstance(value, Mapping) and {"value", "low", "high"} <= set(value):
            rows.append((prefix + name, *_cells(Measure.of(value))))
        elif isinstance(value, Mapping) and name not in ("versions", "data"):
            rows += measure_rows(value, f"{prefix}{name}.")
        elif isinstance(value, float):
            rows.append((prefix + name, f"{value:.4g}", "", ""))
        elif isinstance(value, int | str):
            rows.append((prefix + name, str(value), "", ""))
    return rows


def _cells(measure: Measure) -> tuple[str, str, str]:
    """Value, interval and count, "–" for what there is not."""
    value = "–" if math.isnan(measure.value) else f"{measure.value:.4f}"
    between = "–" if math.isnan(measure.low) else f"{measure.low:.4f} … {measure.high:.4f}"
    return value, between, str(measure.count or "")
