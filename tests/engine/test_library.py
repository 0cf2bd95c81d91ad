"""The engine as a library: its examples run, and what needs no network loads no PyTorch."""

from __future__ import annotations

import doctest
import subprocess
import sys

import lsd_studio.engine


def test_the_examples_run() -> None:
    found = doctest.testmod(lsd_studio.engine)
    assert found.attempted > 25
    assert found.failed == 0


def test_basis_and_operators_load_no_torch() -> None:
    code = """
import sys
import lsd_studio.engine.operators.algebra, lsd_studio.engine.operators.fitted
import lsd_studio.engine.operators.paths, lsd_studio.engine.basis.quasi_eigenbasis
assert not {"torch", "torchvision"} & set(sys.modules), "too much is loaded"
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
