"""Latent vectors by label, decoded for a mosaic, and their densities against N(0, 1) (Fig. 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from lsd_studio.engine.basis.latent_sets import draw_latents
from lsd_studio.engine.basis.measures import LatentDensities
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.vocabulary import Source

LARGEST_MOSAIC = 1200
"""Pictures of a label: 30 × 40, as in Fig. 3a."""

DRAWS_FOR_EACH = 20
"""Draws that are made at most for each picture wanted, so that a rare label ends the search and not the patience."""


@dataclass(frozen=True, eq=False)
class LabelledLatents:
    """The latent vectors of one batch that found room.

    Attributes:
        codes: float32 [B, M]; images: float32 [B, C, H, W] in [−1, 1], decoded; labels: int64 [B], of C∘G.
        counts: int64 [l], vectors that each label has now; draws: so far.
    """

    codes: NDArray[np.float32]
    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    counts: NDArray[np.int64]
    draws: int


def label_latents(
    networks: Networks, training_images: LabelledImages, source: Source, each: int, seed: int
) -> Iterator[LabelledLatents]:
    """Draw from a source (`draw_latents`) until each label has `each` vectors, or 20 draws a vector wanted are made.

    Raises:
        StudioError: `each` is not 1…1200.
    """
    if not 1 <= each <= LARGEST_MOSAIC:
        raise StudioError(
            f"A mosaic has 1 to {LARGEST_MOSAIC} pictures a label, not {each}: choose a number in this range."
        )
    labels = networks.number_of_labels
    counts, draws = np.zeros(labels, dtype=np.int64), 0
    latents = draw_latents(networks, training_images, source, seed)
    while counts.min() < each and draws < DRAWS_FOR_EACH * each * labels:
        codes = next(latents).numpy()
        draws += len(codes)
        images = networks.decode(codes)
        read = networks.classify(images).argmax(axis=1)
        one_hot = read[:, None] == np.arange(labels)
        place = counts[read] + one_hot.cumsum(axis=0)[np.arange(len(read)), read]
        kept = place <= each
        counts = counts + one_hot[kept].sum(axis=0)
        yield LabelledLatents(codes[kept], images[kept], read[kept], counts, draws)


def latent_densities(
    codes: NDArray[np.floating], labels: NDArray[np.int64], number_of_labels: int, width: float = 0.25
) -> LatentDensities:
    """Densities of codes [N, M] of each label [N]: all components pooled, as in Fig. 3, and each one alone.

    Bins of `width` (R25's by default), symmetric about 0 and as many as hold all values. A label without a code has
    density 0 and NaN for mean and spread.
    """
    values = np.asarray(codes, dtype=np.float64)
    half = int(np.ceil(max(np.abs(values).max(initial=0), 4) / width))
    edges = np.arange(-half, half + 1) * width
    bins = np.clip(np.floor(values / width).astype(np.int64) + half, 0, 2 * half - 1)
    components = np.zeros((number_of_labels, values.shape[1], 2 * half), dtype=np.float32)
    means, spreads = np.full((2, number_of_labels), np.nan)
    counts = np.bincount(labels, minlength=number_of_labels)
    first_bins = np.arange(values.shape[1]) * 2 * half
    for label in np.flatnonzero(counts):
        chosen = labels == label
        filled = np.bincount((bins[chosen] + first_bins).ravel(), minlength=components[label].size)
        components[label] = filled.reshape(components[label].shape) / (counts[label] * width)
        means[label], spreads[label] = values[chosen].mean(), values[chosen].std()
    return LatentDensities(
        edges=edges,
        width=width,
        pooled=components.mean(axis=1, dtype=np.float64),
        components=components,
        normal=np.diff(scipy.stats.norm.cdf(edges)) / width,
        means=means,
        spreads=spreads,
        counts=counts,
    )
