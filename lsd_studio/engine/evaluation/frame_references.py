"""What a frame of latent vectors holds of encoded images, beside a random frame and the images' own principal axes.

A labelled frame (R42) is chosen for what C reads in its vectors. Whether it also says more of images than any other
frame with the same set 1 is another question: how far off are pictures of a few of their largest terms?
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.models.inference import Networks

FloatArray = NDArray[np.float64]

RANDOM_FRAMES = 5


def terms_kept(dimensions: int) -> int:
    """How many of M terms are kept to compare frames: a fifth of them, 20 of 100."""
    return max(1, dimensions // 5)


def truncation_errors(
    networks: Networks, frame: FloatArray, codes: NDArray[np.floating], terms: int
) -> FloatArray:
    """Mean squared error, float64 [N], of pictures in [−1, 1] of the largest `terms` of codes [N, M] against all terms.

    The terms are those over a frame of M orthogonal vectors [M, M].
    """
    unit = frame / np.linalg.norm(frame, axis=1, keepdims=True)
    weights = codes @ unit.T
    small = np.argsort(-np.abs(weights), axis=1)[:, terms:]
    np.put_along_axis(weights, small, 0.0, axis=1)
    few, all_ = (networks.decode(each).astype(np.float64) for each in (weights @ unit, codes))
    return ((few - all_) ** 2).mean(axis=(1, 2, 3))


def random_complement(basis: QuasiEigenbasis, random: np.random.Generator) -> FloatArray:
    """Set 1 of a basis with random orthogonal directions for all others, unit vectors [M, M]."""
    set_one = basis.xi_[: basis.number_of_labels]
    others = random.standard_normal((len(basis.xi_) - len(set_one), len(basis.xi_)))
    return np.linalg.qr(np.concatenate([set_one, others]).T).Q.T


def principal_axes(codes: NDArray[np.floating]) -> FloatArray:
    """The orthogonal frame [M, M] whose first k directions hold most of codes [N, M] about the origin, for every k."""
    codes = np.asarray(codes, dtype=np.float64)
    return np.ascontiguousarray(np.linalg.eigh(codes.T @ codes).eigenvectors[:, ::-1].T)
