"""Pixels made for looking at."""

from __future__ import annotations

import numpy as np

__all__ = ["pictures"]


def pictures(pixels: np.ndarray) -> np.ndarray:
    """uint8 [..., H, W, C] of pixels [..., C, H, W] in [−1, 1]; values outside are clipped."""
    scaled = np.rint((pixels.clip(-1, 1) + 1) * 127.5).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(scaled, -3, -1))
