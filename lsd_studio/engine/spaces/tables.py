"""Tables as latent spaces: which of their columns are the components of codes, and which stand beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import column_of
from lsd_studio.engine.data_files.stored_array import StoredArray
from lsd_studio.engine.data_files.table import Table
from lsd_studio.engine.spaces.arrays import space_of_arrays
from lsd_studio.engine.spaces.latent_space import LatentSpace

NUMBERED = re.compile(r"(.*?)[ _.\-]*\[?(\d{1,6})\]?")
"""Name of a component, such as z_12, PC12 or latent[12]."""

UNNAMED = "numbers"
"""Codes whose components have no common name."""


def space_of_table(file: Path, table: Table, codes: str | None) -> LatentSpace:
    """The latent space in a table.

    Codes are columns of arrays, or columns of numbers with one name and a number each, such as z_0, z_1 …; without any
    of them, all columns of numbers that are not whole. All other columns stand beside them.

    Raises:
        StudioError: there are no codes, several may be meant, or none has this name.
    """
    groups = {} if table.arrays else component_groups(table.numbers)
    arrays = [*table.arrays, *(_array(name, members, table.numbers) for name, members in groups.items())]
    taken = {member for members in groups.values() for member in members}
    beside = [column_of(name, values) for name, values in table.numbers.items() if name not in taken]
    space = space_of_arrays(file, arrays, codes, [*beside, *table.others], table.notes)
    return replace(space, read_pictures=lambda: table.images) if table.images else space


def component_groups(numbers: Mapping[str, NDArray[np.float64]]) -> dict[str, list[str]]:
    """Names of the columns that may be components of codes, in the order of their numbers, by their common name."""
    groups: dict[str, dict[int, str]] = {}
    for name in numbers:
        if matched := NUMBERED.fullmatch(name):
            groups.setdefault(matched[1] or UNNAMED, {}).setdefault(int(matched[2]), name)
    found = {name: [places[place] for place in sorted(places)] for name, places in groups.items()}
    several = {name: members for name, members in found.items() if len(members) > 1}
    if several:
        return several
    measured = [name for name, values in numbers.items() if not _is_whole(values)]
    return {UNNAMED: measured} if measured else {}


def _is_whole(values: NDArray[np.float64]) -> bool:
    known = values[np.isfinite(values)]
    return bool((known == np.rint(known)).all())


def _array(name: str, members: list[str], numbers: Mapping[str, NDArray[np.float64]]) -> StoredArray:
    def read() -> NDArray[Any]:
        return np.stack([numbers[member] for member in members], axis=1)

    return StoredArray(name, (len(numbers[members[0]]), len(members)), "f", 8, read)
