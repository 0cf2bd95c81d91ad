"""`run.json`: what a run was asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lsd_studio.engine.datasets.folder_reading import FolderReading
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.counts import Count, Moment
from lsd_studio.engine.runs.files import run_file, write_in_run
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.files.json_text import json_bytes, read_json

SECONDS_BETWEEN_CHECKPOINTS = 60.0

LARGEST_FILE = 2**23
"""Bytes that a `run.json` may have."""


class RunData(BaseModel):
    """The data set of a run: the source it was loaded from, and the SHA-256 over its files.

    `images` counts those that a pass trains on, 0 in runs of old that do not say; `label_names` likewise.
    `reading` says how the folder was read that they came from.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    checksum: str
    images: Count = 0
    label_names: tuple[str, ...] = ()
    reading: FolderReading | None = None


class ParentRun(BaseModel):
    """The run that a run is a branch of.

    `origins` says of each stage that was not begun anew where its weights come from, as "taken over" or "gone on at
    step 900".
    """

    model_config = ConfigDict(frozen=True)

    path: Path
    id: str
    name: str
    origins: dict[str, str] = {}


class RunManifest(BaseModel):
    """The contents of `run.json`.

    `id` tells runs apart wherever they are moved to; `name` is for people; `checkpoint_seconds` is the longest time
    that a crash may cost.
    """

    model_config = ConfigDict(frozen=True)

    profile: Profile
    data: RunData
    seed: int
    id: str = ""
    name: str = ""
    created: Moment | None = None
    checkpoint_seconds: Annotated[float, Field(ge=0, le=86_400)] = SECONDS_BETWEEN_CHECKPOINTS
    parent: ParentRun | None = None


def read_run(run: Path) -> RunManifest:
    """What the run in this folder was asked for.

    Raises:
        StudioError: there is no run, or its `run.json` does not validate.
    """
    path = run_file(run)
    if not os.path.lexists(path):
        raise StudioError(f"{run} holds no run: expected a readable file run.json in it.")
    return read_json(path, RunManifest, largest=LARGEST_FILE, advice="start the run again in another folder")


def write_run(run: Path, known: RunManifest) -> None:
    """Write `run.json`, where it would change.

    Raises:
        StudioError: the disk is full or not writable.
    """
    path = run_file(run)
    content = json_bytes(known.model_dump(mode="json"), indent=2)
    if not path.is_file() or path.read_bytes() != content:
        write_in_run(path, content, durable=True)
