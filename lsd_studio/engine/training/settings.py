"""What can be asked of a training; choices that are left open are made by `training.plan`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lsd_studio.engine.images.framing import Framing
    from lsd_studio.engine.training.events import RunStage, StageName

DeviceName = Literal["cuda", "mps", "cpu"]


@dataclass(frozen=True)
class TrainingSettings:
    """What is to be trained into a run's folder: all models and the basis (R1…R13), or some stages of them.

    Args:
        run: folder of the run, made where it is missing; None: a new one in the user's data folder.
        profile: name of a shipped profile or path of a profile file; None: "studio", or that of the run resumed or
            branched from.
        data: name of a data set or path of a folder; None takes the profile's, or that of the run.
        framing: how images of a folder that have another size come to one; None: as in the run, or all have one size.
        seed: of weights, batches and draws; None: 0, or that of the run.
        overrides: settings as "encoder.epochs=3".
        resume: go on from the run's last checkpoint.
        name: of a new run, for people; None: that of its folder or profile.
        device: "cpu", "cuda" or "mps"; None: the best there is.
        stages: those to train; None: all that are not done, of a branch those from the first that differs.
        parent: a run to branch from; stages that are neither in `stages` nor in `go_on` are taken over from it.
        go_on: stages that begin with the parent's weights at the parent's step: epochs count from the parent's
            beginning, and the learning rate is that of step / new total of steps.
        checkpoint_seconds: at most this much is lost in a crash; None: 60, or that of the run.
        expected_seconds: TrainingEstimate.seconds_by_stage, for the time left while later stages have not begun.
    """

    run: Path | None = None
    profile: str | None = None
    data: str | None = None
    framing: Framing | None = None
    seed: int | None = None
    overrides: tuple[str, ...] = ()
    resume: bool = False
    name: str | None = None
    device: str | None = None
    stages: tuple[RunStage, ...] | None = None
    parent: Path | None = None
    go_on: tuple[StageName, ...] = ()
    checkpoint_seconds: float | None = None
    expected_seconds: Mapping[RunStage, float] = field(default_factory=dict)
