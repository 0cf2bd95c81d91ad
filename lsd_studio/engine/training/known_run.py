"""What a run's folder says it was asked for."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.profiles import Profile

__all__ = ["KnownData", "KnownRun", "read_run"]


class KnownData(BaseModel):
    """The data set of a run: the source it was loaded from, and the SHA-256 over its files."""

    model_config = ConfigDict(frozen=True)

    name: str
    checksum: str


class KnownRun(BaseModel):
    """The contents of `run.json`."""

    model_config = ConfigDict(frozen=True)

    profile: Profile
    data: KnownData
    seed: int


def read_run(run: Path) -> KnownRun:
    """What the run in this folder was asked for.

    Raises:
        StudioError: there is no run, or its `run.json` does not validate.
    """
    path = run / "run.json"
    try:
        return KnownRun.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StudioError(f"{run} holds no run: expected a readable file run.json in it.") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "the whole"
        raise StudioError(
            f"{path}, field {field}: {first['msg']}; start the run again in another folder."
        ) from error
