"""What the Evaluate workspace shows, as figures for publication."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lsd_studio.engine.evaluation.findings import BundleMetrics, Latent, Measure, Read
from lsd_studio.engine.figures.panels.evaluation import (
    BATCH,
    ORDINALS,
    READINGS,
    amplitude_panels,
    batch_panel,
    confusion_panel,
    per_label_panel,
    ranks_panel,
    trials_panel,
)
from lsd_studio.engine.figures.spec import Mosaic, Panel, PlotFigure
from lsd_studio.engine.operations.evaluate import Evaluation
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.evaluate.formatting import LATENTS, measured_on
from lsd_studio.ui.evaluate.trials import per_trial
from lsd_studio.ui.widgets.number_formatting import signed_number

HARDEST, HARDEST_ACROSS = 24, 6
"""Images in a figure of the hardest, and in a row of it."""


def evaluation_figures(
    shown: Evaluation,
    metrics: BundleMetrics,
    view: str,
    latent: Latent,
    reading: Reading,
    batch: int,
    hardest: np.ndarray,
) -> tuple[PlotFigure, ...]:
    """The figures of one view, the whole of it first; none for a view without plots.

    Args:
        shown: what was found; metrics: the numbers shown of it.
        view: figure 5, figure 6, labels, hardest or table.
        latent, reading: the codes, and how they are read.
        batch: of test images, counted from 0.
        hardest: places in the test set of the images shown, the hardest first.
    """
    read = shown.findings.reads[latent, reading]
    source = f"{measured_on(shown)} · {LATENTS[latent]}, {READINGS[reading]}"
    match view:
        case "figure 5":
            parts = _figure_5(shown, metrics, read, latent, reading, batch)
        case "figure 6":
            return _figure_6(read, reading, source)
        case "hardest":
            return _hardest(shown, read, hardest, source)
        case "labels":
            parts = (
                ("confusions", "Confusions", confusion_panel(read, shown.label_names)),
                ("labels", "Accuracy of each label", per_label_panel(read, shown.label_names)),
            )
        case _:
            return ()
    titled = tuple(replace(panel, title=title) for _, title, panel in parts)
    name = view.replace(" ", "-")
    whole = PlotFigure(
        name, f"{view.capitalize()}, all panels", titled, source, columns=len(titled), wide=True
    )
    return (whole, *(PlotFigure(f"{name}-{part}", title, (panel,), source) for part, title, panel in parts))


def _figure_5(
    shown: Evaluation, metrics: BundleMetrics, read: Read, latent: Latent, reading: Reading, batch: int
) -> tuple[tuple[str, str, Panel], ...]:
    part = slice(batch * BATCH, (batch + 1) * BATCH)
    first_read = read.statistics.first_read[part]
    dots = batch_panel(shown.findings.labels[part], first_read, shown.label_names, batch * BATCH + 1)
    classifier: Measure | None = metrics.measures.get("classifier_accuracy")
    trials = trials_panel(per_trial(metrics), classifier, reading)
    ranks = ranks_panel(read.cumulative, read.floor.cumulative, read.floor.amplitude, classifier)
    parts = (
        ("batch", "A batch read by LSD", dots),
        ("trials", "Accuracy of each trial", trials),
        ("ranks", "Rank of the true label", ranks),
    )
    return parts if per_trial(metrics) else (parts[0], parts[2])


def _hardest(shown: Evaluation, read: Read, places: np.ndarray, source: str) -> tuple[PlotFigure, ...]:
    """The hardest images, each with its label, the one read where that is another, and the margin."""
    if not len(places):
        return ()
    names, labels, first_read = shown.label_names, shown.findings.labels, read.statistics.first_read
    panels = []
    for place in places[:HARDEST]:
        true, found, margin = names[labels[place]], names[first_read[place]], float(read.margins[place])
        picture = shown.images[place].transpose(1, 2, 0)
        words = f"{true} ✓" if true == found else f"{true} → {found}"
        mosaic = Mosaic(f"test image {place}", picture[None, None])
        panels.append(Panel((mosaic,), title=f"{words}  {signed_number(margin)}"))
    margin_words = "the largest amplitude of the true label minus the largest of any other"
    return (
        PlotFigure(
            "hardest",
            "The hardest test images",
            tuple(panels),
            source,
            f"Label, the label read where it is another, and the margin: {margin_words}.",
            columns=min(HARDEST_ACROSS, len(panels)),
            wide=True,
        ),
    )


def _figure_6(read: Read, reading: Reading, source: str) -> tuple[PlotFigure, ...]:
    panels = amplitude_panels(read, reading)
    ranks = tuple(ORDINALS.values())
    titles = (
        *(f"amplitudes, true label {rank}" for rank in ranks),
        *(f"densities, true label {rank}" for rank in ranks),
    )
    titled = tuple(
        replace(
            panel,
            title=f"{letter}) true label {ranks[place % len(ranks)]}",
            legend="none" if place % len(ranks) else "inside",
        )
        for place, (letter, panel) in enumerate(zip("abcdef", panels, strict=True))
    )
    whole = PlotFigure("figure-6", "Figure 6, all panels", titled, source, columns=len(ranks), wide=True)
    singles = (
        PlotFigure(f"figure-6{letter}", f"{letter}) {title}", (panel,), source)
        for letter, title, panel in zip("abcdef", titles, panels, strict=True)
    )
    return (whole, *singles)
