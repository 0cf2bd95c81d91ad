"""A run: the stages of a profile on one data set, in one folder that can be resumed.

RUN/run.json                             what was asked for, see `runs.manifest`
RUN/events.jsonl                         what happened, see `runs.journal`
RUN/state.json                           how it stands now, see `runs.state`
RUN/checkpoints/<stage>.safetensors      the state of each stage
RUN/history/<stage>.safetensors          its curves, see `runs.history`
RUN/pictures/<stage>/<step>.safetensors  what it drew, see `runs.frames`
RUN/bundle/                              written when everything is trained
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from collections.abc import Generator as Steps
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import torch
from lightning_fabric import Fabric

from lsd_studio.engine.autoencoders.networks import Autoencoder
from lsd_studio.engine.autoencoders.tasks import check_task
from lsd_studio.engine.datasets import LabelledImages, hold_out, is_same_source
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.networks import Classifier, Judge
from lsd_studio.engine.platform.allocation import keep_freed_memory
from lsd_studio.engine.platform.seeds import derived_seed
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.runs.files import check_place, run_file
from lsd_studio.engine.runs.frames import picture_steps
from lsd_studio.engine.runs.manifest import (
    SECONDS_BETWEEN_CHECKPOINTS,
    RunData,
    RunManifest,
    read_run,
    write_run,
)
from lsd_studio.engine.runs.new_networks import new_discriminator, new_encoder, new_generator
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.engine.training.autoencoder_stage import AutoencoderStage
from lsd_studio.engine.training.checkpoint import load_checkpoint
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import (
    Cancelled,
    PicturesSaved,
    RunStage,
    StageStarted,
    StepDone,
    TrainingEvent,
)
from lsd_studio.engine.training.joint_stage import JointStage
from lsd_studio.engine.training.loop import ImageTensors, run_stage
from lsd_studio.engine.training.monitoring.snapshots import SnapshotWriter
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.precision import ArithmeticName, arithmetic
from lsd_studio.engine.training.settings import DeviceName
from lsd_studio.engine.training.stage_settings import (
    BEHIND,
    is_made_with,
    run_stages_of,
    stages_of,
    steps_per_epoch,
)
from lsd_studio.engine.training.stages import ClassifierStage, EncoderStage, GanStage, LabelAxes, Stage


def available_devices() -> tuple[tuple[DeviceName, str], ...]:
    """The devices of this machine, the best first, each with the precision that "auto" comes to on it."""
    return tuple((name, arithmetic("auto", name)) for name in _devices())


def _devices() -> tuple[DeviceName, ...]:
    names: list[DeviceName] = ["cpu"]
    if torch.backends.mps.is_available():
        names.insert(0, "mps")
    if torch.cuda.is_available():
        names.insert(0, "cuda")
    return tuple(names)


def make_fabric(
    profile: Profile, device: str | None = None, trained_in: ArithmeticName | None = None
) -> Fabric:
    """Device, precision and processes of a run; under `torchrun` it joins the processes that were started.

    Args:
        trained_in: what "auto" came to where the run was begun, and stays.

    Raises:
        StudioError: the device is not on this machine, or the numbers of processes make no sense.
    """
    logging.getLogger("lightning_fabric.utilities.rank_zero").setLevel(logging.WARNING)
    keep_freed_memory()
    available = _devices()
    if device is not None and device not in available:
        raise StudioError(f"There is no device {device} on this machine; choose {' or '.join(available)}.")
    device = device or available[0]
    processes = _number_of("WORLD_SIZE", 1)
    local = _number_of("LOCAL_WORLD_SIZE", processes)
    fabric = Fabric(
        accelerator=device,
        devices=local,
        num_nodes=max(1, processes // local),
        strategy="ddp" if processes > 1 else "auto",
        precision=trained_in
        if trained_in is not None and profile.precision == "auto"
        else arithmetic(profile.precision, device, processes),
    )
    fabric.launch()
    return fabric


def _number_of(variable: str, default: int) -> int:
    """A number of processes that `torchrun` sets."""
    stated = os.environ.get(variable, str(default))
    if not (stated.isascii() and stated.isdecimal() and 1 <= int(stated[:9]) <= 10_000 and len(stated) < 9):
        raise StudioError(
            f"The environment variable {variable} is {stated[:40]!r}, which is not a number of processes: unset it, or "
            "start with torchrun, which sets it."
        )
    return int(stated)


def train_networks(
    plan: Plan, run: Path, data: LabelledImages, control: Control, fabric: Fabric
) -> Steps[TrainingEvent, None, dict[str, Any] | None]:
    """Train the planned stages in the order of the profile.

    Returns the networks by the names of their stages, "discriminator" and "axes", or None if cancelled. The last sixth
    of the training images, at most 10 000, is held out for the measures; no test image is seen. A stage that is not
    asked for and that a later one needs is read from its checkpoint.

    Raises:
        StudioError: M does not fit the labels, or the task the images, the folder holds another run, a stage that is
            needed has not been trained to its end, a checkpoint is broken, the training diverges, the disk is full.
    """
    profile, seed = plan.profile, plan.seed
    latent_dimensions = check_fit(profile, data)
    used, kept_back = hold_out(data)
    checkpoint_seconds = SECONDS_BETWEEN_CHECKPOINTS
    if fabric.is_global_zero:
        checkpoint_seconds = open_run(plan, run, data, len(used)).checkpoint_seconds
    fabric.barrier()
    training = ImageTensors(used.images, used.labels, fabric.device)
    held_out = ImageTensors(kept_back.images, kept_back.labels, fabric.device)
    snapshots = SnapshotWriter(run, seed, latent_dimensions, held_out)
    makers = stage_makers(profile, data, seed)
    trained: dict[str, Any] = {}
    for place, stage_name in enumerate(stages_of(profile)):
        later = [other for other in run_stages_of(profile)[place + 1 :] if other in plan.stages]
        if stage_name == "judge":  # no network is trained on it, but the bundle holds it
            later = [other for other in later if other == "basis"]
        if stage_name not in plan.stages and not later:
            continue
        stage = makers[stage_name](trained, fabric.device)
        if stage_name not in plan.stages:
            settings = getattr(profile, stage_name)
            total_steps = steps_per_epoch(len(used), settings.batch_size) * settings.epochs
            _load_trained(stage, checkpoint_file(run, stage_name), total_steps, later[0])
        else:
            for event in run_stage(
                stage,
                profile,
                run,
                training=training,
                held_out=held_out,
                seed=seed,
                fabric=fabric,
                checkpoint_seconds=checkpoint_seconds,
                resume=plan.resume,
                control=control,
            ):
                yield event
                if isinstance(event, Cancelled):
                    return None
                if fabric.is_global_zero:
                    yield from _pictures_after(event, stage, snapshots)
        trained.update(stage.networks())
    return trained


def check_fit(profile: Profile, data: LabelledImages) -> int:
    """The latent dimensions M of what a profile trains on these images.

    Raises:
        StudioError: M does not fit the labels (R10), or the autoencoder's task the images; or fewer than two images are
            left to train on, of which nothing can be normalised.
    """
    if len(hold_out(data)[0]) < 2:
        raise StudioError(
            f"Of {len(data)} training images one is left to train on, since a sixth and at least one is held out; "
            "two are the fewest: give three or more."
        )
    if profile.autoencoder is not None:
        check_task(profile.autoencoder.task, data.image_shape[0])
        return profile.autoencoder.latent_dimensions
    latent, labels = profile.latent_dimensions, data.number_of_labels
    if latent % labels:
        below = latent // labels * labels
        choice = f"{below} or {below + labels}" if below else f"{labels}"
        raise StudioError(
            f"M = {latent} latent dimensions are not a multiple of the {labels} labels; set latent_dimensions to "
            f"{choice}."
        )
    return latent


def fitted_profile(profile: Profile, data: LabelledImages) -> Profile:
    """A profile as these images train it: where they have one label or none, C and judge learn nothing in one pass."""
    if data.number_of_labels > 1:
        return profile
    readers = {"classifier": profile.classifier, "judge": profile.judge}
    return profile.model_copy(
        update={name: each and each.model_copy(update={"epochs": 1}) for name, each in readers.items()}
    )


def _pictures_after(event: TrainingEvent, stage: Stage, snapshots: SnapshotWriter) -> Iterator[PicturesSaved]:
    """The pictures that are due after this event, if any."""
    match event:
        case StageStarted(first_step=0):
            step = 0
        case StepDone():
            step = event.step
        case _:
            return
    if step in picture_steps(event.total_steps):
        saved = snapshots.take(stage, step, event.total_steps)
        if saved is not None:
            yield saved


def _load_trained(stage: Stage, checkpoint: Path, total_steps: int, needed_by: RunStage) -> None:
    """Read a stage that is not to be trained, but needed."""
    if not checkpoint.exists() or read_facts(checkpoint).step < total_steps:
        raise StudioError(
            f"The {needed_by} stage builds on the {stage.name}, which is not fully trained: "
            f"train the {stage.name} first, or together with it."
        )
    load_checkpoint(checkpoint, stage.state)


_DRAWING_WEIGHTS = threading.Lock()


@contextmanager
def _weights_drawn_from(seed: int) -> Iterator[None]:
    """Torch's one random state, which layers draw their weights from, seeded, and put back after; one at a time."""
    with _DRAWING_WEIGHTS, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


