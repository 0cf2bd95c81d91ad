"""What latent denoising is compared with: total variation, non-local means, principal components, an autoencoder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.denoising.autoencoder import DenoisingAutoencoder
from lsd_studio.engine.denoising.linear_regression import quality
from lsd_studio.engine.denoising.noise import Array, Noise, corrupt

FILLED = 100
"""Components whose normal distribution `PrincipalComponents.fill` takes for a prior."""

PIXEL_VARIANCE = 0.02
"""Mean squared misfit, on the scale of [−1, 1], that the prior of `PrincipalComponents.fill` allows each pixel."""

WEIGHTS = (0.02, 0.1, 0.2, 0.35, 0.6, 1.0, 1.6)
STRENGTHS = (0.02, 0.1, 0.2, 0.3, 0.45, 0.65, 0.9)
TERMS = (1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 100, 150, 220, 330, 500)
"""Numbers of components that are tried, and all of them."""


@dataclass(frozen=True)
class Parameters:
    """What the three classical baselines are run with.

    Attributes:
        weight: of the total variation (`denoise_tv_chambolle`).
        strength: h of non-local means, on the pixels' scale of [−1, 1]; patches of 5×5 pixels, up to 6 away.
        deviation: σ that non-local means subtracts from the distance of patches.
        terms: principal components that are kept.
    """

    weight: float
    strength: float
    deviation: float
    terms: int


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """Principal components of training images' pixels, D = C·H·W.

    Attributes:
        mean: float32 [D].
        components: float32 [K, D], orthonormal, by falling variance.
        variances: float32 [K].
    """

    mean: Array
    components: Array
    variances: Array

    @staticmethod
    def fit(training: LabelledImages, count: int | None = None) -> PrincipalComponents:
        """The first `count` components, or all D, of all training images' pixels in [−1, 1]."""
        pixels = scale_pixels(training.images).reshape(len(training), -1)
        mean = pixels.mean(axis=0, dtype=np.float64)
        covariance = (pixels.T @ pixels).astype(np.float64) / len(pixels) - np.outer(mean, mean)
        variances, vectors = np.linalg.eigh(covariance)
        chosen = slice(None, -min(count or len(mean), len(mean)) - 1, -1)
        return PrincipalComponents(
            mean.astype(np.float32),
            np.ascontiguousarray(vectors.T[chosen], dtype=np.float32),
            variances[chosen].clip(min=0).astype(np.float32),
        )

    def truncate(self, images: Array, terms: int) -> Array:
        """Images [N, C, H, W] with their first `terms` components alone, clipped to [−1, 1]."""
        flat = images.reshape(len(images), -1) - self.mean
        kept = self.components[:terms]
        restored = (self.mean + (flat @ kept.T) @ kept).clip(-1, 1)
        return np.asarray(restored, dtype=np.float32).reshape(images.shape)

    def fill(self, images: Array, known: NDArray[np.bool_]) -> Array:
        """The most probable images [N, C, H, W] given the `known` pixels, bool [N, 1, H, W].

        Under the normal distribution that the first `FILLED` components span: the linear estimate of least squared
        error.
        """
        filled, spanning = np.empty_like(images), self.components[:FILLED]
        precision = np.diag(PIXEL_VARIANCE / np.maximum(self.variances[:FILLED], 1e-6))
        for place, (image, mask) in enumerate(zip(images, known, strict=True)):
            seen = np.broadcast_to(mask, image.shape).ravel()
            components = spanning[:, seen]
            offset = components @ (image.ravel() - self.mean)[seen]
            amplitudes = np.linalg.solve(components @ components.T + precision, offset)
            filled[place] = (self.mean + amplitudes @ spanning).reshape(image.shape)
        return np.clip(filled, -1, 1)


def total_variation(images: Array, weight: float) -> Array:
    """Images [N, C, H, W] of least total variation near the noisy ones (Chambolle 2004)."""
    from skimage.restoration import denoise_tv_chambolle

    smooth = [denoise_tv_chambolle(image, weight=weight, channel_axis=-1) for image in _channels_last(images)]
    return _channels_first(smooth, images)


def non_local_means(images: Array, strength: float, deviation: float) -> Array:
    """Each pixel of images [N, C, H, W] averaged over pixels with similar surroundings (Buades et al. 2005)."""
    from skimage.restoration import denoise_nl_means

    smooth = [
        denoise_nl_means(
            image,
            patch_size=5,
            patch_distance=6,
            h=strength,
            sigma=deviation,
            fast_mode=True,
            channel_axis=-1,
        )
        for image in _channels_last(images)
    ]
    return _channels_first(smooth, images)


def _channels_last(images: Array) -> Array:
    """scikit-image 0.26 takes other axes for channels, but its non-local means then returns something else."""
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1))


def _channels_first(smooth: list[Array], images: Array) -> Array:
    """Non-local means leaves a single channel's axis out."""
    count, channels, height, width = images.shape
    last = np.asarray(smooth, dtype=np.float32).reshape(count, height, width, channels)
    return np.ascontiguousarray(last.transpose(0, 3, 1, 2))


def autoencode(autoencoder: DenoisingAutoencoder, images: Array) -> Array:
    """Images [N, C, H, W] as the denoising autoencoder sees them."""
    with torch.inference_mode():
        parts = [autoencoder(part) for part in torch.from_numpy(np.ascontiguousarray(images)).split(500)]
        return torch.cat(parts).numpy()


def choose_parameters(images: Array, noise: Noise, components: PrincipalComponents, seed: int) -> Parameters:
    """The parameters of the highest mean PSNR on these clean images [N, C, H, W] with this noise.

    The images must be held-out *training* images: test images are never used for choices.
    """
    noisy = corrupt(images, noise, seed, "held-out images").images
    deviations = (0.0, noise.level) if noise.kind == "gaussian" and noise.level else (0.0,)
    weights = [quality(total_variation(noisy, weight), images) for weight in WEIGHTS]
    pairs = [(strength, deviation) for deviation in deviations for strength in STRENGTHS]
    strengths = [quality(non_local_means(noisy, *pair), images) for pair in pairs]
    most = len(components.components)
    terms = [*(n for n in TERMS if n < most), most]
    truncations = [quality(components.truncate(noisy, n), images) for n in terms]
    strength, deviation = pairs[int(np.argmax(strengths))]
    return Parameters(
        WEIGHTS[int(np.argmax(weights))], strength, deviation, terms[int(np.argmax(truncations))]
    )
