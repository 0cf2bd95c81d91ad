"""Figure 6: normalised amplitudes by rank where the true label ranks first, second and third (R18)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from lsd_studio.engine.figures.figure_five import READINGS
from lsd_studio.engine.figures.material import Drawn, Material
from lsd_studio.engine.messages.figures import Axis, Heatmap, Ink, Line, Panel, Part, PlotFigure, Steps

__all__ = ["amplitudes_by_rank", "densities_of_ranks"]

TrueRank = Literal[1, 2, 3]

ORDINALS = {1: "first", 2: "second", 3: "third"}
SHOWN: tuple[tuple[int, str, Ink], ...] = ((2, "2nd", "blue"), (3, "3rd", "orange"), (4, "4th", "teal"))
"""The ranks whose densities are drawn."""


def amplitudes_by_rank(material: Material, true_rank: TrueRank) -> Drawn:
    """Figures 6a–c: the share of codes in each cell of rank and normalised amplitude, their mean, the noise floor."""
    read = yield from material.read()
    counts, edges = read.statistics.ratios[true_rank - 1], read.statistics.edges
    codes, ranks = int(counts[0].sum()), len(counts)
    parts: tuple[Part, ...] = ()
    if codes:
        shares = 100 * counts.T / counts.sum(axis=1)
        places = np.arange(1, ranks + 1)
        parts = (
            Heatmap(
                "codes in a cell", shares, unit="% of a rank", ends=(0.0, float(shares[:, 1:].max())),
                edges=(0.5, ranks + 0.5, float(edges[0]), float(edges[-1])),
            ),
            Line("noise floor", places, read.floor.expected[true_rank - 1], "purple", dash="dashed", width=1.5),
            Line("mean", places, read.mean_ratios(true_rank), "red", width=1.5),
        )  # fmt: skip
    return PlotFigure(
        name=f"figure-6{'abc'[true_rank - 1]}",
        title=f"Amplitudes by rank, true label {ORDINALS[true_rank]}",
        panels=(
            Panel(
                parts,
                Axis("rank k", limits=(0.5, ranks + 0.5)),
                Axis(_ratio(material), limits=(float(edges[0]), 1.0)),
            ),
        ),
        source=_source(material),
        caption=f"Normalised amplitudes by rank of the {codes} codes whose true label ranks {ORDINALS[true_rank]} by "
        f"{READINGS[material.reading]}. Each column of cells adds up to 100 %. Dashed: the noise floor with "
        f"a = {read.floor.amplitude:.2f}.",
        number=f"6{'abc'[true_rank - 1]}",
        settings=material.settings("data", "images", "trials", "seed", "reading"),
    )


def densities_of_ranks(material: Material, true_rank: TrueRank) -> Drawn:
    """Figures 6d–f: densities of the second, third and fourth normalised amplitude, with the noise floor."""
    read = yield from material.read()
    edges = read.statistics.edges
    codes = int(read.statistics.ratios[true_rank - 1, 0].sum())
    middles = (edges[1:] + edges[:-1]) / 2
    measured: list[Part] = []
    floors: list[Part] = []
    tops = [1.0]
    for place, (rank, name, ink) in enumerate(SHOWN):
        density = read.density(true_rank, rank)
        if density.any():
            measured.append(Steps(name, edges, density, ink))
            expected = read.floor.densities[true_rank - 1, place]
            floors.append(Line("", middles, expected, ink, dash="dashed"))
            tops += [float(density.max()), float(np.quantile(expected, 0.98))]
    return PlotFigure(
        name=f"figure-6{'def'[true_rank - 1]}",
        title=f"Densities of amplitudes, true label {ORDINALS[true_rank]}",
        panels=(
            Panel(
                (*measured, *floors),
                Axis(_ratio(material), limits=(float(edges[0]), 1.0)),
                Axis("probability density", limits=(0.0, 1.08 * max(tops))),
            ),
        ),
        source=_source(material),
        caption=f"Densities of the second, third and fourth normalised amplitude of the {codes} codes whose true "
        f"label ranks {ORDINALS[true_rank]} by {READINGS[material.reading]}. Dashed: the noise floor with "
        f"a = {read.floor.amplitude:.2f}.",
        number=f"6{'def'[true_rank - 1]}",
        settings=material.settings("data", "images", "trials", "seed", "reading"),
    )


def _ratio(material: Material) -> str:
    return "|c|₍ₖ₎ / |c|₍₁₎" if material.reading == "absolute" else "c₍ₖ₎ / c₍₁₎"


def _source(material: Material) -> str:
    draws = f"{material.asked.trials} draws of z, seed {material.asked.seed}"
    return material.test_source(draws, READINGS[material.reading])
