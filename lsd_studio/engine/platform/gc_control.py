"""Keep Python's garbage collector from halting every thread while large libraries are imported, and after."""

from __future__ import annotations

import gc
import sys
from importlib import import_module


def import_for_good(*modules: str) -> None:
    """Import modules by their names, and leave what that makes out of all collections of garbage.

    A collection looks at every object there is and halts all threads meanwhile. Importing torch makes half a million
    objects that stay: several collections on the way take up to 0.3 s each, in which a window would stand still.

    Nothing is done where all are imported already: with the new objects all others are left out that there are at that
    moment, and of those garbage in cycles, such as the networks of a training that has ended, would stay in memory.
    """
    if all(name in sys.modules for name in modules):
        return
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for name in modules:
            import_module(name)
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
