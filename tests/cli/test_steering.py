"""`lsd-studio evaluate --steering`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from lsd_studio.cli import main


@pytest.fixture
def arguments(tmp_path: Path, save_small_bundle: Callable[[Path], Path]) -> list[str]:
    random = np.random.default_rng(0)
    for split in ("train", "test"):
        for label in ("left", "right"):
            place = tmp_path / "images" / split / label
            place.mkdir(parents=True)
            for number in range(6):
                Image.fromarray(random.integers(0, 256, (8, 8), dtype=np.uint8)).save(place / f"{number}.png")
    bundle = save_small_bundle(tmp_path / "small")
    return ["evaluate", str(bundle), "--data", str(tmp_path / "images"), "--steering"]


def test_it_is_answered_as_json_and_as_a_table(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["images"], found["turns_an_image"]) == (12, 1)
    by_classifier = found["classifier"]
    assert by_classifier["arrived"]["count"] == 12
    assert {by_classifier["least_pair"]["source"], by_classifier["least_pair"]["target"]} == {"left", "right"}
    assert len(by_classifier["walk"]["stations"]) == 2
    assert set(found["style"]) == {"slant", "ink", "width", "height"}

    assert main(arguments) == 0
    table = capsys.readouterr().out
    assert found["classifier"]["in_the_losses"] is False
    assert table.split()[:4] == ["measure", "C", "judge", "images"]
    share = 100 * by_classifier["arrived"]["value"]
    assert f"{share:.1f} %" in next(row for row in table.splitlines() if row.startswith("read as the label"))
    assert f"{found['classifier']['frechet']['random']['value']:.2f}" in table


def test_it_is_kept_in_the_bundle_and_shared_with_it(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--keep", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert json.loads((tmp_path / "small" / "steering.json").read_text(encoding="utf-8")) == found

    assert main(["export", str(tmp_path / "small"), "--archive", str(tmp_path / "small.zip")]) == 0
    with ZipFile(tmp_path / "small.zip") as archive:
        assert json.loads(archive.read("small/steering.json")) == found


def test_what_ships_is_not_measured_over(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "mnist-studio", *arguments[2:], "--keep"]) != 0
    assert "name a bundle's folder with --keep" in capsys.readouterr().err
