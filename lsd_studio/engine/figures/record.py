"""The JSON file beside a figure: what it was computed from, how it was drawn, and where it was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, ValidationError

from lsd_studio.engine.autoencoders.coders import Coder
from lsd_studio.engine.bundle import Bundle, known_name, library_versions
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import (
    LEAST_DPI,
    LEAST_MM,
    MOST_DPI,
    MOST_MM,
    FigureLook,
    FigureStyle,
    FigureView,
    PlotFigure,
)
from lsd_studio.files.json_text import Strict, first_fault, json_bytes, parse_json, validated
from lsd_studio.files.plain_files import read_plain

LARGEST_FILE = 8 * 2**20
"""Bytes that the JSON file of a figure may have."""

CHOOSE = "choose the JSON file beside a figure"

Words = Annotated[str, Field(max_length=10_000)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Millimetres = Annotated[float, Field(ge=LEAST_MM, le=MOST_MM)]


class BundleFacts(Strict):
    """The bundle that a figure was computed from.

    Attributes:
        name: that a person knows it by; hash: of its manifest, and so of all its files.
        profile: the settings it was trained with; seeds: of its trainings and its basis.
        data: the data set that it was trained on; data_checksum: SHA-256 of its training images.
    """

    name: Words
    hash: Hash
    profile: Words
    seeds: dict[Words, int]
    data: Words
    data_checksum: Words


class LookFacts(Strict):
    """How the figure was drawn; see `FigureLook`."""

    style: FigureStyle | None
    width: Millimetres | None
    height: Millimetres | None
    dpi: Annotated[int, Field(ge=LEAST_DPI, le=MOST_DPI)]


class ViewFacts(Strict):
    """Where the figure was looked at; see `FigureView`."""

    workspace: Words
    settings: dict[Words, JsonValue]


class FigureRecord(Strict):
    """What a figure is, in a file.

    Attributes:
        name, title, caption, source, number: as in `PlotFigure`.
        bundle: None where the figure shows something that belongs to no bundle.
        settings: how it was computed.
        versions: of Python and of the libraries that numbers depend on.
        look: how it was drawn; view: where it was looked at, None where it has no place in the window.
        data: name of the file with its data; arrays: what each array in it is, for NPZ.
    """

    format: Literal["lsd-studio-figure"] = "lsd-studio-figure"
    format_version: Literal[1] = 1
    name: Words
    number: Words
    title: Words
    caption: Words
    source: Words
    bundle: BundleFacts | None
    settings: dict[Words, JsonValue]
    versions: dict[Words, Words]
    look: LookFacts
    view: ViewFacts | None
    data: Words
    arrays: dict[Words, Words]

    @property
    def figure_view(self) -> FigureView | None:
        """Where the figure was looked at."""
        return None if self.view is None else FigureView(self.view.workspace, dict(self.view.settings))

    def content(self) -> bytes:
        """The record as its file has it."""
        return json_bytes(self.model_dump(mode="json")) + b"\n"


def facts_of(bundle: Bundle | Coder) -> BundleFacts:
    """What is said of a bundle, or of that of a coder."""
    if isinstance(bundle, Coder):
        name, profile, seeds, data = bundle.name, bundle.profile, bundle.seeds, bundle.trained_on
    else:
        manifest = bundle.manifest
        name, profile = known_name(bundle.path), bundle.profile.name
        seeds, data = manifest.seeds, manifest.trained_on
    return BundleFacts(
        name=name,
        hash=bundle.hash,
        profile=profile,
        seeds=dict(seeds),
        data=data.name,
        data_checksum=data.checksum,
    )


def record_of(
    figure: PlotFigure,
    bundle: Bundle | Coder | None,
    look: FigureLook,
    view: FigureView | None,
    data: str,
    arrays: dict[str, str],
) -> FigureRecord:
    """The record of a figure.

    Args:
        bundle: that it was computed from, or the coder; None for neither.
        data: the name of the file with its data.
        arrays: what each array in it is.

    Raises:
        StudioError: its settings or its view hold what JSON cannot.
    """
    stated: dict[str, Any] = {
        **{name: getattr(figure, name) for name in ("name", "number", "title", "caption", "source")},
        "bundle": None if bundle is None else facts_of(bundle),
        "settings": dict(figure.settings),
        "versions": library_versions(),
        "look": vars(look),
        "view": None if view is None else {"workspace": view.workspace, "settings": dict(view.settings)},
        "data": data,
        "arrays": arrays,
    }
    try:
        return FigureRecord.model_validate(stated)
    except ValidationError as error:
        raise StudioError(f"The figure cannot be recorded: {first_fault(error)}.") from error


def read_record(path: Path) -> FigureRecord:
    """Read and validate the JSON file of a figure.

    Raises:
        StudioError: it is missing, too large, or anything but such a record; the sentence names the field.
    """
    stated = parse_json(read_plain(path, LARGEST_FILE, follow_links=True), path, advice=CHOOSE)
    if not isinstance(stated, dict) or stated.get("format") != "lsd-studio-figure":
        raise StudioError(f"{path} describes no figure of LSD Studio: {CHOOSE}.")
    return validated(FigureRecord, stated, path, advice=CHOOSE)
