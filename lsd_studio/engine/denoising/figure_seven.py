"""Figure 7b of the paper: test images, and what few terms leave of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.denoising.latent import truncate_codes
from lsd_studio.engine.denoising.noise import Array
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.vocabulary import PAPER_TERMS

IMAGES, BLOCKS = 125, 5
GAP, BLOCK_GAP = 2, 16
"""Pixels between two images, and between two blocks of rows."""


@dataclass(frozen=True, eq=False)
class FigureSevenImages:
    """Figure 7b before it is laid out.

    Attributes:
        columns: what each image of a row is, such as "n = 4".
        images: float32 [N, K, C, H, W] in [−1, 1], a row for each of N images.
        label_kept: float64 [K], the share of each column that C reads as the image's label.
        notes: what a reader must know of the images, a sentence each.
    """

    columns: tuple[str, ...]
    images: Array
    label_kept: NDArray[np.float64]
    notes: tuple[str, ...] = ()

    @property
    def laid_out(self) -> Array:
        """One image [C, h, w] of the rows: five blocks of rows side by side, as the paper has it."""
        count, columns, channels, height, width = self.images.shape
        rows = -(-count // BLOCKS)
        wide = columns * (width + GAP) - GAP
        sheet = np.ones(
            (channels, rows * (height + GAP) - GAP, BLOCKS * (wide + BLOCK_GAP) - BLOCK_GAP), np.float32
        )
        for number, row in enumerate(self.images):
            block, down = divmod(number, rows)
            for place, image in enumerate(row):
                top, left = down * (height + GAP), block * (wide + BLOCK_GAP) + place * (width + GAP)
                sheet[:, top : top + height, left : left + width] = image
        return sheet


def figure_seven(
    networks: Networks, basis: QuasiEigenvectors, test: LabelledImages, seed: int = 0
) -> FigureSevenImages:
    """Draw 125 test images and decode their codes (posterior means), all terms and the n largest (Fig. 7b)."""
    count = min(IMAGES, len(test))
    chosen = test.take(np.sort(np.random.default_rng(seed).choice(len(test), count, replace=False)))
    originals = scale_pixels(chosen.images)
    mean, _ = networks.encode(originals)
    possible = [n for n in PAPER_TERMS if n < networks.latent_dimensions]
    rows = [originals, networks.decode(mean)]
    rows += [networks.decode(truncate_codes(basis, mean, n)) for n in possible]
    kept = [(networks.classify(images).argmax(axis=1) == chosen.labels).mean() for images in rows]
    columns = ("image", f"n = M = {networks.latent_dimensions}", *(f"n = {n}" for n in possible))
    return FigureSevenImages(columns, np.stack(rows, axis=1), np.asarray(kept), test.notes)
