"""How near a picture is to its original: PSNR and SSIM (R38)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def fidelity(images: NDArray[np.float32], originals: NDArray[np.float32]) -> tuple[FloatArray, FloatArray]:
    """PSNR in dB and SSIM of each image against its original, float64 [N]; both [N, C, H, W] in [−1, 1] (R38).

    Errors below a thousandth of a grey level of 255 count as such, so that PSNR is finite. SSIM has the 7×7 window
    of scikit-image, or the largest odd one that fits.
    """
    from skimage.metrics import structural_similarity

    squared_errors = ((images.astype(np.float64) - originals) ** 2).mean(axis=(1, 2, 3))
    psnr = 10 * np.log10(4 / np.maximum(squared_errors, (2 / 255 / 1000) ** 2))
    smallest_edge = min(7, *images.shape[2:])
    window = smallest_edge - (smallest_edge + 1) % 2
    ssim = [
        structural_similarity(image, original, data_range=2, channel_axis=0, win_size=window)
        for image, original in zip(images, originals, strict=True)
    ]
    return psnr, np.asarray(ssim, dtype=np.float64)
