"""Which of the arrays of a file are the codes, and which are columns or pictures beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import Column, column_of
from lsd_studio.engine.data_files.stored_array import MOST_COLUMNS, MOST_VALUES, StoredArray
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.moments import row_blocks
from lsd_studio.engine.spaces.latent_space import LatentSpace

MOST_COMPONENTS = 4096
LARGEST = 1e18
"""The largest component; float32, in which statistics are computed, holds its square."""

MOST_LISTED = 20


class SeveralArraysError(StudioError):
    """Several arrays of a file may be the codes; `names` are theirs."""

    def __init__(self, file: Path, arrays: Sequence[StoredArray]) -> None:
        super().__init__(f"{file} holds several arrays: choose one with --codes, of {_listed(arrays)}.")
        self.names = tuple(one.name for one in arrays)


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
