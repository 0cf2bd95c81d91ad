"""Curves over noise level and number of terms: PSNR, SSIM and label kept, ours and the baselines on the same images."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages, fit_images, scale_pixels
from lsd_studio.engine.denoising.baselines import Parameters, PrincipalComponents, choose_parameters
from lsd_studio.engine.denoising.kit import Kit, parameters_for
from lsd_studio.engine.denoising.latent import denoise, random_basis
from lsd_studio.engine.denoising.linear_regression import LinearRegression, fit_linear_regression
from lsd_studio.engine.denoising.methods import MASKED_KINDS, methods
from lsd_studio.engine.denoising.noise import Array, Corrupted, Noise, corrupt
from lsd_studio.engine.denoising.verdicts import Comparison, verdict
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.fidelity import fidelity
from lsd_studio.engine.evaluation.intervals import mean_intervals
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.steps import Doing, mapped
from lsd_studio.engine.vocabulary import NOISE_KINDS, NoiseKind

Scores = NDArray[np.float64]
"""PSNR, SSIM and label kept of each image, [N, 3]."""

Measure = Literal["psnr", "ssim", "label_kept"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

Cut = Literal["bundle", "bundle_random", "saw_noise", "saw_noise_random"]
"""Whose encoder's codes are cut, the bundle's or the one that saw noise, and in which basis, ξ or a random one."""

LEVELS: dict[NoiseKind, tuple[float, ...]] = {
    "gaussian": (0.0, 0.25, 0.5, 1.0, 1.5),
    "salt_and_pepper": (0.0, 0.1, 0.3, 0.5, 0.7),
    "dropped": (0.0, 0.3, 0.6, 0.8, 0.95),
    "rectangles": (0.0, 0.1, 0.25, 0.4, 0.6),
}
"""The levels that are measured; the same clean images stand at 0 of every kind."""


TERMS = (1, 2, 3, 4, 10, 30)
"""The n that are measured, and M."""

AT_ONCE = 20
"""Images that a method gets at a time: descents hold the gradients of all of them."""

HELD_OUT_IMAGES = 32
"""Held-out training images on which the parameters of the classical baselines and the regressions' λ are chosen."""


def nearest_measured(noise: Noise) -> Noise:
    """The noise of this kind at the nearest level that is measured."""
    return Noise(noise.kind, min(LEVELS[noise.kind], key=lambda level: abs(level - noise.level)))


