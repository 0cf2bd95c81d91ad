"""One image, noised and denoised: how, and what comes of it. Importing this loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from lsd_studio.engine.denoising.noise import Array, Corrupted, Noise
from lsd_studio.engine.vocabulary import NoiseKind
from lsd_studio.percentages import percentage

NoiseChoice = Literal["own"] | NoiseKind
"""A kind of noise that is added, or none: the image's own noise."""

Start = Literal["bundle", "saw_noise"]
"""Which encoder gives the code: the bundle's E, or the one that saw noise in training."""

REGRESSION = "linear_regression"
"""The name of the baseline that is fitted on the training images, for one noise at a time."""


def amount(kind: str, level: float) -> str:
    """A level of noise in words: the σ of Gaussian noise, the share of the pixels that any other kind takes."""
    return f"σ = {level:g}" if kind == "gaussian" else percentage(level)


@dataclass(frozen=True)
class DenoiseSettings:
    """How an image is noised and denoised.

    Args:
        noise: the kind that is added; "own" adds none.
        level: σ on the pixels' scale of [−1, 1], or the share of the image that is hit; clipped to the kind's range.
        assumed: the kind that an image's own noise is taken to be, at `level`; None guesses both from the image.
        seed: of the noise, and of draws.
        terms: n under the slider, 1…M; None chooses n by the noise floor.
        rescale: bring truncated codes to norm √M.
        start: the encoder.
        draws: average the pictures of 16 draws from the posterior in place of its mean's, and those of 8 descents from
            draws in place of one from the mean.
        told_where: tell descent and PCA which pixels were hit (dropped pixels and rectangles alone).
    """

    noise: NoiseChoice = "gaussian"
    level: float = 0.75
    seed: int = 0
    terms: int | None = None
    rescale: bool = False
    start: Start = "saw_noise"
    draws: bool = False
    told_where: bool = False
    assumed: NoiseKind | None = None


@dataclass(frozen=True, eq=False)
class NoisyImage:
    """An image with noise, and what is known of it.

    Args:
        corrupted: the image [1, C, H, W], and which of its pixels the noise left alone.
        noise: added, assumed or guessed.
        certainty: of the guess, 0…1; None where nothing is guessed.
        original: float32 [1, C, H, W] in [−1, 1]; None where the image came with its own noise.
    """

    corrupted: Corrupted
    noise: Noise
    certainty: float | None
    original: Array | None


@dataclass(frozen=True, eq=False)
class Judged:
    """A picture and what is measured of it.

    Args:
        name: of the method; title: for people.
        picture: uint8 [H, W, C].
        label: C's; probability: of it, 0…1.
        psnr: dB, ssim: against the original; None where there is none, psnr also where it is the original itself.
    """

    name: str
    title: str
    picture: np.ndarray
    label: int
    probability: float
    psnr: float | None
    ssim: float | None


@dataclass(frozen=True, eq=False)
class DenoisedImage:
    """An image, noised and denoised.

    Args:
        title: which image it is; steps: what was done to the image first, in words.
        noisy_image: what a descent and a linear regression go on from; noise: of it, in words.
        parameters: of the classical baselines, in words.
        original: None where the image came with its own noise.
        truncations: n = 1, 2, 3, 4, 10 and M, as far as M reaches, with their n.
        chosen: the truncation under the slider or by the noise floor; terms: its n.
        control: the same truncation in a random orthogonal basis.
        has_saw_noise: whether there is an encoder that saw noise for this bundle.
    """

    title: str
    steps: tuple[str, ...]
    settings: DenoiseSettings
    noisy_image: NoisyImage
    noise: str
    parameters: str
    original: Judged | None
    noisy: Judged
    truncations: tuple[tuple[int, Judged], ...]
    chosen: Judged
    control: Judged
    terms: int
    baselines: tuple[Judged, ...]
    has_saw_noise: bool

    @property
    def has_regression(self) -> bool:
        """Whether linear regression is among the baselines."""
        return any(judged.name == REGRESSION for judged in self.baselines)


@dataclass(frozen=True, eq=False)
class Descent:
    """A descent after `step` of `steps`: the best code so far decoded, and its energy in nats; of several, means."""

    step: int
    steps: int
    found: Judged
    energy: float


@dataclass(frozen=True, eq=False)
class DenoisedFile:
    """An image file with its own noise, denoised.

    Args:
        steps: what was done to it before, in words.
        noise: what its noise is taken for; certainty: of a guess, 0…1, None where its owner gave it.
        methods: what each made of it, the image as it is first.
    """

    file: Path
    steps: tuple[str, ...]
    noise: Noise
    certainty: float | None
    methods: tuple[Judged, ...]
