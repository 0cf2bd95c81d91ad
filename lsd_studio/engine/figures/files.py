"""A figure as files: the drawing in each format asked for, its data, and last the JSON file that describes both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lsd_studio.engine.autoencoders.coders import Coder
from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.drawing import figure_bytes
from lsd_studio.engine.figures.plain_names import with_plain_names
from lsd_studio.engine.figures.record import record_of
from lsd_studio.engine.figures.spec import FORMATS, FigureFormat, FigureLook, FigureView, PlotFigure
from lsd_studio.engine.figures.tables import data_file
from lsd_studio.files.writing import write_file

_NAME = re.compile(r"[^\W_][\w .-]{0,119}")


def format_of(path: Path) -> FigureFormat:
    """The format that the ending of a file names.

    Raises:
        StudioError: it names none.
    """
    for kind in FORMATS:
        if path.suffix.lower() == f".{kind}":
            return kind
    raise StudioError(f"{path.name} is no figure format: end the name in .pdf, .svg or .png.")


def write_figure(
    figure: PlotFigure,
    folder: Path,
    stem: str,
    formats: Sequence[FigureFormat],
    look: FigureLook,
    bundle: Bundle | Coder | None,
    view: FigureView | None,
) -> tuple[Path, ...]:
    """Write a figure's files, each atomically, and return them: `stem`.pdf …, `stem`.csv or `stem`.npz, `stem`.json.

    Raises:
        StudioError: the folder is missing or cannot be written to, or the look is out of range.
    """
    if not _NAME.fullmatch(stem):
        raise StudioError(
            f"{stem!r} cannot name a figure: begin with a letter or digit, and use no other signs."
        )
    if not folder.is_dir():
        raise StudioError(f"{folder} is no folder: please name one that exists.")
    figure = with_plain_names(figure)
    ending, data, arrays = data_file(figure)
    record = record_of(figure, bundle, look, view, f"{stem}.{ending}", arrays)
    contents = {f"{stem}.{kind}": figure_bytes(figure, look, kind) for kind in formats}
    contents |= {f"{stem}.{ending}": data, f"{stem}.json": record.content()}
    for name, content in contents.items():
        write_file(folder / name, content)
    return tuple(folder / name for name in contents)
