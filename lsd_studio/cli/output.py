"""Standard output and error: names as plain text, one result as JSON and nothing else, readers that may go."""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

from lsd_studio.engine.platform.file_names import readable

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that turn the direction of the text after them."""


def plain(text: str, keep: str = "\n\t") -> str:
    r"""The text with control characters, but for those to keep, and bidirectional overrides as escapes such as \x1b.

    Bytes of names that are no UTF-8 are shown as `readable` reads them.
    """
    return "".join(
        sign.encode("unicode_escape").decode()
        if sign not in keep and (unicodedata.category(sign) == "Cc" or sign in _TURNING)
        else sign
        for sign in readable(text)
    )


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


def write_result(content: bytes) -> None:
    """Write ASCII text to standard output, as these bytes in every encoding of a terminal."""
    stream = sys.stdout if _promised is None else _promised
    binary = getattr(stream, "buffer", None)
    if binary is None:  # a notebook's, or another stand-in
        stream.write(content.decode("ascii"))
        return
    stream.flush()
    binary.write(content)
    binary.flush()


class _Pipe(io.FileIO):
    """A stream that goes nowhere once its other end is closed."""

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return len(data)


def let_output_lose_its_reader() -> None:
    """Let `train 2>&1 | head -1` train to the end: a reader that goes is no reason to stop."""
    sys.stdout, sys.stderr = (_lasting(stream) for stream in (sys.stdout, sys.stderr))


def _lasting(stream: TextIO) -> TextIO:
    if not (isinstance(stream, io.TextIOWrapper) and stream in (sys.__stdout__, sys.__stderr__)):
        return stream
    stream.flush()
    raw: io.RawIOBase = _Pipe(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering or stream is sys.__stderr__,
    )
