"""Figures for publication: drawn to files or to PNG, and read back to the view that they show.

matplotlib takes most of a second to import, so it is imported when the first figure is drawn.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import (
    DEFAULT_LOOK,
    FigureFormat,
    FigureLook,
    FigureView,
    NumberedFigure,
    PlotFigure,
    ViewSettings,
)
from lsd_studio.engine.latent.codes_alone import NoCoder
from lsd_studio.engine.operations import Host, Operations, operation
from lsd_studio.engine.operations.bundles import OpenedBundle, opened_bundle
from lsd_studio.engine.runs.files import runs_folder
from lsd_studio.engine.steps import Doing
from lsd_studio.files.plain_files import read_plain

if TYPE_CHECKING:
    from lsd_studio.engine.autoencoders.coders import Coder
    from lsd_studio.engine.bundle import Bundle
    from lsd_studio.engine.figures.material import Material
    from lsd_studio.engine.figures.record import FigureRecord

CODER = "coder"
"""Where a view of a latent space names its coder: by its folder in the window, by its name in a file, which is found
again by the hash."""


@dataclass(frozen=True, eq=False)
class RenderedFigure:
    """A figure as PNG, `width` × `height` pixels at `dpi`, with its caption and what it was computed from."""

    png: bytes
    width: int
    height: int
    dpi: int
    caption: str
    source: str


@dataclass(frozen=True)
class SavedFigure:
    """The files of a figure: its drawings, its data, and last a JSON file that tells of both.

    `notes` are what a reader must know of the images that it was computed from, a sentence each.
    """

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadFigure:
    """The view that a figure shows, and what it is; `opened`: its bundle, where another one was in use."""

    title: str
    source: str
    view: FigureView
    opened: OpenedBundle | None = None


class FigureOperations(Operations):
    """Draws plots that are described, and figures of the paper of the open bundle."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._material: Material | None = None

    @operation("analysis")
    def save(
        self,
        figure: PlotFigure | NumberedFigure,
        path: Path,
        look: FigureLook = DEFAULT_LOOK,
        view: FigureView | None = None,
        formats: Sequence[FigureFormat] = (),
    ) -> Generator[Doing, None, SavedFigure]:
        """Draw a figure to a file, with its data and a JSON file beside it.

        Args:
            figure: a plot, or the number of one in the paper.
            path: of the file; its ending (.pdf, .svg, .png) says the format, unless there are `formats`.
            look: how it is drawn.
            view: that it shows; None for a figure of the paper, which has a place of its own.
            formats: of a file each.
        """
        from lsd_studio.engine.figures.files import format_of, write_figure
        from lsd_studio.engine.figures.numbers import paper_figure

        kinds = formats or (format_of(path),)
        folder = path.parent
        open_then, codes_then = self._session.bundle, self._session.latent_dataset
        described = yield from self._described(figure)
        origin: Bundle | Coder | None = open_then if described.of == "bundle" else None
        if described.of == "codes" and codes_then is not None:
            coder = codes_then.coder
            origin = None if isinstance(coder, NoCoder) else coder
            if view is not None and CODER in view.settings:
                view = replace(view, settings={**view.settings, CODER: coder.name})
        yield Doing("drawing", 1.0)
        notes: tuple[str, ...] = ()
        if isinstance(figure, NumberedFigure):
            material = self._material_of(figure)
            notes = material.notes
            view = view or paper_figure(figure.number).view(material)
        return SavedFigure(write_figure(described, folder, path.stem, kinds, look, origin, view), notes)

    @operation("analysis", latest="preview")
    def render(
        self, figure: PlotFigure | NumberedFigure, look: FigureLook = DEFAULT_LOOK, preview: bool = False
    ) -> Generator[Doing, None, RenderedFigure]:
        """Draw a figure to PNG, for the clipboard or a preview.

        Args:
            preview: whether it is only shown: a newer preview takes its place, but that of no figure to be kept.
        """
        from PIL import Image

        from lsd_studio.engine.figures.drawing import figure_bytes

        described = yield from self._described(figure)
        yield Doing("drawing", 1.0)
        png = figure_bytes(described, look, "png")
        with Image.open(io.BytesIO(png)) as image:
            width, height = image.size
        return RenderedFigure(png, width, height, look.dpi, described.caption, described.source)

    @operation(key="open bundle", scope="engine")
    def read(self, path: Path) -> ReadFigure:
        """Read the JSON file of a figure, and use the bundle that it was drawn from.

        Raises:
            StudioError: it is no figure's, or its bundle is nowhere.
        """
        from lsd_studio.engine.bundle import open_bundle
        from lsd_studio.engine.figures.record import read_record

        record = read_record(path)
        view, opened = record.figure_view, None
        if view is None:
            raise StudioError(f"{path.name} does not say which view of the window its figure shows.")
        bundle = self._session.bundle
        if CODER in view.settings:
            view = replace(view, settings=self._with_coder(record, view.settings, path))
        elif record.bundle is not None and (bundle is None or bundle.hash != record.bundle.hash):
            self._session.use(open_bundle(_bundle_of(record, path)))
            opened = opened_bundle(self._session.open_bundle())
        return ReadFigure(record.title, record.source, view, opened)

    def _described(self, figure: PlotFigure | NumberedFigure) -> Generator[Doing, None, PlotFigure]:
        """The description of a figure; one of the paper is made for the open bundle."""
        from lsd_studio.engine.figures.numbers import paper_figure

        if isinstance(figure, PlotFigure):
            return figure
        return (yield from paper_figure(figure.number).make(self._material_of(figure)))

    def _material_of(self, figure: NumberedFigure) -> Material:
        """What figures are made of, kept from one to the next of the same bundle, images and draws."""
        from lsd_studio.engine.figures.material import Material

        bundle = self._session.open_bundle()
        if self._material is None or (self._material.bundle, self._material.inputs) != (
            bundle,
            figure.inputs,
        ):
            self._material = Material(bundle, figure.inputs)
        return self._material

    def _with_coder(self, record: FigureRecord, settings: ViewSettings, file: Path) -> dict[str, object]:
        """The settings with the folder of the figure's coder; without any where its codes are those that are open."""
        others = {name: value for name, value in settings.items() if name != CODER}
        open_now = self._session.latent_dataset
        if record.bundle is None:
            coder = None if open_now is None else open_now.coder
            if isinstance(coder, NoCoder) and coder.name == settings[CODER]:
                return others
            raise StudioError(
                f"The figure was drawn from the codes {settings[CODER]}, without networks: open their file first, then "
                "the figure."
            )
        if open_now is not None and open_now.coder.hash == record.bundle.hash:
            return others
        return {**others, CODER: str(_bundle_of(record, file))}


