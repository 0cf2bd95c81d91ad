"""What drawn points are worth: in the populated region, decoded to something sure, and like codes (R31)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.latent.statistics.moments import Codes

POPULATED = 0.99
"""Share of the codes that lie in the populated region."""

FOLDS = 3
TREES = 30


def boundary_of(distances: NDArray[np.float64]) -> float:
    """The Mahalanobis distance within which 99 % of the codes lie."""
    return float(np.quantile(distances, POPULATED))


def label_entropy(probabilities: NDArray[np.float32]) -> float:
    """Entropy of the mean of probabilities [N, l] over log l: 0 where all go to one label, 1 where all labels alike."""
    mean = probabilities.mean(axis=0, dtype=np.float64)
    if len(mean) == 1:
        return 0.0
    present = mean[mean > 0]
    return float(-(present * np.log(present)).sum() / np.log(len(mean)))


def telling_apart(codes: Codes, drawn: Codes, seed: int) -> float:
    """AUC of boosted trees that separate drawn points from codes, each judged by trees that have not seen it.

    Give both whitened. 0.5: they cannot be separated; 1: always.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    points = np.concatenate([codes, drawn])
    is_drawn = np.repeat([0, 1], [len(codes), len(drawn)])
    trees = HistGradientBoostingClassifier(
        learning_rate=0.2, max_iter=TREES, max_leaf_nodes=15, random_state=seed
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    judged = cross_val_predict(trees, points, is_drawn, cv=folds, method="predict_proba")
    return float(roc_auc_score(is_drawn, judged[:, 1]))
