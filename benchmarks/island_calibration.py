"""False alarms and power of islands of t-SNE beside those of Gaussian twins, as a table in Markdown.

    python benchmarks/island_calibration.py [--trials 100] [--twins 19] [--apart 3 4 5 6]

Codes [200, 8] are drawn from a Gaussian of unequal variances (false alarms), or from four unit Gaussians every two of
which lie so far apart (power), a tenth as often. Each is laid out by t-SNE (perplexity 20, 500 steps), and so are its
own twins. Intervals are Clopper and Pearson's, of 95 %.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from lsd_studio.engine.latent.island_comparison import IslandComparison, compare_islands
from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings
from lsd_studio.engine.latent.views import lay_out
from lsd_studio.engine.spaces.code_dataset import code_dataset
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.engine.steps import finished

COUNT, COMPONENTS, CLUSTERS = 200, 8, 4
SETTINGS = EmbeddingSettings(points=COUNT, perplexity=20, steps=500)


def gaussian(random: np.random.Generator) -> np.ndarray:
    """Of variances that fall as 1 / k."""
    return random.standard_normal((COUNT, COMPONENTS)) / np.sqrt(np.arange(1, COMPONENTS + 1))


def clusters(random: np.random.Generator, apart: float) -> np.ndarray:
    """Unit Gaussians whose centres are the corners of a simplex."""
    centres = np.eye(CLUSTERS, COMPONENTS) * apart / np.sqrt(2)
    return random.standard_normal((COUNT, COMPONENTS)) + centres[np.arange(COUNT) % CLUSTERS]


def compared(codes: np.ndarray, twins: int) -> IslandComparison:
    """The islands of a layout of codes beside those of so many twins."""
    space = LatentSpace(Path("drawn.npz"), "", codes.astype(np.float32), np.ones(COUNT, dtype=bool), {})
    of = code_dataset(space, None, COUNT)
    return finished(compare_islands(of, finished(lay_out(of, SETTINGS)), twins, "codes"))


def main() -> None:
    """Print a row for the Gaussian and for each distance."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--twins", type=int, default=19)
    parser.add_argument("--apart", type=float, nargs="*", default=[3, 4, 5, 6])
    options = parser.parse_args()
    print(
        "| codes | trials | islands called real | all four clusters | widest gap, median | of all twins |",
        "| --- | --- | --- | --- | --- | --- |",
        sep="\n",
    )
    rows = [("one Gaussian", gaussian, options.trials)]
    rows += [
        (f"four, {apart:g} σ apart", partial(clusters, apart=apart), options.trials // 10)
        for apart in options.apart
    ]
    for words, draw, trials in rows:
        random = np.random.default_rng(0)
        found = [compared(draw(random), options.twins) for _ in range(trials)]
        some = sum(bool(one.islands) for one in found)
        every = sum(len(one.islands) == CLUSTERS for one in found)
        interval = binomtest(some, trials).proportion_ci(method="exact")
        low, high = 100 * interval.low, 100 * interval.high
        gap, limit = np.median([one.largest for one in found]), np.median([one.limit for one in found])
        print(
            f"| {words} | {trials} | {some} ({low:.0f} to {high:.0f} %) | {every} | {gap:.2f} | {limit:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