def _bundle_of(record: FigureRecord, file: Path) -> Path:
    """The bundle of a figure, known by its hash alone: shipped, imported, of one of the user's runs, or beside it."""
    from lsd_studio.engine.bundle.checked_files import LARGEST_TEXT_FILE
    from lsd_studio.engine.bundle.manifest import MANIFEST

    if record.bundle is None:
        raise StudioError(f"{file.name} does not say what its figure was drawn from: open another figure.")
    for path in _places_of_bundles(file.absolute().parent):
        with suppress(StudioError):
            manifest = read_plain(path / MANIFEST, LARGEST_TEXT_FILE)
            if hashlib.sha256(manifest).hexdigest() == record.bundle.hash:
                return path
    raise StudioError(
        f"The figure was drawn from the bundle {record.bundle.name} ({record.bundle.hash[:12]}…), which is not among "
        "the shipped and imported ones and your runs: open it first, then the figure."
    )


def _places_of_bundles(beside: Path) -> Iterator[Path]:
    from lsd_studio.engine.autoencoders.coders import shipped_coders
    from lsd_studio.engine.bundle import find_bundle
    from lsd_studio.engine.bundle.imported import imported_bundles

    yield from map(find_bundle, (*shipped_coders(), *imported_bundles()))
    yield from sorted(runs_folder().glob("*/bundle"))
    yield beside
    yield from sorted(path for path in beside.iterdir() if path.is_dir())
