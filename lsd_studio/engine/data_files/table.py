"""A table as it was read from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import Column
from lsd_studio.engine.data_files.stored_array import StoredArray


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of N values by name.

    Attributes:
        numbers: float64 [N] each, NaN where missing.
        others: columns of anything else.
        arrays: columns that hold an array in each row, [N, M].
        notes: one sentence each on how the file was read.
        images: the bytes of an image file for each row, b"" where it has none; none at all where there are none.
    """

    numbers: Mapping[str, NDArray[np.float64]]
    others: Sequence[Column] = ()
    arrays: Sequence[StoredArray] = ()
    notes: Sequence[str] = field(default=())
    images: Sequence[bytes] = ()
