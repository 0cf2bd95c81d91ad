"""Make a bundle's denoisers from its own training images: two trainings, principal components, parameters."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages, Progress, hold_out, load_fitting, scale_pixels
from lsd_studio.engine.denoising.baselines import Parameters, PrincipalComponents, choose_parameters
from lsd_studio.engine.denoising.curves import HELD_OUT_IMAGES, LEVELS
from lsd_studio.engine.denoising.kit import TrainingRecord, save_kit
from lsd_studio.engine.denoising.noise import Array, Noise
from lsd_studio.engine.denoising.training import (
    AUTOENCODER_STEPS,
    ENCODER_STEPS,
    TrainingStep,
    train_autoencoder,
    train_encoder,
)
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.steps import Doing


def train_kit_on_own_images(
    path: Path,
    bundle: Bundle,
    source: str | None,
    seed: int = 0,
    steps: tuple[int, int] = (AUTOENCODER_STEPS, ENCODER_STEPS),
    progress: Progress | None = None,
) -> Iterator[Doing]:
    """As `train_kit`, on the images that the bundle was trained on.

    Args:
        source: their name or folder; None is the bundle's.
        progress: of reading them.

    Raises:
        StudioError: they are not here, or others now; or the folder cannot be written.
    """
    stated = bundle.manifest.data
    training, held_out = hold_out(load_fitting(bundle.manifest.trained_on, source, "train", progress))
    if training.checksum != stated.checksum:
        raise StudioError(
            f"{source or stated.name} holds other images than this bundle was trained on: please put those back, or "
            f"name {stated.name}."
        )
    yield from train_kit(path, bundle, training, held_out, seed, steps)


def train_kit(
    path: Path,
    bundle: Bundle,
    training: LabelledImages,
    held_out: LabelledImages,
    seed: int = 0,
    steps: tuple[int, int] = (AUTOENCODER_STEPS, ENCODER_STEPS),
) -> Iterator[Doing]:
    """Train the denoisers of a bundle and save them to the folder `path`.

    Args:
        training: images to train on; held_out: of which a few choose the parameters of the classical baselines.
        steps: of the autoencoder and of the encoder.

    Raises:
        StudioError: the folder cannot be written.
    """
    autoencoder = yield from _last("autoencoder", train_autoencoder(training, seed, steps[0]))
    encoder = yield from _last("encoder that saw noise", train_encoder(bundle, training, seed, steps[1]))
    samples = scale_pixels(held_out.images[:HELD_OUT_IMAGES])
    components, parameters = yield from fit_classical(training, samples, seed)
    save_kit(
        path,
        bundle,
        autoencoder=autoencoder.network,
        components=components,
        encoder=encoder.network,
        parameters=parameters,
        trainings=(_record(autoencoder, seed), _record(encoder, seed)),
        images=(len(training), len(samples)),
    )


def fit_classical(
    training: LabelledImages, samples: Array, seed: int
) -> Generator[Doing, None, tuple[PrincipalComponents, dict[Noise, Parameters]]]:
    """What needs no training: all principal components of the training images, and the parameters for every noise.

    These are chosen on `samples`, held-out images [N, C, H, W] in [−1, 1].
    """
    components = PrincipalComponents.fit(training)
    noises = [Noise(kind, level) for kind, levels in LEVELS.items() for level in levels]
    parameters: dict[Noise, Parameters] = {}
    for place, noise in enumerate(noises):
        yield Doing("parameters", place / len(noises), f"{noise.kind} {noise.level:g}")
        parameters[noise] = choose_parameters(samples, noise, components, seed)
    return components, parameters


def _last(doing: str, steps: Iterator[TrainingStep]) -> Generator[Doing, None, TrainingStep]:
    for step in steps:
        yield Doing(doing, step.step / step.steps, f"loss {step.loss:.3g}")
    return step


def _record(step: TrainingStep, seed: int) -> TrainingRecord:
    return TrainingRecord(steps=step.steps, seconds=round(step.seconds, 1), seed=seed)