StageMaker = Callable[[dict[str, Any], torch.device], Stage]


def stage_makers(profile: Profile, data: LabelledImages, seed: int) -> dict[str, StageMaker]:
    """A function for each stage that builds its networks, weights drawn from (seed, stage), on a device."""
    shape, labels, latent = data.image_shape, data.number_of_labels, profile.latent_dimensions

    def classifier(trained: dict[str, Any], device: torch.device) -> Stage:
        with _weights_drawn_from(derived_seed(seed, "classifier", "weights")):
            network = Classifier(shape, labels, profile.classifier.widths).to(device)
        return ClassifierStage(network, profile.classifier)

    def judge(trained: dict[str, Any], device: torch.device) -> Stage:
        assert profile.judge is not None, "only a profile with the section judge has the stage"
        with _weights_drawn_from(derived_seed(seed, "judge", "weights")):
            network = Judge(shape, labels, profile.judge.widths).to(device)
        return ClassifierStage(network, profile.judge, "judge")

    def gan(trained: dict[str, Any], device: torch.device) -> Stage:
        with _weights_drawn_from(derived_seed(seed, "gan", "weights")):
            generator, discriminator = (
                new_generator(profile, shape).to(device),
                new_discriminator(profile, shape).to(device),
            )
        return GanStage(generator, discriminator, trained["classifier"], profile.gan, latent)

    def encoder(trained: dict[str, Any], device: torch.device) -> Stage:
        with _weights_drawn_from(derived_seed(seed, "encoder", "weights")):
            network = new_encoder(profile, shape).to(device)
        with _weights_drawn_from(derived_seed(seed, "encoder", "axes")):
            make = LabelAxes.random if profile.encoder.axes == "random" else LabelAxes
            axes = make(labels, latent).to(device)
        return EncoderStage(network, trained["gan"], trained["classifier"], profile.encoder, axes)

    def joint(trained: dict[str, Any], device: torch.device) -> Stage:
        assert profile.joint is not None, "only a profile with the section joint has the stage"
        return JointStage(
            trained["gan"],
            trained["encoder"],
            trained["discriminator"],
            trained["classifier"],
            trained["axes"],
            profile.joint,
        )

    def autoencoder(trained: dict[str, Any], device: torch.device) -> Stage:
        settings = profile.autoencoder
        assert settings is not None, "only a profile with the section autoencoder has the stage"
        with _weights_drawn_from(derived_seed(seed, "autoencoder", "weights")):
            network = Autoencoder(
                shape,
                settings.latent_dimensions,
                settings.widths,
                is_variational=settings.is_variational,
                batch_normalisation=settings.batch_normalisation,
            ).to(device)
        return AutoencoderStage(network, trained["classifier"], settings)

    return {
        "classifier": classifier,
        "judge": judge,
        "gan": gan,
        "encoder": encoder,
        "joint": joint,
        "autoencoder": autoencoder,
    }


