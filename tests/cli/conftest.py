"""The command line as a person uses it: in processes of its own, on a small slice of real digits."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lsd_studio.cli import main
from lsd_studio.engine.datasets import load_data_set
from tests.cli.small_run import SMALL, Asked, Command, Finished, command_line, environment

IMAGES_A_LABEL = 100


@pytest.fixture(scope="session")
def lsd_studio() -> Command:
    """Runs `lsd-studio` with these arguments and returns what it printed and its exit code."""

    def run(
        *arguments: object, cwd: Path | None = None, env: Mapping[str, str | None] | None = None
    ) -> Finished:
        return subprocess.run(
            command_line(*arguments),
            cwd=cwd,
            env=environment(env),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run


@pytest.fixture
def asked(capsys: pytest.CaptureFixture[str]) -> Asked:
    """Runs a command with --json - and returns its answer."""

    def run(*words: object) -> dict[str, Any]:
        code = main([*map(str, words), "--json", "-"])
        said = capsys.readouterr()
        assert code == 0, said.err
        return json.loads(said.out)

    return run


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder data set: real zeros and ones of MNIST's training images, 8 × 8 pixels, a sixth for testing."""
    folder = tmp_path_factory.mktemp("digits")
    training = load_data_set("mnist", "train")
    for label in (0, 1):
        chosen = (training.labels == label).nonzero()[0][:IMAGES_A_LABEL]
        for place, index in enumerate(chosen):
            folder_of_split = folder / ("test" if place % 6 == 5 else "train") / str(label)
            folder_of_split.mkdir(parents=True, exist_ok=True)
            small = Image.fromarray(training.images[index, 0]).resize((8, 8), Image.Resampling.BOX)
            small.save(folder_of_split / f"{index}.png")
    return folder


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory, digits: Path, lsd_studio: Command) -> Path:
    """A finished run on the small digits."""
    run = tmp_path_factory.mktemp("runs") / "finished"
    finished = lsd_studio("train", "--data", digits, "--out", run, "--set", *SMALL)
    assert finished.returncode == 0, finished.stderr
    return run
