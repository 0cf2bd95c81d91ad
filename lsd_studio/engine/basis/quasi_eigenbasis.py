"""The quasi-eigenbasis ξ: averaged latent vectors η made orthogonal, each with its label (paper, Sec. II)."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from lsd_studio.engine.basis.frames import (
    extend_by_gram_schmidt,
    pivoted_order,
    principal_directions,
    symmetric_orthogonalisation,
)
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.vocabulary import Others, SetOne

FloatArray = NDArray[np.float64]

ORTHOGONALITY_TOLERANCE = 1e-12

CENTRED = 1e-6
"""Length of the mean of codes that are centred, at most, as a share of their root mean square length."""


class CodesError(StudioError, ValueError):
    """Codes or labels that no basis can be made of, or that do not fit one; scikit-learn expects a ValueError."""


class QuasiEigenbasis(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """M orthogonal latent vectors ξ of squared norm M, n for each of l labels (Eqs. 1–9; R13, R14, R40).

    An estimator of scikit-learn: `fit` makes it of anyone's codes and labels, `transform` gives amplitudes. Vector k
    belongs to label k mod l and to set k div l + 1: set outer, label inner, sets counted from 1 as in the paper. Where
    M is no multiple of l, the last set has no vector for the last labels.

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

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Average codes `X` [N, M] by their labels `y` [N] to η, and make η orthogonal.

        Codes are plentiful where M = n·l and each label has M of them or more, so l or more for each of its n sets:
        they are dealt to the sets in turn, and each η is the average of one set (Eq. 2, R11, with one source for all
        sets; shuffle codes whose order means something). Averages of one source differ in sampling noise alone, as do
        the paper's past set 2 (R35).

        Otherwise, and always where M is no multiple of l, η of set 1 are the averages of all codes of each label, and
        the other M − l vectors are the principal directions of the codes outside set 1, the strongest first and as
        long as the root mean square of the codes along them, as `informative_complement` begins (R36). Without a
        classifier nothing names these: their label is that of their place, by convention.

        Centred codes, as `StandardScaler` and `PCA` give them, are taken in this second way. Their averages sum up to
        0 and span l − 1 directions alone, so each is raised alike along the principal direction outside them, by
        their root mean square length; no label gains by that over another.

        Raises:
            CodesError: codes or labels are of a wrong shape or not finite, there are more labels than components, or
                an average depends linearly on its predecessors, named by label and set.
        """
        codes, labels = self._validated(X, y)
        self.classes_, places = np.unique(labels, return_inverse=True)
        number_of_labels, dimensions = len(self.classes_), codes.shape[1]
        if number_of_labels > dimensions:
            raise CodesError(
                f"{number_of_labels} labels need as many components, and the codes have n_features = {dimensions}: "
                "take fewer labels or longer codes."
            )
        centred = _are_centred(codes)
        is_plentiful = dimensions % number_of_labels == 0 and np.bincount(places).min() >= dimensions
        if is_plentiful and not centred:
            eta = _averages(codes, places, dimensions // number_of_labels)
            return self._orthogonalise(eta, number_of_labels)
        averages = _averages(codes, places, 1)
        return self._complete(_raised(averages, codes) if centred else averages, codes)

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
        check_is_fitted(self)
        return self._validated(X) @ self.xi_.T / self.squared_norm_

    def inverse_transform(self, X: ArrayLike) -> FloatArray:
        """Codes z = Σ c_k ξ_k (Eq. 8) of amplitudes `X` [..., M], as float64 [..., M]."""
        check_is_fitted(self)
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

    @property
    def _n_features_out(self) -> int:
        return len(self.xi_)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    def _validated(self, X: ArrayLike, *y: ArrayLike) -> Any:
        """Codes as float64 [N, M], and labels [N] where they are given, as scikit-learn checks them.

        Its checks take half a millisecond, which a hand that draws would wait for; codes plainly right need none.
        """
        if (
            not y
            and isinstance(X, np.ndarray)
            and X.dtype.kind == "f"
            and X.shape[1:] == (self.n_features_in_,)
        ):
            codes = X.astype(np.float64)
            if np.isfinite(codes).all():
                return codes
        try:
            if y:
                return validate_data(self, X, *y, dtype=np.float64)
            return validate_data(self, X, reset=False, dtype=np.float64, ensure_min_samples=0)
        except ValueError as error:
            raise CodesError(str(error)) from error

    def _orthogonalise(self, eta: FloatArray, labels: int) -> Self:
        frame = frame_of_set_one(eta, labels, self.set_one)
        order = pivoted_order(frame, eta) if self.others == "pivoted" else None
        return self._hold(eta, extend_by_gram_schmidt(frame, eta, labels, order) * np.sqrt(eta.shape[1]))

    def _complete(self, averages: FloatArray, codes: FloatArray) -> Self:
        """Take set 1 from averages [l, M], and the other vectors from what codes [N, M] hold outside it."""
        frame = frame_of_set_one(averages, len(averages), self.set_one)
        directions = principal_directions(frame, codes)
        lengths = np.sqrt(np.mean((codes @ directions.T) ** 2, axis=0))
        eta = np.concatenate([averages, lengths[:, None] * directions])
        return self._hold(eta, np.concatenate([frame, directions]) * np.sqrt(codes.shape[1]))

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


def _averages(codes: FloatArray, places: NDArray[np.int64], number_of_sets: int) -> FloatArray:
    """Averages [n·l, M] of codes [N, M] by their label's place [N], dealt to the sets in turn."""
    counts = np.bincount(places)
    turns = np.empty(len(places), dtype=np.int64)
    for place in range(len(counts)):
        turns[places == place] = np.arange(counts[place])
    vectors = turns % number_of_sets * len(counts) + places
    sums = np.zeros((number_of_sets * len(counts), codes.shape[1]))
    np.add.at(sums, vectors, codes)
    return sums / np.bincount(vectors)[:, None]


def _are_centred(codes: FloatArray) -> bool:
    return bool(np.linalg.norm(codes.mean(axis=0)) <= CENTRED * np.sqrt(np.mean(np.sum(codes**2, axis=1))))


def _raised(averages: FloatArray, codes: FloatArray) -> FloatArray:
    """Averages [l, M] of centred codes, raised alike along what the codes [N, M] hold most of outside them."""
    _, _, spanned = np.linalg.svd(averages, full_matrices=False)
    direction = principal_directions(spanned[:-1], codes)[0]
    return averages + np.sqrt(np.mean(np.sum(averages**2, axis=1))) * direction


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
