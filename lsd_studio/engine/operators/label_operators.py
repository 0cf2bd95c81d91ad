"""Operators from one label to another, each an affine path z ↦ A(t) z + b(t) on codes, in one registry.

At t = 0 each is the identity, at t = 1 it is whole. Those of quasi-eigenvectors follow the angle (Eq. 11, R21); the
others go straight, A(t) = (1 − t) I + t A, b(t) = t b, which for the Gaussian optimal transport is McCann's
interpolation. What is fitted is fitted on the codes given, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.svm import LinearSVC

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operators.fitted import FEWEST_PAIRS, fit_operator
from lsd_studio.engine.operators.paths import QUARTER
from lsd_studio.engine.operators.planes import FloatArray
from lsd_studio.engine.operators.products import Turn
from lsd_studio.engine.operators.store import Way
from lsd_studio.engine.vocabulary import LABEL_OPERATORS, Method, Through

SHRINKAGE = 0.1
"""Share of the pooled covariance in the covariance of a label."""

LEAST_VARIANCE = 1e-9
"""Of a direction, as a share of the mean over directions; less is raised to it, so that all can be whitened."""

AffinePath: TypeAlias = Callable[[float], tuple[FloatArray, FloatArray]]
"""Matrix float64 [M, M] and shift float64 [M] at t, 0…1."""


@dataclass(frozen=True, eq=False)
class LabelledCodes:
    """What operators are built from: a basis, and codes that are not those they are measured on.

    Args:
        codes: float64 [N, M]; labels: int64 [N], the true ones, 0…l − 1.

    Raises:
        StudioError: fewer than `FEWEST_PAIRS` codes of a label.
    """

    basis: QuasiEigenvectors
    codes: FloatArray
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        counts = np.bincount(self.labels, minlength=self.basis.number_of_labels)
        if counts.min() < FEWEST_PAIRS:
            raise StudioError(
                f"Operators between labels need {FEWEST_PAIRS} training images of each, and the label "
                f"{int(counts.argmin())} has {int(counts.min())}: give more images."
            )

    def of(self, label: int) -> FloatArray:
        """The codes of a label, [n, M]."""
        return self.codes[self.labels == label]

    @cached_property
    def means(self) -> FloatArray:
        """The mean of each label, [l, M]."""
        return np.stack([self.of(label).mean(axis=0) for label in range(self.basis.number_of_labels)])

    @cached_property
    def within(self) -> FloatArray:
        """The pooled covariance within labels, [M, M]."""
        return np.atleast_2d(np.cov(self.codes - self.means[self.labels], rowvar=False))

    def covariance(self, label: int) -> FloatArray:
        """The covariance of a label, shrunk by `SHRINKAGE` towards the pooled one, [M, M]."""
        return (1 - SHRINKAGE) * np.cov(self.of(label), rowvar=False) + SHRINKAGE * self.within


def turn(through: Through, *, keep: float = 1.0) -> Callable[[LabelledCodes, int, int], AffinePath]:
    """The rotation from label to label (R21); the rest of a code fades to a share `keep`, for Eq. 11 to 0."""

    def build(known: LabelledCodes, source: int, target: int) -> AffinePath:
        def at(t: float) -> tuple[FloatArray, FloatArray]:
            whole = Turn(source, target, t * QUARTER, 1 - t * (1 - keep), through)
            return whole.matrix(known.basis), np.zeros(known.codes.shape[1])

        return at

    return build


def mean_difference(known: LabelledCodes, source: int, target: int) -> AffinePath:
    """The shift by the difference of the labels' means."""
    return _shift(known.means[target] - known.means[source])


def gaussian_transport(known: LabelledCodes, source: int, target: int) -> AffinePath:
    """The optimal transport between Gaussians of the labels' means and shrunk covariances (Dowson and Landau, 1982)."""
    means = known.means[source], known.means[target]
    return gaussian_map(means, (known.covariance(source), known.covariance(target)))


def gaussian_map(
    means: tuple[FloatArray, FloatArray], covariances: tuple[FloatArray, FloatArray]
) -> AffinePath:
    """The optimal transport from the first Gaussian to the second; means [M], covariances [M, M]."""
    before, after = covariances
    root, inverse = _power(before, 0.5), _power(before, -0.5)
    matrix = inverse @ _power(root @ after @ root, 0.5) @ inverse
    return _straight(matrix, means[1] - matrix @ means[0])


