"""What stands in the place of images and their coder where there are codes alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import Column


@dataclass(frozen=True)
class NoCoder:
    """In place of a coder: the name of the codes and where they are from, and nothing that encodes, draws or reads."""

    name: str
    provenance: str
    hash: str = ""
    is_variational: bool = False
    has_normal_prior: bool = False
    classifier: None = None
    label_names: None = None


@dataclass(frozen=True, eq=False)
class CodeRows:
    """In place of images: which rows of a file the codes are.

    Attributes:
        rows: int64 [N], counted from 0; labels: int64 [N]; label_names: l names.
        picture_of: the picture of a row, uint8 [H, W, C]; None where it has none.
        has_pictures: whether rows have any; has_stored_pictures: whether they lie in the same file.
        columns: one value for each of the N codes, by name.
        arrays: names of others in the same file that may be codes of the same rows; read_array: reads one of them.
    """

    name: str
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    label_names: tuple[str, ...]
    picture_of: Callable[[int], NDArray[np.uint8] | None]
    has_pictures: bool
    has_stored_pictures: bool
    columns: Mapping[str, Column]
    arrays: tuple[str, ...]
    read_array: Callable[[str], NDArray[np.floating]]
