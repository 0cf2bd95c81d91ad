"""Let freed arrays stay in the process, where the C library would give each one back to the system."""

from __future__ import annotations

import ctypes
import platform
import threading

__all__ = ["keep_freed_memory"]

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
ONE_GIBIBYTE = 1 << 30

_LOCK = threading.Lock()
_kept = 0


def keep_freed_memory(largest: int = ONE_GIBIBYTE) -> None:
    """Make glibc reuse freed blocks of up to so many bytes, and twice as many in all.

    What takes large arrays again and again spends a third to a half of its time on page faults otherwise. Of several
    calls the largest counts. Does nothing where the C library is another one (macOS, Windows, musl).
    """
    global _kept
    with _LOCK:
        if largest <= _kept or platform.libc_ver()[0] != "glibc":
            return
        _kept = largest
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, largest)
        library.mallopt(M_TRIM_THRESHOLD, 2 * largest - 1)
