"""Memory that is freed goes back to the system when nothing trains any more."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from tests.cli.small_run import environment

PROGRAM = """
import numpy as np
from pathlib import Path
from lsd_studio.engine.platform.allocation import give_back_freed_memory, keep_freed_memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

keep_freed_memory()
before = resident()
arrays = [np.ones(8 << 20) for _ in range(8)]
kept = [np.ones(1000)]
del arrays
held = resident() - before
give_back_freed_memory()
print(held, resident() - before)
again = np.ones(64 << 20)
del again
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has malloc_trim")
def test_what_a_training_freed_goes_back_when_it_has_ended() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment(), capture_output=True, text=True, check=True
    )
    held, left, later = map(int, finished.stdout.split())
    assert held > 400 << 20, "the eight arrays stay in the process while a training needs them again"
    assert left < 64 << 20
    assert later < 64 << 20
