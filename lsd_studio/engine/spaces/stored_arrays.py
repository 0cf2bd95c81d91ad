"""The arrays of a file, known by name, shape and type before any is read, and which of them are the codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.moments import row_blocks
from lsd_studio.engine.spaces.columns import Column, column_of
from lsd_studio.engine.spaces.latent_space import LatentSpace

MOST_COMPONENTS = 4096
MOST_IN_MEMORY = 2**32
"""Bytes of an array that is read rather than mapped."""

LARGEST = 1e18
"""The largest component; float32, in which statistics are computed, holds its square."""

MOST_COLUMNS = 1000
MOST_VALUES = 2**28
"""Values of all columns together, which are held in memory."""

MOST_LISTED = 20


class SeveralArraysError(StudioError):
    """Several arrays of a file may be the codes; `names` are theirs."""

    def __init__(self, file: Path, arrays: Sequence[StoredArray]) -> None:
        super().__init__(f"{file} holds several arrays: choose one with --codes, of {_listed(arrays)}.")
        self.names = tuple(one.name for one in arrays)


@dataclass(frozen=True)
class StoredArray:
    """An array in a file.

    Attributes:
        kind: of its type, as NumPy's `dtype.kind`; "O" for Python objects, which are never read.
        read: gives it, mapped where that is possible.
        is_mapped: whether it takes no memory of its own.
    """

    name: str
    shape: tuple[int, ...]
    kind: str
    itemsize: int
    read: Callable[[], NDArray[Any]]
    is_mapped: bool = False

    @property
    def is_table(self) -> bool:
        """Whether it is N rows of numbers, so may be codes."""
        return len(self.shape) == 2 and self.kind in "fiu" and min(self.shape) > 0

    @property
    def described(self) -> str:
        """Name and shape, such as "z [1000, 10]"."""
        return f"{self.name} {list(self.shape)}"

    def place(self, file: Path) -> str:
        """Where it is, for errors."""
        return f"{file}, array {self.name}" if self.name else str(file)

    @property
    def is_ready(self) -> bool:
        """Whether it is taken as it is; whole numbers, and types that others lack, are converted."""
        return self.kind == "f" and self.itemsize in (2, 4, 8)

    def checked(self, file: Path) -> NDArray[Any]:
        """The array itself.

        Raises:
            StudioError: it holds Python objects, or is larger than what is read into memory.
        """
        if self.kind == "O":
            raise StudioError(
                f"{self.place(file)}: holds Python objects, which are not read since that executes code; "
                "please save it as numbers or texts."
            )
        size = prod(self.shape) * max(self.itemsize, 8 if self.kind in "iu" else 0)
        if size > MOST_IN_MEMORY and not (self.is_mapped and self.is_ready):
            raise StudioError(
                f"{self.place(file)}: takes {size} bytes, and at most {MOST_IN_MEMORY} are read into memory; "
                "please save it as float32 in .npy, which is mapped."
            )
        return self.read()


def space_of_arrays(
    file: Path,
    arrays: Sequence[StoredArray],
    name: str | None,
    columns: Sequence[Column] = (),
    notes: Sequence[str] = (),
) -> LatentSpace:
    """The latent space whose codes are the array of this name, or the only one that they can be.

    Arrays [N] beside them become columns, and arrays of N pictures are named.

    Args:
        name: None finds the codes: the only array [N, M] of floating-point numbers, or else of whole ones.
        columns: that are known already.

    Raises:
        StudioError: there is no such array, several may be meant, or it cannot be read.
    """
    chosen = _chosen(file, arrays, name)
    if chosen.shape[1] > MOST_COMPONENTS:
        raise StudioError(
            f"{chosen.place(file)}: has {chosen.shape[1]} components, and codes have at most "
            f"{MOST_COMPONENTS}; please project them first."
        )
    codes = chosen.checked(file)
    if not chosen.is_ready:
        codes = codes.astype(np.float64)
    beside = [one for one in arrays if one is not chosen]
    found, remarks = _columns(file, beside, len(codes), columns)
    pictures = next((one for one in beside if _are_pictures(one, len(codes))), None)
    usable = np.concatenate([_usable(codes[rows]) for rows in row_blocks(len(codes))])
    lost = len(usable) - int(usable.sum())
    if lost == len(usable):
        raise StudioError(f"{chosen.place(file)}: no code is finite; please save finite numbers.")
    if lost:
        remarks.append(
            f"{lost} of {len(usable)} codes are left out: a component is not finite, or beyond ±{LARGEST:g}."
        )
    names = tuple(one.name for one in arrays if one.is_table)
    return LatentSpace(
        file,
        chosen.name,
        codes,
        usable,
        found,
        () if pictures is None else pictures.shape,
        (*notes, *remarks),
        names,
        None if pictures is None else partial(pictures.checked, file),
    )


def _usable(codes: NDArray[np.floating]) -> NDArray[np.bool_]:
    return np.all(np.abs(codes.astype(np.float64)) < LARGEST, axis=1)


def _chosen(file: Path, arrays: Sequence[StoredArray], name: str | None) -> StoredArray:
    tables = [one for one in arrays if one.is_table]
    if name is not None:
        named = next((one for one in arrays if one.name == name), None)
        if named is None:
            raise StudioError(f"{file} has no array {name}: choose one of {_listed(tables)}.")
        if not named.is_table:
            raise StudioError(
                f"{file}, array {named.described}: is no table of numbers, a row for each code; choose one of "
                f"{_listed(tables)}."
            )
        return named
    floating = [one for one in tables if one.kind == "f"] or tables
    if not floating:
        raise StudioError(
            f"{file} holds no codes: please save an array [N, M] of numbers, a row for each code."
        )
    if len(floating) > 1:
        raise SeveralArraysError(file, floating)
    return floating[0]


def _columns(
    file: Path, arrays: Sequence[StoredArray], count: int, known: Sequence[Column]
) -> tuple[dict[str, Column], list[str]]:
    """The columns by name, and a sentence for each array [N] that is none."""
    columns = {column.name: column for column in known if len(column.values) == count}
    notes = []
    if len(columns) < len(known):
        notes.append(
            f"{len(known) - len(columns)} columns have no value for each of the {count} codes: left out."
        )
    rows = [one for one in arrays if one.shape in ((count,), (count, 1))]
    most = min(MOST_COLUMNS, MOST_VALUES // count) - len(columns)
    if len(rows) > most:
        notes.append(f"Of {len(rows)} columns the first {most} are read.")
    for one in rows[:most]:
        try:
            columns[one.name] = column_of(one.name, one.checked(file).reshape(-1))
        except StudioError as error:
            notes.append(str(error))
    return columns, notes


def _are_pictures(one: StoredArray, count: int) -> bool:
    return (one.kind, one.itemsize) == ("u", 1) and len(one.shape) in (3, 4) and one.shape[0] == count


def _listed(arrays: Sequence[StoredArray]) -> str:
    named = [one.described for one in arrays[:MOST_LISTED]]
    return ", ".join(named) + ("…" if len(arrays) > MOST_LISTED else "") if named else "none"
