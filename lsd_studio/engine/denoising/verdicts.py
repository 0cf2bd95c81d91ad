"""Where latent denoising wins and where it loses, in words, from scores of the same images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.denoising.methods import Method
from lsd_studio.engine.denoising.noise import NoiseKind
from lsd_studio.engine.intervals import mean_intervals

CHAMPION = "lsd_posterior"
"""The method that speaks for LSD; chosen on held-out training images, not the best of several on the test images."""

WORDS: dict[NoiseKind, tuple[str, str]] = {
    "gaussian": ("Gaussian noise", "σ = {:g}"),
    "salt_and_pepper": ("Salt and pepper", "{:.0%}"),
    "dropped": ("Dropped pixels", "{:.0%}"),
    "rectangles": ("Rectangles", "{:.0%}"),
}


@dataclass(frozen=True, eq=False)
class Comparison:
    """PSNR of every image: by method, float64 [levels, N], dB."""

    kind: NoiseKind
    levels: tuple[float, ...]
    psnr: Mapping[str, NDArray[np.float64]]


def verdict(comparison: Comparison, methods: Sequence[Method], random: np.random.Generator) -> str:
    """One or two sentences: against the best classical baseline, and against the learned one.

    A method is better at a level where the 95 % bootstrap interval of the paired difference of PSNR leaves out 0.
    """
    name, _ = WORDS[comparison.kind]
    champion = next(method.title for method in methods if method.name == CHAMPION)
    against = {
        family: [
            method
            for method in methods
            if method.family == family and not method.knows_where and method.name in comparison.psnr
        ]
        for family in ("classical", "learned")
    }
    sentences: list[str] = []
    for family, rivals in against.items():
        if rivals:
            words = "the classical baselines" if family == "classical" else "the denoising autoencoder"
            sentences.append(_against(comparison, rivals, words, random))
    first, *others = sentences
    capital = (other[0].upper() + other[1:] for other in others)
    return " ".join((f"{name}, PSNR of {champion}: {first}", *capital))


def _against(
    comparison: Comparison, rivals: Sequence[Method], words: str, random: np.random.Generator
) -> str:
    ours, outcomes = comparison.psnr[CHAMPION], []
    for place, level in enumerate(comparison.levels):
        if level == 0:
            continue
        best = max(rivals, key=lambda rival: comparison.psnr[rival.name][place].mean())
        differences = ours[place] - comparison.psnr[best.name][place]
        value, low, high = mean_intervals(differences[:, None], random)[:, 0]
        outcome = "wins" if low > 0 else "loses" if high < 0 else "draws"
        outcomes.append((outcome, WORDS[comparison.kind][1].format(level), value, best.title))
    parts = []
    for outcome, verb in (("wins", "ahead of"), ("draws", "level with"), ("loses", "behind")):
        of_outcome = [entry for entry in outcomes if entry[0] == outcome]
        if of_outcome:
            levels = ", ".join(
                f"{level} ({_signed(value)} dB" + (f", {title})" if len(rivals) > 1 else ")")
                for _, level, value, title in of_outcome
            )
            parts.append(f"{verb} {words} at {levels}")
    return "; ".join(parts) + "."


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
