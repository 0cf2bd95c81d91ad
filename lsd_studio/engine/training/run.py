"""A run: all stages of a profile on one data set, in one folder that can be resumed.

RUN/run.json                         what was asked for: profile, data set and its checksum, seed
RUN/events.jsonl                     what happened, see `journal`
RUN/checkpoints/<stage>.safetensors  the state of each stage
RUN/bundle/                          written when everything is trained
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from collections.abc import Generator as Steps
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn

from lsd_studio.engine.allocation import keep_freed_memory
from lsd_studio.engine.bundle import write_file
from lsd_studio.engine.datasets import LabelledImages, hold_out
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.networks import Classifier, Discriminator, Encoder, Generator
from lsd_studio.engine.profiles import Profile, validate_latent_dimensions
from lsd_studio.engine.training.checkpoint import read_facts
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import Cancelled, StageName, TrainingEvent
from lsd_studio.engine.training.known_run import read_run
from lsd_studio.engine.training.loop import ImageTensors, derived_seed, run_stage
from lsd_studio.engine.training.stages import ClassifierStage, EncoderStage, GanStage, Stage

__all__ = ["STAGES", "choose_device", "make_fabric", "train_networks"]

STAGES: tuple[StageName, ...] = ("classifier", "gan", "encoder")
BEHIND: dict[StageName, tuple[StageName, ...]] = {
    "classifier": ("classifier",),
    "gan": ("gan",),
    "encoder": STAGES,
}
"""The stages that each stage's weights come from."""


def _settings_behind(stage: StageName, profile: Profile) -> dict[str, Any]:
    """The settings that a stage's weights depend on: its own and those of the stages that it builds on."""
    settings: dict[str, Any] = {}
    for name in BEHIND[stage]:
        settings[name] = getattr(profile, name).model_dump(mode="json")
    if stage != "classifier":
        settings["latent_dimensions"] = profile.latent_dimensions
    return settings


def choose_device() -> str:
    """CUDA, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def make_fabric(profile: Profile, device: str | None = None) -> Fabric:
    """Device, precision and processes of a run; under `torchrun` it joins the processes that were started."""
    keep_freed_memory()
    device = device or choose_device()
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    local = int(os.environ.get("LOCAL_WORLD_SIZE", str(processes)))
    fabric = Fabric(
        accelerator=device,
        devices=local,
        num_nodes=processes // local,
        strategy="ddp" if processes > 1 else "auto",
        precision="bf16-mixed" if _bfloat16_pays(profile, device) else "32-true",
    )
    fabric.launch()
    return fabric


def _bfloat16_pays(profile: Profile, device: str) -> bool:
    if profile.precision == "auto":
        return torch.cuda.is_bf16_supported() if device == "cuda" else torch.cpu._is_amx_tile_supported()
    return profile.precision == "bfloat16"


def train_networks(
    run: Path,
    profile: Profile,
    data: LabelledImages,
    *,
    seed: int,
    resume: bool,
    control: Control,
    fabric: Fabric,
    stages: tuple[StageName, ...] = STAGES,
) -> Steps[TrainingEvent, None, dict[str, nn.Module] | None]:
    """Train the stages in their order; returns the networks by stage name and "discriminator", or None if cancelled.

    The last sixth of the training images, at most 10 000, is held out for the measures; no test image is
    seen.

    Raises:
        StudioError: M does not fit the labels, the folder holds another run, a checkpoint is broken, the disk is full.
    """
    validate_latent_dimensions(profile.latent_dimensions, data.number_of_labels)
    if fabric.is_global_zero:
        open_run(run, profile, data, seed, resume)
    fabric.barrier()
    used, kept_back = hold_out(data)
    training = ImageTensors(used.images, used.labels, fabric.device)
    held_out = ImageTensors(kept_back.images, kept_back.labels, fabric.device)
    makers = stage_makers(profile, data, seed)
    trained: dict[str, nn.Module] = {}
    for name in stages:
        settings = getattr(profile, name)
        checkpoint = run / "checkpoints" / f"{name}.safetensors"
        facts = {"stage": name, "settings": _settings_behind(name, profile)}
        stage = makers[name](trained, fabric.device)
        cancelled = False
        for event in run_stage(
            stage,
            training=training,
            held_out=held_out,
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            seed=seed,
            fabric=fabric,
            checkpoint=checkpoint,
            facts=facts,
            resume=resume,
            control=control,
        ):
            cancelled = cancelled or isinstance(event, Cancelled)
            yield event
        if cancelled:
            return None
        trained[name] = stage.trained()
        if isinstance(stage, GanStage):
            trained["discriminator"] = stage.discriminator
    return trained


StageMaker = Callable[[dict[str, nn.Module], torch.device], Stage]


def stage_makers(profile: Profile, data: LabelledImages, seed: int) -> dict[str, StageMaker]:
    """A function for each stage that builds its networks, weights drawn from (seed, stage), on a device."""
    shape, labels, latent = data.image_shape, data.number_of_labels, profile.latent_dimensions

    def classifier(trained: dict[str, nn.Module], device: torch.device) -> Stage:
        torch.manual_seed(derived_seed(seed, "classifier", "weights"))
        return ClassifierStage(
            Classifier(shape, labels, profile.classifier.widths).to(device), profile.classifier
        )

    def gan(trained: dict[str, nn.Module], device: torch.device) -> Stage:
        torch.manual_seed(derived_seed(seed, "gan", "weights"))
        generator, discriminator = Generator(latent, shape).to(device), Discriminator(shape).to(device)
        return GanStage(generator, discriminator, trained["classifier"], profile.gan, latent)

    def encoder(trained: dict[str, nn.Module], device: torch.device) -> Stage:
        torch.manual_seed(derived_seed(seed, "encoder", "weights"))
        network = Encoder(shape, latent, profile.encoder.trunk, profile.encoder.heads).to(device)
        return EncoderStage(network, trained["gan"], trained["classifier"], profile.encoder, labels)

    return {"classifier": classifier, "gan": gan, "encoder": encoder}


def open_run(run: Path, profile: Profile, data: LabelledImages, seed: int, resume: bool) -> None:
    """Make the run's folder, or check that it holds this very run.

    Raises:
        StudioError: the folder holds another run, or one that was not asked to be resumed, or cannot be written.
    """
    asked: dict[str, Any] = {
        "profile": profile.model_dump(mode="json"),
        "data": {"name": data.name, "checksum": data.checksum},
        "seed": seed,
    }
    path = run / "run.json"
    if path.exists():
        if not resume:
            raise StudioError(
                f"{run} holds a run already; add --resume to go on with it, or name another folder."
            )
        known = read_run(run)
        if known.seed != seed or known.data.checksum != data.checksum:
            raise StudioError(
                f"{run} was started with seed {known.seed} on {known.data.name}; "
                "resume it with these, or name another folder."
            )
        for stage in STAGES:
            _check_checkpoint(run / "checkpoints" / f"{stage}.safetensors", stage, profile)
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(
            f"The run folder {run} cannot be written ({error.strerror}); choose another folder."
        ) from error
    content = json.dumps(asked, indent=2, ensure_ascii=False).encode()
    if not path.exists() or path.read_bytes() != content:
        write_file(path, content)


def _check_checkpoint(checkpoint: Path, stage: StageName, profile: Profile) -> None:
    if checkpoint.exists() and read_facts(checkpoint).get("settings") != _settings_behind(stage, profile):
        raise StudioError(
            f"{checkpoint} was made with other settings of {' or '.join(BEHIND[stage])}; restore them, "
            "or delete it to train that stage again."
        )
