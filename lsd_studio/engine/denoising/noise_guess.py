"""A guess at the kind and level of an image's own noise: what pictures of G look like under noise that is known.

A bundle needs nothing but its generator for it. Pictures G(z) are left alone or corrupted with every kind of noise at
levels drawn evenly, a few numbers say how each looks, and an image is taken for what its nearest neighbours are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.denoising.noise import LARGEST_LEVEL, Array, Noise, corrupt_each
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.vocabulary import NOISE_KINDS

EXAMPLES = 1500
"""Pictures that an image is compared with: a fifth without noise, a fifth with each kind."""

NEIGHBOURS = 15


@dataclass(frozen=True)
class Guess:
    """What an image's noise is taken for: the kind of most neighbours at their mean level, 0 where most have no noise.

    Its certainty is the share of the neighbours, weighted by nearness, that agree, 0…1.
    """

    noise: Noise
    certainty: float


@dataclass(frozen=True, eq=False)
class NoiseExamples:
    """Pictures whose noise is known, as `looks` sees them.

    Attributes:
        looks: float64 [N, F], each column divided by its deviation, `scale` float64 [F].
        kinds: int64 [N], places in `NOISE_KINDS`, or their number where there is no noise.
        levels: float64 [N].
    """

    looks: NDArray[np.float64]
    scale: NDArray[np.float64]
    kinds: NDArray[np.int64]
    levels: NDArray[np.float64]

    @staticmethod
    def of(networks: Networks, seed: int = 0) -> NoiseExamples:
        """Corrupt pictures of a generator; every random draw comes from the seed."""
        random = random_numbers(seed, "noise examples")
        codes = networks.random_codes(EXAMPLES, random)
        kinds = np.arange(EXAMPLES) % (len(NOISE_KINDS) + 1)
        levels = (
            random.random(EXAMPLES) * np.array([*(LARGEST_LEVEL[kind] for kind in NOISE_KINDS), 0.0])[kinds]
        )
        seen = looks(corrupt_each(networks.decode(codes), kinds, levels, random).images)
        scale = seen.std(axis=0) + 1e-9
        return NoiseExamples(seen / scale, scale, kinds, levels)

    def guess(self, image: Array) -> Guess:
        """The noise of an image [C, H, W] in [−1, 1], by its nearest neighbours."""
        distances = np.linalg.norm(self.looks - looks(image[None]) / self.scale, axis=1)
        near = np.argsort(distances)[:NEIGHBOURS]
        weights = 1 / (distances[near] + 1e-3)
        shares = np.bincount(self.kinds[near], weights) / weights.sum()
        kind = int(shares.argmax())
        alike = self.kinds[near] == kind
        level = float(np.average(self.levels[near][alike], weights=weights[alike]))
        return Guess(Noise(NOISE_KINDS[kind % len(NOISE_KINDS)], level), min(1.0, float(shares[kind])))


def looks(images: Array) -> NDArray[np.float64]:
    """What distinguishes noises in images [N, C, H, W] in [−1, 1], float64 [N, 13], as they are after 8 bits.

    Shares of black, white and other pixels, and of those of each that stand alone; flat patches of grey; steps between
    neighbours; curvature; brightness.
    """
    pixels = np.rint((images + 1) * 127.5).astype(np.int64)
    black, white = pixels == 0, pixels == 255
    grey = ~black & ~white
    around = np.stack([np.roll(pixels, shift, axis) for axis in (2, 3) for shift in (1, -1)])
    steps = np.abs(pixels - around) / 255
    alone = steps.min(axis=0) > 0.1
    flat = grey & (steps.max(axis=0) == 0)
    partly_flat = grey & (steps[0] == 0) & (steps[2] == 0)
    curvature = np.abs(4 * pixels - around.sum(axis=0)) / 255
    values = pixels / 255
    columns = (
        black, white, grey, black & alone, white & alone, grey & alone, flat, partly_flat, steps.mean(axis=0),
        np.minimum(curvature, 0.3), np.square(curvature), values, np.square(values),
    )  # fmt: skip
    return np.stack([column.mean(axis=(1, 2, 3)) for column in columns], axis=1)
