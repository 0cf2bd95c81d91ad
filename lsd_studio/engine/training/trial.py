"""What a training would take on this machine: a few batches of each stage on networks that are discarded."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any

import torch

from lsd_studio.engine.datasets import LabelledImages, hold_out
from lsd_studio.engine.models.inference import images_at_once
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.engine.training.bundle_facts import bundle_facts
from lsd_studio.engine.training.estimate import Estimating, TrainingEstimate
from lsd_studio.engine.training.events import RunStage, StageName
from lsd_studio.engine.training.loop import ImageTensors, make_batch, make_update
from lsd_studio.engine.training.memory import module_bytes, peak_bytes
from lsd_studio.engine.training.memory_needed import available_bytes, check_memory, memory_errors_explained
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.precision import arithmetic_of
from lsd_studio.engine.training.run import check_fit, fitted_profile, make_fabric, stage_makers
from lsd_studio.engine.training.stage_settings import run_stages_of, stages_of, steps_per_epoch
from lsd_studio.engine.training.stages import GanStage, Stage

THREADS = torch.get_num_threads()
"""That a training has; other work of the engine sets fewer on its own threads."""

SECONDS_A_STAGE = 2.0
FEWEST_BATCHES = 3
MEASURED_IMAGES = 1000
"""Held-out images that the measures of an epoch are tried on; their time grows with the images."""


def estimate_in_steps(plan: Plan, data: LabelledImages) -> Generator[Estimating, None, TrainingEstimate]:
    """Measure each planned stage for a few seconds; yields how far the trial is before each.

    Nothing is written, and what is trained is thrown away. The first batch of a stage, in which memory is fetched and
    kernels are chosen, is not counted.

    Raises:
        StudioError: M does not fit the labels, or the autoencoder's task the images; the parent's checkpoint cannot be
            read, or memory does not suffice.
    """
    with memory_errors_explained():
        return (yield from _tried(plan, data))


def _tried(plan: Plan, data: LabelledImages) -> Generator[Estimating, None, TrainingEstimate]:
    check_fit(plan.profile, data)
    bundle_facts(plan.profile, data, seed=0)
    profile, steps_done = fitted_profile(plan.profile, data), _steps_done(plan)
    before = plan.parent or (plan.run if plan.resume else None)
    torch.set_num_threads(THREADS)
    fabric = make_fabric(profile, plan.device, arithmetic_of(before) if before is not None else None)
    used, kept_back = hold_out(data)
    check_memory(profile, data.image_shape, data.number_of_labels, len(used), available_bytes(fabric.device))
    training = ImageTensors(used.images, used.labels, fabric.device)
    held_out = ImageTensors(kept_back.images, kept_back.labels, fabric.device)
    wanted = [stage for stage in run_stages_of(profile) if stage in plan.stages]
    paces: dict[StageName, float] = {}
    seconds: dict[RunStage, float] = {}
    epochs: dict[StageName, float] = {}
    left: dict[StageName, int] = {}
    trained: dict[str, Any] = {}
    memory, resident = 0, _resident_peak()
    makers = stage_makers(profile, data, seed=0)
    for name in stages_of(profile):
        stage = makers[name](trained, fabric.device)
        trained.update(stage.networks())
        if name not in wanted:
            continue
        yield Estimating(name, wanted.index(name) / len(wanted))
        settings = getattr(profile, name)
        an_epoch = steps_per_epoch(len(used), settings.batch_size)
        left[name] = max(0, an_epoch * settings.epochs - steps_done.get(name, 0))
        step = _stepper(stage, training, settings.batch_size, fabric)
        step()
        some = slice(min(MEASURED_IMAGES, held_out.measured))
        images, labels = held_out.scaled(some), held_out.labels[some]
        measure = partial(stage.measure, images, labels)
        memory = max(memory, _bytes_of_state(stage) + max(peak_bytes(step), peak_bytes(measure)))
        paces[name] = _seconds_a_call(step)
        began = time.perf_counter()
        measure()
        grows = 1.0 if isinstance(stage, GanStage) else held_out.measured / len(images)
        measuring = (time.perf_counter() - began) * grows
        epochs[name] = an_epoch * paces[name] + measuring
        seconds[name] = left[name] / an_epoch * epochs[name]
    if "basis" in wanted:
        yield Estimating("basis", wanted.index("basis") / len(wanted))
        seconds["basis"] = _seconds_of_basis(profile, trained, data.image_shape, fabric.device)
    scaled_and_decoded = 8 * held_out.measured * held_out.pixels[0].nbytes
    own = training.pixels.nbytes + held_out.pixels.nbytes + scaled_and_decoded
    return TrainingEstimate(
        seconds_by_stage=seconds,
        seconds_per_step=paces,
        seconds_per_epoch=epochs,
        steps=left,
        memory_megabytes=max(memory + own, _resident_peak() - resident) / 1e6,
        device=str(fabric.device.type),
        precision=str(fabric._precision.precision),
        notes=data.notes,
    )


def _steps_done(plan: Plan) -> dict[StageName, int]:
    """Of stages that go on: from the parent's checkpoint, or from the run's own where it is resumed."""
    if plan.parent is not None:
        places = {stage: checkpoint_file(plan.parent, stage) for stage in plan.go_on}
    elif plan.resume and plan.run is not None:
        places = {stage: checkpoint_file(plan.run, stage) for stage in plan.stages if stage != "basis"}
    else:
        places = {}
    return {stage: read_facts(path).step for stage, path in places.items() if path.exists()}


def _stepper(stage: Stage, training: ImageTensors, batch_size: int, fabric: Any) -> Callable[[], None]:
    update = make_update(fabric)
    chosen = torch.arange(min(batch_size, len(training)), device=fabric.device)

    def step() -> None:
        with fabric.autocast():
            losses = stage.step(make_batch(training, chosen, seed=0, progress=0.5), update)
        for value in losses.values():
            float(value.detach())

    return step


def _seconds_a_call(function: Callable[[], None]) -> float:
    calls, began = 0, time.perf_counter()
    while calls < FEWEST_BATCHES or time.perf_counter() - began < SECONDS_A_STAGE:
        function()
        calls += 1
    return (time.perf_counter() - began) / calls


def _bytes_of_state(stage: Stage) -> int:
    """Weights, averages and moments; gradients are made anew in each step."""
    moments = (
        value.nbytes
        for optimiser in stage.state.optimisers.values()
        for values in optimiser.state.values()
        for value in values.values()
        if torch.is_tensor(value)
    )
    return sum(map(module_bytes, stage.state.modules.values())) + sum(moments)


def _resident_peak() -> int:
    """The most bytes that this process ever had in memory; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@torch.no_grad()
def _seconds_of_basis(
    profile: Profile, trained: dict[str, Any], image_shape: Sequence[int], device: torch.device
) -> float:
    """Time for V latents a label and set through G and C, if labels come evenly; the ascent of R42 doubles it."""
    together = images_at_once(image_shape)
    latents = torch.randn(together, profile.latent_dimensions, generator=torch.Generator().manual_seed(0)).to(
        device
    )
    generator, classifier = trained["gan"].eval(), trained["classifier"].eval()
    seconds = _seconds_a_call(lambda: classifier(generator(latents)).argmax(1).cpu())
    batches = profile.basis.vectors * profile.latent_dimensions / together
    return seconds * max(1.0, batches) * (2 if profile.basis.complement == "labelled" else 1)