def shrunk_covariances(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Covariances [M, M] of two sets of codes [n, M], each shrunk by `SHRINKAGE` towards the one within both."""
    centred = np.concatenate([codes - codes.mean(axis=0) for codes in (first, second)])
    within = np.atleast_2d(np.cov(centred, rowvar=False))
    before, after = (
        (1 - SHRINKAGE) * np.cov(codes, rowvar=False) + SHRINKAGE * within for codes in (first, second)
    )
    return before, after


def label_switch(known: LabelledCodes, source: int, target: int) -> AffinePath:
    """All that is linear of any label is erased (LEACE; Belrose et al., 2023), and the target's mean put in its place.

    P projects on the span of the labels' means in whitened codes: z ↦ (I − P) z + P μ_target, whatever the source.
    """
    covariance = np.cov(known.codes, rowvar=False)
    whiten, unwhiten = _power(covariance, -0.5), _power(covariance, 0.5)
    apart = (known.means - known.codes.mean(axis=0)) @ whiten
    _, sizes, directions = np.linalg.svd(apart, full_matrices=False)
    span = directions[sizes > LEAST_VARIANCE * sizes[0]]
    labelled = unwhiten @ span.T @ span @ whiten
    return _straight(np.eye(len(labelled)) - labelled, labelled @ known.means[target])


def fitted_on_pairs(method: Method) -> Callable[[LabelledCodes, int, int], AffinePath]:
    """O of R23, on pairs of each code of the source with the nearest of the target by the pooled covariance."""

    def build(known: LabelledCodes, source: int, target: int) -> AffinePath:
        before, after = known.of(source), known.of(target)
        whiten = _power(known.within, -0.5)
        nearest = cdist(before @ whiten, after @ whiten).argmin(axis=1)
        matrix = fit_operator(before, after[nearest], method).matrix
        return _straight(matrix, np.zeros(len(matrix)))

    return build


def normal(
    make: Callable[[], LinearDiscriminantAnalysis | LinearSVC],
) -> Callable[[LabelledCodes, int, int], AffinePath]:
    """The shift along the normal between the two labels that brings the source's mean level with the target's."""

    def build(known: LabelledCodes, source: int, target: int) -> AffinePath:
        both = np.isin(known.labels, (source, target))
        across = make().fit(known.codes[both], known.labels[both] == target).coef_[0]
        difference = known.means[target] - known.means[source]
        return _shift(across * (across @ difference) / (across @ across))

    return build


@dataclass(frozen=True)
class LabelOperator:
    """An operator from label to label.

    Attributes:
        title: what it is called.
        build: for a source and a target label.
        way: how the whole one is raised where it is kept alone; powers of a rotation are its path.
    """

    title: str
    build: Callable[[LabelledCodes, int, int], AffinePath]
    way: Way = "straight"


OPERATORS: Mapping[str, LabelOperator] = {
    "transport": LabelOperator(LABEL_OPERATORS["transport"], turn("vectors", keep=0.0)),
    "rotation_xi": LabelOperator(LABEL_OPERATORS["rotation_xi"], turn("vectors"), "power"),
    "rotation_eta": LabelOperator(LABEL_OPERATORS["rotation_eta"], turn("averages"), "power"),
    "mean_difference": LabelOperator(LABEL_OPERATORS["mean_difference"], mean_difference),
    "gaussian_transport": LabelOperator(LABEL_OPERATORS["gaussian_transport"], gaussian_transport),
    "label_switch": LabelOperator(LABEL_OPERATORS["label_switch"], label_switch),
    "least_squares": LabelOperator(LABEL_OPERATORS["least_squares"], fitted_on_pairs("least squares")),
    "procrustes": LabelOperator(LABEL_OPERATORS["procrustes"], fitted_on_pairs("orthogonal")),
    "lda_normal": LabelOperator(LABEL_OPERATORS["lda_normal"], normal(LinearDiscriminantAnalysis)),
    "svm_normal": LabelOperator(LABEL_OPERATORS["svm_normal"], normal(lambda: LinearSVC(dual=False))),
}
"""Every operator from label to label, by name."""


def _straight(matrix: FloatArray, shift: FloatArray) -> AffinePath:
    identity = np.eye(len(matrix))
    return lambda t: ((1 - t) * identity + t * matrix, t * shift)


def _shift(shift: FloatArray) -> AffinePath:
    return _straight(np.eye(len(shift)), shift)


def _power(covariance: FloatArray, exponent: float) -> FloatArray:
    """A real power of a covariance [M, M], whose smallest eigenvalues are raised to `LEAST_VARIANCE`."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.maximum(values, LEAST_VARIANCE * values.mean()) ** exponent) @ vectors.T
