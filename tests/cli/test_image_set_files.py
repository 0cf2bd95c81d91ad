"""From a data set as Hugging Face has it to figures of its test images, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.bundle import read_manifest
from lsd_studio.engine.datasets.folder_files import find_files
from tests.cli.small_run import SMALL, Command
from tests.engine.image_set_files import write_parquet

pytest.importorskip("pyarrow")


def test_a_parquet_set_trains_the_networks_that_its_folder_does_and_is_evaluated_on_its_test_part(
    trained_run: Path, digits: Path, tmp_path: Path, lsd_studio: Command
) -> None:
    found = find_files(digits, labelled=True)
    tests = 0
    for split in ("train", "test"):
        images = [image for image in found.images if image.split == split]
        tests = len(images)
        labels = np.array([image.label for image in images])
        file = tmp_path / "hf" / "data" / f"{split}-00000-of-00001.parquet"
        write_parquet(file, [image.content() for image in images], labels, found.labels)

    finished = lsd_studio("train", "--data", tmp_path / "hf", "--out", tmp_path / "run", "--set", *SMALL)
    assert finished.returncode == 0, finished.stderr
    manifest = read_manifest(tmp_path / "run")
    assert manifest.files == read_manifest(trained_run).files
    assert manifest.data.name == str(tmp_path / "hf")

    evaluated = lsd_studio("evaluate", tmp_path / "run", "--trials", "2", "--json", "-")
    assert evaluated.returncode == 0, evaluated.stderr
    measured = json.loads(evaluated.stdout)
    assert measured["classifier_accuracy"]["count"] == tests

    named = tmp_path / "hf" / "data" / "test-00000-of-00001.parquet"
    other = lsd_studio("evaluate", tmp_path / "run", "--data", named, "--trials", "2", "--json", "-")
    assert other.returncode == 0, other.stderr