@dataclass(frozen=True, eq=False)
class Curve:
    """A measure of one method.

    Attributes:
        values, low, high: float64 [K], mean over the images and its 95 % bootstrap interval, at each level or n; low
            and high are NaN where there is none, as of a single image.
    """

    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def drawn_ends(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Low and high as a plot takes them: the value itself where there is no interval, a bar without length."""
        low, high = (np.where(np.isnan(end), self.values, end) for end in (self.low, self.high))
        return low, high


@dataclass(frozen=True, eq=False)
class KindCurves:
    """All curves of one kind of noise.

    Attributes:
        kind: of noise; levels: float64 [K].
        methods: curve by method and measure, over the levels.
        terms: the n; by_terms: curve over n by encoder and basis (`Cut`), level (its place) and measure.
        verdict: in words, where descent on G's prior and truncation in ξ win, and where they lose.
    """

    kind: NoiseKind
    levels: tuple[float, ...]
    methods: Mapping[str, Mapping[Measure, Curve]]
    terms: tuple[int, ...]
    by_terms: Mapping[str, tuple[Mapping[Measure, Curve], ...]]
    verdict: str


@dataclass(frozen=True, eq=False)
class Curves:
    """What was measured, on what.

    Attributes:
        images: test images; seed: of noise, draws and intervals.
        titles: of the methods, by name; families: likewise.
        kinds: the curves.
    """

    images: int
    seed: int
    titles: Mapping[str, str]
    families: Mapping[str, str]
    kinds: tuple[KindCurves, ...]


def measure_curves(
    bundle: Bundle,
    kit: Kit | None,
    test: LabelledImages,
    training: LabelledImages,
    held_out: LabelledImages,
    *,
    images: int,
    kinds: Sequence[NoiseKind] = NOISE_KINDS,
    seed: int = 0,
) -> Generator[Doing, None, Curves]:
    """Measure all methods on the same test images with the same noise; yields progress.

    Args:
        kit: trained denoisers that fit the bundle; without them principal components are fitted on `training`,
            parameters chosen on `held_out`, and neither autoencoder nor an encoder that saw noise is measured.
            Linear regression is fitted on `training` for each noise in any case, but for images too large for it.
        test: the images, spread evenly over it, are noised.
        training: images that the baselines are fitted on; held_out: on which their parameters are chosen.
        seed: of noise, draws and intervals.

    Raises:
        StudioError: no image is asked for, or the data set does not fit the bundle.
    """
    if images < 1:
        raise StudioError(f"At least one test image is needed, not {images}.")
    test = fit_images(test, bundle.manifest.trained_on)
    chosen = test.take(np.linspace(0, len(test) - 1, min(images, len(test))).astype(np.int64))
    clean = scale_pixels(chosen.images)
    noises = [Noise(kind, level) for kind in kinds for level in LEVELS[kind]]
    yield _measuring("principal components")
    components = PrincipalComponents.fit(training) if kit is None else kit.components
    parameters: dict[Noise, Parameters] = {}
    samples = scale_pixels(held_out.images[:HELD_OUT_IMAGES])
    for noise in noises:
        if kit is not None:
            parameters[noise] = parameters_for(kit, noise)
        else:
            yield _measuring(f"parameters for {noise.kind} {noise.level:g}")
            parameters[noise] = choose_parameters(samples, noise, components, seed)
    regressions = yield from _regressions(training, samples, noises, seed)
    compared = methods(bundle, kit, components, parameters, seed, regressions)
    dimensions = bundle.networks.latent_dimensions
    terms = (*(n for n in TERMS if n < dimensions), dimensions)
    control = random_basis(bundle.basis, seed)
    cuts: dict[Cut, tuple[Networks, QuasiEigenvectors]] = {
        "bundle": (bundle.networks, bundle.basis),
        "bundle_random": (bundle.networks, control),
    }
    if kit is not None and kit.networks is not None:
        cuts |= {"saw_noise": (kit.networks, bundle.basis), "saw_noise_random": (kit.networks, control)}
    found: list[KindCurves] = []
    of_clean: dict[str, Scores] = {}

    def score(name: str, level: float, restore: Callable[[], Array]) -> Scores:
        """PSNR, SSIM and label kept of each image; what clean images give is the same for every kind."""
        if level == 0 and name in of_clean:
            return of_clean[name]
        scored = _scores(bundle.networks, restore(), clean, chosen.labels)
        if level == 0:
            of_clean[name] = scored
        return scored

    for place, kind in enumerate(kinds):
        random = random_numbers(seed, "intervals", kind)
        scores: dict[str, list[Scores]] = {}
        cut: dict[str, list[list[Scores]]] = {name: [] for name in cuts}
        usable = [method for method in compared if not method.knows_where or kind in MASKED_KINDS]
        for step, level in enumerate(LEVELS[kind]):
            noise = Noise(kind, level)
            noisy = corrupt(clean, noise, seed)
            for number, method in enumerate(usable):
                restored: list[Array] = []
                for begin in range(0, len(clean), AT_ONCE):
                    if level == 0 and method.name in of_clean:
                        break
                    done = (number + begin / len(clean)) / len(usable)
                    share = (place + (step + done) / len(LEVELS[kind])) / len(kinds)
                    yield _measuring(f"{kind.replace('_', ' ')} {level:g}: {method.title}", share)
                    some = slice(begin, begin + AT_ONCE)
                    restored.append(method.run(Corrupted(noisy.images[some], noisy.known[some]), noise))
                scored = score(method.name, level, partial(np.concatenate, restored))
                scores.setdefault(method.name, []).append(scored)
            for name, (networks, basis) in cuts.items():
                cut[name].append(
                    [
                        score(f"{name}, n = {n}", level, partial(denoise, networks, basis, noisy.images, n))
                        for n in terms
                    ]
                )
        comparison = Comparison(
            kind, LEVELS[kind], {name: np.stack(rows)[..., 0] for name, rows in scores.items()}
        )
        found.append(
            KindCurves(
                kind,
                LEVELS[kind],
                {name: _curves(rows, random) for name, rows in scores.items()},
                terms,
                {name: tuple(_curves(rows, random) for rows in levels) for name, levels in cut.items()},
                verdict(comparison, compared, random),
            )
        )
    return Curves(
        len(chosen),
        seed,
        {method.name: method.title for method in compared},
        {method.name: method.family for method in compared},
        tuple(found),
    )


def _scores(networks: Networks, restored: Array, clean: Array, labels: NDArray[np.int64]) -> Scores:
    psnr, ssim = fidelity(restored, clean)
    kept = networks.classify(restored).argmax(axis=1) == labels
    return np.stack([psnr, ssim, kept.astype(np.float64)], axis=1)


def _curves(rows: list[Scores], random: np.random.Generator) -> dict[Measure, Curve]:
    scores = np.stack(rows, axis=1)
    intervals = mean_intervals(scores.reshape(len(scores), -1), random).reshape(3, len(rows), len(MEASURES))
    return {measure: Curve(*intervals[..., place]) for place, measure in enumerate(MEASURES)}


def as_json(curves: Curves) -> dict[str, object]:
    """The curves as JSON's types: `kinds.KIND.methods.NAME.MEASURE` is a list of {value, low, high}, one a level.

    Low and high are None where there is no interval.
    """

    def points(curve: Curve) -> list[dict[str, float | None]]:
        columns = {"value": curve.values, "low": curve.low, "high": curve.high}
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [
            {name: None if math.isnan(number) else number for name, number in zip(columns, row, strict=True)}
            for row in rows
        ]

    def by_measure(measured: Mapping[Measure, Curve]) -> dict[str, object]:
        return {measure: points(curve) for measure, curve in measured.items()}

    return {
        "images": curves.images,
        "seed": curves.seed,
        "methods": {
            name: {"title": title, "family": curves.families[name]} for name, title in curves.titles.items()
        },
        "kinds": {
            kind.kind: {
                "levels": list(kind.levels),
                "methods": {name: by_measure(measured) for name, measured in kind.methods.items()},
                "terms": list(kind.terms),
                "by_terms": {
                    name: [by_measure(level) for level in levels] for name, levels in kind.by_terms.items()
                },
                "verdict": kind.verdict,
            }
            for kind in curves.kinds
        },
    }


def _regressions(
    training: LabelledImages, held_out: Array, noises: Sequence[Noise], seed: int
) -> Generator[Doing, None, dict[Noise, LinearRegression]]:
    """A linear regression for each noise; the same for level 0 of all kinds, none where images are too large."""
    found: dict[Noise, LinearRegression] = {}
    of_clean: LinearRegression | None = None
    for noise in noises:
        regression = of_clean if noise.level == 0 else None
        if regression is None:
            regression = yield from _regression(training, held_out, noise, seed)
        if regression is None:
            return {}
        if noise.level == 0:
            of_clean = regression
        found[noise] = regression
    return found


def _regression(
    training: LabelledImages, held_out: Array, noise: Noise, seed: int
) -> Generator[Doing, None, LinearRegression | None]:
    step = _measuring(f"linear regression for {noise.kind} {noise.level:g}".replace("_", " "))
    fit = fit_linear_regression(training, held_out, noise, seed)
    return (yield from mapped(fit, lambda _: step))


def _measuring(note: str, share: float = 0.0) -> Doing:
    return Doing("measuring", share, note)
