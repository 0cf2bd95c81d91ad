"""The sets of images that a generator's samples are compared with, and what networks read in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.evaluation.generator.report import SetName
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.platform.seeds import random_numbers

Pixels = NDArray[np.float32]
Integers = NDArray[np.int64]

BLUR = 1 / 28
"""σ of the Gaussian that images are blurred with, of their longer edge, but at least a pixel: one pixel of MNIST's."""


@dataclass(frozen=True, eq=False)
class ImageSet:
    """N images that are made when they are asked for.

    Attributes:
        make: pixels [K, C, H, W] in [−1, 1] of the images of these numbers [K], 0…different − 1.
        count: N; different: of how many the others are repetitions, in turn.
    """

    make: Callable[[Integers], Pixels]
    count: int
    different: int

    def pixels(self, numbers: Integers) -> Pixels:
        """Those of the images of these numbers, 0…N − 1."""
        return self.make(numbers % self.different)


def image_sets(
    networks: Networks, test: LabelledImages, half: int, seed: int
) -> tuple[ImageSet, Mapping[SetName, ImageSet], NDArray[np.float32]]:
    """The reference, which is one half of the test images drawn by the seed; all sets; and the codes of the samples.

    Args:
        half: N, the images of each set; twice as many test images are used.
    """
    order = random_numbers(seed, "generator", "halves").permutation(len(test))[: 2 * half]
    labels = networks.number_of_labels
    codes = sample_codes(half, networks, seed)
    few = networks.random_codes(labels, random_numbers(seed, "generator", "collapsed"))

    def real(numbers: Integers) -> Pixels:
        return scale_pixels(test.images[order[half + numbers]])

    def blurred(numbers: Integers) -> Pixels:
        pixels = real(numbers)
        sigma = max(1.0, BLUR * max(pixels.shape[2:]))
        return np.asarray(gaussian_filter(pixels, (0, 0, sigma, sigma)))

    reference = ImageSet(lambda numbers: scale_pixels(test.images[order[numbers]]), half, half)
    sets: dict[SetName, ImageSet] = {
        "samples": ImageSet(lambda numbers: networks.decode(codes[numbers]), half, half),
        "real": ImageSet(real, half, half),
        "blurred": ImageSet(blurred, half, half),
        "collapsed": ImageSet(lambda numbers: networks.decode(few[numbers]), half, labels),
        "repeated": ImageSet(real, half, 1),
    }
    return reference, sets, codes


def sample_codes(count: int, networks: Networks, seed: int) -> NDArray[np.float32]:
    """The codes [N, M] of the samples: the first ones are the same for any N."""
    return networks.random_codes(count, random_numbers(seed, "generator", "samples"))
