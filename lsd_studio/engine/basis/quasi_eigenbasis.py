"""The quasi-eigenbasis ξ: averaged latent vectors η made orthogonal, each with its label (paper, Sec. II)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.messages.choices import Others, SetOne

FloatArray = NDArray[np.float64]

ORTHOGONALITY_TOLERANCE = 1e-12


class QuasiEigenbasis:
    """M orthogonal latent vectors ξ of squared norm M, n for each of l labels (Eqs. 1–9; R13, R14, R40).

    Vector k belongs to label k mod l and to set k div l + 1: set outer, label inner, sets counted from 1
    as in the paper.

    Parameters
    ----------
    number_of_labels: l.
    set_one: how the l vectors of set 1 are made orthogonal: ``"gram-schmidt"`` in the order of the labels
        (Eq. 6), ``"symmetric"``, Löwdin's orthonormal frame nearest to them, which treats labels alike
        (R40), or ``"pivoted"``, Gram–Schmidt that takes the largest residual first (`pivoted_order`).
    others: how the sets 2…n follow, by Gram–Schmidt over all predecessors: ``"gram-schmidt"`` in order, or
        ``"pivoted"``. A pivoted vector keeps the label and the set of its η; only its turn changes.

    Attributes
    ----------
    eta_: float64 [n·l, M], the vectors fitted.
    xi_: float64 [n·l, M], the quasi-eigenvectors; each has a positive inner product with its η when fitted.
    squared_norm_: ⟨ξ|ξ⟩ = M, the constant C of Eq. 7.

    """

    eta_: FloatArray
    xi_: FloatArray
    squared_norm_: float

    def __init__(
        self, number_of_labels: int, set_one: SetOne = "gram-schmidt", others: Others = "gram-schmidt"
    ) -> None:
        self.number_of_labels = number_of_labels
        self.set_one = set_one
        self.others = others

    def fit(self, eta: ArrayLike) -> Self:
        """Make ``eta`` [n·l, M], n·l = M, orthogonal.

        Raises ``StudioError`` for a wrong shape, for values that are not finite, and for a vector that
        depends linearly on its predecessors, named by label and set.
        """
        eta = _as_vectors(eta, self.number_of_labels, "η")
        frame = self._frame_of_set_one(eta)
        order = pivoted_order(frame, eta) if self.others == "pivoted" else None
        frame = extend_by_gram_schmidt(frame, eta, self.number_of_labels, order)
        return self._hold(eta, frame * np.sqrt(eta.shape[1]))

    def fit_set_one(self, eta: ArrayLike) -> FloatArray:
        """The ξ of set 1 alone, float64 [l, M], as `fit` makes them of ``eta`` [n·l, M], with its errors."""
        eta = _as_vectors(eta, self.number_of_labels, "η")
        return self._frame_of_set_one(eta) * np.sqrt(eta.shape[1])

    def _frame_of_set_one(self, eta: FloatArray) -> FloatArray:
        labels = self.number_of_labels
        if self.set_one == "symmetric":
            return symmetric_orthogonalisation(eta[:labels])
        if self.set_one not in ("gram-schmidt", "pivoted"):
            raise StudioError(
                f"Set 1 is made 'gram-schmidt', 'symmetric' or 'pivoted', not '{self.set_one}'."
            )
        nothing = np.empty((0, eta.shape[1]))
        order = pivoted_order(nothing, eta[:labels]) if self.set_one == "pivoted" else None
        return extend_by_gram_schmidt(nothing, eta[:labels], labels, order)

    @classmethod
    def from_vectors(
        cls, eta: ArrayLike, xi: ArrayLike, number_of_labels: int, set_one: SetOne = "gram-schmidt"
    ) -> Self:
        """A basis of known η and ξ (both [n·l, M]), as a bundle holds it.

        Raises ``StudioError`` unless ⟨ξ|ξ⟩ / M is the identity to 1e-12.
        """
        eta = _as_vectors(eta, number_of_labels, "η")
        basis = cls(number_of_labels, set_one)._hold(eta, _as_vectors(xi, number_of_labels, "ξ"))
        if basis.orthogonality_error_ > ORTHOGONALITY_TOLERANCE:
            raise StudioError(
                f"The vectors ξ are orthogonal only to {basis.orthogonality_error_:.1e}, "
                f"{ORTHOGONALITY_TOLERANCE:.0e} is needed: build the basis again."
            )
        return basis

    def transform(self, codes: ArrayLike) -> FloatArray:
        """Amplitudes c_k = ⟨ξ_k|z⟩ / M (Eq. 9) of ``codes`` [..., M], as float64 [..., M]."""
        return np.asarray(codes, dtype=np.float64) @ self.xi_.T / self.squared_norm_

    def inverse_transform(self, amplitudes: ArrayLike) -> FloatArray:
        """Codes z = Σ c_k ξ_k (Eq. 8) of ``amplitudes`` [..., M], as float64 [..., M]."""
        return np.asarray(amplitudes, dtype=np.float64) @ self.xi_

    def label(self, vector: int) -> int:
        """The label, 0…l − 1, of the vector at this index."""
        return vector % self.number_of_labels

    def set_(self, vector: int) -> int:
        """The set, 1…n, of the vector at this index."""
        return vector // self.number_of_labels + 1

    @property
    def number_of_sets(self) -> int:
        """The number of sets, n = M / l."""
        return len(self.xi_) // self.number_of_labels

    @property
    def labels_(self) -> NDArray[np.int64]:
        """The label of every vector, int64 [M]."""
        return np.arange(len(self.xi_), dtype=np.int64) % self.number_of_labels

    @property
    def orthogonality_error_(self) -> float:
        """The largest entry of |ξ ξᵀ / M − I|."""
        gram = self.xi_ @ self.xi_.T / self.squared_norm_
        return float(np.abs(gram - np.eye(len(gram))).max())

    @property
    def condition_number_(self) -> float:
        """The ratio of the largest to the smallest singular value of η."""
        return float(np.linalg.cond(self.eta_))

    @property
    def residuals_(self) -> FloatArray:
        """What η brings along ξ, ⟨ξ_k|η_k⟩ / √M, float64 [M] (R35).

        By Gram–Schmidt it is the diagonal of R; a labelled frame may oppose its η.
        """
        along: FloatArray = (self.xi_ * self.eta_).sum(axis=1) / np.sqrt(self.squared_norm_)
        return along

    def _hold(self, eta: FloatArray, xi: FloatArray) -> Self:
        self.eta_ = eta
        self.xi_ = xi
        self.squared_norm_ = float(eta.shape[1])
        return self


def symmetric_orthogonalisation(vectors: ArrayLike) -> FloatArray:
    """Löwdin's orthonormal frame nearest to ``vectors`` [k, M]: the polar factor of their matrix (R40).

    Raises ``StudioError`` when they are linearly dependent.
    """
    left, singular_values, right = np.linalg.svd(np.asarray(vectors, dtype=np.float64), full_matrices=False)
    if singular_values[-1] <= _vanishing(right.shape[1]) * singular_values[0]:
        label = int(np.abs(left[:, -1]).argmax())
        raise StudioError(
            f"The averaged vector of label {label} in set 1 depends linearly on the others of its set: "
            "gather more latent vectors or train the encoder longer."
        )
    return _normalised(left @ right)


def extend_by_gram_schmidt(
    frame: ArrayLike, vectors: ArrayLike, number_of_labels: int, order: Sequence[int] | None = None
) -> FloatArray:
    """An orthonormal frame [K, M]: first the rows of ``frame`` [k, M], then what ``vectors[k:]`` add to it.

    Modified Gram–Schmidt over all predecessors, done twice for each vector, in float64 (Eq. 6, R13). The
    vectors are taken as they stand or in the ``order`` given, of k…K − 1; each keeps its row. The row i of
    ``vectors`` [K, M] is known by label i mod l and set i div l + 1; ``StudioError`` names the one whose
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
    _, order = scipy.linalg.qr(outside.T, mode="r", pivoting=True)
    return [len(given) + int(turn) for turn in order]


def _vanishing(latent_dimensions: int) -> float:
    return 8.0 * latent_dimensions * float(np.finfo(np.float64).eps)


def _normalised(vectors: FloatArray) -> FloatArray:
    normalised: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return normalised


def _as_vectors(vectors: ArrayLike, number_of_labels: int, name: str) -> FloatArray:
    array = np.array(vectors, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or array.size == 0:
        raise StudioError(
            f"{name} must be as many vectors as latent dimensions, [M, M], not {list(array.shape)}."
        )
    if number_of_labels < 1 or len(array) % number_of_labels:
        raise StudioError(
            f"{len(array)} vectors cannot be shared out among {number_of_labels} labels: "
            "the latent dimensions must be a multiple of the labels."
        )
    if not np.isfinite(array).all():
        raise StudioError(f"{name} holds values that are not finite: gather the latent sets again.")
    return array
