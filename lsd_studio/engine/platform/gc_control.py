"""Keep Python's garbage collector from halting every thread while large libraries are imported, and after."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_suspended() -> Iterator[None]:
    """Leave what is made inside out of all collections of garbage.

    A collection looks at every object there is and halts all threads meanwhile. Importing torch makes half a million
    objects that stay: several collections on the way take up to 0.3 s each, in which a window would stand still.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
