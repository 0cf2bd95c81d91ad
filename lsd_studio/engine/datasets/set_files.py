"""Sets of images in files that are no image files: known by their names, and found in them."""

from __future__ import annotations

from pathlib import Path

from lsd_studio.engine.datasets.found_images import FoundImages
from lsd_studio.engine.datasets.idx_sets import is_idx_images
from lsd_studio.engine.errors import StudioError

ARRAYS = (".npz", ".h5", ".hdf5")
STACKS = (".tif", ".tiff")
PARQUET = ".parquet"
SUFFIXES = (*ARRAYS, PARQUET, *STACKS)
IDX_PATTERNS = ("*idx3-ubyte", "*idx3-ubyte.gz")
INSIDE = "data"
"""Folder in which Hugging Face's data sets have their tables."""


def is_set_file(path: Path) -> bool:
    """Whether a file may be a set of images, by its name."""
    return (path.suffix.lower() in SUFFIXES or is_idx_images(path.name)) and path.is_file()


def tables_in(folder: Path) -> list[Path]:
    """The Parquet or IDX files of a folder that holds no other folders, or of its folder `data`; none elsewhere."""
    try:
        entries = _entries(folder)
        if [path.name for path in entries if path.is_dir()] == [INSIDE]:
            entries = _entries(folder / INSIDE)
    except OSError:
        return []
    if any(path.is_dir() for path in entries):
        return []
    idx = [path for path in entries if is_idx_images(path.name)]
    return idx or [path for path in entries if path.suffix.lower() == PARQUET]


def _entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def find_in_file(path: Path, *, labelled: bool) -> FoundImages:
    """The images of a file, or of a folder of Parquet or IDX files.

    Args:
        labelled: whether two labels are needed.

    Raises:
        StudioError: it is refused, in one sentence; nothing of it is executed.
    """
    try:
        return _found(path, labelled=labelled)
    except MemoryError as error:
        raise StudioError(
            f"{path} takes more memory than is free: close other programs, or save fewer or smaller images."
        ) from error


def holds_images(path: Path) -> bool:
    """Whether a file holds images with labels, and not codes, without reading them.

    Raises:
        StudioError: it is damaged, or a library that reads it is not installed.
    """
    ending = path.suffix.lower()
    if ending in ARRAYS:
        from lsd_studio.engine.datasets import array_sets

        return array_sets.holds_images(path)
    if ending == PARQUET:
        from lsd_studio.engine.datasets import table_sets

        return table_sets.holds_images(path)
    if ending in STACKS:
        from lsd_studio.engine.datasets.stack_sets import table_beside

        return table_beside(path) is not None
    return is_idx_images(path.name)


def _found(path: Path, *, labelled: bool) -> FoundImages:
    from lsd_studio.engine.datasets import array_sets, idx_sets, stack_sets, table_sets

    ending = path.suffix.lower()
    if path.is_dir():
        files = tables_in(path)
        if is_idx_images(files[0].name):
            return idx_sets.find_in_idx(path, files, labelled=labelled)
        return table_sets.find_in_parquet(path, files, labelled=labelled)
    if is_idx_images(path.name):
        return idx_sets.find_in_idx(path, idx_sets.of_same_set(path), labelled=labelled)
    if ending == ".npz":
        return array_sets.find_in_npz(path, labelled=labelled)
    if ending in ARRAYS:
        return array_sets.find_in_hdf5(path, labelled=labelled)
    if ending == PARQUET:
        return table_sets.find_in_parquet(path, [path], labelled=labelled)
    return stack_sets.find_in_stack(path, labelled=labelled)
