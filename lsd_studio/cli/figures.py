"""`lsd-studio figures`: figures of the paper for a bundle or of codes, as files with their data and origin."""

from __future__ import annotations

import argparse
from pathlib import Path

import lsd_studio.cli.codes.figures as of_codes
from lsd_studio.cli.answers import answer, bars
from lsd_studio.cli.codes.space import refuse_for_bundles
from lsd_studio.cli.endings import Stopped
from lsd_studio.engine.api import Engine
from lsd_studio.engine.figures.choosing import chosen_numbers
from lsd_studio.engine.figures.spec import PAPER_FIGURES, FigureInputs, FigureLook, NumberedFigure
from lsd_studio.engine.spaces.file_names import is_code_file
from lsd_studio.engine.steps import Doing
from lsd_studio.files.folders import folder_to_fill


def run(options: argparse.Namespace) -> None:
    """Draw the figures one by one and answer with their files; what is written when it is stopped is whole."""
    if is_code_file(options.bundle):
        of_codes.run(options)
        return
    refuse_for_bundles(options)
    numbers = chosen_numbers(options.only) if options.only else PAPER_FIGURES
    look = FigureLook(options.style, dpi=options.dpi)
    written: dict[str, tuple[Path, ...]] = {}
    try:
        with folder_to_fill(options.out), Engine() as engine, bars() as shown:

            def show(step: Doing) -> None:
                share = (len(written) + (step.share or 0.0)) / len(numbers)
                shown.show("drawing figures", share, f"Figure {number}: {step.what}")

            shown.show("opening the bundle", 0.0)
            engine.bundles.use(options.bundle).result()
            for number in numbers:
                figure = NumberedFigure(number, FigureInputs(options.data, options.images, seed=options.seed))
                path = options.out / f"figure-{number}"
                saved = engine.figures.save(figure, path, look, formats=options.format).result(show)
                shown.note(*saved.notes)
                written[number] = saved.files
                if options.json != "-":
                    shown.say(f"{number}: {saved.files[0]}")
    except Stopped as stopped:
        stopped.sentence = f"stopped; {len(written)} of {len(numbers)} figures are written."
        raise
    answer({number: [str(path) for path in paths] for number, paths in written.items()}, options.json)
