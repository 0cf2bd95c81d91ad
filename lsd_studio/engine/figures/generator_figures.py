"""Figures of a report on a generator."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from lsd_studio.engine.evaluation.generator.report import GeneratorReport, Space
from lsd_studio.engine.figures.panels.generator import labels_panel, nearness_panel, shares_panel, sizes_panel
from lsd_studio.engine.figures.spec import PlotFigure
from lsd_studio.engine.vocabulary import READER_NAMES


def generator_figures(
    report: GeneratorReport, by: Literal["classifier", "judge"], space: Space, source: str
) -> tuple[PlotFigure, ...]:
    """The panels of a report on the generator, together and alone.

    Args:
        by: whose features; space: what images lie near each other in.
        source: whose generator it is and what it was compared with, in words.
    """
    reader = report.readers[by]
    panels = {
        "distance": ("Fréchet distance by number of images", sizes_panel(reader)),
        "shares": ("Precision, recall, density, coverage and evenness", shares_panel(reader)),
        "labels": ("Labels read in random samples", labels_panel(report, reader)),
        "nearest": ("Distance to the nearest training image", nearness_panel(report, space)),
    }
    caption = " ".join(report.notes[1:])
    together = tuple(replace(panel, title=words) for words, panel in panels.values())
    title = f"How good the generator is, by {READER_NAMES[by]}"
    whole = PlotFigure("generator", title, together, source, caption, columns=2, wide=True)
    singles = (
        PlotFigure(f"generator-{name}", f"{words}, by {READER_NAMES[by]}", (panel,), source, caption)
        for name, (words, panel) in panels.items()
    )
    return (whole, *singles)
