"""Denoising in latent space: encode an image, cut its code to the largest terms, and decode it (R19, Sec. V)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.decomposition.decomposition import truncate
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.platform.seeds import random_numbers

Array = NDArray[np.float32]
FloatArray = NDArray[np.float64]

AUTOMATIC: Literal["automatic"] = "automatic"
Terms = int | Literal["automatic"]
"""n, or all terms that stand above the noise floor."""

DRAWS = 16
"""Draws from the posterior whose pictures are averaged."""


def random_basis(basis: QuasiEigenvectors, seed: int) -> QuasiEigenvectors:
    """The control of a truncation in ξ: an orthogonal basis of the same size whose directions are random.

    If few terms of ξ were enough because of what ξ is, as many terms of this would be worse.
    """
    dimensions = basis.xi_.shape[1]
    drawn = random_numbers(seed, "random basis").standard_normal((dimensions, dimensions))
    frame, _ = np.linalg.qr(drawn)
    return QuasiEigenvectors.from_vectors(drawn.T, frame.T * np.sqrt(dimensions), basis.number_of_labels)


def noise_floor(basis: QuasiEigenvectors, log_sigma: NDArray[np.floating]) -> FloatArray:
    """How large each |c_k| can come out by chance, float64 [N, M], of posteriors with log σ [N, M].

    A draw z = μ + σ·ε moves the amplitude c_k by a normal deviate of variance v_k = Σ_j ξ_kj² σ_j² / M², which is 1/M
    where σ is 1, as for unit noise (R34). The largest of M deviates lies at √(2 ln M) standard deviations (the
    universal threshold of Donoho and Johnstone, 1994), so the floor is √(2 ln M · v_k).
    """
    dimensions = basis.xi_.shape[1]
    variances = np.exp(2 * np.asarray(log_sigma, dtype=np.float64)) @ np.square(basis.xi_).T / dimensions**2
    return np.asarray(np.sqrt(2 * np.log(dimensions) * variances))


def automatic_terms(
    basis: QuasiEigenvectors, codes: NDArray[np.floating], log_sigma: NDArray[np.floating]
) -> NDArray[np.int64]:
    """How many |c_k| of codes [N, M] stand above the `noise_floor` of their posteriors, int64 [N], one at least."""
    above = np.abs(basis.transform(np.asarray(codes, dtype=np.float64))) > noise_floor(basis, log_sigma)
    return np.maximum(above.sum(axis=1), 1)


def truncate_codes(
    basis: QuasiEigenvectors,
    codes: NDArray[np.floating],
    terms: int | NDArray[np.int64],
    *,
    rescale: bool = False,
) -> FloatArray:
    """Codes [N, M] cut to their n largest terms, one n for all or one for each, float64 [N, M].

    With `rescale` the cut codes are brought to norm √M; a code that keeps all its terms stays as it is.

    Raises:
        StudioError: an n below 1 or above M.
    """
    amplitudes = basis.transform(np.asarray(codes, dtype=np.float64))
    each = np.broadcast_to(terms, len(amplitudes))
    kept = np.empty(amplitudes.shape)
    for n in np.unique(each):
        which = each == n
        cut = rescale and n < amplitudes.shape[1]
        (kept[which],) = truncate(basis, amplitudes[which], (int(n),), rescale=cut)
    return kept


def denoise(networks: Networks, basis: QuasiEigenvectors, images: Array, terms: Terms) -> Array:
    """Encode images [N, C, H, W] in [−1, 1] to their posterior means, keep n terms and decode them (Sec. V)."""
    mean, log_sigma = networks.encode(images)
    kept = terms if isinstance(terms, int) else automatic_terms(basis, mean, log_sigma)
    return networks.decode(truncate_codes(basis, mean, kept))


def denoise_by_draws(
    networks: Networks, basis: QuasiEigenvectors, images: Array, *, draws: int = DRAWS, seed: int = 0
) -> Array:
    """Draw several z from each posterior of images [N, C, H, W], decode all their terms, and average the pictures.

    The average of pictures is the estimate of least squared error under the encoder's posterior: what the draws do
    not agree on fades.
    """
    random = random_numbers(seed, "draws")
    mean, log_sigma = networks.encode(images)
    dimensions = mean.shape[1]
    drawn = (networks.sample(mean, log_sigma, random) for _ in range(draws))
    codes = np.concatenate([truncate_codes(basis, each, dimensions) for each in drawn])
    return np.asarray(networks.decode(codes).reshape(draws, *images.shape).mean(axis=0))
