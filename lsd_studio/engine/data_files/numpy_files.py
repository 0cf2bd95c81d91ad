"""NumPy's files: `.npy`, mapped into memory, and `.npz`; arrays of Python objects, which are pickles, are not read."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any
from zipfile import ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.stored_array import StoredArray
from lsd_studio.engine.errors import StudioError
from lsd_studio.files.plain_files import check_plain
from lsd_studio.files.zip_files import DAMAGED, is_plain_entry, opened_zip

LARGEST_FILE = 2**42
MOST_ARRAYS = 10_000
SMALL = 2**26
LARGEST_RATIO = 100
"""How many times its packed size an array may have where it is larger than 64 MiB; codes hardly shrink."""

WHAT = "a file of NumPy arrays (.npz)"
NOT_READ = (
    SyntaxError,
    TokenError,
    ValueError,
    TypeError,
    RecursionError,
    OverflowError,
    EOFError,
)
"""What NumPy raises of a header that is none."""


@dataclass(frozen=True)
class _Header:
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    is_fortran: bool
    start: int


def read_npy(file: Path) -> list[StoredArray]:
    """The array of an `.npy` file.

    Raises:
        StudioError: it is none, or is as long as its header does not say.
    """
    check_plain(file, LARGEST_FILE)
    with file.open("rb") as opened:
        header = _header(opened, file.stat().st_size, str(file))

    def mapped() -> NDArray[Any]:
        return np.memmap(
            file, header.dtype, "r", header.start, header.shape, "F" if header.is_fortran else "C"
        ).view(np.ndarray)

    return [_stored("", header, mapped, is_mapped=True)]


def read_npz(file: Path) -> list[StoredArray]:
    """The arrays of an `.npz` file, read when they are asked for.

    Raises:
        StudioError: it is no such file, is damaged, or an array is not what its header says.
    """
    check_plain(file, LARGEST_FILE)
    arrays: dict[str, StoredArray] = {}
    with opened_zip(file, WHAT, MOST_ARRAYS) as archive:
        for entry in archive.infolist():
            if not entry.filename.endswith(".npy"):
                continue
            name = entry.filename.removesuffix(".npy")
            where = f"{file}, array {name[:200]}"
            if name in arrays:
                raise StudioError(f"{where}: occurs twice; please save the file again.")
            _check_entry(entry, where)
            arrays[name] = _entry(file, archive, entry, name, where)
    return list(arrays.values())


def _check_entry(entry: ZipInfo, where: str) -> None:
    if not is_plain_entry(entry):
        raise StudioError(f"{where}: is encrypted or packed in an unusual way; please save the file again.")
    if entry.file_size > SMALL and entry.file_size > LARGEST_RATIO * entry.compress_size:
        raise StudioError(
            f"{where}: would unpack to more than {LARGEST_RATIO} times its size, as hardly any data does; nothing was "
            "unpacked."
        )


def _entry(file: Path, archive: ZipFile, entry: ZipInfo, name: str, where: str) -> StoredArray:
    try:
        with archive.open(entry) as opened:
            header = _header(opened, entry.file_size, where)
    except DAMAGED as error:
        raise _damaged(where) from error

    def read() -> NDArray[Any]:
        try:
            with opened_zip(file, WHAT, MOST_ARRAYS) as again, again.open(entry) as opened:
                return np.lib.format.read_array(opened, allow_pickle=False)
        except (*DAMAGED, *NOT_READ) as error:
            raise _damaged(where) from error

    return _stored(name, header, read)


def _stored(name: str, header: _Header, read: Any, *, is_mapped: bool = False) -> StoredArray:
    kind = "O" if header.dtype.hasobject else header.dtype.kind
    return StoredArray(name, header.shape, kind, header.dtype.itemsize, read, is_mapped)


def _header(opened: IO[bytes], size: int, where: str) -> _Header:
    """The header of an array in a stream of `size` bytes, once they are as many as it says."""
    try:
        version = np.lib.format.read_magic(opened)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, is_fortran, dtype = read[version](opened)
    except (*NOT_READ, KeyError, MemoryError) as error:
        raise StudioError(f"{where}: is no NumPy array, or is damaged; please save it again.") from error
    start = opened.tell()
    stated = prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or (not dtype.hasobject and stated != size - start):
        raise StudioError(
            f"{where}: its header says {list(shape)} values of {dtype.itemsize} bytes, and {size - start} bytes "
            "follow; please save it again."
        )
    return _Header(shape, dtype, is_fortran, start)


def _damaged(where: str) -> StudioError:
    return StudioError(f"{where}: is damaged; please save it again.")
