"""Quasi-eigenvectors ξ: orthogonal latent vectors, each with its label and its set (paper, Sec. II).

What a bundle holds of a basis. Making one of codes and labels is `QuasiEigenbasis.fit`, an estimator of scikit-learn,
whose import takes a third as long as PyTorch's.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsd_studio.engine.basis.frames import (
    extend_by_gram_schmidt,
    pivoted_order,
    symmetric_orthogonalisation,
)
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.vocabulary import Others, SetOne

FloatArray = NDArray[np.float64]

ORTHOGONALITY_TOLERANCE = 1e-12


class CodesError(StudioError, ValueError):
    """Codes or labels that no basis can be made of, or that do not fit one; scikit-learn expects a ValueError."""


class QuasiEigenvectors:
    """M orthogonal latent vectors ξ of squared norm M, n for each of l labels (Eqs. 1–9; R13, R14, R40).

    Vector k belongs to label k mod l and to set k div l + 1: set outer, label inner, sets counted from 1 as in the
    paper. Where M is no multiple of l, the last set has no vector for the last labels.

    Args:
        set_one: how the l vectors of set 1 are made orthogonal: "gram-schmidt" in the order of the labels (Eq. 6),
            "symmetric", Löwdin's orthonormal frame nearest to them, which treats labels alike (R40), or "pivoted",
            Gram–Schmidt that takes the largest residual first (`pivoted_order`).
        others: how the sets 2…n follow, by Gram–Schmidt over all predecessors: "gram-schmidt" in order, or "pivoted".
            A pivoted vector keeps the label and the set of its η; only its turn changes.

    Attributes:
        eta_: float64 [M, M], what each ξ was made of.
        xi_: float64 [M, M], the quasi-eigenvectors; each has a positive inner product with its η when fitted.
        squared_norm_: ⟨ξ|ξ⟩ = M, the constant C₀ of Eq. 7.
        classes_: [l], the labels, in the order of the vectors of a set.
        n_features_in_: M.
    """

    eta_: FloatArray
    xi_: FloatArray
    squared_norm_: float
    classes_: NDArray[Any]
    n_features_in_: int

    def __init__(self, set_one: SetOne = "gram-schmidt", others: Others = "gram-schmidt") -> None:
        self.set_one = set_one
        self.others = others

    @classmethod
    def from_averages(
        cls,
        eta: ArrayLike,
        number_of_labels: int,
        set_one: SetOne = "gram-schmidt",
        others: Others = "gram-schmidt",
    ) -> Self:
        """Make given averages η [n·l, M], n·l = M, orthogonal; the labels are 0…l − 1.

        Raises:
            CodesError: η is of a wrong shape or not finite, or a vector depends linearly on its predecessors, named by
                label and set.
        """
        basis = cls(set_one, others)
        basis.classes_ = np.arange(number_of_labels)
        return basis._orthogonalise(_as_vectors(eta, number_of_labels, "η"), number_of_labels)

    @classmethod
    def from_vectors(
        cls, eta: ArrayLike, xi: ArrayLike, number_of_labels: int, set_one: SetOne = "gram-schmidt"
    ) -> Self:
        """A basis of known η and ξ (both [n·l, M]), as a bundle holds it.

        Raises:
            CodesError: they are of a wrong shape or not finite, or ⟨ξ|ξ⟩ / M is not the identity to 1e-12.
        """
        basis = cls(set_one)
        basis.classes_ = np.arange(number_of_labels)
        eta = _as_vectors(eta, number_of_labels, "η")
        basis._hold(eta, _as_vectors(xi, number_of_labels, "ξ"))
        if basis.orthogonality_error_ > ORTHOGONALITY_TOLERANCE:
            raise CodesError(
                f"The vectors ξ are orthogonal only to {basis.orthogonality_error_:.1e}, "
                f"{ORTHOGONALITY_TOLERANCE:.0e} is needed: build the basis again."
            )
        return basis

    def transform(self, X: ArrayLike) -> FloatArray:
        """Amplitudes c_k = ⟨ξ_k|z⟩ / M (Eq. 9) of codes `X` [N, M], as float64 [N, M].

        Raises:
            CodesError: the codes are not finite, or do not have the basis's number of components.
        """
        return self._checked(X) @ self.xi_.T / self.squared_norm_

    def inverse_transform(self, X: ArrayLike) -> FloatArray:
        """Codes z = Σ c_k ξ_k (Eq. 8) of amplitudes `X` [..., M], as float64 [..., M]."""
        return np.asarray(X, dtype=np.float64) @ self.xi_

    def label(self, vector: int) -> int:
        """The place among the labels, 0…l − 1, of the vector at this index."""
        return vector % self.number_of_labels

    def set_(self, vector: int) -> int:
        """The set, 1…n, of the vector at this index."""
        return vector // self.number_of_labels + 1

    @property
    def number_of_labels(self) -> int:
        """The number of labels, l."""
        return len(self.classes_)

    @property
    def number_of_sets(self) -> int:
        """The number of sets, n = M / l, rounded up."""
        return -(-len(self.xi_) // self.number_of_labels)

    @property
    def labels_(self) -> NDArray[np.int64]:
        """The place among the labels, 0…l − 1, of every vector, int64 [M]."""
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
        return (self.xi_ * self.eta_).sum(axis=1) / np.sqrt(self.squared_norm_)

    def _checked(self, X: ArrayLike) -> FloatArray:
        """Codes as float64 [N, M]."""
        codes = np.asarray(X, dtype=np.float64)
        if codes.ndim != 2 or codes.shape[1] != self.n_features_in_:
            raise CodesError(
                f"This basis takes codes of {self.n_features_in_} components, [N, {self.n_features_in_}], "
                f"not {list(codes.shape)}."
            )
        if not np.isfinite(codes).all():
            raise CodesError("The codes hold values that are not finite: leave them out.")
        return codes

    def _orthogonalise(self, eta: FloatArray, labels: int) -> Self:
        frame = frame_of_set_one(eta, labels, self.set_one)
        order = pivoted_order(frame, eta) if self.others == "pivoted" else None
        return self._hold(eta, extend_by_gram_schmidt(frame, eta, labels, order) * np.sqrt(eta.shape[1]))

    def _hold(self, eta: FloatArray, xi: FloatArray) -> Self:
        self.eta_ = eta
        self.xi_ = xi
        self.n_features_in_ = eta.shape[1]
        self.squared_norm_ = float(eta.shape[1])
        return self


def frame_of_set_one(eta: FloatArray, number_of_labels: int, set_one: SetOne) -> FloatArray:
    """The orthonormal frame [l, M] of the first l rows of η, made as `QuasiEigenbasis.set_one` says.

    Raises:
        StudioError: there is no such way, or one of them depends linearly on the others.
    """
    first = eta[:number_of_labels]
    if set_one == "symmetric":
        return symmetric_orthogonalisation(first)
    if set_one not in ("gram-schmidt", "pivoted"):
        raise StudioError(f"Set 1 is made 'gram-schmidt', 'symmetric' or 'pivoted', not '{set_one}'.")
    nothing = np.empty((0, eta.shape[1]))
    order = pivoted_order(nothing, first) if set_one == "pivoted" else None
    return extend_by_gram_schmidt(nothing, first, number_of_labels, order)


def _as_vectors(vectors: ArrayLike, number_of_labels: int, name: str) -> FloatArray:
    array = np.array(vectors, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or array.size == 0:
        raise CodesError(
            f"{name} must be as many vectors as latent dimensions, [M, M], not {list(array.shape)}."
        )
    if number_of_labels < 1 or len(array) % number_of_labels:
        raise CodesError(
            f"{len(array)} vectors cannot be shared out among {number_of_labels} labels: "
            "the latent dimensions must be a multiple of the labels."
        )
    if not np.isfinite(array).all():
        raise CodesError(f"{name} holds values that are not finite: gather the latent sets again.")
    return array
