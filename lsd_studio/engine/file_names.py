"""Names of files, folders and labels as text, whatever bytes a file system holds for them."""

from __future__ import annotations

import os
import unicodedata
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

__all__ = ["PathText", "readable"]

_STRAY_BYTES = range(0x80, 0x100)
_SURROGATES, _PRIVATE = 0xDC00, 0xF700
_TO_LATIN = {_SURROGATES + byte: byte for byte in _STRAY_BYTES}
_TO_PRIVATE = {_SURROGATES + byte: _PRIVATE + byte for byte in _STRAY_BYTES}
_FROM_PRIVATE = {private: surrogate for surrogate, private in _TO_PRIVATE.items()}


def readable(name: str | os.PathLike[str]) -> str:
    """A name as text for people, in the one Unicode form (NFC) in which names are compared.

    Bytes that are no UTF-8, which Python keeps as lone surrogates, are read as Latin-1.
    """
    return unicodedata.normalize("NFC", os.fspath(name).translate(_TO_LATIN))


def _to_json(path: str) -> str:
    return path.translate(_TO_PRIVATE)


def _from_json(path: object) -> object:
    return path.translate(_FROM_PRIVATE) if isinstance(path, str) else path


PathText = Annotated[str, BeforeValidator(_from_json), PlainSerializer(_to_json, when_used="json")]
"""A path in JSON that opens the same file again: bytes that are no UTF-8 stand as private characters U+F780…U+F7FF."""
