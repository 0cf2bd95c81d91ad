"""Selected codes written to files: as a table, as a column beside all codes, or as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.codes_alone import CodeRows
from lsd_studio.engine.latent.selection import GROUPS, CodeSelection
from lsd_studio.engine.latent.thumbnails import picture_of
from lsd_studio.files.folders import make_folder
from lsd_studio.files.tables import write_csv, write_npz
from lsd_studio.files.writing import whole_file

if TYPE_CHECKING:
    from lsd_studio.engine.latent.dataset import LatentDataset

COLUMN = "selection"
WORDS = ("", *GROUPS)


def write_selected(of: LatentDataset, selection: CodeSelection, file: Path) -> Path:
    """Write the selected codes as a table: row, group, columns, and components z0, z1 …; it opens as a file of codes.

    Raises:
        StudioError: no code is selected, or the file cannot be written.
    """
    chosen = _chosen(selection)
    columns = [(name, column.texts(chosen)) for name, column in of.columns.items()]
    names = [_free(name, taken=("row", COLUMN)) for name, _ in columns]
    header = ("row", COLUMN, *names, *(f"z{place}" for place in range(of.components)))
    groups = [WORDS[number] for number in selection.groups[chosen]]
    leading = zip(of.rows[chosen].tolist(), groups, *(texts for _, texts in columns), strict=True)
    return write_csv(file, header, leading, of.codes[chosen])


def write_with_selection(of: LatentDataset, selection: CodeSelection, file: Path) -> Path:
    """Write all codes with their columns, the selection as one of them, and their pictures where all have one size.

    The archive (.npz) opens as a file of codes: `codes` float32 [N, M], `selection` "A", "B" or "", which stands for
    missing, and `pictures` uint8 [N, H, W, C].

    Raises:
        StudioError: no code is selected, or the file cannot be written.
    """
    _chosen(selection)
    arrays: dict[str, NDArray[Any]] = {"codes": of.codes, COLUMN: np.array(WORDS)[selection.groups]}
    pictures = _pictures(of)
    if pictures is not None:
        arrays["pictures"] = pictures
    for name, column in of.columns.items():
        arrays[_free(name, taken=tuple(arrays))] = column.stored
    return write_npz(file, arrays)


def write_pictures(of: LatentDataset, selection: CodeSelection, folder: Path) -> int:
    """Write the picture of each selected code as PNG, called by its row, to a subfolder for each group.

    Returns:
        How many were written.

    Raises:
        StudioError: no code is selected, none of them has a picture, or the folder cannot be written to.
    """
    written = 0
    for index in _chosen(selection):
        picture = picture_of(of, int(index))
        if picture is None:
            continue
        place = folder / WORDS[selection.groups[index]]
        make_folder(place)
        with whole_file(place.absolute() / f"{of.rows[index]}.png", durable=False) as file:
            Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture).save(file, "PNG")
        written += 1
    if not written:
        raise StudioError("None of the selected codes has a picture: save the rows as a table instead.")
    return written


def _chosen(selection: CodeSelection) -> NDArray[np.int64]:
    if selection.is_empty:
        raise StudioError("No codes are selected: draw a box or a lasso around some first.")
    return np.flatnonzero(selection.groups)


def _pictures(of: LatentDataset) -> NDArray[np.uint8] | None:
    """Those of all codes, where each has one that no column of image files names, and all are of one shape."""
    if isinstance(of.data, CodeRows) and not of.data.has_stored_pictures:
        return None
    first = picture_of(of, 0)
    if first is None:
        return None
    pictures = np.empty((len(of.codes), *first.shape), dtype=np.uint8)
    for index in range(len(pictures)):
        picture = picture_of(of, index)
        if picture is None or picture.shape != first.shape:
            return None
        pictures[index] = picture
    return pictures


def _free(name: str, taken: tuple[str, ...]) -> str:
    """A name that is not taken, numbered where it would be."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
