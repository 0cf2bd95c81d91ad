"""HDF5 files that anyone may have written: only what lies in the file itself, with filters that need no plug-in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import Column, column_of, column_of_words
from lsd_studio.engine.data_files.stored_array import StoredArray
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.moments import row_blocks
from lsd_studio.files.plain_files import check_plain

if TYPE_CHECKING:
    import h5py

LARGEST_FILE = 2**42
MOST_OBJECTS = 10_000
DEEPEST = 20
FILTERS = {1: "gzip", 2: "shuffle", 3: "fletcher32", 32000: "lzf"}
"""Filters that h5py has itself; any other would load a plug-in, which is code."""

LARGEST_CHUNK = 2**28
SMALL = 2**26
LARGEST_RATIO = 100
"""How many times the bytes that are stored of it an array may have where it is larger than 64 MiB."""

TEXTS_AT_ONCE = 2**30
"""Bytes of texts that are read at once, each of which may be as long as the file; at least 16 of them."""

LONGEST_TEXT = 10_000


@contextmanager
def opened_hdf5(file: Path) -> Iterator[h5py.File]:
    """A file, for reading.

    Raises:
        StudioError: h5py is not installed, or it is no such file or damaged.
    """
    check_plain(file, LARGEST_FILE)
    try:
        import h5py
    except ImportError as error:
        raise StudioError(
            f"{file} needs h5py, which is not installed: please run `pip install 'lsd-studio[hdf5]'`."
        ) from error
    try:
        with h5py.File(os.fsencode(file), "r") as opened:
            yield opened
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise StudioError(f"{file} is no HDF5 file, or is damaged: please save it again.") from error


def datasets(file: Path, group: h5py.Group) -> tuple[dict[str, h5py.Dataset], list[str]]:
    """All arrays in a group and below it by path, and the links among them, which are not followed.

    Raises:
        StudioError: there are too many objects, or they lie too deep.
    """
    import h5py

    found: dict[str, h5py.Dataset] = {}
    links: list[str] = []
    waiting: list[tuple[str, h5py.Group]] = [("", group)]
    objects = 0
    while waiting:
        prefix, inside = waiting.pop()
        for name in inside:
            objects += 1
            if objects > MOST_OBJECTS or prefix.count("/") > DEEPEST:
                raise StudioError(
                    f"{file} has more than {MOST_OBJECTS} arrays and groups, or some deeper than {DEEPEST}: please "
                    "save what is wanted alone."
                )
            value = member(inside, name)
            if value is None:
                links.append(f"{prefix}{name}")
            elif isinstance(value, h5py.Group):
                waiting.append((f"{prefix}{name}/", value))
            elif isinstance(value, h5py.Dataset) and value.shape is not None:
                found[f"{prefix}{name}"] = value
    return found, links


def member(group: h5py.Group, name: str) -> Any:
    """The object of this name that lies in the group itself, None where there is none or a link."""
    import h5py

    link = group.get(name, getlink=True)
    return group[name] if isinstance(link, h5py.HardLink) else None


def stored_array(file: Path, name: str, dataset: h5py.Dataset) -> StoredArray:
    """An array in a file, which is checked once more when it is read.

    Raises:
        StudioError: its values lie in another file, or are packed as only a plug-in unpacks them.
    """
    check_dataset(file, dataset)
    dtype, shape, path = dataset.dtype, dataset.shape, dataset.name
    offset = dataset.id.get_offset() if dataset.chunks is None else None
    if offset is not None and not dtype.hasobject:
        if offset + prod(shape) * dtype.itemsize > file.stat().st_size:
            raise StudioError(f"{file}, array {path}: is longer than the file, which is damaged.")

        def mapped() -> NDArray[Any]:
            return np.memmap(file, dtype, "r", offset, shape).view(np.ndarray)

        return StoredArray(name, shape, dtype.kind, dtype.itemsize, mapped, is_mapped=True)

    def read() -> NDArray[Any]:
        with opened_hdf5(file) as again:
            check_dataset(file, again[path])
            values = np.empty(shape, dtype)
            for rows in row_blocks(shape[0]):
                values[rows] = again[path][rows]
            return values

    return StoredArray(name, shape, "O" if dtype.hasobject else dtype.kind, dtype.itemsize, read)


def check_dataset(file: Path, dataset: h5py.Dataset) -> None:
    """Refuse an array whose values lie elsewhere, need a plug-in, or are far more than is stored of them.

    Raises:
        StudioError: it is one of these.
    """
    where = f"{file}, array {dataset.name}"
    if dataset.external is not None or dataset.is_virtual:
        raise StudioError(
            f"{where}: its values lie in other files, which are not opened; please save it with them."
        )
    settings = dataset.id.get_create_plist()
    for place in range(settings.get_nfilters()):
        if settings.get_filter(place)[0] not in FILTERS:
            raise StudioError(
                f"{where}: is packed by a filter that needs a plug-in, which is not loaded; please save it with gzip."
            )
    if dataset.shape is None:
        raise StudioError(f"{where}: is empty.")
    size = prod(dataset.shape) * dataset.dtype.itemsize
    if size > SMALL and size > LARGEST_RATIO * dataset.id.get_storage_size():
        raise StudioError(
            f"{where}: would unpack to more than {LARGEST_RATIO} times what is stored of it, as hardly any data does; "
            "nothing was unpacked."
        )
    if dataset.chunks is not None and prod(dataset.chunks) * dataset.dtype.itemsize > LARGEST_CHUNK:
        raise StudioError(
            f"{where}: has parts of more than {LARGEST_CHUNK} bytes; please save it in smaller chunks."
        )


def column_of_dataset(file: Path, name: str, dataset: h5py.Dataset) -> Column:
    """The column that an array [N] of numbers, truth values or texts is.

    Raises:
        StudioError: it holds anything else, or is refused as `check_dataset` does.
    """
    if is_text(dataset):
        places, words = texts_of(file, dataset)
        return column_of_words(name, places, words)
    return column_of(name, stored_array(file, name, dataset).checked(file).reshape(-1))


def column_of_categories(file: Path, name: str, group: h5py.Group) -> Column:
    """The column that a group is as AnnData stores it: places among categories, or values with a mask of missing ones.

    Raises:
        StudioError: it is neither, or an array in it is refused.
    """
    parts = {part: member(group, part) for part in ("codes", "categories", "values", "mask")}
    if parts["codes"] is not None and parts["categories"] is not None:
        places = _flat(file, parts["codes"]).astype(np.int64)
        if is_text(parts["categories"]):
            order, words = texts_of(file, parts["categories"])
            named = [words[place] for place in order]
        else:
            named = [f"{value:g}" for value in _flat(file, parts["categories"]).astype(np.float64)]
        return column_of_words(name, places, named)
    if parts["values"] is not None and parts["mask"] is not None:
        missing = _flat(file, parts["mask"]).astype(bool)
        if is_text(parts["values"]):
            places, words = texts_of(file, parts["values"])
            return column_of_words(name, np.where(missing, -1, places), words)
        return column_of(name, np.where(missing, np.nan, _flat(file, parts["values"]).astype(np.float64)))
    raise StudioError(f"{file}, {group.name}: is no column of a kind that is known.")


def _flat(file: Path, dataset: Any) -> NDArray[Any]:
    values = stored_array(file, dataset.name, dataset).checked(file)
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise StudioError(f"{file}, array {dataset.name}: holds no column of numbers.")
    return values


def is_text(dataset: Any) -> bool:
    """Whether an array holds texts."""
    import h5py

    return h5py.check_string_dtype(dataset.dtype) is not None


def texts_of(file: Path, dataset: h5py.Dataset) -> tuple[NDArray[np.int64], list[str]]:
    """Texts [N] as places int64 [N] in a list of words.

    Raises:
        StudioError: as `check_dataset`, or a text is too long.
    """
    check_dataset(file, dataset)
    count, at_once = dataset.shape[0], max(16, min(4096, TEXTS_AT_ONCE // max(file.stat().st_size, 1)))
    places, words = np.empty(count, np.int64), dict[str, int]()
    for first in range(0, count, at_once):
        some = dataset.asstr(errors="replace")[first : first + at_once]
        if max(map(len, some.ravel()), default=0) > LONGEST_TEXT:
            raise StudioError(
                f"{file}, array {dataset.name}: has texts of more than {LONGEST_TEXT} characters."
            )
        places[first : first + at_once] = [words.setdefault(text, len(words)) for text in some.ravel()]
    return places, list(words)
