"""`lsd-studio faces`: colour faces drawn by DiceBear, a stand-in for photographs that cannot be shipped."""

from __future__ import annotations

import argparse

from lsd_studio.cli.answers import answer, bars, say
from lsd_studio.engine.datasets.loading import STAND_IN_FACES, stand_in_folder
from lsd_studio.engine.datasets.stand_in_faces import make_faces


def run(options: argparse.Namespace) -> None:
    """Draw the faces, pack them, and answer with the name or folder that `--data` takes."""
    folder = options.out or stand_in_folder()
    with bars() as shown:
        make_faces(folder, options.count, options.seed, shown.show)
    source = STAND_IN_FACES if options.out is None else str(folder)
    answer(
        {"data": source, "folder": str(folder), "faces": options.count, "seed": options.seed}, options.json
    )
    say(
        f"Done: {options.count} stand-in faces in {folder}; train with --data {source}",
    )
