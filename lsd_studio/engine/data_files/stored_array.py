"""An array in a file, known by name, shape and type before any of it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError

MOST_IN_MEMORY = 2**32
"""Bytes of an array that is read rather than mapped."""

MOST_COLUMNS = 1000
MOST_VALUES = 2**28
"""Values of all columns together, which are held in memory."""


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
        self.refuse_objects(file)
        size = prod(self.shape) * max(self.itemsize, 8 if self.kind in "iu" else 0)
        if size > MOST_IN_MEMORY and not (self.is_mapped and self.is_ready):
            raise StudioError(
                f"{self.place(file)}: takes {size} bytes, and at most {MOST_IN_MEMORY} are read into memory; "
                "please save it as float32 in .npy, which is mapped."
            )
        return self.read()

    def refuse_objects(self, file: Path) -> None:
        """Refuse what only a pickle holds.

        Raises:
            StudioError: it holds Python objects.
        """
        if self.kind == "O":
            raise StudioError(
                f"{self.place(file)}: holds Python objects, which are not read since that executes code; "
                "please save it as numbers or texts."
            )
