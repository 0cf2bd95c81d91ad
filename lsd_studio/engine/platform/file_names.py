"""Names of files, folders and labels as text, whatever bytes a file system holds for them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STRAY_BYTES = range(0x80, 0x100)
_SURROGATES, _PRIVATE = 0xDC00, 0xF700
_TO_LATIN = {start + byte: byte for start in (_SURROGATES, _PRIVATE) for byte in _STRAY_BYTES}
_TO_PRIVATE = {_SURROGATES + byte: _PRIVATE + byte for byte in _STRAY_BYTES}
_FROM_PRIVATE = {private: surrogate for surrogate, private in _TO_PRIVATE.items()}


def readable(name: str | os.PathLike[str]) -> str:
    """A name as text for people, in the one Unicode form (NFC) in which names are compared.

    Bytes that are no UTF-8 are read as Latin-1.
    """
    return unicodedata.normalize("NFC", os.fspath(name).translate(_TO_LATIN))


def text_of_path(path: str | os.PathLike[str]) -> str:
    """A path as text that can be written as UTF-8 and opens the same file again, see `path_named`.

    Bytes that are no UTF-8, which Python keeps as lone surrogates, stand as private characters U+F780…U+F7FF.
    """
    return os.fspath(path).translate(_TO_PRIVATE)


def path_named(text: str) -> Path:
    """The path that `text_of_path` gave, or any other in words."""
    return Path(text.translate(_FROM_PRIVATE))


@contextmanager
def utf8_path(file: Path) -> Iterator[str]:
    """A name of a file that is UTF-8, for libraries that open no other; it holds within the block.

    Raises:
        OSError: the file's own name is no UTF-8, and it cannot be opened.
    """
    name = os.fspath(file)
    if name.translate(_TO_PRIVATE) == name:
        yield name
        return
    with file.open("rb") as opened:
        yield f"/dev/fd/{opened.fileno()}"
