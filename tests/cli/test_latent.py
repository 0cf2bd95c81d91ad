"""The report on a latent space, end to end over a small bundle and real digits."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.cli import main
from tests.engine.small_digits import small_digits


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    images = small_digits(2, 200)
    for place, (image, label) in enumerate(zip(images.images, images.labels, strict=True)):
        (tmp_path / "digits" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[0]).save(tmp_path / "digits" / str(label) / f"{place:03}.png")
    return tmp_path / "digits"


def test_a_report_has_numbers_figures_and_tables(
    tmp_path: Path,
    digits: Path,
    save_small_bundle: Callable[[Path], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    bundle, folder = save_small_bundle(tmp_path / "small"), tmp_path / "report"
    words = ["--data", str(digits), "--split", "train", "--points", "100"]
    parts = ["densities", "radii", "pairs", "samplers"]

    code = main(["latent", str(bundle), *words, "--only", *parts, "--report", str(folder), "--json", "-"])

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found["space"]["components"] == 4
    assert found["space"]["codes"] >= 200
    assert found["samplers"]["rows"][0]["sampler"] == "codes of other images"
    with (folder / "samplers.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["auc"]) for row in rows] == [row["auc"] for row in found["samplers"]["rows"]]
    with (folder / "ellipses.csv").open() as file:
        assert [float(row["measured"]) for row in csv.DictReader(file)] == [
            one["measured"] for one in found["pairs"]["coverage"]
        ]
    pictures = sorted(path.stem for path in folder.glob("*.png"))
    assert {"densities", "density-fits", "radii", "correlations", "pairs", "samplers"} < set(pictures)
    assert set(found) == {"space", *parts}
    page = (folder / "report.md").read_text(encoding="utf-8")
    assert all(f"]({name}.png)" in page for name in pictures)
    assert found["samplers"]["sentence"] in page


def test_a_report_that_cannot_be_written_is_refused_at_once(
    tmp_path: Path, save_small_bundle: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")

    assert main(["latent", str(save_small_bundle(tmp_path / "small")), "--report", str(taken)]) == 2
    assert "please name another" in capsys.readouterr().err


def test_a_part_that_is_not_there_is_refused(
    tmp_path: Path, save_small_bundle: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["latent", str(save_small_bundle(tmp_path / "small")), "--only", "density"]) == 2
    assert "There is no part density" in capsys.readouterr().err


def test_a_width_that_holds_everything_is_one_sentence(
    tmp_path: Path,
    digits: Path,
    save_small_bundle: Callable[[Path], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--data", str(digits), "--split", "train", "--width", "1e300", "--only", "densities"]

    assert main(["latent", str(save_small_bundle(tmp_path / "small")), *words]) == 2
    assert "A width of 1e+300 takes all values" in capsys.readouterr().err


def test_only_the_codes_that_match_a_condition_are_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(0)
    file, kind, age = tmp_path / "cells.npz", np.array(["B cell", "T cell"] * 60), random.uniform(0, 80, 120)
    np.savez(file, z=random.standard_normal((120, 4)).astype(np.float32), kind=kind, age=age)
    named = ["--labels", "kind", "--where", "age > 20 and age < 70"]
    rows = (age > 20) & (age < 70)
    note = f"Of 120 codes, the {rows.sum()} that match “age > 20 and age < 70” are used."

    assert main(["latent", str(file), *named, "--groups", "B cell", "T cell", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["space"]["codes"] == rows.sum()
    assert found["counts"] == [(rows & (kind == name)).sum() for name in ("B cell", "T cell")]
    assert note in found["space"]["notes"]

    assert main(["basis", str(file), *named, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [label["codes"] for label in found["labels"]] == [
        (rows & (kind == name)).sum() for name in np.unique(kind)
    ]
    assert main(["latent", str(file), "--where", "age > 90"]) == 2
    assert "None of the 120 codes" in capsys.readouterr().err
    assert main(["latent", "mnist-autoencoder", "--where", "age > 90"]) == 2
    assert "--where is for a file of codes" in capsys.readouterr().err
