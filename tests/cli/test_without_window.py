"""The command line where Qt is not installed, and libraries of single tasks are not imported before these."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from lsd_studio.engine.datasets import load_data_set
from tests.cli.small_run import Finished, environment

WINDOW = ("PySide6", "shiboken6", "pyqtgraph", "qasync", "qtawesome", "qtpy")
SINGLE_TASKS = ("skimage", "openTSNE", "matplotlib")
STATISTICS = ("scipy", "sklearn", "joblib")
TRAINING = ("lightning_fabric", "torchvision")

MISSING = """
import sys

sys.modules |= dict.fromkeys({missing}, None)  # none of them can be imported

from lsd_studio.cli import main

sys.exit(main(sys.argv[1:]))
"""


WHOLE = """
import sys

class Whole:
    def __del__(self):
        print("taken apart", file=sys.stderr)

whole = Whole()

from lsd_studio.cli import command

command()
"""


def run_without(missing: tuple[str, ...], *arguments: object, cwd: Path | None = None) -> Finished:
    words = [sys.executable, "-c", MISSING.format(missing=missing), *map(str, arguments)]
    return subprocess.run(
        words, cwd=cwd, env=environment(None), capture_output=True, text=True, timeout=240, check=False
    )


def test_decompose_audit_and_densities_of_shipped_bundles(tmp_path: Path) -> None:
    digit = tmp_path / "digit.png"
    Image.fromarray(load_data_set("mnist", "test").images[18, 0]).save(digit)
    for missing, words in (
        ((*STATISTICS, *TRAINING), ("decompose", "mnist-studio", digit)),
        ((), ("basis", "mnist-studio", "--audit")),
        ((), ("latent", "mnist-autoencoder", "--number", 300, "--only", "densities", "radii")),
    ):
        finished = run_without((*WINDOW, *SINGLE_TASKS, *missing), *words)
        assert finished.returncode == 0, finished.stderr
        assert finished.stdout


def test_what_is_offered_without_qt_does_not_need_it(tmp_path: Path) -> None:
    finished = run_without(WINDOW, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("No window can be shown, because PySide6 is not installed")
    assert "\n  lsd-studio decompose" in finished.stdout
    assert "screenshots" not in finished.stdout


def test_a_command_ends_without_being_taken_apart(tmp_path: Path) -> None:
    digit = tmp_path / "digit.png"
    Image.fromarray(load_data_set("mnist", "test").images[18, 0]).save(digit)
    for words, code in (
        (("decompose", "mnist-studio", digit, "--json", "-"), 0),
        (("decompose", "mnist-studio", tmp_path / "missing.png"), 2),
    ):
        finished = subprocess.run(
            [sys.executable, "-c", WHOLE, *map(str, words)],
            env=environment(None),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert finished.returncode == code, finished.stderr
        assert "taken apart" not in finished.stderr
        assert finished.stdout.endswith("\n]\n") if code == 0 else finished.stderr.startswith("lsd-studio: ")


@pytest.mark.parametrize("missing", ["PySide6", "pyqtgraph", "qasync", "qtawesome"])
def test_a_window_that_is_not_installed_says_what_to_install(missing: str, tmp_path: Path) -> None:
    finished = run_without((missing,), "screenshots", tmp_path / "pictures")
    assert finished.returncode == 2
    sentence = finished.stderr.strip()
    assert sentence.count("\n") == 0
    assert f"{missing} is not installed" in sentence
    assert "pip install" in sentence
