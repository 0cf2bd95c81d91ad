"""Figures for publication: every figure of the paper for any bundle, and any other plot, drawn with matplotlib.

    from lsd_studio.engine.figures import draw

    draw("5c", images=1000)                   # in a notebook: the figure is shown
    draw("4b", "runs/mine").savefig("4b.pdf")

`draw` gives a figure of matplotlib; `lsd-studio figures` writes files with their data and origin.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lsd_studio.engine.figures.spec import FigureInputs, FigureLook, FigureStyle, PlotFigure

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle
    from lsd_studio.engine.figures.drawing import ShownFigure
    from lsd_studio.engine.vocabulary import Reading

__all__ = ["draw"]


def draw(
    what: str | PlotFigure,
    bundle: Bundle | Path | str = "mnist-studio",
    *,
    style: FigureStyle | None = None,
    data: str | None = None,
    images: int | None = None,
    seed: int = 0,
    reading: Reading | None = None,
) -> ShownFigure:
    """Draw a figure of the paper for a bundle, or any plot that is described; for notebooks and scripts.

    Args:
        what: the number of a figure of the paper, such as "5c", or a description.
        bundle: an open bundle, a bundle's or run's folder, or the name of a shipped one; not looked at for a
            description.
        style: "column", "double" or "slide"; None takes what suits the figure.
        data: test images by name or folder; None takes the data set that the bundle was trained on.
        images: how many test images at most; None takes all, which takes minutes for Figures 5 and 6 where the bundle
            was not evaluated before.
        seed: of all draws.
        reading: how amplitudes name a label; None takes that of the bundle's profile.

    Returns:
        A figure of matplotlib, which notebooks show and whose `savefig` writes it.

    Raises:
        StudioError: there is no such figure, bundle or data set.
    """
    from lsd_studio.engine.bundle import Bundle, open_bundle
    from lsd_studio.engine.figures.drawing import draw_plot
    from lsd_studio.engine.figures.material import Material
    from lsd_studio.engine.figures.numbers import paper_figure
    from lsd_studio.engine.steps import finished

    if isinstance(what, str):
        make = paper_figure(what).make
        opened = bundle if isinstance(bundle, Bundle) else open_bundle(bundle)
        inputs = FigureInputs(data=data, images=images, seed=seed, reading=reading)
        what = finished(make(Material(opened, inputs)))
    return draw_plot(what, FigureLook(style))
