"""Standard output that holds one result as JSON and nothing else, whatever else is printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

__all__ = ["promised_to_json", "write_result"]

_promised: TextIO | None = None


@contextmanager
def promised_to_json() -> Iterator[None]:
    """Let all that is printed meanwhile, here and in libraries, go to standard error; `write_result` alone does not."""
    global _promised
    _promised = sys.stdout
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _promised = None


def write_result(text: str) -> None:
    """Write ASCII text to standard output, as these bytes in every encoding of a terminal."""
    stream = sys.stdout if _promised is None else _promised
    content = text.encode("ascii")
    binary = getattr(stream, "buffer", None)
    if binary is None:  # a notebook's, or another stand-in
        stream.write(text)
        return
    stream.flush()
    binary.write(content)
    binary.flush()
