"""Zip files that anyone may have sent: a bounded list of entries, and no more bytes of an entry than it states."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lsd_studio.engine.errors import StudioError

LARGEST_DIRECTORY = 2**20
"""Bytes that a zip's list of entries may have, since all of it is read."""

DAMAGED = (BadZipFile, EOFError, NotImplementedError, OSError, ValueError, struct.error, zlib.error)
"""What `zipfile` raises of a broken zip: of its form (BadZipFile, struct.error), a version or packing that it lacks
(NotImplementedError), names that are no text and places before the start (ValueError, OSError), and bytes that end
early or do not unpack (EOFError, zlib.error). Files are opened outside of what catches these."""

_END, _END_64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sLQL")
_ENCRYPTED = 1


@contextmanager
def opened_zip(file: Path, what: str, most_entries: int) -> Iterator[ZipFile]:
    """A zip whose list of entries is no longer than `what`, such as "the archive of a bundle", may have.

    Raises:
        StudioError: there is no file, it is no zip or a damaged one, or it has too many entries.
    """
    if not file.is_file():
        raise StudioError(f"{file} is not a file: please name {what}.")
    with file.open("rb") as opened:
        _check_end(opened, file, what, most_entries)
        try:
            archive = ZipFile(opened)
        except DAMAGED as error:
            raise broken_zip(file, what) from error
        yield archive


def is_plain_entry(entry: ZipInfo) -> bool:
    """Whether an entry is neither encrypted nor packed in another way than zips usually are."""
    return not entry.flag_bits & _ENCRYPTED and entry.compress_type in (ZIP_STORED, ZIP_DEFLATED)


def broken_zip(file: Path, what: str) -> StudioError:
    """That a file is no such zip."""
    return StudioError(f"{file} is not {what}, or is damaged: please get it again.")


def _check_end(opened: IO[bytes], file: Path, what: str, most_entries: int) -> None:
    """Refuse an endless list of entries before it is read.

    Where a file ends with the end of a zip that has no comment, Python's zipfile takes the list's size from there, but
    for the marker of archives beyond 4 GiB just before it.
    """
    size = opened.seek(0, os.SEEK_END)
    opened.seek(max(0, size - _END.size - _END_64.size))
    tail = opened.read()
    if len(tail) < _END.size or not tail[-_END.size :].startswith(b"PK\5\6"):
        raise broken_zip(file, what)
    _, _, _, _, entries, directory, _, comment = _END.unpack(tail[-_END.size :])
    if comment:
        raise broken_zip(file, what)
    if tail.startswith(b"PK\6\7") or entries > most_entries or directory > LARGEST_DIRECTORY:
        raise StudioError(
            f"{file} has too many entries: {what} has at most {most_entries}, in less than 4 GiB."
        )
