"""All runs: found, renamed, moved to the trash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from send2trash import send2trash
from send2trash.exceptions import TrashPermissionError

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.files import run_file, runs_folder
from lsd_studio.engine.runs.manifest import read_run, write_run
from lsd_studio.engine.runs.state import is_held

LONGEST_NAME = 120


def found_runs(opened: Sequence[Path] = ()) -> tuple[Path, ...]:
    """The folders of all runs in the user's data folder, and of those in or at the folders opened elsewhere."""
    places = (runs_folder(), *opened)
    return tuple(dict.fromkeys(run.resolve() for place in places for run in runs_at(place)))


def rename_run(run: Path, name: str) -> str:
    """Give a run another name for people; its folder keeps its own. Returns the name.

    Raises:
        StudioError: the name is empty or too long, or there is no run.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise StudioError(f"A run's name has 1 to {LONGEST_NAME} characters; choose another.")
    write_run(run, read_run(run).model_copy(update={"name": name}))
    return name


def trash_run(run: Path) -> None:
    """Move a run's folder to the system's trash.

    Raises:
        StudioError: it is being trained, holds no run, or there is no trash for it.
    """
    if not run_file(run).exists():
        raise StudioError(f"{run} holds no run; nothing was moved to the trash.")
    if is_held(run):
        raise StudioError(f"{run} is being trained; stop it before you delete it.")
    try:
        send2trash(run)
    except (TrashPermissionError, OSError) as error:
        raise StudioError(f"{run} cannot be moved to the trash here; remove the folder by hand.") from error


def runs_at(place: Path) -> Iterator[Path]:
    """The folders of the runs at a folder: itself, or those in it."""
    if _holds_a_run(place):
        yield place
        return
    try:
        inside = sorted(place.iterdir())
    except OSError:
        return
    yield from (folder for folder in inside if _holds_a_run(folder))


def _holds_a_run(folder: Path) -> bool:
    """Whether it does, also one that cannot be read, which is shown with its reason."""
    try:
        return run_file(folder).exists()
    except OSError:
        return False
