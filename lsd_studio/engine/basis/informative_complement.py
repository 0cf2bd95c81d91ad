"""Sets 2…n along what encoded images vary in most, outside set 1, and still read as labels (R36)."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.frames import principal_directions
from lsd_studio.engine.basis.labelled_frame import Enough, turned_to_labels, with_labels_assigned
from lsd_studio.engine.basis.progress import LabelledFrameProgress
from lsd_studio.engine.models.inference import Networks

FloatArray = NDArray[np.float64]


def informative_complement(
    networks: Networks, set_one: FloatArray, codes: NDArray[np.floating], enough: Enough = lambda: False
) -> Generator[LabelledFrameProgress, None, FloatArray]:
    """Choose the sets 2…n so that each holds as much of encoded images as is left, and C reads its vectors as labels.

    Set 2 spans the l strongest principal directions of the complement of set 1, set 3 the next l, and so on. What
    images hold of a set depends only on the space that it spans, so within it the vectors are free: they are given
    labels (`with_labels_assigned`) and turned until C reads them (`turned_to_labels`).

    Args:
        networks: G and C.
        set_one: [l, M], orthogonal vectors of squared norm M.
        codes: [N, M], posterior means of training images.
        enough: ends the turning with the frame as it is.

    Returns:
        float64 [M − l, M], vectors of squared norm M, set outer and label inner, the strongest set first.
    """
    labels, dimensions = set_one.shape
    directions = principal_directions(set_one, codes) * np.sqrt(dimensions)
    for first in range(0, len(directions), labels):
        directions[first : first + labels] = with_labels_assigned(
            networks, directions[first : first + labels]
        )
    vectors = yield from turned_to_labels(networks, directions, together=labels, enough=enough)
    return vectors
