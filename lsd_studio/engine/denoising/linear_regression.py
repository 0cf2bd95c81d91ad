"""Linear regression from noisy pixels to clean ones: the first thing to try against any denoiser."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.denoising.noise import Array, Noise, corrupt

SHRINKAGES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
"""λ that are tried, in units of the mean variance of a noisy pixel."""

MOST_PIXELS = 4096
"""Pixels times channels up to which the normal equations are solved."""

AT_ONCE = 5000
"""Images that are corrupted at a time."""


@dataclass(frozen=True, eq=False)
class LinearRegression:
    """Affine map from noisy to clean pixels, D = C·H·W.

    Attributes:
        noisy_mean, clean_mean: float32 [D].
        weights: float32 [D, D]; a clean image is predicted as clean_mean + (noisy − noisy_mean) @ weights.
    """

    noisy_mean: Array
    clean_mean: Array
    weights: Array

    def restore(self, images: Array) -> Array:
        """Noisy images [N, C, H, W] as the regression predicts the clean ones, clipped to [−1, 1]."""
        flat = images.reshape(len(images), -1) - self.noisy_mean
        restored = (self.clean_mean + flat @ self.weights).clip(-1, 1)
        return np.asarray(restored, dtype=np.float32).reshape(images.shape)


def fit_linear_regression(
    training: LabelledImages, held_out: Array, noise: Noise, seed: int
) -> Generator[float, None, LinearRegression | None]:
    """Ridge regression on all training images under one noise, by its normal equations; yields the share done, 0…1.

    Args:
        training: clean images; each is corrupted once.
        held_out: clean training images [N, C, H, W] that are not among them: λ is chosen on them.

    Returns:
        The regression of the highest mean PSNR on the held-out images; None above `MOST_PIXELS`.
    """
    pixels = int(np.prod(training.image_shape))
    if pixels > MOST_PIXELS:
        return None
    noisy_sum, clean_sum = np.zeros(pixels), np.zeros(pixels)
    squares, products = np.zeros((pixels, pixels)), np.zeros((pixels, pixels))
    for begin in range(0, len(training), AT_ONCE):
        yield begin / len(training)
        clean = scale_pixels(training.images[begin : begin + AT_ONCE])
        noisy = corrupt(clean, noise, seed, f"regression from {begin}").images.reshape(len(clean), -1)
        clean = clean.reshape(noisy.shape)
        noisy_sum += noisy.sum(axis=0, dtype=np.float64)
        clean_sum += clean.sum(axis=0, dtype=np.float64)
        squares += noisy.T @ noisy
        products += noisy.T @ clean
    noisy_mean, clean_mean = noisy_sum / len(training), clean_sum / len(training)
    covariance = squares / len(training) - np.outer(noisy_mean, noisy_mean)
    crossed = products / len(training) - np.outer(noisy_mean, clean_mean)
    unit = float(np.trace(covariance)) / pixels + np.finfo(np.float64).tiny
    tried = corrupt(held_out, noise, seed, "held-out images").images
    return max(
        (
            LinearRegression(
                noisy_mean.astype(np.float32),
                clean_mean.astype(np.float32),
                np.linalg.solve(covariance + shrinkage * unit * np.eye(pixels), crossed).astype(np.float32),
            )
            for shrinkage in SHRINKAGES
        ),
        key=lambda regression: quality(regression.restore(tried), held_out),
    )


def quality(denoised: Array, clean: Array) -> float:
    """What parameters are chosen by: mean PSNR of images [N, C, H, W], up to a constant and a factor."""
    errors = np.square(denoised - clean).reshape(len(clean), -1).mean(axis=1)
    return float(-np.log(errors + 1e-12).mean())
