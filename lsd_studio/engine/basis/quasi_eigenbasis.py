"""The quasi-eigenbasis of anyone's codes: averages η by label made orthogonal, as an estimator of scikit-learn."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from lsd_studio.engine.basis.frames import principal_directions
from lsd_studio.engine.basis.quasi_eigenvectors import CodesError, QuasiEigenvectors, frame_of_set_one

FloatArray = NDArray[np.float64]

CENTRED = 1e-6
"""Length of the mean of codes that are centred, at most, as a share of their root mean square length."""


class QuasiEigenbasis(ClassNamePrefixFeaturesOutMixin, TransformerMixin, QuasiEigenvectors, BaseEstimator):
    """Quasi-eigenvectors that `fit` makes of anyone's codes and labels; `transform` gives amplitudes.

    Args and attributes are those of `QuasiEigenvectors`.
    """

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
        try:
            codes, labels = validate_data(self, X, y, dtype=np.float64)
        except ValueError as error:
            raise CodesError(str(error)) from error
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

    def transform(self, X: ArrayLike) -> FloatArray:
        """Amplitudes c_k = ⟨ξ_k|z⟩ / M (Eq. 9) of codes `X` [N, M], as float64 [N, M].

        Raises:
            CodesError: the codes are not finite, or do not have the basis's number of components.
        """
        check_is_fitted(self)
        return super().transform(X)

    def inverse_transform(self, X: ArrayLike) -> FloatArray:
        """Codes z = Σ c_k ξ_k (Eq. 8) of amplitudes `X` [..., M], as float64 [..., M]."""
        check_is_fitted(self)
        return super().inverse_transform(X)

    @property
    def _n_features_out(self) -> int:
        return len(self.xi_)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    def _checked(self, X: ArrayLike) -> FloatArray:
        """Codes as scikit-learn checks them.

        Its checks take half a millisecond, which a hand that draws would wait for; codes plainly right need none.
        """
        if (
            isinstance(X, np.ndarray)
            and X.dtype.kind == "f"
            and X.shape[1:] == (self.n_features_in_,)
            and np.isfinite(X).all()
        ):
            return X.astype(np.float64)
        try:
            return validate_data(self, X, reset=False, dtype=np.float64, ensure_min_samples=0)
        except ValueError as error:
            raise CodesError(str(error)) from error

    def _complete(self, averages: FloatArray, codes: FloatArray) -> Self:
        """Take set 1 from averages [l, M], and the other vectors from what codes [N, M] hold outside it."""
        frame = frame_of_set_one(averages, len(averages), self.set_one)
        directions = principal_directions(frame, codes)
        lengths = np.sqrt(np.mean((codes @ directions.T) ** 2, axis=0))
        eta = np.concatenate([averages, lengths[:, None] * directions])
        return self._hold(eta, np.concatenate([frame, directions]) * np.sqrt(codes.shape[1]))


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
