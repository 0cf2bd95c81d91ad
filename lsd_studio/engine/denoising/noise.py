"""Noise that can be added to images: Gaussian, salt and pepper, dropped pixels, rectangles (R19).

One seed gives one field of noise: a higher level of the same seed adds to what a lower one did, so a slider changes
the picture without a jump.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.vocabulary import NOISE_KINDS, NoiseKind

LARGEST_LEVEL: dict[NoiseKind, float] = {
    "gaussian": 2.0,
    "salt_and_pepper": 0.95,
    "dropped": 0.95,
    "rectangles": 0.75,
}
"""Levels go from 0 to here: σ on the pixels' scale of [−1, 1], or the share of the image that is hit."""

TRAINING_LEVEL: dict[NoiseKind, float] = {
    "gaussian": 1.5,
    "salt_and_pepper": 0.8,
    "dropped": 0.95,
    "rectangles": 0.6,
}
"""What is trained on noise sees levels drawn evenly from 0 to here."""

RECTANGLES = 64
"""Rectangles that a field of noise holds; each covers 1/64 to 1/9 of the image."""

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Noise:
    """A kind of noise and how much of it.

    Attributes:
        kind: "gaussian" adds normal noise of standard deviation `level` and clips to [−1, 1]; "salt_and_pepper" turns
            a share `level` of the pixels white or black, evenly; "dropped" turns that share black; "rectangles" lays
            rectangles of one grey each over the image until that share of it is covered.
        level: 0 … `LARGEST_LEVEL[kind]`.

    Raises:
        StudioError: an unknown kind, or a level outside its range.
    """

    kind: NoiseKind
    level: float

    def __post_init__(self) -> None:
        if self.kind not in NOISE_KINDS:
            raise StudioError(
                f"There is no noise of the kind {self.kind}: please choose one of {', '.join(NOISE_KINDS)}."
            )
        if not 0 <= self.level <= LARGEST_LEVEL[self.kind]:
            raise StudioError(
                f"The level of {self.kind} noise is {self.level:g}: "
                f"please choose one from 0 to {LARGEST_LEVEL[self.kind]:g}."
            )


@dataclass(frozen=True, eq=False)
class Corrupted:
    """Images with noise.

    Attributes:
        images: float32 [N, C, H, W] in [−1, 1].
        known: bool [N, 1, H, W], the pixels that the noise left alone; all of them where it is Gaussian, which leaves
            none as it was but keeps something of each.
    """

    images: Array
    known: NDArray[np.bool_]


def corrupt(images: Array, noise: Noise, seed: int, purpose: str = "noise") -> Corrupted:
    """Images [N, C, H, W] in [−1, 1] with noise; the same seed gives the same field of noise at every level.

    Fields for another purpose, such as choosing parameters, are others.
    """
    levels = np.full(len(images), noise.level)
    return _corrupt(images, noise.kind, levels, random_numbers(seed, purpose))


def corrupt_at_random(images: Array, random: np.random.Generator) -> Corrupted:
    """Images [N, C, H, W] for training: a tenth as they are, the others with any kind at any `TRAINING_LEVEL`."""
    kinds = random.integers(len(NOISE_KINDS), size=len(images))
    largest = np.array([TRAINING_LEVEL[kind] for kind in NOISE_KINDS])[kinds]
    levels = random.random(len(images)) * (random.random(len(images)) >= 0.1)
    return corrupt_each(images, kinds, levels * largest, random)


def corrupt_each(
    images: Array, kinds: NDArray[np.int64], levels: NDArray[np.float64], random: np.random.Generator
) -> Corrupted:
    """Images [N, C, H, W] each with a kind, its place in `NOISE_KINDS` [N], and a level [N] of its own.

    A place that is no kind's leaves its image alone.
    """
    noisy, known = images.copy(), np.ones((len(images), 1, *images.shape[2:]), dtype=bool)
    for place, kind in enumerate(NOISE_KINDS):
        chosen = kinds == place
        made = _corrupt(images[chosen], kind, levels[chosen], random)
        noisy[chosen], known[chosen] = made.images, made.known
    return Corrupted(noisy, known)


def _corrupt(
    images: Array, kind: NoiseKind, levels: NDArray[np.float64], random: np.random.Generator
) -> Corrupted:
    shape = (len(images), 1, *images.shape[2:])
    level = levels.reshape(-1, 1, 1, 1)
    if kind == "gaussian":
        field = random.standard_normal(images.shape, dtype=np.float32)
        noisy = np.clip(images + level.astype(np.float32) * field, -1, 1)
        return Corrupted(noisy, np.ones(shape, dtype=bool))
    if kind == "rectangles":
        return _covered(images, levels, random)
    hit = random.random(shape) < level
    value = np.where(random.random(shape) < 0.5, 1, -1) if kind == "salt_and_pepper" else -1
    return Corrupted(np.where(hit, value, images).astype(np.float32), ~hit)


def _covered(images: Array, levels: NDArray[np.float64], random: np.random.Generator) -> Corrupted:
    noisy, known = images.copy(), np.ones((len(images), 1, *images.shape[2:]), dtype=bool)
    height, width = images.shape[2:]
    sides = random.uniform(1 / 8, 1 / 3, (len(images), RECTANGLES, 2)) * (height, width)
    places = random.random((len(images), RECTANGLES, 2))
    greys = random.uniform(-1, 1, (len(images), RECTANGLES)).astype(np.float32)
    for image, level in enumerate(levels):
        for (tall, wide), (down, right), grey in zip(
            np.rint(sides[image]).astype(int), places[image], greys[image], strict=True
        ):
            if 1 - known[image].mean() >= level:
                break
            top, left = int(down * (height - tall + 1)), int(right * (width - wide + 1))
            window = np.s_[:, top : top + tall, left : left + wide]
            noisy[image][window], known[image][window] = grey, False
    return Corrupted(noisy, known)
