"""Orthonormal frames of given vectors: symmetric, by Gram–Schmidt, pivoted, and along what codes hold most of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsd_studio.engine.errors import StudioError

FloatArray = NDArray[np.float64]


def symmetric_orthogonalisation(vectors: ArrayLike) -> FloatArray:
    """Löwdin's orthonormal frame nearest to ``vectors`` [k, M]: the polar factor of their matrix (R40).

    Raises `StudioError` when they are linearly dependent.
    """
    left, singular_values, right = np.linalg.svd(np.asarray(vectors, dtype=np.float64), full_matrices=False)
    if singular_values[-1] <= _vanishing(right.shape[1]) * singular_values[0]:
        label = int(np.abs(left[:, -1]).argmax())
        raise StudioError(
            f"The averaged vector of label {label} in set 1 depends linearly on the others of its set: "
            "gather more latent vectors or train the encoder longer."
        )
    frame = left @ right
    return frame / np.linalg.norm(frame, axis=1, keepdims=True)


def extend_by_gram_schmidt(
    frame: ArrayLike, vectors: ArrayLike, number_of_labels: int, order: Sequence[int] | None = None
) -> FloatArray:
    """An orthonormal frame [K, M]: first the rows of ``frame`` [k, M], then what ``vectors[k:]`` add to it.

    Modified Gram–Schmidt over all predecessors, done twice for each vector, in float64 (Eq. 6, R13). The
    vectors are taken as they stand or in the ``order`` given, of k…K − 1; each keeps its row. The row i of
    ``vectors`` [K, M] is known by label i mod l and set i div l + 1; `StudioError` names the one whose
    residual vanishes.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    given = np.asarray(frame, dtype=np.float64)
    turns = range(len(given), len(vectors)) if order is None else order
    orthonormal = np.empty_like(vectors)
    orthonormal[: len(given)] = given
    predecessors = list(orthonormal[: len(given)])
    for index in turns:
        residual = vectors[index].copy()
        for _ in range(2):
            for predecessor in predecessors:
                residual -= (predecessor @ residual) * predecessor
        length = np.linalg.norm(residual)
        if length <= _vanishing(vectors.shape[1]) * np.linalg.norm(vectors[index]):
            label, set_index = index % number_of_labels, index // number_of_labels + 1
            raise StudioError(
                f"The averaged vector of label {label} in set {set_index} depends linearly on its "
                "predecessors: gather more latent vectors or use another seed."
            )
        orthonormal[index] = residual / length
        predecessors.append(orthonormal[index])
    return orthonormal


def pivoted_order(frame: ArrayLike, vectors: ArrayLike) -> list[int]:
    """The turns of ``vectors[k:]`` in QR with column pivoting, beside an orthonormal ``frame`` [k, M].

    At each turn the vector comes next that has most left outside all before it, so |R_kk| never grows. The
    indices are rows of ``vectors`` [K, M], k…K − 1.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    given = np.asarray(frame, dtype=np.float64)
    outside = vectors[len(given) :] - (vectors[len(given) :] @ given.T) @ given
    if len(outside) == 0:
        return []
    from scipy.linalg import qr

    _, order = qr(outside.T, mode="r", pivoting=True)
    return [len(given) + int(turn) for turn in order]


def principal_directions(set_one: FloatArray, codes: NDArray[np.floating]) -> FloatArray:
    """Orthonormal directions [M − l, M] of the complement of set 1 [l, M], by what codes [N, M] hold of them.

    They are the eigenvectors of the second moment of what set 1 leaves of the codes, about 0 and not about a mean:
    amplitudes are counted from 0, so of all frames of the complement this one leaves the least squared length, on
    average, beyond its first k vectors.
    """
    from scipy.linalg import null_space

    complement = null_space(set_one).T
    left = np.asarray(codes, dtype=np.float64) @ complement.T
    _, directions = np.linalg.eigh(left.T @ left)
    return directions[:, ::-1].T @ complement


def _vanishing(latent_dimensions: int) -> float:
    return 8.0 * latent_dimensions * float(np.finfo(np.float64).eps)
