"""Columns beside codes: labels, attributes, numbers, names and paths of images, with missing values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError

Kind = Literal["labels", "attribute", "numbers", "names", "image paths"]

MISSING = ("", "NA", "N/A", "NaN", "nan", "null")
"""Texts that stand for a value that is not known."""

MOST_LABELS = 1000
LONGEST_LABEL = 200
"""Characters; a column with longer texts has names."""

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


@dataclass(frozen=True, eq=False)
class Column:
    """One value for each of N codes.

    Attributes:
        kind: "labels" repeat, at most 1 000 of them and each twice on average; an "attribute" is yes or no; "numbers"
            are measured; "names" are texts that hardly repeat, "image paths" those of image files.
        values: float64 [N] with NaN where missing, for numbers; else int64 [N], places in `words`, −1 where missing.
        words: what is said, sorted; none for numbers.
    """

    name: str
    kind: Kind
    values: NDArray[np.float64] | NDArray[np.int64]
    words: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """How many codes have no value here."""
        if self.kind == "numbers":
            return int(np.isnan(self.values).sum())
        return int((self.values < 0).sum())

    @property
    def is_label(self) -> bool:
        """Whether codes can be told apart by it."""
        return self.kind in ("labels", "attribute")

    def taken(self, rows: NDArray[np.int64]) -> Column:
        """The values of some of the codes."""
        return replace(self, values=self.values[rows])

    @property
    def stored(self) -> NDArray[Any]:
        """The values as an array [N] from which the same column is read: numbers, or texts with "" where missing."""
        return self.values if self.kind == "numbers" else np.array([*self.words, ""])[self.values]

    def texts(self, rows: NDArray[np.int64]) -> list[str]:
        """The values of some of the codes in words, "" where missing."""
        if self.kind == "numbers":
            return ["" if np.isnan(value) else repr(value) for value in self.values[rows].tolist()]
        return [self.words[place] if place >= 0 else "" for place in self.values[rows].tolist()]


def column_of(name: str, values: NDArray[Any]) -> Column:
    """The column that an array [N] of truth values, numbers or texts is.

    Raises:
        StudioError: it holds anything else, such as Python objects.
    """
    kind = values.dtype.kind
    if kind == "b":
        return Column(name, "attribute", values.astype(np.int64), ("no", "yes"))
    if kind in "iuf":
        return _of_numbers(name, values.astype(np.float64))
    if kind == "S":
        return _of_texts(name, np.char.decode(values, "utf-8", "replace"))
    if kind == "U":
        return _of_texts(name, values)
    raise StudioError(f"The column {name} holds neither numbers nor texts: please save it as one of them.")


def column_of_words(name: str, places: NDArray[np.integer], words: Sequence[str]) -> Column:
    """The column whose values are places in words, −1 where missing, as categories are stored."""
    texts = np.array([*words, ""], dtype=str)
    return _of_texts(name, texts[np.where((places < 0) | (places >= len(words)), len(words), places)])


def _of_numbers(name: str, values: NDArray[np.float64]) -> Column:
    values = np.where(np.isinf(values), np.nan, values)
    known = values[~np.isnan(values)]
    if len(known) == 0 or not bool((known == np.rint(known)).all()):
        return Column(name, "numbers", values)
    distinct = np.unique(known)
    if not _repeat(len(distinct), len(known)):
        return Column(name, "numbers", values)
    places = np.where(np.isnan(values), -1, np.searchsorted(distinct, values)).astype(np.int64)
    kind: Kind = "attribute" if distinct.tolist() in ([0, 1], [-1, 1]) else "labels"
    return Column(name, kind, places, tuple(f"{value:.0f}" for value in distinct))


def _of_texts(name: str, values: NDArray[np.str_]) -> Column:
    words, places = np.unique(values, return_inverse=True)
    known = ~np.isin(words, MISSING)
    renumbered = np.where(known, np.cumsum(known) - 1, -1)
    places = renumbered[places.reshape(-1)].astype(np.int64)
    named = tuple(words[known].tolist())
    count = int((places >= 0).sum())
    if named and all(word.lower().endswith(IMAGE_SUFFIXES) for word in named):
        return Column(name, "image paths", places, named)
    if named and _repeat(len(named), count) and max(map(len, named)) <= LONGEST_LABEL:
        return Column(name, "labels", places, named)
    return Column(name, "names", places, named)


def _repeat(distinct: int, count: int) -> bool:
    return distinct <= min(MOST_LABELS, max(count // 2, 1))
