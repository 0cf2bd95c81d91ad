"""One image with noise as every method sees it: truncated, descended from, and beside the baselines (R19)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

import numpy as np

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.denoising.baselines import Parameters
from lsd_studio.engine.denoising.denoised_image import (
    DenoisedImage,
    DenoiseSettings,
    Descent,
    Judged,
    NoisyImage,
)
from lsd_studio.engine.denoising.descent import averaged_pictures, descend, descend_apart
from lsd_studio.engine.denoising.kit import Kit, parameters_for
from lsd_studio.engine.denoising.latent import DRAWS, automatic_terms, random_basis, truncate_codes
from lsd_studio.engine.denoising.likelihood import Likelihood
from lsd_studio.engine.denoising.linear_regression import LinearRegression
from lsd_studio.engine.denoising.methods import MASKED_KINDS, Method, methods
from lsd_studio.engine.denoising.noise import LARGEST_LEVEL, Array, Corrupted, Noise, corrupt
from lsd_studio.engine.denoising.noise_guess import NoiseExamples
from lsd_studio.engine.evaluation.fidelity import fidelity
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.images.preparation import PreparedImage
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.vocabulary import PAPER_TERMS
from lsd_studio.percentages import percentage

DESCENTS_SHOWN = 10
"""Pictures of a descent under way: few enough for an eye to follow."""

NAMES = {
    "gaussian": "Gaussian",
    "salt_and_pepper": "salt and pepper",
    "dropped": "dropped pixels",
    "rectangles": "rectangles",
}


def within(settings: DenoiseSettings, bundle: Bundle, kit: Kit | None) -> DenoiseSettings:
    """The settings, brought into what this bundle and this kind of noise allow."""
    dimensions = bundle.networks.latent_dimensions
    kind = settings.assumed if settings.noise == "own" else settings.noise
    largest = 0.0 if kind is None else LARGEST_LEVEL[kind]
    return replace(
        settings,
        level=float(np.clip(settings.level, 0, largest)),
        terms=None if settings.terms is None else min(max(settings.terms, 1), dimensions),
        start="bundle" if kit is None or kit.networks is None else settings.start,
    )


def noise_image(
    pixels: Array, settings: DenoiseSettings, examples: Callable[[], NoiseExamples]
) -> NoisyImage:
    """An image [C, H, W] in [−1, 1] with the noise of the settings, or with its own, assumed or guessed by examples."""
    if settings.noise != "own":
        noise = Noise(settings.noise, settings.level)
        return NoisyImage(corrupt(pixels[None], noise, settings.seed), noise, None, pixels[None])
    as_it_is = Corrupted(pixels[None], np.ones((1, 1, *pixels.shape[1:]), dtype=bool))
    if settings.assumed is not None:
        return NoisyImage(as_it_is, Noise(settings.assumed, settings.level), None, None)
    guess = examples().guess(pixels)
    return NoisyImage(as_it_is, guess.noise, guess.certainty, None)


def denoise_image(
    bundle: Bundle,
    kit: Kit | None,
    prepared: PreparedImage,
    title: str,
    noisy: NoisyImage,
    settings: DenoiseSettings,
    regression: LinearRegression | None,
) -> DenoisedImage:
    """What truncation and every baseline make of a noisy image, each judged.

    Args:
        prepared: the image; title: which one it is; noisy: it with its noise.
        settings: `within` what bundle and noise allow.
        regression: for this noise, where one is fitted.
    """
    networks, noise = _start(bundle, kit, settings), noisy.noise
    parameters = parameters_for(kit, noise)
    mean, log_sigma = networks.encode(noisy.corrupted.images)
    terms = settings.terms or int(automatic_terms(bundle.basis, mean, log_sigma)[0])
    dimensions = networks.latent_dimensions
    shown = (*(n for n in PAPER_TERMS if n < dimensions), dimensions)
    codes = mean
    if settings.draws:
        random = random_numbers(settings.seed, "draws")
        codes = np.concatenate([networks.sample(mean, log_sigma, random) for _ in range(DRAWS)])
    control = random_basis(bundle.basis, settings.seed)
    cut = np.stack(
        [
            *(truncate_codes(bundle.basis, codes, n, rescale=settings.rescale) for n in (*shown, terms)),
            truncate_codes(control, codes, terms, rescale=settings.rescale),
        ]
    )
    decoded = networks.decode(cut.reshape(-1, dimensions)).reshape(*cut.shape[:2], *prepared.pixels.shape)
    others = _baselines(bundle, kit, parameters, noise, settings, regression)
    originals = [] if noisy.original is None else [noisy.original]
    images = [decoded.mean(axis=1), *(other.run(noisy.corrupted, noise) for other in others), *originals]
    names = (
        ("noisy", "Noisy"),
        *((f"terms_{n}", "n = M" if n == dimensions else f"n = {n}") for n in shown),
        ("chosen", f"n = {terms}"),
        ("control", f"Random basis, n = {terms}"),
        *((other.name, other.title) for other in others),
        *(("original", "Original") for _ in originals),
    )
    judged = judge(bundle.networks, np.concatenate([noisy.corrupted.images, *images]), noisy.original, names)
    after = 3 + len(shown)
    return DenoisedImage(
        title=title,
        steps=prepared.steps,
        settings=settings,
        noisy_image=noisy,
        noise=_noise_in_words(noisy),
        parameters=_parameters_in_words(parameters, kit),
        original=judged[-1] if originals else None,
        noisy=judged[0],
        truncations=tuple(zip(shown, judged[1 : 1 + len(shown)], strict=True)),
        chosen=judged[1 + len(shown)],
        control=judged[2 + len(shown)],
        terms=terms,
        baselines=tuple(judged[after : after + len(others)]),
        has_saw_noise=kit is not None and kit.networks is not None,
    )


def descend_image(bundle: Bundle, kit: Kit | None, shown: DenoisedImage) -> Generator[Descent, None, Descent]:
    """Descend on z from the code that a denoised image started from; several descents where it averages draws."""
    noisy, settings = shown.noisy_image, shown.settings
    networks, images = _start(bundle, kit, settings), noisy.corrupted.images
    known = noisy.corrupted.known if _is_masked(noisy.noise, settings) else None
    likelihood = Likelihood.of(noisy.noise if known is None else Noise(noisy.noise.kind, 0))
    if settings.draws:
        steps = descend_apart(networks, images, likelihood, known=known, seed=settings.seed)
        named = "lsd_posterior", "Descents averaged"
    else:
        mean, _ = networks.encode(images)
        steps = descend(networks, images, mean, likelihood, known=known)
        named = "lsd_descent", "Descent on z"
    for found in steps:
        if found.step < found.steps and found.step % max(1, found.steps // DESCENTS_SHOWN):
            continue
        decode = averaged_pictures if settings.draws else Networks.decode
        (judged,) = judge(bundle.networks, decode(bundle.networks, found.codes), noisy.original, (named,))
        descent = Descent(found.step, found.steps, judged, float(found.values.mean()))
        if found.step < found.steps:
            yield descent
    return descent


def judge(
    networks: Networks, images: Array, original: Array | None, named: Sequence[tuple[str, str]]
) -> list[Judged]:
    """Images [N, C, H, W] as pictures, with C's label and how near they are to the original [1, C, H, W], if any.

    `named` has the name and the title of each.
    """
    probabilities = networks.classify(images)
    fidelities: list[tuple[float | None, float | None]] = [(None, None)] * len(images)
    if original is not None:
        same = (images == original).all(axis=(1, 2, 3))
        fidelities = [
            (None if equal else float(psnr), float(ssim))
            for equal, psnr, ssim in zip(
                same, *fidelity(images, np.broadcast_to(original, images.shape)), strict=True
            )
        ]
    return [
        Judged(name, title, picture, int(each.argmax()), float(each.max()), psnr, ssim)
        for (name, title), picture, each, (psnr, ssim) in zip(
            named, pictures(images), probabilities, fidelities, strict=True
        )
    ]


def _start(bundle: Bundle, kit: Kit | None, settings: DenoiseSettings) -> Networks:
    saw_noise = None if kit is None else kit.networks
    return saw_noise if settings.start == "saw_noise" and saw_noise is not None else bundle.networks


def _is_masked(noise: Noise, settings: DenoiseSettings) -> bool:
    return settings.told_where and noise.kind in MASKED_KINDS


def _baselines(
    bundle: Bundle,
    kit: Kit | None,
    parameters: Parameters,
    noise: Noise,
    settings: DenoiseSettings,
    regression: LinearRegression | None,
) -> list[Method]:
    masked = _is_masked(noise, settings)
    components = None if kit is None else kit.components
    regressions = None if regression is None else {noise: regression}
    return [
        method
        for method in methods(bundle, kit, components, {noise: parameters}, settings.seed, regressions)
        if method.family in ("classical", "learned")
        and (not method.knows_where or masked)
        and not (masked and method.name == "principal_components")
    ]


def _noise_in_words(noisy: NoisyImage) -> str:
    kind, level = noisy.noise.kind, noisy.noise.level
    words = f"{NAMES[kind]}, " + (f"σ = {level:.2f}" if kind == "gaussian" else percentage(level))
    if noisy.certainty is not None:
        return f"own noise, estimated: {words if level else 'none'} (certainty {percentage(noisy.certainty)})"
    return words if noisy.original is not None else f"own noise, taken as {words}"


def _parameters_in_words(parameters: Parameters, kit: Kit | None) -> str:
    chosen = "held-out training images" if kit is not None else "another data set's training images"
    return (
        f"total variation weight {parameters.weight:g}, non-local means h = {parameters.strength:g}, "
        f"σ = {parameters.deviation:g}, PCA {parameters.terms} components: best of a grid on {chosen}"
    )
