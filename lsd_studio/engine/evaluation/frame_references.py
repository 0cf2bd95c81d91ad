"""What a frame of latent vectors holds of encoded images, beside a random frame and the images' own principal axes.

A labelled frame (R42) is chosen for what C reads in its vectors. Whether it also says more of images than any other
frame with the same set 1 is another question: how far off are pictures of a few of their largest terms?
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.evaluation.intervals import named_intervals
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.steps import Part

FloatArray = NDArray[np.float64]

RANDOM_FRAMES = 5


def terms_kept(dimensions: int) -> int:
    """How many of M terms are kept to compare frames: a fifth of them, 20 of 100."""
    return max(1, dimensions // 5)


def compare_frames(
    networks: Networks,
    basis: QuasiEigenvectors,
    principal_axes: FloatArray,
    codes: NDArray[np.floating],
    random: np.random.Generator,
) -> Part[dict[str, Any]]:
    """How far pictures of a few terms of codes [N, M] are off, by a basis and by frames that anyone would try.

    What is returned is `basis.truncation` of `evaluation.evaluation_steps`.
    """
    terms = terms_kept(codes.shape[1])
    frames = {"own": basis.xi_, "principal_axes": principal_axes}
    if basis.number_of_sets > 1:
        frames |= {f"random {place}": random_complement(basis, random) for place in range(RANDOM_FRAMES)}
    found: dict[str, FloatArray] = {}
    whole = networks.decode(codes)
    for name, frame in frames.items():
        found[name] = _truncation_errors(networks, frame, codes, whole, terms)
        yield len(found) / len(frames)
    drawn = [found.pop(name) for name in tuple(found) if name.startswith("random")]
    if drawn:
        found["random_complement"] = np.mean(drawn, axis=0)
        found["own_less_random"] = found["own"] - found["random_complement"]
    return {
        **named_intervals(found, random), "terms": terms, "random_frames": [float(each.mean()) for each in drawn],
    }  # fmt: skip


def _truncation_errors(
    networks: Networks,
    frame: FloatArray,
    codes: NDArray[np.floating],
    whole: NDArray[np.float32],
    terms: int,
) -> FloatArray:
    """Mean squared error, float64 [N], of pictures in [−1, 1] of the largest `terms` of codes [N, M] against all terms.

    The terms are those over a frame of M orthogonal vectors [M, M]; `whole` [N, C, H, W] are the pictures of all.
    """
    unit = frame / np.linalg.norm(frame, axis=1, keepdims=True)
    weights = codes @ unit.T
    small = np.argsort(-np.abs(weights), axis=1)[:, terms:]
    np.put_along_axis(weights, small, 0.0, axis=1)
    few = networks.decode(weights @ unit).astype(np.float64)
    return ((few - whole) ** 2).mean(axis=(1, 2, 3))


def random_complement(basis: QuasiEigenvectors, random: np.random.Generator) -> FloatArray:
    """Set 1 of a basis with random orthogonal directions for all others, unit vectors [M, M]."""
    set_one = basis.xi_[: basis.number_of_labels]
    others = random.standard_normal((len(basis.xi_) - len(set_one), len(basis.xi_)))
    return np.linalg.qr(np.concatenate([set_one, others]).T).Q.T


def principal_axes(codes: NDArray[np.floating]) -> FloatArray:
    """The orthogonal frame [M, M] whose first k directions hold most of codes [N, M] about the origin, for every k."""
    codes = np.asarray(codes, dtype=np.float64)
    return np.ascontiguousarray(np.linalg.eigh(codes.T @ codes).eigenvectors[:, ::-1].T)
