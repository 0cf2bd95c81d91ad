"""Figure 6: normalised amplitudes by rank where the true label ranks first, second and third (R18)."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from lsd_studio.engine.evaluation.findings import Read
from lsd_studio.engine.figures.figure_five import measured_figure
from lsd_studio.engine.figures.material import Drawn, Material
from lsd_studio.engine.figures.panels.evaluation import ORDINALS, READINGS, densities_panel, spread_panel
from lsd_studio.engine.figures.spec import Panel

TrueRank = Literal[1, 2, 3]


def amplitudes_by_rank(material: Material, true_rank: TrueRank) -> Drawn:
    """Figures 6a–c: the share of codes in each cell of rank and normalised amplitude, their mean, the noise floor."""
    read = yield from material.read()
    return measured_figure(
        material,
        f"6{'abc'[true_rank - 1]}",
        f"Amplitudes by rank, true label {ORDINALS[true_rank]}",
        _titled_if_empty(spread_panel(read, true_rank, material.reading), read, true_rank),
        f"Normalised amplitudes by rank of {_codes(material, read, true_rank)}. Each column of cells adds up to 100 %. "
        f"Dashed: the noise floor with a = {read.floor.amplitude:.2f}.",
    )


def densities_of_ranks(material: Material, true_rank: TrueRank) -> Drawn:
    """Figures 6d–f: densities of the second, third and fourth normalised amplitude, with the noise floor."""
    read = yield from material.read()
    return measured_figure(
        material,
        f"6{'def'[true_rank - 1]}",
        f"Densities of amplitudes, true label {ORDINALS[true_rank]}",
        _titled_if_empty(densities_panel(read, true_rank, material.reading), read, true_rank),
        f"Densities of the second, third and fourth normalised amplitude of {_codes(material, read, true_rank)}. "
        f"Dashed: the noise floor with a = {read.floor.amplitude:.2f}.",
    )


def _titled_if_empty(panel: Panel, read: Read, true_rank: TrueRank) -> Panel:
    """The panel, with a title that says why there is nothing in it."""
    is_empty = not read.statistics.ratios[true_rank - 1, 0].sum()
    return replace(panel, title=f"no code has its true label {ORDINALS[true_rank]}") if is_empty else panel


def _codes(material: Material, read: Read, true_rank: TrueRank) -> str:
    codes = int(read.statistics.ratios[true_rank - 1, 0].sum())
    return f"the {codes} codes whose true label ranks {ORDINALS[true_rank]} by {READINGS[material.reading]}"
