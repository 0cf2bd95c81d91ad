"""Operators in the plane of two quasi-eigenvectors: projection, the paper's transport, the true rotation (Eqs. 10, 11).

Each is applied to codes [..., M] by its one or two vectors, without a matrix; `matrix_of` writes it out. Angles are in
radians.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsd_studio.engine.errors import StudioError

FloatArray = NDArray[np.float64]


def project(first: FloatArray, second: FloatArray, codes: ArrayLike) -> FloatArray:
    """B_ij z = |ξ_j⟩⟨ξ_i|z⟩ / ⟨ξ_i|ξ_i⟩ of codes z [..., M]; ξ_i is `first` [M], ξ_j is `second` [M] (Eq. 10, R20)."""
    along = np.asarray(codes, dtype=np.float64) @ first / (first @ first)
    return along[..., None] * second


def transport(
    first: FloatArray, second: FloatArray, step: float, angle: float, codes: ArrayLike
) -> FloatArray:
    """R_ij(Δθ, θ) z of codes z [..., M], with Δθ = `step` and θ = `angle` (Eq. 11, R20).

    It projects on cos θ ξ_i + sin θ ξ_j and puts what it finds on cos(θ + Δθ) ξ_i + sin(θ + Δθ) ξ_j. Its rank is one:
    afterwards all codes coincide up to length and sign.

    Args:
        first, second: ξ_i and ξ_j, each [M], orthogonal and of one length.
        step, angle: radians.
        codes: [..., M].
    """
    before = np.cos(angle) * first + np.sin(angle) * second
    after = np.cos(angle + step) * first + np.sin(angle + step) * second
    return project(before, after, codes)


def rotate(first: FloatArray, second: FloatArray, angle: ArrayLike, codes: ArrayLike) -> FloatArray:
    """Turn codes [..., M] by `angle` in the plane of `first` and `second`, from the first to the second (R21).

    I + [(cos Δ − 1)(|i⟩⟨i| + |j⟩⟨j|) + sin Δ (|j⟩⟨i| − |i⟩⟨j|)] / C₀: every component outside the plane is kept, and so
    are all lengths.

    Args:
        first, second: ξ_i and ξ_j, each [M], orthogonal and of one length √C₀.
        angle: Δ in radians, one for all codes or one for each, [...].
        codes: [..., M].
    """
    codes = np.asarray(codes, dtype=np.float64)
    squared_norm = first @ first
    along_first, along_second = codes @ first / squared_norm, codes @ second / squared_norm
    cosine, sine = np.cos(angle), np.sin(angle)
    change_of_first = (cosine - 1) * along_first - sine * along_second
    change_of_second = (cosine - 1) * along_second + sine * along_first
    return codes + change_of_first[..., None] * first + change_of_second[..., None] * second


def weigh_rest(direction: FloatArray, weight: float, codes: FloatArray) -> FloatArray:
    """Codes [..., M] with all that is not along `direction` (one [M], or one for each code) times `weight`."""
    squared_norm = (direction * direction).sum(axis=-1, keepdims=True)
    along: FloatArray = (codes * direction).sum(axis=-1, keepdims=True) / squared_norm * direction
    return along + weight * (codes - along)


def renormalise(codes: ArrayLike) -> FloatArray:
    """Codes [..., M] brought to ⟨z|z⟩ = M, the paper's last step of each rotation (Algorithm 1, R22).

    Raises:
        StudioError: a code of length 0, of which no direction is left.
    """
    codes = np.asarray(codes, dtype=np.float64)
    lengths = np.linalg.norm(codes, axis=-1, keepdims=True)
    if not (lengths > 0).all():
        raise StudioError(
            "Nothing of a code is left after this operator: start the path at a label that the image has some of."
        )
    return codes * (np.sqrt(codes.shape[-1]) / lengths)


def matrix_of(operator: Callable[[FloatArray], FloatArray], dimensions: int) -> FloatArray:
    """The matrix [M, M] of a linear operator on codes [N, M], M = `dimensions`: O with O z for every code z."""
    return np.ascontiguousarray(operator(np.eye(dimensions)).T)
