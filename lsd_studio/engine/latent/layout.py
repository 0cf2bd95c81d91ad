"""Codes laid out on a plane by t-SNE (R29)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.embedding import (
    EmbeddingSettings,
    EmbeddingStep,
    check_embedding,
    embed,
)
from lsd_studio.engine.platform.seeds import random_numbers

if TYPE_CHECKING:
    from lsd_studio.engine.latent.dataset import LatentDataset


@dataclass(frozen=True, eq=False)
class Layout(EmbeddingStep):
    """Codes on a plane as t-SNE has them now. Its axes and distances have no unit.

    Attributes:
        indices: int64 [K], which codes (or points of the twin) they are; the same in all layouts of one run.
        labels: int64 [K], of the images; −1 of the twin.
        settings: as used: `points` is K.
    """

    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    settings: EmbeddingSettings


def lay_out(of: LatentDataset, settings: EmbeddingSettings) -> Generator[Layout, None, Layout]:
    """Yields the layout before the first step and after every ten, and returns the last.

    Raises:
        StudioError: a number is out of its range, or there is no twin.
    """
    codes = of.population(settings.twin)
    leading = of.principal.rank if settings.leading is None else settings.leading
    if not 2 <= leading <= of.principal.rank:
        raise StudioError(
            f"t-SNE sees 2 to {of.principal.rank} principal axes of these codes, not {leading}: choose another number."
        )
    used = replace(settings, points=min(settings.points, len(codes)))
    numbers = used.perplexity, used.early_exaggeration, used.steps
    check_embedding(used.points, *numbers)
    random = random_numbers(used.seed, "codes laid out")
    indices = np.sort(random.choice(len(codes), used.points, replace=False))
    chosen = codes[indices]
    if used.leading is not None:
        chosen = of.principal.coordinates(chosen, slice(leading))
    labels = of.labels(indices, used.twin)
    for step in embed(chosen, *numbers, used.seed % 2**32):
        layout = Layout(**vars(step), indices=indices, labels=labels, settings=used)
        yield layout
    return layout
