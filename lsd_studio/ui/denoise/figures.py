"""What the Denoise workspace shows of one image, as figures for publication."""

from __future__ import annotations

from collections.abc import Sequence

from lsd_studio.engine.denoising.denoised_image import DenoisedImage, Descent
from lsd_studio.engine.figures.panels.denoising import judged_panel
from lsd_studio.engine.figures.spec import PlotFigure

ACROSS = 5
"""Pictures in a row, as in the window."""


def denoised_figures(
    shown: DenoisedImage, descended: Descent | None, label_names: Sequence[str], source: str
) -> tuple[PlotFigure, ...]:
    """The image, denoised by every method and its truncations together, then each alone.

    Args:
        shown: the image, denoised; descended: by descent on z, None where that is not done.
        label_names: of the data set.
        source: what is shown was computed from, in words.
    """
    original = shown.original
    beside = [] if original is None else [("Original", original)]
    beside += [("Noisy", shown.noisy), (f"In ξ, n = {shown.terms}", shown.chosen)]
    beside += [(f"Random basis, n = {shown.terms}", shown.control)]
    beside += [] if descended is None else [("Descent on z", descended.found)]
    beside += [("", judged) for judged in shown.baselines]
    methods = tuple(judged_panel(judged, label_names, original, title) for title, judged in beside)
    truncations = tuple(judged_panel(judged, label_names, original) for _, judged in shown.truncations)
    caption = (
        f"{shown.title.capitalize()}: {shown.noise}; baselines: {shown.parameters}. In a red frame C reads another "
        "label than in the original."
    )
    return tuple(
        PlotFigure(name, title, panels, source, caption, columns=columns, wide=True)
        for name, title, panels, columns in (
            ("denoising", "The image, denoised and truncated", (*methods, *truncations), ACROSS),
            ("denoising-methods", "The image, denoised by every method", methods, ACROSS),
            ("denoising-truncations", "The image from its n largest terms", truncations, len(truncations)),
        )
    )
