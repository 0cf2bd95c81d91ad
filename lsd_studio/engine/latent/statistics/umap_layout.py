"""UMAP of codes (McInnes et al. 2018) with umap-learn, which is an extra."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError

FEWEST_NEIGHBOURS = 2


def umap_layout(points: NDArray[np.float32], neighbours: int, epochs: int, seed: int) -> NDArray[np.float32]:
    """Points [K, d], d ≥ 2, laid out on a plane, float32 [K, 2], in one thread, so that a seed gives one layout.

    Args:
        neighbours: of a point, 2 or more; epochs: steps of the optimisation.

    Raises:
        StudioError: umap-learn is not installed, or there are too few neighbours.
    """
    try:
        from umap import UMAP
    except ImportError as error:
        raise StudioError(
            "UMAP needs umap-learn, which is not installed: please run `pip install 'lsd-studio[umap]'`."
        ) from error
    if neighbours < FEWEST_NEIGHBOURS:
        raise StudioError(f"UMAP looks at two neighbours or more, not {neighbours}: choose another number.")
    layout = UMAP(n_neighbors=neighbours, n_epochs=epochs, random_state=seed, n_jobs=1).fit_transform(points)
    return np.asarray(layout, dtype=np.float32)
