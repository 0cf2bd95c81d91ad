"""Denoising: one image with live noise, and curves over many (R19)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from lsd_studio.engine.messages.choices import NOISE_KINDS, NoiseKind
from lsd_studio.engine.messages.core import Event, LaneName, Progress, Request
from lsd_studio.engine.messages.pixels import EncodedPixels

NoiseChoice = Literal["own"] | NoiseKind
"""A kind of noise that is added, or none: the image's own noise."""

Start = Literal["bundle", "saw_noise"]
"""Which encoder gives the code: the bundle's E, or the one that saw noise in training."""


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


@dataclass(frozen=True)
class Denoise(Request):
    """Noise an image and denoise it. Answer: Denoised.

    Args:
        source: pixels uint8 [C, H, W] of the size that the networks take, as an array or encoded, an image file or its
            bytes, or None for the
            image that is under the glass in Decompose.
        title: which image it is.
        settings: how.
    """

    source: np.ndarray | EncodedPixels | Path | bytes | None
    title: str
    settings: DenoiseSettings


@dataclass(frozen=True)
class Descend(Request):
    """Descend on z from the code that Denoised last started from. Answers: a stream of Descending, then Descended.

    Given up when another image or other settings are asked for.
    """

    @property
    def given_up_for(self) -> frozenset[str]:
        """Another bundle, image or setting."""
        return frozenset({"open bundle", "Denoise", "Descend"})


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Denoised(Event):
    """An image, noised and denoised.

    Args:
        bundle, title: what it was computed from; steps: what was done to the image first, in words.
        settings: as they were used.
        noise: in words, added, assumed or guessed; kind, level: of it; certainty: of the guess, 0…1, None where the
            noise is known.
        parameters: of the classical baselines, in words.
        original: None where the image came with its own noise.
        noisy: as the networks see it.
        truncations: n = 1, 2, 3, 4, 10 and M, as far as M reaches, with their n.
        chosen: the truncation under the slider or by the noise floor; terms: its n.
        control: the same truncation in a random orthogonal basis.
        baselines: those that this bundle has.
        regression: whether linear regression is among them; where not, `FitLinearRegression` fits it.
        has_saw_noise: whether there is an encoder that saw noise for this bundle.
        milliseconds: from the lane taking up the request to this answer.
    """

    bundle: str
    title: str
    steps: tuple[str, ...]
    settings: DenoiseSettings
    noise: str
    kind: NoiseKind
    level: float
    certainty: float | None
    parameters: str
    original: Judged | None
    noisy: Judged
    truncations: tuple[tuple[int, Judged], ...]
    chosen: Judged
    control: Judged
    terms: int
    baselines: tuple[Judged, ...]
    regression: bool
    has_saw_noise: bool
    milliseconds: float


@dataclass(frozen=True)
class FitLinearRegression(Request):
    """Fit linear regression on the bundle's training images under the noise of what Denoised last showed.

    The level is the nearest that curves are measured at. Answer: LinearRegressionFitted.
    """

    lane: ClassVar[LaneName] = "analysis"


@dataclass(frozen=True)
class LinearRegressionFitted(Event):
    """Denoised has linear regression at this noise from now on.

    Args:
        denoised: number of the Denoised that lacked it; found: what it makes of that image, None where it has none.
        trouble: why it cannot be fitted, in words; empty where it can.
    """

    denoised: int
    found: Judged | None
    trouble: str = ""


@dataclass(frozen=True)
class Descending(Progress):
    """A descent under way: step of steps, the best code so far decoded, and its energy in nats; of several, means."""

    step: int
    steps: int
    found: Judged
    energy: float


@dataclass(frozen=True)
class Descended(Event):
    """The end of a descent: its picture, its energy in nats (of several, means), its steps, and what it took."""

    found: Judged
    energy: float
    steps: int
    milliseconds: float


@dataclass(frozen=True)
class MeasureDenoising(Request):
    """Measure all methods on test images of the bundle's data set. Answers: MeasuringDenoising … DenoisingMeasured.

    Args:
        images: how many test images, spread evenly.
        kinds: of noise.
        seed: of noise, draws and intervals.
    """

    lane: ClassVar[LaneName] = "analysis"

    images: int = 100
    kinds: tuple[NoiseKind, ...] = NOISE_KINDS
    seed: int = 0


@dataclass(frozen=True)
class MeasuringDenoising(Progress):
    """What is being measured, and the share that is done, 0…1."""

    doing: str
    fraction: float


@dataclass(frozen=True)
class CurveShown:
    """One curve.

    Args:
        name, title, family: of the method ("none", "lsd", "control", "generator", "classical", "learned").
        values, low, high: float64 [K], the mean over the images and its 95 % bootstrap interval.
    """

    name: str
    title: str
    family: str
    values: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class DenoisingMeasured(Event):
    """The curves.

    Args:
        bundle, data_set: what was measured on what; images: how many; seed: of everything random.
        levels: by kind of noise.
        terms: the n of `over_terms`.
        over_levels: by kind and measure ("psnr" in dB, "ssim", "label_kept" as a share), one curve a method.
        over_terms: by kind, place of the level, and measure, one curve an encoder and basis.
        verdicts: by kind, where descent on G's prior and truncation in ξ win, and where they lose, in words.
        kept: whether these are curves that were measured before and shipped.
    """

    bundle: str
    data_set: str
    images: int
    seed: int
    levels: Mapping[str, tuple[float, ...]]
    terms: tuple[int, ...]
    over_levels: Mapping[tuple[str, str], tuple[CurveShown, ...]]
    over_terms: Mapping[tuple[str, int, str], tuple[CurveShown, ...]]
    verdicts: Mapping[str, str]
    kept: bool


@dataclass(frozen=True)
class ShowKeptCurves(Request):
    """The curves that were measured before and stand beside this bundle. Answer: DenoisingMeasured, or NoKeptCurves."""

    lane: ClassVar[LaneName] = "loading"


@dataclass(frozen=True)
class NoKeptCurves(Event):
    """Nothing was measured before for this bundle."""
