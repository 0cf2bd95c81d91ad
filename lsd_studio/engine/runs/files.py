"""Where a run keeps what, and how its small files are written."""

from __future__ import annotations

import os
import re
from pathlib import Path

from platformdirs import user_data_path

from lsd_studio.engine.errors import StudioError

__all__ = [
    "choose_runs_folder",
    "data_folder",
    "events_file",
    "frames_folder",
    "history_file",
    "lock_file",
    "new_run_folder",
    "run_file",
    "runs_folder",
    "state_file",
    "write_in_place",
]

LONGEST_FOLDER_NAME = 60


def data_folder() -> Path:
    """The user's data folder; LSD_STUDIO_DATA names another."""
    named = os.environ.get("LSD_STUDIO_DATA")
    return Path(named) if named else user_data_path("lsd-studio")


def runs_folder() -> Path:
    """The folder of all runs: `runs` in the user's data folder, or what `choose_runs_folder` was told last."""
    try:
        chosen = Path(_choice().read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return data_folder() / "runs"
    return chosen if chosen.is_absolute() else data_folder() / "runs"


def choose_runs_folder(folder: Path) -> None:
    """Keep runs in another folder from now on; those that are kept already stay where they are.

    Raises:
        StudioError: it is no folder that can be written to, or the choice cannot be written down.
    """
    folder = folder.absolute()
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise StudioError(
            f"{folder} is no folder that can be written to: please choose another for the runs."
        )
    write_in_place(_choice(), f"{folder}\n".encode())


def _choice() -> Path:
    return data_folder() / "runs-folder.txt"


def new_run_folder(name: str) -> Path:
    """A folder for a new run in the user's data folder, made and named for it, with a number where the name is taken.

    Raises:
        StudioError: the folder cannot be made.
    """
    words = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:LONGEST_FOLDER_NAME] or "run"
    number = 1
    while True:
        folder = runs_folder() / (words if number == 1 else f"{words}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        except OSError as error:
            raise StudioError(
                f"The run folder {folder} cannot be made ({error.strerror}): choose another folder for runs in the "
                "preferences."
            ) from error
        else:
            return folder


def run_file(run: Path) -> Path:
    """What was asked for: `known_run.KnownRun` as JSON."""
    return run / "run.json"


def events_file(run: Path) -> Path:
    """What happened, one event a line."""
    return run / "events.jsonl"


def state_file(run: Path) -> Path:
    """How the run stands now, see `state`."""
    return run / "state.json"


def lock_file(run: Path) -> Path:
    """Held by the process that trains the run."""
    return run / ".lock"


def history_file(run: Path, stage: str) -> Path:
    """The curves of a stage, see `history`."""
    return run / "history" / f"{stage}.safetensors"


def frames_folder(run: Path, stage: str) -> Path:
    """The pictures of a stage, see `frames`."""
    return run / "pictures" / stage


def write_in_place(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file that is never seen half written: through a sibling and a rename.

    Args:
        durable: wait until it is on the disk, so that not even a power cut loses it.

    Raises:
        StudioError: the disk is full or not writable.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StudioError(
            f"{path} could not be written ({error.strerror}), and is as it was before: please make room, then resume "
            "the run."
        ) from error
