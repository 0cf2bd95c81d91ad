"""What the Decompose workspace shows, as figures for publication."""

from __future__ import annotations

import numpy as np

from lsd_studio.engine.figures.spec import Axis, Bars, Mosaic, Panel, PlotFigure, Rule
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operations.decompose import DecomposedImage
from lsd_studio.percentages import percent

FIRST = 20
"""Amplitudes of the second figure, whose vectors are named below their bars."""


def decomposition_figures(
    shown: DecomposedImage, bundle: OpenedBundle, source: str
) -> tuple[PlotFigure, ...]:
    """Pictures and amplitudes together, then each alone: all amplitudes by rank, the first ones with their names.

    Args:
        shown: the image, decomposed; bundle: that it was decomposed with.
        source: what is shown was computed from, in words.
    """
    pictures, amplitudes, first = _pictures(shown), _amplitudes(shown, bundle), _first(shown, bundle)
    read = bundle.label_names[shown.lsd_label]
    caption = (
        f"Amplitudes c = ⟨ξ|z⟩ / M by rank, in the colours of their labels; LSD reads {read}, "
        f"C reads {bundle.label_names[shown.label]} ({percent(shown.probability)})."
    )
    whole = PlotFigure(
        "decomposition", "Pictures and amplitudes", (pictures, first), source, caption, wide=True
    )
    return (
        whole,
        PlotFigure("amplitudes", "All amplitudes by rank", (amplitudes,), source, caption),
        PlotFigure("first-amplitudes", "The first amplitudes", (first,), source, caption),
        PlotFigure("truncations", "The image and its truncations", (pictures,), source),
    )


def _pictures(shown: DecomposedImage) -> Panel:
    parts = shown.truncations
    names = ("image", *(f"n = {part.terms}" for part in parts[:-1]), f"n = M = {parts[-1].terms}")
    row = np.stack([shown.picture, *(part.picture for part in parts)])
    return Panel((Mosaic("image and truncations", row[None], columns=names),))


def _amplitudes(shown: DecomposedImage, bundle: OpenedBundle) -> Panel:
    ranking = shown.ranking.tolist()
    inks = tuple(vector % bundle.number_of_labels for vector in ranking)
    bars = Bars("amplitude c", np.arange(1, len(ranking) + 1), shown.amplitudes[ranking], inks, width=0.9)
    return Panel(
        (bars, Rule("zero", 0.0, dash="solid")),
        Axis("rank of the vector"),
        Axis("amplitude c"),
        legend="none",
    )


def _first(shown: DecomposedImage, bundle: OpenedBundle) -> Panel:
    ranking = shown.ranking[:FIRST].tolist()
    labels = bundle.number_of_labels
    names = [f"{bundle.label_names[vector % labels]},{vector // labels + 1}" for vector in ranking]
    places = np.arange(1, len(ranking) + 1)
    ticks = tuple((float(place), name) for place, name in zip(places.tolist(), names, strict=True))
    bars = Bars(
        "amplitude c", places, shown.amplitudes[ranking], tuple(vector % labels for vector in ranking)
    )
    return Panel(
        (bars, Rule("zero", 0.0, dash="solid")),
        Axis("vector ξ by rank: label, set", ticks=ticks),
        Axis("amplitude c"),
        legend="none",
        aspect=0.36,
    )
