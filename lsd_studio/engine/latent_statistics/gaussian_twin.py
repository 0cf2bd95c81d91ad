"""The Gaussian twin: as many points as there are codes, from the Gaussian of their mean and covariance (R33)."""

from __future__ import annotations

import numpy as np

from lsd_studio.engine.latent_statistics.moments import Codes, row_blocks
from lsd_studio.engine.latent_statistics.principal_axes import PrincipalAxes

__all__ = ["draw_gaussian"]


def draw_gaussian(of: PrincipalAxes, count: int, random: np.random.Generator) -> Codes:
    """Points float32 [count, M] of the Gaussian with the mean and covariance that the principal axes have."""
    root, mean = of.root.astype(np.float32), of.mean.astype(np.float32)
    points = np.empty((count, len(mean)), dtype=np.float32)
    for rows in row_blocks(count):
        noise = random.standard_normal((rows.stop - rows.start, of.rank), dtype=np.float32)
        np.matmul(noise, root, out=points[rows])
        points[rows] += mean
    return points
