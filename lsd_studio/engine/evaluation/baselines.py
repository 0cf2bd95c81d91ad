"""Classifiers that anyone would try on the same codes, to compare the LSD reading with (R37)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

BASELINES: dict[str, Callable[[], ClassifierMixin]] = {
    "nearest_class_mean": NearestCentroid,
    "lda": LinearDiscriminantAnalysis,
    "logistic_regression": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
}

ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Baselines:
    """Those that could be fitted, by name, and of the others why not, in one sentence each."""

    fitted: dict[str, ClassifierMixin]
    left_out: dict[str, str]


def fit_baselines(
    codes: NDArray[np.floating],
    labels: NDArray[np.int64],
    which: Mapping[str, Callable[[], ClassifierMixin]] = BASELINES,
) -> Baselines:
    """Nearest class mean, linear discriminant analysis and logistic regression, or others, fitted on codes [N, M].

    One that cannot be fitted, on too few images or on codes that are all alike, is left out.
    """
    fitted: dict[str, ClassifierMixin] = {}
    left_out: dict[str, str] = {}
    nothing = _nothing_to_fit(codes, labels)
    if nothing:
        return Baselines({}, dict.fromkeys(which, nothing))
    for name, make in which.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = make().fit(codes, labels)
                model.predict(codes[:1])
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            left_out[name] = _why_not(len(codes), len(np.unique(labels)))
        else:
            fitted[name] = model
    return Baselines(fitted, left_out)


def _nothing_to_fit(codes: NDArray[np.floating], labels: NDArray[np.int64]) -> str:
    """Why no classifier can be fitted on these, "" where some may."""
    if len(np.unique(labels)) < 2:
        return f"{_counted(len(codes))} of one label leave nothing to tell apart."
    if np.ptp(codes, axis=0).max() <= ROUNDING * max(1.0, float(np.abs(codes).max())):
        return f"{_counted(len(codes))} have one and the same code."
    return ""


def _why_not(count: int, labels: int) -> str:
    if count <= labels:
        return f"{_counted(count)} are too few for {labels} labels: it needs more images than labels."
    return f"It could not be fitted on {_counted(count)} of {labels} labels."


def _counted(images: int) -> str:
    return f"{images} training {'image' if images == 1 else 'images'}"
