"""A latent space is what is there: codes, columns beside them, and what is missing by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import Column
from lsd_studio.engine.errors import StudioError

NEEDS_NETWORKS = "make a bundle of its networks with `lsd-studio adopt`"
LACKS = {
    "labels": "save a column of labels in the same file",
    "pictures": (
        "save them as uint8 [N, height, width] or [N, height, width, channels] in the same file, or the names of image "
        "files beside it"
    ),
    "decoder": NEEDS_NETWORKS,
    "encoder": NEEDS_NETWORKS,
    "classifier": NEEDS_NETWORKS,
}
"""What a latent space may lack, and what would bring it."""


@dataclass(frozen=True, eq=False)
class LatentSpace:
    """Codes with the columns beside them.

    Attributes:
        file: that it was read from; array: the name of the codes in it, "" where they have none.
        codes: [N, M] of a float type, mapped into memory where the format allows it; read only.
        usable: bool [N], which codes are used: those that have finite components only, or of these the ones wanted.
        columns: one value for each code, by name.
        pictures: shape of pictures beside the codes, () for none.
        notes: one sentence each on what a reader must know of how the file was read.
        arrays: names of all arrays of the file that may be codes.
        read_pictures: reads what is stored beside the codes, for each row uint8 [H, W] or [H, W, C], or the bytes of an
            image file.
    """

    file: Path
    array: str
    codes: NDArray[np.floating]
    usable: NDArray[np.bool_]
    columns: Mapping[str, Column]
    pictures: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    arrays: tuple[str, ...] = ()
    read_pictures: Callable[[], Sequence[NDArray[np.uint8] | bytes] | NDArray[np.uint8]] | None = None

    def __len__(self) -> int:
        """N, the number of codes."""
        return len(self.codes)

    @property
    def components(self) -> int:
        """M, the number of components."""
        return self.codes.shape[1]

    @property
    def name(self) -> str:
        """The file's name, with that of the codes in it."""
        return f"{self.file.name}, {self.array}" if self.array else self.file.name

    @cached_property
    def lacks(self) -> dict[str, str]:
        """What is missing, and what would bring it."""
        there = {"labels": bool(self.label_columns)}
        there["pictures"] = self.has_pictures
        return {name: bring for name, bring in LACKS.items() if not there.get(name)}

    @cached_property
    def stored_pictures(self) -> Sequence[NDArray[np.uint8] | bytes] | NDArray[np.uint8] | None:
        """The pictures beside the codes, read once; None where they are not stored."""
        return None if self.read_pictures is None else self.read_pictures()

    @property
    def image_paths(self) -> Column | None:
        """The first column that names image files."""
        return next((column for column in self.columns.values() if column.kind == "image paths"), None)

    @property
    def has_pictures(self) -> bool:
        """Whether rows have pictures, stored or in files."""
        return self.read_pictures is not None or self.image_paths is not None

    @property
    def label_columns(self) -> tuple[str, ...]:
        """Names of the columns by which codes can be told apart."""
        return tuple(column.name for column in self.columns.values() if column.is_label)

    def label_column(self, name: str) -> Column:
        """The column of this name, by which codes are told apart.

        Raises:
            StudioError: there is none of this name, or it holds numbers or names.
        """
        if not self.columns:
            raise StudioError(f"{self.file} has no columns beside its codes: {LACKS['labels']}.")
        if name not in self.columns:
            close = difflib.get_close_matches(name, self.columns, n=1)
            named = ", ".join(list(self.columns)[:20])
            raise StudioError(
                f"{self.file} has no column {name}"
                + (f"; did you mean {close[0]}?" if close else f": choose one of {named}.")
            )
        column = self.columns[name]
        if not column.is_label:
            raise StudioError(
                f"The column {name} of {self.file} has {column.kind}, not labels that repeat: choose another column, "
                "or save its values in groups."
            )
        return column

    def row(self, place: int) -> dict[str, Any]:
        """A row of the file: its place, counted from 0, and what its columns of labels, names and images say."""
        said = {
            column.name: column.words[int(column.values[place])]
            for column in self.columns.values()
            if column.words and column.values[place] >= 0
        }
        return {"row": place, **said}

    def facts(self) -> dict[str, Any]:
        """All of it but the numbers themselves, as JSON's types."""
        return {
            "file": str(self.file),
            "array": self.array,
            "codes": len(self),
            "components": self.components,
            "left_out": int(len(self) - self.usable.sum()),
            "columns": [
                {
                    "name": column.name,
                    "kind": column.kind,
                    "values": len(column.words),
                    "missing": column.missing,
                }
                for column in self.columns.values()
            ],
            "pictures": list(self.pictures),
            "lacks": self.lacks,
            "notes": list(self.notes),
        }
