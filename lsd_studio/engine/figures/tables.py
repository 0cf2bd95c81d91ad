"""The data of a figure as a file: CSV where it is points and curves, NPZ where it has pictures or matrices."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Literal, TypeAlias

import numpy as np

from lsd_studio.engine.figures.spec import (
    Bars,
    Heatmap,
    Line,
    Mosaic,
    Panel,
    Part,
    PlotFigure,
    Points,
    Rule,
    Steps,
)

CSV_COLUMNS = ("panel", "series", "kind", "x", "x_end", "y", "low", "high")
"""A row for each point: `x_end` is the right edge of a histogram's bin, `low` and `high` are a band or an error bar;
what a point has not is left empty."""

Row: TypeAlias = "tuple[float | None, float | None, float | None, float | None, float | None]"
"""x, x_end, y, low and high of a point."""


def data_file(figure: PlotFigure) -> tuple[Literal["csv", "npz"], bytes, dict[str, str]]:
    """The ending, the content, and what each array of an NPZ is, in words (nothing for CSV).

    The arrays of an NPZ are named `panel1_part1_values` and so on.
    """
    parts = [part for panel in figure.panels for part in panel.parts]
    if any(isinstance(part, Heatmap | Mosaic) for part in parts):
        content, words = _npz(figure)
        return "npz", content, words
    return "csv", _csv(figure), {}


def _csv(figure: PlotFigure) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for number, panel in enumerate(figure.panels, start=1):
        for part in panel.parts:
            head = panel.title or str(number), part.name, type(part).__name__.lower()
            writer.writerows((*head, *map(_written, row)) for row in _rows(part))
    return text.getvalue().encode()


def _rows(part: Part) -> Iterator[Row]:
    match part:
        case Line() | Points():
            yield from _points(part.x, part.y, part.low, part.high)
        case Bars():
            yield from _points(part.x, part.heights, part.low, part.high)
        case Steps():
            for left, right, height in zip(part.edges[:-1], part.edges[1:], part.heights, strict=True):
                yield float(left), float(right), float(height), None, None
        case Rule():
            yield (None, None, part.value, None, None) if part.axis == "left" else (part.value, *(None,) * 4)
        case _:
            raise TypeError(f"{type(part).__name__} has no rows.")


def _points(x: np.ndarray, y: np.ndarray, low: np.ndarray | None, high: np.ndarray | None) -> Iterator[Row]:
    for place in range(len(x)):
        below, above = (None if each is None else float(each[place]) for each in (low, high))
        yield float(x[place]), None, float(y[place]), below, above


def _written(value: float | None) -> str:
    return "" if value is None else repr(value)


def _npz(figure: PlotFigure) -> tuple[bytes, dict[str, str]]:
    arrays: dict[str, np.ndarray] = {}
    words: dict[str, str] = {}
    for panel_number, panel in enumerate(figure.panels, start=1):
        for part_number, part in enumerate(panel.parts, start=1):
            for field in _ARRAYS[type(part)]:
                if (values := getattr(part, field)) is not None:
                    key = f"panel{panel_number}_part{part_number}_{field}"
                    arrays[key] = np.asarray(values)
                    words[key] = _words(panel, part, field)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue(), words


_ARRAYS: dict[type[Part], tuple[str, ...]] = {
    Heatmap: ("values", "edges"),
    Mosaic: ("pictures", "marked"),
    Steps: ("edges", "heights"),
    Rule: ("value",),
    Bars: ("x", "heights", "low", "high"),
    Line: ("x", "y", "low", "high"),
    Points: ("x", "y", "low", "high"),
}
"""The fields of a part that are stored as arrays, where it has them."""


def _words(panel: Panel, part: Part, field: str) -> str:
    unit = {"y": panel.left.unit, "heights": panel.left.unit, "x": panel.bottom.unit}.get(field, "")
    if isinstance(part, Heatmap) and field == "values":
        unit = part.unit
    named = " · ".join(word for word in (panel.title, part.name, field) if word)
    return f"{named} ({unit})" if unit else named
