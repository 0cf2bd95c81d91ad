"""Image files with their own noise, each as every method sees it that needs not know where the noise hit."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.denoising.denoised_image import DenoisedFile
from lsd_studio.engine.denoising.kit import Kit, parameters_for
from lsd_studio.engine.denoising.linear_regression import LinearRegression
from lsd_studio.engine.denoising.methods import methods
from lsd_studio.engine.denoising.noise import Corrupted, Noise
from lsd_studio.engine.denoising.noise_guess import Guess
from lsd_studio.engine.denoising.one_image import judge
from lsd_studio.engine.images.preparation import PreparedImage


@dataclass(frozen=True, eq=False)
class NoisyFile:
    """A prepared image file and what its noise is taken for; `is_guessed`: not given by its owner."""

    file: Path
    prepared: PreparedImage
    guess: Guess
    is_guessed: bool


def denoise_files(
    bundle: Bundle,
    kit: Kit | None,
    files: Sequence[NoisyFile],
    regressions: Mapping[Noise, LinearRegression],
    seed: int,
) -> Generator[NoisyFile, None, tuple[DenoisedFile, ...]]:
    """Denoise files one after the other; yields the one whose turn it is."""
    components = None if kit is None else kit.components
    denoised = []
    for file in files:
        yield file
        pixels, noise = file.prepared.pixels, file.guess.noise
        noisy = Corrupted(pixels[None], np.ones((1, 1, *pixels.shape[1:]), dtype=bool))
        parameters = {noise: parameters_for(kit, noise)}
        usable = [
            method
            for method in methods(bundle, kit, components, parameters, seed, regressions)
            if not method.knows_where
        ]
        images = np.concatenate([method.run(noisy, noise) for method in usable])
        judged = judge(bundle.networks, images, None, [(method.name, method.title) for method in usable])
        certainty = file.guess.certainty if file.is_guessed else None
        denoised.append(DenoisedFile(file.file, file.prepared.steps, noise, certainty, tuple(judged)))
    return tuple(denoised)
