"""What a machine without a display is shown: one digit of the shipped test images, decomposed into a picture."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from itertools import chain, count
from pathlib import Path

from lsd_studio.cli.answers import print_table
from lsd_studio.cli.decompose import name_terms
from lsd_studio.cli.display import why_no_qt
from lsd_studio.cli.output import plain
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import FigureLook
from lsd_studio.files.writing import write_file
from lsd_studio.percentages import percent
from lsd_studio.ui.decompose.figures import decomposition_figures

SAMPLE = 0

COMMANDS = (
    ("lsd-studio decompose mnist-studio IMAGE… --json -", "decompose your own images"),
    ("lsd-studio evaluate mnist-studio --json -", "measure the shipped bundle"),
    ("lsd-studio train --out RUN", "train your own models"),
    ("lsd-studio basis RUN", "build a run's basis again"),
    ("lsd-studio operate mnist-studio IMAGE --path 0,1,2 --out strip.png", "turn a digit into others"),
    ("lsd-studio denoise mnist-studio IMAGE --out clean.png", "denoise a picture in every way"),
)
WITH_QT = ("lsd-studio screenshots DIR", "see the window in pictures")


def show_sample(place: str | None = None) -> None:
    """Decompose a test image into a PNG and a table, and name what needs no display.

    Args:
        place: of a bundle; None: the first that ships.

    Raises:
        StudioError: there is none, it or its data set cannot be opened, or the picture can be written nowhere.
    """
    with Engine() as engine:
        opened = engine.bundles.open(place).result()
        data = engine.bundles.test_images(opened.data_set).result()
        found = engine.decompose.image(data.images[SAMPLE]).result()
        names = opened.label_names
        what = f"test image {SAMPLE} of {data.name}, a {names[int(data.labels[SAMPLE])]}"
        figure = decomposition_figures(found, opened, what)[0]
        path = _write(engine.figures.render(figure, FigureLook(dpi=150)).result().png)
    print(plain(f"Instead, here is {what}, in {path}:\n"))
    rows = [
        (
            f"{part.terms} term{'s' if part.terms > 1 else ''}",
            names[part.label],
            percent(part.probability),
            term,
        )
        for part, term in zip(
            found.truncations, name_terms(names, found.amplitudes, found.ranking), strict=False
        )
    ]
    rows.insert(0, ("the image", names[found.label], percent(found.probability), ""))
    print_table(("decoded from", "read as", "probability", "largest amplitudes (label, set)"), rows)
    print("\nThese commands work here:")
    for command, use in COMMANDS if why_no_qt() else (*COMMANDS, WITH_QT):
        print(f"\n{use}:\n  {command}")


def _write(png: bytes) -> Path:
    """Write under a free name in the current folder or, where that cannot be, in the one for temporary files."""
    for folder in (Path.cwd(), Path(tempfile.gettempdir())):
        numbered = (folder / f"lsd-studio-sample-{number}.png" for number in count(2))
        path = next(
            path for path in chain([folder / "lsd-studio-sample.png"], numbered) if not os.path.lexists(path)
        )
        with suppress(StudioError):
            write_file(path, png)
            return path
    raise StudioError(
        "the picture could be written neither here nor to the temporary folder: please make room."
    )
