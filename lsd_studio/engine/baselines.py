"""Classifiers that anyone would try on the same codes, to compare the LSD reading with (R37)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def fit_baselines(codes: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, ClassifierMixin]:
    """Nearest class mean, linear discriminant analysis and logistic regression, fitted on codes [N, M]."""
    return {
        "nearest_class_mean": NearestCentroid().fit(codes, labels),
        "lda": LinearDiscriminantAnalysis().fit(codes, labels),
        "logistic_regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(
            codes, labels
        ),
    }
