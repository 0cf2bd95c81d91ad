"""The program under random actions: nothing raises, Qt complains of nothing, and it ends with 0."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.small_run import environment
from tests.ui.soak import PATIENCE

ACTIONS = int(os.environ.get("LSD_STUDIO_SOAK_ACTIONS", "1250"))
"""Actions of each seed of the long soak."""

WRONG = ("Something went wrong inside", "lsd_studio.ui.app.crash", " asyncio: ", "Fatal Python error")
"""Words of what nobody foresaw; what a person is told in a sentence is logged too, and is none of it."""

HARMLESS = "This plugin does not support"
"""What Qt says of its offscreen platform."""


def soak(actions: int, seed: int, bundles: list[Path], folder: Path) -> None:
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CACHE", "DATA", "CONFIG", "STATE")}
    finished = subprocess.run(
        [
            sys.executable,
            "-X",
            "faulthandler",
            "-m",
            "tests.ui.soak",
            str(actions),
            str(seed),
            *map(str, bundles),
        ],
        env=environment({**homes, "QT_QPA_PLATFORM": "offscreen", "LSD_STUDIO_DATA": str(folder / "data")}),
        capture_output=True,
        text=True,
        timeout=60 + 6 * PATIENCE + 3 * actions,
        check=False,
    )
    lines = finished.stderr.splitlines()
    of_qt = [line for line in lines if " qt: " in line and HARMLESS not in line]
    assert finished.returncode == 0, finished.stderr
    assert [line for line in lines if any(words in line for words in WRONG)] + of_qt == [], finished.stderr


@pytest.fixture
def bundles(mnist_sized_bundle: Path, tmp_path: Path) -> list[Path]:
    return [mnist_sized_bundle, Path(shutil.copytree(mnist_sized_bundle, tmp_path / "other"))]


def test_a_minute_of_random_actions(bundles: list[Path], tmp_path: Path) -> None:
    soak(60, 1, bundles, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_thousands_of_random_actions(seed: int, bundles: list[Path], tmp_path: Path) -> None:
    soak(ACTIONS, seed, bundles, tmp_path)
