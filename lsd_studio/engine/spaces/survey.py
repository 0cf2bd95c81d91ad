"""What a file of codes holds, for a person who decides what of it is used: its arrays, columns and first rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lsd_studio.engine.data_files.columns import Column
from lsd_studio.engine.latent.statistics.moments import row_blocks
from lsd_studio.engine.spaces.arrays import SeveralArraysError
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.engine.spaces.reading import read_latent_space

ROWS = 5
COMPONENTS = 6
"""Components of a code that are shown."""


@dataclass(frozen=True)
class Surveyed:
    """A component of the codes, or a column beside them.

    Attributes:
        name: what it is called; kind: "component", or as in `Column`.
        span: from where to where it goes, or how many different words there are.
        first: what the first rows say, "" where that is missing.
    """

    name: str
    kind: str
    span: str
    first: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SpaceSurvey:
    """A latent space, and what a person sees of it.

    Attributes:
        space: as it is read.
        shown: the columns, then the first components.
        low, high: the least and the largest component of the usable codes.
    """

    space: LatentSpace
    shown: tuple[Surveyed, ...]
    low: float
    high: float


def survey_space(file: Path, codes: str | None = None) -> SpaceSurvey:
    """Read a file of codes; where several arrays may be the codes and none is named, the first of them.

    Raises:
        StudioError: as `read_latent_space`.
    """
    try:
        space = read_latent_space(file, codes)
    except SeveralArraysError as error:
        space = read_latent_space(file, error.names[0])
    low, high = np.full(space.components, np.inf), np.full(space.components, -np.inf)
    for rows in row_blocks(len(space)):
        usable = space.codes[rows][space.usable[rows]]
        if len(usable):
            low, high = np.minimum(low, usable.min(axis=0)), np.maximum(high, usable.max(axis=0))
    components = tuple(
        Surveyed(
            str(place),
            "component",
            f"{_number(low[place])} … {_number(high[place])}",
            tuple(map(_number, space.codes[:ROWS, place])),
        )
        for place in range(min(COMPONENTS, space.components))
    )
    columns = tuple(map(_surveyed, space.columns.values()))
    return SpaceSurvey(space, (*columns, *components), float(low.min()), float(high.max()))


def _surveyed(column: Column) -> Surveyed:
    first = column.values[:ROWS]
    if column.kind == "numbers":
        known = column.values[~np.isnan(column.values)]
        span = f"{_number(known.min())} … {_number(known.max())}" if len(known) else "all missing"
        said = tuple("" if np.isnan(value) else _number(value) for value in first)
    else:
        span = f"{len(column.words)} different"
        said = tuple("" if place < 0 else column.words[int(place)] for place in first)
    missing = f", {column.missing} missing" if column.missing else ""
    return Surveyed(column.name, column.kind, span + missing, said)


def _number(value: float | np.floating) -> str:
    return f"{float(value):.4g}".replace("-", "−")
