"""How a run stands now, as the process that trains it says, and whether there is such a process.

`RUN/state.json` is written about once a second. A process that was killed cannot say that it stopped, so what counts
is the lock that it held, which the system takes from the dead; of a process on another machine, whose lock may not be
seen, a sign of life within the last seconds counts.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.counts import Count
from lsd_studio.engine.runs.files import lock_file, state_file, write_in_run
from lsd_studio.files.folders import make_folder
from lsd_studio.files.json_text import json_bytes, read_json
from lsd_studio.files.writing import clear_all_leftovers

PATIENCE = 2.0
"""Seconds to wait for a lock, since who only looks whether it is held holds it for a moment."""

SIGN_OF_LIFE = 15.0

LARGEST_FILE = 2**20
"""Bytes that a `state.json` may have."""


class NotedState(BaseModel):
    """The contents of `state.json`: see `Progressed` for the numbers. `time` in POSIX seconds; `seconds` trained."""

    model_config = ConfigDict(frozen=True)

    state: Literal["running", "paused", "stopped", "finished", "failed"]
    sentence: str = ""
    device: str = ""
    stage: str = ""
    step: Count = 0
    total_steps: Count = 0
    seconds_left: float | None = None
    seconds: float = 0.0
    time: float
    process: int
    machine: str

    def is_here(self) -> bool:
        """Whether it was written by this process."""
        return self.process == os.getpid() and self.machine == this_machine()

    def is_fresh(self) -> bool:
        """Whether it was written a moment ago, on another machine."""
        return self.machine != this_machine() and abs(time.time() - self.time) < SIGN_OF_LIFE


def this_machine() -> str:
    """The name by which a run knows the machine it is trained on."""
    return platform.node()


def write_state(run: Path, state: NotedState) -> None:
    """Write `state.json`, atomically.

    Raises:
        StudioError: the disk is full or not writable.
    """
    write_in_run(state_file(run), json_bytes(state.model_dump(mode="json"), indent=None))


def read_state(run: Path) -> NotedState | None:
    """What the process that trains the run last said; None where none did or it cannot be read."""
    try:
        return read_json(state_file(run), NotedState, largest=LARGEST_FILE)
    except StudioError:
        return None


def hold_run(run: Path) -> FileLock:
    """Take the run's lock, so that no two processes train it at once; release it with `release()`.

    Raises:
        StudioError: another process trains the run, or the folder cannot be written.
    """
    lock = FileLock(lock_file(run), thread_local=False)
    try:
        lock.acquire(timeout=PATIENCE, poll_interval=0.02)
    except Timeout as error:
        raise StudioError(
            f"{run} is being trained by another process; wait until it ends, or stop it there."
        ) from error
    except OSError as error:
        raise StudioError(
            f"The run folder {run} cannot be written ({error.strerror}); choose another folder."
        ) from error
    return lock


@contextmanager
def run_held(run: Path) -> Iterator[None]:
    """The run's folder, made where it is missing, held by this process; what a killed one left there is removed.

    Raises:
        StudioError: as `hold_run`.
    """
    make_folder(run)
    lock = hold_run(run)
    try:
        clear_all_leftovers(run)
        yield
    finally:
        lock.release()


def is_held(run: Path) -> bool:
    """Whether a process on this machine, this one or another, trains the run now."""
    path = lock_file(run)
    if not path.exists():
        return False
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False
