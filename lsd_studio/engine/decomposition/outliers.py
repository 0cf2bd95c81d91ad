"""How usual an image is among the images that a bundle was trained on.

A label is always read, in a scribble as in a digit. Two numbers separate such images from those that the networks
know: the reconstruction error of the posterior's mean, and the Mahalanobis distance of that mean from the training
images' codes. Each is compared with those of held-out training images. As a conformal p-value (Vovk et al., 2005) the
share of these that reach at least as far bounds how often a usual image is held back: 1 % for each number.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.latent.statistics.moments import moments
from lsd_studio.engine.latent.statistics.principal_axes import principal_axes
from lsd_studio.engine.models.inference import Networks, images_at_once

TRAINING, HELD_OUT = 4_000, 2_500
"""Training images whose codes give mean and covariance, and held-out ones that an image is compared with, at most."""

USUAL = 99.0
"""Percentile beyond which an image is unlike the training images."""

AT_ONCE = 250


@dataclass(frozen=True)
class OutlierScores:
    """How usual an image is.

    Attributes:
        error: root mean square of G(μ) − image, pixels in [−1, 1].
        distance: Mahalanobis distance of μ from the mean of the training images' codes.
        error_percentile, distance_percentile: 0…100, how many of the held-out images have less, of one more than all.
        uniform: whether all pixels of each channel are the same, so that the image shows nothing.
        images: how many held-out images it is compared with; data: name of their data set.
    """

    error: float
    distance: float
    error_percentile: float
    distance_percentile: float
    uniform: bool
    images: int
    data: str

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the image is unlike the training images, in words; none where it is as usual as they are."""
        return (
            *(("nothing is on it",) if self.uniform else ()),
            *(("reconstruction error",) if self.error_percentile > USUAL else ()),
            *(("Mahalanobis distance",) if self.distance_percentile > USUAL else ()),
        )

    @property
    def is_outside(self) -> bool:
        """Whether it is unlike the training images, so that no label is read in it."""
        return bool(self.reasons)

    @property
    def sentence(self) -> str:
        """Whether the image is unlike the training images, both percentiles and what they are of."""
        unlike = "Unlike the training images. " if self.is_outside else ""
        empty = "Nothing is on it. " if self.uniform else ""
        return (
            f"{unlike}{empty}Reconstruction error above {_share(self.error_percentile)}, Mahalanobis distance above "
            f"{_share(self.distance_percentile)} of {self.images} held-out training images of {self.data}."
        )


@dataclass(frozen=True, eq=False)
class TrainingReference:
    """What images are compared with.

    Attributes:
        data: name of the data set.
        mean: float64 [M], of the training images' codes; whitening: float64 [rank, M], rows of length 1/σ along the
            axes in which they vary.
        errors, distances: float64 [N], of held-out images, rising.
    """

    data: str
    mean: NDArray[np.float64]
    whitening: NDArray[np.float64]
    errors: NDArray[np.float64]
    distances: NDArray[np.float64]

    def scores(
        self, image: NDArray[np.float32], mean: NDArray[np.floating], decoded: NDArray[np.float32]
    ) -> OutlierScores:
        """Those of one image [C, H, W] with its posterior's mean [M] and G of it, [C, H, W]."""
        error = float(_errors(image[None], decoded[None])[0])
        distance = float(np.linalg.norm(self.whitening @ (mean - self.mean)))
        return OutlierScores(
            error,
            distance,
            _percentile(self.errors, error),
            _percentile(self.distances, distance),
            bool((image == image[:, :1, :1]).all()),
            len(self.errors),
            self.data,
        )


def measure_reference(
    networks: Networks, training: LabelledImages, held_out: LabelledImages
) -> Generator[float, None, TrainingReference]:
    """Measure the first images of both parts; yields the share that is done, 0…1.

    Raises:
        StudioError: too few images, or codes that are not finite.
    """
    training, held_out = training.part(0, TRAINING), held_out.part(0, HELD_OUT)
    total = len(training) + 2 * len(held_out)
    rows = min(AT_ONCE, images_at_once(networks.image_shape))
    codes = np.empty((len(training), networks.latent_dimensions), dtype=np.float32)
    for first in range(0, len(training), rows):
        some = slice(first, first + rows)
        codes[some], _ = networks.encode(scale_pixels(training.images[some]))
        yield min(first + rows, len(training)) / total
    axes = principal_axes(moments(codes))
    whitening = axes.axes[: axes.rank] / axes.sigma[: axes.rank, None]
    errors, distances = np.empty(len(held_out)), np.empty(len(held_out))
    for first in range(0, len(held_out), rows):
        some = slice(first, first + rows)
        images = scale_pixels(held_out.images[some])
        means, _ = networks.encode(images)
        errors[some] = _errors(images, networks.decode(means))
        distances[some] = np.linalg.norm((means - axes.mean) @ whitening.T, axis=1)
        yield (len(training) + 2 * min(first + rows, len(held_out))) / total
    return TrainingReference(held_out.name, axes.mean, whitening, np.sort(errors), np.sort(distances))


def _errors(images: NDArray[np.float32], decoded: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.sqrt(np.mean((decoded - images) ** 2, axis=(1, 2, 3), dtype=np.float64))


def _percentile(of: NDArray[np.float64], value: float) -> float:
    """Those of a rising list that are less, in per cent of one more than all, for the image itself is one too."""
    return 100 * int(np.searchsorted(of, value)) / (len(of) + 1)


def _share(percentile: float) -> str:
    """Never rounded up past a limit."""
    shown = f"{math.floor(10 * percentile) / 10:.1f}" if percentile > USUAL else f"{math.floor(percentile)}"
    return f"{shown}\N{NO-BREAK SPACE}%"
