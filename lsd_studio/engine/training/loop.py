"""The one training loop, from the first batch to the last, for every stage.

A step's randomness is a function of (seed, stage, step, process) and an epoch's order of (seed, stage, epoch), so a
resumed run goes on exactly as an uninterrupted one would have: a checkpoint holds weights and a step count, no
random state. This holds for one process; several processes share gradients, but each has its own running averages
(normalisation statistics, label axes), and those of the first are saved.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.seeds import derived_seed
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.engine.training.checkpoint import load_checkpoint, save_checkpoint
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.divergence import check_losses, check_weights, finite
from lsd_studio.engine.training.events import (
    Cancelled,
    CheckpointSaved,
    EpochDone,
    StageDone,
    StageStarted,
    StepDone,
    TrainingEvent,
)
from lsd_studio.engine.training.stage_settings import settings_behind, steps_per_epoch
from lsd_studio.engine.training.stages import Batch, Stage, Update

MEASURED_VALUES = 2**25
"""Pixels times channels: all of 10 000 images 32×32×3, 1 213 of 96×96×3."""


class ImageTensors:
    """A labelled image set as two tensors on the training device: 8-bit pixels until the batch, and labels."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray, device: torch.device) -> None:
        self.pixels = torch.from_numpy(np.ascontiguousarray(pixels)).to(device)
        self.labels = torch.from_numpy(np.ascontiguousarray(labels)).to(device)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def measured(self) -> int:
        """How many of them are measured on after an epoch: all, or of large images as many as 128 MiB hold scaled."""
        return min(len(self), max(1, MEASURED_VALUES // self.pixels[0].numel()))

    def scaled(self, indices: Tensor | slice) -> Tensor:
        """float32 images in [−1, 1] (R1)."""
        return self.pixels[indices].float().div_(127.5).sub_(1.0)


def run_stage(
    stage: Stage,
    profile: Profile,
    run: Path,
    *,
    training: ImageTensors,
    held_out: ImageTensors,
    seed: int,
    fabric: Fabric,
    checkpoint_seconds: float,
    resume: bool,
    control: Control,
) -> Iterator[TrainingEvent]:
    """Train one stage as the profile says; yields what happens and obeys `control` between batches.

    The global batch is dealt out to the processes, and their gradients are averaged. An epoch's last, incomplete
    batch is left out.

    Args:
        run: folder of the checkpoint that the state is written to, and that it goes on from if `resume`.
        checkpoint_seconds: between two checkpoints, at least.

    Raises:
        StudioError: the checkpoint cannot be read or written, the batch cannot be dealt out evenly, or a loss or a
            weight is no longer finite.
    """
    settings, checkpoint = getattr(profile, stage.name), checkpoint_file(run, stage.name)
    epochs, batch_size = settings.epochs, settings.batch_size
    if batch_size % fabric.world_size:
        raise StudioError(
            f"A batch of {batch_size} images cannot be divided among {fabric.world_size} processes; "
            f"set {stage.name}.batch_size to a multiple of {fabric.world_size}."
        )
    if min(batch_size, len(training)) < 2 * fabric.world_size:
        raise StudioError(
            f"A batch of {min(batch_size, len(training))} images is too small for {fabric.world_size} processes, each "
            f"of which needs two: train with fewer processes, more images, or a larger {stage.name}.batch_size."
        )
    steps_an_epoch = steps_per_epoch(len(training), batch_size)
    total_steps = steps_an_epoch * epochs
    step, measures = 0, {}
    if resume and checkpoint.is_file():
        known = read_facts(checkpoint)
        step, measures = known.step, known.measures
        load_checkpoint(checkpoint, stage.state)
    yield StageStarted(stage.name, step, total_steps, str(fabric.device), str(fabric._precision.precision))

    def save() -> CheckpointSaved:
        check_weights(stage.state, stage.name, step, checkpoint)
        if fabric.is_global_zero:
            facts = {
                "stage": stage.name,
                "settings": settings_behind(stage.name, profile),
                "step": step,
                "total_steps": total_steps,
                "measures": measures,
            }
            save_checkpoint(checkpoint, stage.state, facts)
        return CheckpointSaved(stage.name, step, checkpoint)

    update = make_update(fabric)
    order = np.empty(0, dtype=np.int64)
    saved_at = epoch_began = time.monotonic()
    while step < total_steps:
        yield from control.hold(stage.name, step)
        if _any_process(fabric, control.cancelled):
            yield save()
            yield Cancelled(stage.name, step)
            return
        began = time.perf_counter()
        epoch, place = divmod(step, steps_an_epoch)
        if place == 0 or not len(order):
            order = np.random.default_rng(derived_seed(seed, stage.name, "epoch", epoch)).permutation(
                len(training)
            )
        chosen = order[place * batch_size : (place + 1) * batch_size][fabric.global_rank :: fabric.world_size]
        indices = torch.from_numpy(chosen).to(fabric.device)
        step_seed = derived_seed(seed, stage.name, "step", step, fabric.global_rank)
        batch = make_batch(training, indices, seed=step_seed, progress=step / total_steps)
        with fabric.autocast():
            losses = stage.step(batch, update)
        step += 1
        values = {name: float(value.detach()) for name, value in losses.items()}
        yield StepDone(stage.name, step, total_steps, epoch, values, time.perf_counter() - began)
        check_losses(values, stage.name, step, checkpoint)
        if step % steps_an_epoch == 0:
            check_weights(stage.state, stage.name, step, checkpoint)
            some = slice(held_out.measured)
            measures = finite(stage.measure(held_out.scaled(some), held_out.labels[some]))
            yield EpochDone(stage.name, epoch + 1, epochs, measures, time.monotonic() - epoch_began)
            epoch_began = time.monotonic()
        if step == total_steps or time.monotonic() - saved_at > checkpoint_seconds:
            yield save()
            saved_at = time.monotonic()
    yield StageDone(stage.name, measures)


def make_batch(training: ImageTensors, indices: Tensor, *, seed: int, progress: float) -> Batch:
    """The images and labels at `indices`, and randomness that comes from `seed` alone."""
    return Batch(
        images=training.scaled(indices),
        labels=training.labels[indices],
        random=torch.Generator().manual_seed(seed),
        seed=seed,
        progress=progress,
    )


def make_update(fabric: Fabric) -> Update:
    """How a stage moves its weights: gradients are averaged over the processes of `fabric`."""

    def update(loss: Tensor, optimiser: torch.optim.Optimizer, largest_norm: float = 0.0) -> None:
        optimiser.zero_grad()
        loss.backward()
        if fabric.world_size > 1:
            _average_gradients(fabric, optimiser)
        if largest_norm:
            moved = [each for group in optimiser.param_groups for each in group["params"]]
            nn.utils.clip_grad_norm_(moved, largest_norm)
        optimiser.step()

    return update


def _any_process(fabric: Fabric, flag: bool) -> bool:
    """Whether the flag is set in any process, so that all stop after the same batch."""
    if fabric.world_size == 1:
        return flag
    return bool(fabric.all_reduce(torch.tensor(float(flag), device=fabric.device), reduce_op="sum"))


def _average_gradients(fabric: Fabric, optimiser: torch.optim.Optimizer) -> None:
    gradients = [p.grad for group in optimiser.param_groups for p in group["params"] if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    averaged = fabric.all_reduce(flat, reduce_op="mean")
    assert isinstance(averaged, Tensor)
    for gradient, part in zip(gradients, averaged.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))
