"""`lsd-studio figures FILE`: what can be drawn of labelled codes alone, as files for publication."""

from __future__ import annotations

import argparse

from lsd_studio.cli.answers import answer, bars
from lsd_studio.cli.codes.space import label_column, read_space, refuse_for_codes
from lsd_studio.engine.api import Engine
from lsd_studio.engine.figures.choosing import chosen_code_figures
from lsd_studio.engine.figures.spec import FigureLook
from lsd_studio.files.folders import folder_to_fill


def run(options: argparse.Namespace) -> None:
    """Compute the figures, draw them one by one, and answer with their files.

    Raises:
        StudioError: no column is named, or what is asked needs networks.
    """
    refuse_for_codes(options, "data", "images")
    names = chosen_code_figures(options.only)
    look = FigureLook(options.style, dpi=options.dpi)
    written = {}
    with folder_to_fill(options.out), Engine() as engine, bars() as shown:
        space = read_space(engine, options, shown)
        column = label_column(options, space)
        figures = engine.spaces.figures(space, column, names, options.seed).result(shown.follow)
        for name, figure in figures.items():
            path = options.out / f"figure-{name}"
            saved = engine.figures.save(figure, path, look, formats=options.format).result(shown.follow)
            written[name] = [str(file) for file in saved.files]
            if options.json != "-":
                shown.say(f"{name}: {saved.files[0]}")
    answer(written, options.json)
