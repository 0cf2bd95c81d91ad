"""What a training would take, as measured by a trial on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lsd_studio.durations import format_duration
from lsd_studio.engine.training.events import RunStage, StageName


@dataclass(frozen=True)
class Estimating:
    """A trial under way: the stage measured now, and the fraction of the trial that is done, 0…1."""

    stage: RunStage
    fraction: float


@dataclass(frozen=True)
class TrainingEstimate:
    """What a training would take on this machine, as busy as it is now.

    Attributes:
        seconds_by_stage: of each whole stage: its steps that are left, and the measures after each epoch.
        seconds_per_step: of a batch, forward, backward and the optimiser.
        seconds_per_epoch: of one epoch, with the measures after it.
        steps: batches that are left of each stage of networks.
        memory_megabytes: at least, at the peak, beside the program itself: the data, and of the greediest stage the
            networks with moments and averages, and the most that tensors of a batch or a measure hold; or, where it
            is more, by how much the process's peak rose.
        notes: what a reader must know of the images, a sentence each.
    """

    seconds_by_stage: Mapping[RunStage, float]
    seconds_per_step: Mapping[StageName, float]
    seconds_per_epoch: Mapping[StageName, float]
    steps: Mapping[StageName, int]
    memory_megabytes: float
    device: str
    precision: str
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Of all stages that would be trained."""
        return sum(self.seconds_by_stage.values())

    @property
    def sentence(self) -> str:
        """All of it in words."""
        parts = ", ".join(
            f"{stage} {format_duration(seconds)}{self._an_epoch(stage)}"
            for stage, seconds in self.seconds_by_stage.items()
        )
        whole = format_duration(self.seconds)
        return (
            f"About {whole} on {self.device} ({self.precision}), as busy as it is now: {parts}; "
            f"at least {self.memory_megabytes:.0f} MB of memory beside the program."
        )

    def _an_epoch(self, stage: RunStage) -> str:
        """What one pass takes, in brackets; empty of the basis, which has none."""
        return "" if stage == "basis" else f" ({format_duration(self.seconds_per_epoch[stage])} an epoch)"
