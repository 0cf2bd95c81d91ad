"""`lsd-studio figures`: the figures of the paper for a bundle, as files for publication with their data and origin."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from lsd_studio.cli.answers import Bars, answer, bars, check_destination, say
from lsd_studio.cli.exit_codes import EXIT_DONE, EXIT_INTERRUPTED
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.figures.files import write_figure
from lsd_studio.engine.figures.material import Asked, Material
from lsd_studio.engine.figures.numbers import FIGURES
from lsd_studio.engine.figures.spec import PAPER_FIGURES, FigureFormat, FigureLook, PlotFigure
from lsd_studio.engine.steps import finished
from lsd_studio.files.folders import folder_to_fill


def run(options: argparse.Namespace) -> int:
    """Draw the figures one by one and answer with their files; what is written when it is stopped is whole."""
    check_destination(options.json)
    numbers = options.only or PAPER_FIGURES
    look = FigureLook(options.style, dpi=options.dpi)
    written: dict[str, tuple[Path, ...]] = {}
    try:
        with folder_to_fill(options.out), bars() as shown:
            shown.show("opening the bundle", 0.0)
            asked = Asked(data=options.data, images=options.images, seed=options.seed)
            material = Material(open_bundle(options.bundle), asked)
            for place, number in enumerate(numbers):
                figure = _made(material, number, place / len(numbers), 1 / len(numbers), shown)
                shown.note(*material.notes)
                written[number] = _written(figure, material, options.out, options.format, look)
                if options.json != "-":
                    shown.say(f"{number}: {written[number][0]}")
    except KeyboardInterrupt:
        say(f"lsd-studio: stopped; {len(written)} of {len(numbers)} figures are written.")
        return EXIT_INTERRUPTED
    answer({number: [str(path) for path in paths] for number, paths in written.items()}, options.json)
    return EXIT_DONE


def _made(material: Material, number: str, done: float, part: float, shown: Bars) -> PlotFigure:
    shown.show("drawing figures", done, f"Figure {number}")
    return finished(
        FIGURES[number].make(material),
        lambda at: shown.show("drawing figures", done + part * at.share, f"Figure {number}: {at.doing}"),
    )


def _written(
    figure: PlotFigure, material: Material, folder: Path, formats: Sequence[FigureFormat], look: FigureLook
) -> tuple[Path, ...]:
    view = FIGURES[figure.number].view(material)
    return write_figure(figure, folder, figure.name, formats, look, material.bundle, view)
