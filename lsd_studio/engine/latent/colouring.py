"""Codes coloured by a column: by its labels, or by which eighth of its numbers they have."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import Column
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces import conditions

PARTS = 8
"""Into which numbers are parted, with equally many codes in each but for equal numbers."""

NO_VALUE = conditions.NO_VALUE.replace(" ", "\N{NO-BREAK SPACE}")


@dataclass(frozen=True, eq=False)
class Colouring:
    """Classes of codes, each with a colour of its own.

    Attributes:
        column: its name.
        classes: int64 [N], places in `names`.
        names: of the classes: labels, or ranges of numbers from the least on; `NO_VALUE` last where values are missing.
        is_ordered: whether the classes are ranges.
        has_missing: whether the last class are codes without a value.
    """

    column: str
    classes: NDArray[np.int64]
    names: tuple[str, ...]
    is_ordered: bool
    has_missing: bool


def colouring_by(column: Column) -> Colouring:
    """The classes of codes by a column.

    Raises:
        StudioError: it has names that hardly repeat, or no value at all.
    """
    if column.kind == "numbers":
        missing = np.isnan(column.values)
        if missing.all():
            raise StudioError(f"The column {column.name} has no numbers: choose another column.")
        edges = np.unique(np.quantile(column.values[~missing], np.linspace(0, 1, PARTS + 1)))
        last = max(len(edges) - 2, 0)
        classes = np.clip(np.searchsorted(edges, column.values, side="right") - 1, 0, last).astype(np.int64)
        ends = edges[[0, -1]] if len(edges) == 1 else edges
        names = tuple(_range(low, high) for low, high in pairwise(ends.tolist()))
    elif column.is_label:
        missing, classes, names = column.values < 0, column.values.astype(np.int64), column.words
    else:
        raise StudioError(
            f"The column {column.name} has {column.kind}, which hardly repeat: choose another column."
        )
    if missing.any():
        classes, names = np.where(missing, len(names), classes), (*names, NO_VALUE)
    return Colouring(column.name, classes, names, column.kind == "numbers", bool(missing.any()))


def _range(low: float, high: float) -> str:
    return f"{low:.3g} … {high:.3g}".replace("-", "−").replace(" ", "\N{NO-BREAK SPACE}")
