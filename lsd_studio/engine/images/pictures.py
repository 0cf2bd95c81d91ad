"""Pixels made for looking at, and as a figure's or a session's JSON holds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def pictures(pixels: np.ndarray) -> np.ndarray:
    """uint8 [..., H, W, C] of pixels [..., C, H, W] in [−1, 1]; values outside are clipped.

    Pixels that are no number are black and white in turn, so that nobody takes them for a picture.
    """
    missing = np.isnan(pixels)
    if missing.any():
        rows, columns = np.indices(pixels.shape[-2:])
        pixels = np.where(missing, 2 * ((rows + columns) % 2) - 1, pixels)
    scaled = np.rint((pixels.clip(-1, 1) + 1) * 127.5).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(scaled, -3, -1))


@dataclass(frozen=True)
class EncodedPixels:
    """An image of the size that the networks take as a PNG file's bytes, which the engine decodes."""

    png: bytes
