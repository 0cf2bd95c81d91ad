"""`lsd-studio evaluate --generator`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from lsd_studio.cli import main
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.generator.words import measure_words


@pytest.fixture
def arguments(tmp_path: Path, save_small_bundle: Callable[[Path], Path]) -> list[str]:
    random = np.random.default_rng(0)
    for split, count in (("train", 30), ("test", 60)):
        for label in ("left", "right"):
            place = tmp_path / "images" / split / label
            place.mkdir(parents=True)
            for number in range(count):
                Image.fromarray(random.integers(0, 256, (8, 8), dtype=np.uint8)).save(place / f"{number}.png")
    bundle = save_small_bundle(tmp_path / "small")
    return ["evaluate", str(bundle), "--data", str(tmp_path / "images"), "--generator"]


def test_it_is_answered_as_json_and_as_tables(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main([*arguments, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["images"], found["draws"]) == (60, 5)
    by_classifier = found["readers"]["classifier"]
    assert list(by_classifier["sets"]) == ["samples", "real", "blurred", "collapsed", "repeated"]
    assert by_classifier["sets"]["samples"]["frechet"]["count"] == 60
    assert set(by_classifier["sets"]["samples"]["labels"]) == {"left", "right"}
    assert found["memorisation"]["pixels"]["samples"]["training"] == 50
    assert found["data"]["checksum"]

    assert main(arguments) == 0
    table = capsys.readouterr().out
    for words in (
        "by C",
        "random samples",
        "one image repeated",
        "Fréchet distance (FID∞)",
        "label evenness",
    ):
        assert words in table
    assert measure_words(Measure.of(by_classifier["sets"]["samples"]["frechet"])) in table
    assert "nearest training image by" in table


def test_it_is_kept_in_the_bundle_and_shared_with_it(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = tmp_path / "generator.svg"
    assert main([*arguments, "--keep", "--figure", str(figure), "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "Fréchet distance" in figure.read_text(encoding="utf-8")
    (kept,) = (tmp_path / "small" / "evaluations").glob("generator-*.json")
    stored = json.loads(kept.read_text(encoding="utf-8"))
    assert stored["depends_on"]["test"] == found["data"]["checksum"]
    assert stored["found"]["images"] == 60

    assert main(["export", str(tmp_path / "small"), "--archive", str(tmp_path / "small.zip")]) == 0
    with ZipFile(tmp_path / "small.zip") as archive:
        assert json.loads(archive.read(f"small/evaluations/{kept.name}")) == stored


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (["--trials", "3"], "leave it out"),
        (["--steering"], "give one of them"),
        (["--images", "40"], "100 test images"),
        (["--figure", "report.doc"], ".pdf"),
    ],
)
def test_what_it_does_not_take_is_refused(
    arguments: list[str], others: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, *others]) == 2
    assert said in capsys.readouterr().err
