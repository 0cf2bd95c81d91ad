"""What a checkpoint says about itself, read without its tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.counts import Count
from lsd_studio.engine.runs.tensor_files import read_facts_of


class CheckpointFacts(BaseModel):
    """The facts of a checkpoint.

    Attributes:
        stage: of whose networks it is.
        settings: that its weights come from, by section, and the latent dimensions.
        step: batches done; total_steps: of the whole stage, None in checkpoints of old and where a branch goes on.
        measures: of the last epoch, on held-out images.
    """

    model_config = ConfigDict(frozen=True)

    stage: str = ""
    settings: dict[str, dict[str, Any] | int] = {}
    step: Count
    total_steps: Count | None = None
    measures: dict[str, float]

    def settings_of(self, section: str) -> dict[str, Any]:
        """The settings of a section of the profile; none where it says nothing of them."""
        found = self.settings.get(section)
        return found if isinstance(found, dict) else {}


def checkpoint_file(run: Path, stage: str) -> Path:
    """Where the state of a stage is kept."""
    return run / "checkpoints" / f"{stage}.safetensors"


def read_facts(path: Path) -> CheckpointFacts:
    """The facts of a checkpoint.

    Raises:
        StudioError: the file is no checkpoint.
    """
    try:
        return read_facts_of(path, CheckpointFacts)
    except StudioError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> StudioError:
    """What to say of a file that cannot be read as a checkpoint."""
    reason = "it is damaged, or only a part of one"
    if isinstance(error, StudioError):
        reason = str(error).removeprefix(str(path)).lstrip(":, ").rstrip(".")
    return StudioError(
        f"{path} is not a readable checkpoint ({reason}): move it away to train that stage again."
    )
