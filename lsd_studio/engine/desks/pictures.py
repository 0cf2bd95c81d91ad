"""Pixels made for looking at."""

from __future__ import annotations

import numpy as np

__all__ = ["pictures"]


def pictures(pixels: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W, C] of pixels [N, C, H, W] in [−1, 1]; values outside are clipped."""
    return np.ascontiguousarray(
        np.rint((pixels.clip(-1, 1) + 1) * 127.5).astype(np.uint8).transpose(0, 2, 3, 1)
    )
