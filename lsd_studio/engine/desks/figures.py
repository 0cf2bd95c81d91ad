"""Figures for publication: drawn to files or to PNG, and read back to where they were looked at.

matplotlib takes most of a second to import, so it is imported when the first figure is drawn.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from PIL import Image

from lsd_studio.engine.autoencoders.coders import Coder, shipped_coders
from lsd_studio.engine.bundle import Bundle, find_bundle, open_bundle
from lsd_studio.engine.bundle.checked_files import LARGEST_TEXT_FILE
from lsd_studio.engine.bundle.imported import imported_bundles
from lsd_studio.engine.bundle.manifest import MANIFEST
from lsd_studio.engine.desks.bundles import bundle_opened
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.material import Asked, Material
from lsd_studio.engine.figures.numbers import paper_figure
from lsd_studio.engine.figures.record import FigureRecord, read_record
from lsd_studio.engine.messages.core import Event, Request, Working
from lsd_studio.engine.messages.figures import (
    FigureRead,
    FigureRendered,
    FigureSaved,
    FigureWorking,
    NumberedFigure,
    PlotFigure,
    ReadFigure,
    RenderFigure,
    SaveFigure,
    ViewSettings,
)
from lsd_studio.engine.runs.files import runs_folder
from lsd_studio.engine.session import Handler, Session
from lsd_studio.engine.steps import told
from lsd_studio.files.plain_files import read_plain

__all__ = ["HANDLERS"]

NOTE = "figures"

CODER = "coder"
"""Where a view of a latent space names its coder: by its folder in the window, by its name in a file, which is found
again by the hash."""


def _save(session: Session, number: int, request: SaveFigure) -> Iterator[Event]:
    from lsd_studio.engine.figures.files import format_of, write_figure

    kind = format_of(request.path)
    folder = request.path.absolute().parent
    open_then, codes_then = session.bundle, session.laboratory
    figure = yield from _described(session, number, request.figure)
    bundle: Bundle | Coder | None = open_then if figure.of == "bundle" else None
    view = request.view
    if figure.of == "codes" and codes_then is not None:
        bundle = codes_then.coder
        if view is not None and CODER in view.settings:
            view = replace(view, settings={**view.settings, CODER: bundle.name})
    yield FigureWorking(number, "drawing", 1.0)
    if view is None and isinstance(request.figure, NumberedFigure):
        assert open_then is not None
        view = paper_figure(figure.number).view(_material(session, open_then, request.figure))
    paths = write_figure(figure, folder, request.path.stem, (kind,), request.look, bundle, view)
    yield FigureSaved(number, paths)


def _render(session: Session, number: int, request: RenderFigure) -> Iterator[Event]:
    from lsd_studio.engine.figures.drawing import figure_bytes

    figure = yield from _described(session, number, request.figure)
    yield FigureWorking(number, "drawing", 1.0)
    png = figure_bytes(figure, request.look, "png")
    with Image.open(io.BytesIO(png)) as image:
        width, height = image.size
    yield FigureRendered(number, png, width, height, request.look.dpi, figure.caption, figure.source)


def _described(
    session: Session, number: int, figure: PlotFigure | NumberedFigure
) -> Generator[Event, None, PlotFigure]:
    """The description of a figure; one of the paper is made for the open bundle."""
    if isinstance(figure, PlotFigure):
        return figure
    make = paper_figure(figure.number).make
    work = make(_material(session, session.open_bundle(), figure))
    return (yield from told(work, lambda step: FigureWorking(number, step.doing, step.share)))


def _material(session: Session, bundle: Bundle, figure: NumberedFigure) -> Material:
    """What figures are made of, kept from one to the next of the same bundle, images and draws."""
    asked = Asked(figure.data, figure.images, figure.trials, figure.seed, figure.reading)
    kept = session.notes.get(NOTE)
    if not isinstance(kept, Material) or kept.bundle is not bundle or kept.asked != asked:
        kept = session.notes[NOTE] = Material(bundle, asked)
    return kept


def _read(session: Session, number: int, request: ReadFigure) -> Iterator[Event]:
    record = read_record(request.path)
    view = record.figure_view
    if view is None:
        raise StudioError(f"{request.path.name} does not say where in the window its figure was looked at.")
    if CODER in view.settings:
        yield Working(number, "looking for the figure's coder")
        view = replace(view, settings=_with_coder(session, record, view.settings, request.path))
    elif record.bundle is not None and (session.bundle is None or session.bundle.hash != record.bundle.hash):
        yield Working(number, "opening the figure's bundle")
        session.use(open_bundle(_bundle_of(record, request.path)))
        yield bundle_opened(session.open_bundle(), number, time.perf_counter())
    yield FigureRead(number, record.title, record.source, view)


def _with_coder(
    session: Session, record: FigureRecord, settings: ViewSettings, file: Path
) -> dict[str, object]:
    """The settings with the folder of the figure's coder; without any where its codes are those that are open."""
    others = {name: value for name, value in settings.items() if name != CODER}
    open_now = session.laboratory
    if open_now is not None and record.bundle is not None and open_now.coder.hash == record.bundle.hash:
        return others
    return {**others, CODER: str(_bundle_of(record, file))}


def _bundle_of(record: FigureRecord, file: Path) -> Path:
    """The bundle of a figure, known by its hash alone: shipped, imported, of one of the user's runs, or beside it.

    Raises:
        StudioError: it is in none of these places.
    """
    if record.bundle is None:
        raise StudioError(f"{file.name} does not say what its figure was drawn from: open another figure.")
    named = [find_bundle(name) for name in (*shipped_coders(), *imported_bundles())]
    runs = sorted(runs_folder().glob("*/bundle"))
    beside = [
        file.absolute().parent,
        *sorted(path for path in file.absolute().parent.iterdir() if path.is_dir()),
    ]
    for path in (*named, *runs, *beside):
        manifest = path / MANIFEST
        with suppress(StudioError):
            if hashlib.sha256(read_plain(manifest, LARGEST_TEXT_FILE)).hexdigest() == record.bundle.hash:
                return path
    raise StudioError(
        f"The figure was drawn from the bundle {record.bundle.name} ({record.bundle.hash[:12]}…), which is not among "
        "the shipped and imported ones and your runs: open it first, then the figure."
    )


HANDLERS: dict[type[Request], Handler] = {SaveFigure: _save, RenderFigure: _render, ReadFigure: _read}
