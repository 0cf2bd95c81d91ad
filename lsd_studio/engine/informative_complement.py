"""Sets 2…n along what encoded images vary in most, outside set 1 (R36)."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from lsd_studio.engine.inference import Networks
from lsd_studio.engine.labelled_frame import with_labels_assigned

__all__ = ["informative_complement"]

FloatArray = NDArray[np.float64]


def informative_complement(
    networks: Networks, set_one: FloatArray, codes: NDArray[np.floating]
) -> FloatArray:
    """The principal directions of codes in the orthogonal complement of set 1, strongest set first.

    They are the eigenvectors of the second moment of what set 1 leaves of the codes, about 0 and not about a mean:
    amplitudes are counted from 0, so of all frames this one leaves the least squared length, on average, beyond its
    first k vectors. Each l of them in turn make a set. Within a set the labels go to the vectors, and the vectors get
    their signs, so that C∘G reads them as their labels as far as it can; none is made to fit.

    Args:
        networks: G and C, for labels and signs.
        set_one: [l, M], orthogonal vectors of squared norm M.
        codes: [N, M], posterior means of training images.

    Returns:
        float64 [M − l, M], vectors of squared norm M, set outer and label inner.
    """
    labels, dimensions = set_one.shape
    complement = scipy.linalg.null_space(set_one).T
    left = np.asarray(codes, dtype=np.float64) @ complement.T
    _, directions = np.linalg.eigh(left.T @ left)
    strongest_first = directions[:, ::-1].T @ complement * np.sqrt(dimensions)
    sets = strongest_first.reshape(-1, labels, dimensions)
    return np.concatenate([np.empty((0, dimensions)), *(with_labels_assigned(networks, one) for one in sets)])