def check_beginning(plan: Plan, run: Path, data: LabelledImages) -> RunManifest | None:
    """What the run in this folder was begun with, None where there is none yet; nothing is written.

    Raises:
        StudioError: these images cannot be trained on as planned, the folder holds another run or one that was not
            asked to be resumed, or is a bundle's or a data set's.
    """
    check_fit(plan.profile, data)
    if not os.path.lexists(run_file(run)):
        check_place(run)
        return None
    if not plan.resume:
        raise StudioError(
            f"{run} already holds a run; add --resume to go on with it, or name another folder."
        )
    known = read_run(run)
    if known.seed != plan.seed:
        raise StudioError(
            f"{run} was started with seed {known.seed}; resume it with that, or name another folder."
        )
    if known.data.checksum != data.checksum:
        raise StudioError(
            f"The training images of {data.name} have changed since {run} was started: please put back what was "
            "there, or start a new run in another folder."
            if is_same_source(known.data.name, data.name)
            else f"{run} was started on {known.data.name}; resume it with that, or name another folder."
        )
    for stage in stages_of(plan.profile):
        checkpoint = checkpoint_file(run, stage)
        if checkpoint.exists() and not is_made_with(read_facts(checkpoint), stage, plan.profile):
            raise StudioError(
                f"{checkpoint} was made with other settings of {' or '.join(BEHIND[stage])}; restore them, "
                "or move it away to train that stage again."
            )
    return known


def open_run(plan: Plan, run: Path, data: LabelledImages, images: int) -> RunManifest:
    """Write down in the run's folder, which is held, what is asked for; returns what its `run.json` says now.

    `images` of the data are trained on, the others held out.

    Raises:
        StudioError: the folder holds another run, or one that was not asked to be resumed, or cannot be written.
    """
    begun = check_beginning(plan, run, data) or RunManifest(
        profile=plan.profile,
        data=RunData(name=data.name, checksum=data.checksum, reading=data.reading),
        seed=plan.seed,
    )
    seconds = begun.checkpoint_seconds if plan.checkpoint_seconds is None else plan.checkpoint_seconds
    now_known = begun.model_copy(
        update={
            "profile": plan.profile,
            "data": begun.data.model_copy(update={"images": images, "label_names": data.label_names}),
            "id": begun.id or uuid4().hex,
            "name": plan.name or begun.name or run.resolve().name,
            "created": begun.created or datetime.now(UTC).replace(microsecond=0),
            "checkpoint_seconds": seconds,
        }
    )
    write_run(run, now_known)
    return now_known
