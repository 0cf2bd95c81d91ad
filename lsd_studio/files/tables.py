"""Arrays and tables written for other programs: numbers come back exactly."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.files.writing import whole_file


def write_npz(file: Path, arrays: Mapping[str, NDArray[Any]]) -> Path:
    """Write arrays by name as an `.npz` file; returns the file.

    Raises:
        StudioError: it cannot be written.
    """
    with whole_file(file.absolute()) as whole:
        np.savez_compressed(whole, allow_pickle=False, **arrays)
    return file


def write_csv(
    file: Path, header: Sequence[str], leading: Iterable[Sequence[object]], numbers: NDArray[np.floating]
) -> Path:
    """Write a row for each of `numbers` [N, K], with its `leading` cells in front; returns the file.

    Raises:
        StudioError: it cannot be written.
    """
    with whole_file(file.absolute()) as whole:
        text = io.TextIOWrapper(whole, encoding="utf-8", newline="")
        table = csv.writer(text)
        table.writerow(header)
        table.writerows([*front, *row.tolist()] for front, row in zip(leading, numbers, strict=True))
        text.flush()
        text.detach()
    return file
