"""t-SNE of codes (R29) with openTSNE, a few steps at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError

Method = Literal["t-SNE", "UMAP"]

EXAGGERATED_STEPS = 250
STEPS_AT_ONCE = 10
FEWEST_POINTS = 10
MOST_POINTS = 200_000
MOST_STEPS = 5000


@dataclass(frozen=True)
class EmbeddingSettings:
    """What t-SNE (openTSNE), or UMAP in its place, is run with (R29).

    Args:
        points: how many codes, drawn at random without repetition; all where there are fewer.
        leading: number of leading principal axes that it sees, such as 2, 4 or 10; None: the raw codes.
        perplexity: effective number of neighbours, 1…points / 3; of UMAP the number of neighbours, from 2.
        early_exaggeration: of attraction, for the first 250 steps of t-SNE.
        steps: in all; of UMAP the epochs.
        seed: of the draw of the codes and of the search for neighbours.
        twin: of the Gaussian twin in place of the codes.
        method: what lays the codes out.
    """

    points: int = 5000
    leading: int | None = None
    perplexity: float = 30.0
    early_exaggeration: float = 12.0
    steps: int = 750
    seed: int = 0
    twin: bool = False
    method: Method = "t-SNE"


@dataclass(frozen=True, eq=False)
class EmbeddingStep:
    """The layout after `step` of `of` steps.

    Attributes:
        points: float32 [K, 2].
        exaggerated: whether the early exaggeration goes on.
        divergence: Kullback–Leibler divergence, without exaggeration; NaN at step 0, and of UMAP.
    """

    points: NDArray[np.float32]
    step: int
    of: int
    exaggerated: bool
    divergence: float


def check_embedding(points: int, perplexity: float, early_exaggeration: float, steps: int) -> None:
    """Raise a StudioError where t-SNE cannot be run with these numbers."""
    if not FEWEST_POINTS <= points <= MOST_POINTS:
        raise StudioError(
            f"t-SNE lays out {FEWEST_POINTS} to {MOST_POINTS} points, not {points}: choose another."
        )
    if not 1 <= perplexity <= points / 3:
        raise StudioError(
            f"With {points} points the perplexity is 1 to {points // 3}, not {perplexity:g}: choose another."
        )
    if not 1 <= early_exaggeration <= 100:
        raise StudioError(f"The early exaggeration is 1 to 100, not {early_exaggeration:g}: choose another.")
    if not 0 <= steps <= MOST_STEPS:
        raise StudioError(f"t-SNE takes 0 to {MOST_STEPS} steps, not {steps}: choose another number.")


def embed(
    points: NDArray[np.float32], perplexity: float, early_exaggeration: float, steps: int, seed: int
) -> Iterator[EmbeddingStep]:
    """Lay points [K, d], d ≥ 2, out on a plane in `steps` steps, reported every ten; the first 250 exaggerate.

    It starts from the two leading principal axes. Learning rate K / exaggeration (Belkina et al. 2019), momentum 0.8.
    The optimiser keeps its momentum between reports, so the layout is that of one uninterrupted run.

    Raises:
        StudioError: a number is out of its range.
    """
    from openTSNE import TSNEEmbedding, affinity, initialization

    check_embedding(len(points), perplexity, early_exaggeration, steps)
    affinities = affinity.PerplexityBasedNN(points, perplexity=perplexity, random_state=seed)
    layout = TSNEEmbedding(
        initialization.pca(points, random_state=seed), affinities, momentum=0.8, random_state=seed
    )
    exaggerated = min(EXAGGERATED_STEPS, steps)
    yield EmbeddingStep(np.array(layout, dtype=np.float32), 0, steps, exaggerated > 0, math.nan)
    done = 0
    for phase, exaggeration in ((exaggerated, early_exaggeration), (steps, 1.0)):
        while done < phase:
            some = min(STEPS_AT_ONCE, phase - done)
            layout.optimize(n_iter=some, exaggeration=exaggeration, inplace=True)
            done += some
            yield EmbeddingStep(
                np.array(layout, dtype=np.float32),
                done,
                steps,
                done < exaggerated,
                float(layout.kl_divergence),
            )
