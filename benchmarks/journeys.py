"""How a hand zooms into a plane of codes, the same in every benchmark."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lsd_studio.engine.latent.statistics.planes import Window
from lsd_studio.engine.latent.views import PlaneView


def journey(whole: PlaneView, frames: int) -> Iterator[Window]:
    """Windows from all points down to ±0.25 and sideways."""
    left, right, bottom, top = whole.extent
    reach = max(right - left, top - bottom) / 2
    for share in np.linspace(0, 1, frames):
        half = reach ** (1 - share) * 0.25**share
        x = (left + right) / 2 + 0.3 * half * np.sin(20 * share)
        y = (bottom + top) / 2 + 0.3 * half * np.cos(20 * share)
        yield float(x - half), float(x + half), float(y - half), float(y + half)
