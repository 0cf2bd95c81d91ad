"""Paths of a run's files, and how small ones are written."""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path

from platformdirs import user_data_path

from lsd_studio.engine.errors import StudioError
from lsd_studio.files.folders import make_folder
from lsd_studio.files.writing import write_file

LONGEST_FOLDER_NAME = 60
MOST_LOOKED_AT = 100
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"})
DATA_FILES = frozenset({"train.safetensors", "test.safetensors"})
RESUME = "please make room, then resume the run; nothing that was there before is lost"


def data_folder() -> Path:
    """The user's data folder; LSD_STUDIO_DATA names another."""
    named = os.environ.get("LSD_STUDIO_DATA")
    return Path(named) if named else user_data_path("lsd-studio")


def runs_folder() -> Path:
    """The folder of all runs: `runs` in the user's data folder, or the last that was given to `choose_runs_folder`."""
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
        raise StudioError(f"{folder} is not a writable folder: please choose another for the runs.")
    check_place(folder)
    write_in_run(_choice(), f"{folder}\n".encode())


def check_place(folder: Path) -> None:
    """Refuse a folder for a run, or for runs, that is something else.

    Raises:
        StudioError: it is a bundle's, or a data set's, which what is trained would get mixed with.
    """
    try:
        inside = list(folder.iterdir()) if folder.is_dir() else []
        others = [entry for entry in inside if not run_file(entry).exists()]
        labels = [entry for entry in others if _has_images(entry, 1)]
    except OSError as error:
        raise StudioError(f"{folder} cannot be read ({error.strerror}); choose another folder.") from error
    if any(entry.name == "manifest.json" for entry in inside):
        raise StudioError(f"{folder} is the folder of a bundle: choose another for what is trained.")
    if len(labels) > 1 or any(entry.name in DATA_FILES for entry in inside) or _has_images(folder, 2):
        raise StudioError(
            f"{folder} is a folder of images: choose another for what is trained, such as one in it."
        )


def _has_images(folder: Path, at_least: int) -> bool:
    if not folder.is_dir():
        return False
    entries = islice(folder.iterdir(), MOST_LOOKED_AT)
    return sum(entry.suffix.lower() in IMAGE_SUFFIXES for entry in entries) >= at_least


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
    """What was asked for: `manifest.RunManifest` as JSON."""
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


def write_in_run(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file of a run whole or not at all, its folder made where it is missing; see `write_file`.

    Raises:
        StudioError: the disk is full or not writable.
    """
    make_folder(path.parent, RESUME)
    write_file(path, content, durable=durable, advice=RESUME)
