"""Let freed arrays stay in the process while they are needed again and again, and go back to the system afterwards."""

from __future__ import annotations

import ctypes
import platform
import threading
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
ONE_GIBIBYTE = 1 << 30

AT_REST = 32 << 20
"""Bytes of the largest block that is kept when nothing trains: what a look at a plane makes, and is made anew."""

_LOCK = threading.Lock()
_kept = 0


def keep_freed_memory(largest: int = ONE_GIBIBYTE) -> None:
    """Make glibc reuse freed blocks of up to so many bytes, and twice as many in all.

    What takes large arrays again and again spends a third to a half of its time on page faults otherwise. Of several
    calls the largest counts. Does nothing where the C library is another one (macOS, Windows, musl).
    """
    with _LOCK:
        if largest > _kept:
            _keep(largest)


def give_back_freed_memory() -> None:
    """Return what is freed to the system, about 2 GB after a training, and keep no more than `AT_REST` from now on.

    It is called where a training has ended; the next one takes its pages anew, once.
    """
    with _LOCK:
        if _kept > AT_REST and (library := _keep(AT_REST)) is not None:
            library.malloc_trim(0)


def trim_freed_memory() -> None:
    """Return what is freed to the system, but for what a training keeps for its next step.

    It is called where nothing is worked on for a while: what analyses and openings of bundles free lies scattered among
    what stays, some hundred MB after an hour of use. Takes up to 30 ms, in which no other thread can allocate.
    """
    with _LOCK:
        if _kept <= AT_REST and (library := _glibc()) is not None:
            library.malloc_trim(0)


def _keep(largest: int) -> ctypes.CDLL | None:
    """Set both thresholds; the C library, or None where it is not glibc."""
    global _kept
    if (library := _glibc()) is not None:
        _kept = largest
        library.mallopt(M_MMAP_THRESHOLD, largest)
        library.mallopt(M_TRIM_THRESHOLD, 2 * largest - 1)
    return library


@cache
def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
