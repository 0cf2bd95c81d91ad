"""Output that may lose its reader: what nobody reads any more is not written, and the command goes on."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

__all__ = ["let_output_lose_its_reader"]


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
