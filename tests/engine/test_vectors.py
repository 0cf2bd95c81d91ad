"""η, ξ and amplitudes as tables: numbers that come back exactly and say where they are from; by operations too."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.cli import main
from lsd_studio.engine.api import Engine
from lsd_studio.engine.bundle import Bundle, open_bundle
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.vectors import titles_of, write_amplitudes_of_data
from tests.engine.small_digits import write_digits
from tests.engine.small_networks import small_images


@pytest.fixture
def bundle(tmp_path: Path, save_small_bundle: Callable[[Path], Path]) -> Bundle:
    return open_bundle(save_small_bundle(tmp_path / "small"))


def table(file: Path) -> tuple[list[str], list[list[str]]]:
    with file.open(encoding="utf-8", newline="") as opened:
        header, *rows = csv.reader(opened)
    return header, rows


def test_vectors_come_back_exactly(bundle: Bundle, tmp_path: Path) -> None:
    assert main(["export", str(bundle.path), "--vectors", str(tmp_path / "out")]) == 0
    found = np.load(tmp_path / "out" / "vectors.npz", allow_pickle=False)
    np.testing.assert_array_equal(found["eta"], bundle.basis.eta_)
    np.testing.assert_array_equal(found["xi"], bundle.basis.xi_)
    assert found["sets"].tolist() == [1, 1, 2, 2]
    assert found["label_names"][found["labels"]].tolist() == ["left", "right", "left", "right"]
    header, rows = table(tmp_path / "out" / "xi.csv")
    assert header == ["set", "label", "z0", "z1", "z2", "z3"]
    assert [row[:2] for row in rows] == [["1", "left"], ["1", "right"], ["2", "left"], ["2", "right"]]
    np.testing.assert_array_equal(np.array([row[2:] for row in rows], dtype=np.float64), bundle.basis.xi_)
    facts = json.loads((tmp_path / "out" / "vectors.json").read_text())
    assert facts["bundle"] == bundle.hash
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "vectors.npz", "eta.csv", "xi.csv", "vectors.json",
    }  # fmt: skip


def test_amplitudes_of_images_and_of_a_data_set(bundle: Bundle, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 8, 8), dtype=np.uint8)
    files = [tmp_path / "one, with a comma.png", tmp_path / "two.png"]
    for file, image in zip(files, pixels, strict=True):
        Image.fromarray(image).save(file)
    out = tmp_path / "out"
    assert main(["export", str(bundle.path), "--vectors", str(out), "--images", *map(str, files)]) == 0
    mean, log_sigma = bundle.networks.encode(scale_pixels(pixels[:, None]))
    found = np.load(out / "amplitudes.npz", allow_pickle=False)
    np.testing.assert_array_equal(found["amplitudes"], bundle.basis.transform(mean))
    np.testing.assert_array_equal(found["log_sigma"], log_sigma)
    header, rows = table(out / "amplitudes.csv")
    assert header == [
        "image",
        "label",
        "read",
        "c left set 1",
        "c right set 1",
        "c left set 2",
        "c right set 2",
    ]
    assert [row[0] for row in rows] == [file.name for file in files]
    np.testing.assert_array_equal(np.array([row[3:] for row in rows], float), found["amplitudes"])
    assert list(json.loads((out / "amplitudes.json").read_text())["images"]["prepared"]) == [
        f.name for f in files
    ]

    data = small_images("test", 20)
    write_amplitudes_of_data(bundle, out, data)
    found = np.load(out / "amplitudes.npz", allow_pickle=False)
    assert found["labels"].tolist() == [data.label_names[label] for label in data.labels]
    assert json.loads((out / "amplitudes.json").read_text())["images"]["checksum"] == data.checksum
    with pytest.raises(StudioError, match="choose images that fit them"):
        write_amplitudes_of_data(bundle, out, replace(data, images=np.zeros((20, 3, 8, 8), np.uint8)))


def test_files_of_one_name_and_one_file_twice_lose_nothing(bundle: Bundle, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8), dtype=np.uint8)
    files = [tmp_path / "images" / label / "000.png" for label in ("bar", "dash", "disc")]
    for file, image in zip(files, pixels, strict=True):
        file.parent.mkdir(parents=True)
        Image.fromarray(image).save(file)
    out = tmp_path / "out"
    given = [*map(str, files), str(files[0])]
    assert main(["export", str(bundle.path), "--vectors", str(out), "--images", *given]) == 0
    titles = ["bar/000.png", "dash/000.png", "disc/000.png", "bar/000.png (2)"]
    assert [row[0] for row in table(out / "amplitudes.csv")[1]] == titles
    assert np.load(out / "amplitudes.npz", allow_pickle=False)["titles"].tolist() == titles
    assert list(json.loads((out / "amplitudes.json").read_text())["images"]["prepared"]) == titles


def test_titles_are_names_as_long_as_they_differ_and_always_text() -> None:
    assert titles_of([Path("a/one.png"), Path("b/two.png")]) == ["one.png", "two.png"]
    assert titles_of([Path("a/one.png"), Path("a/one.png")]) == ["one.png", "one.png (2)"]
    assert titles_of([Path("x/a/one.png"), Path("x/one.png")]) == ["a/one.png", "one.png"]
    assert titles_of([Path(os.fsdecode(b"caf\xe9.png"))]) == ["caf\\xe9.png"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "name what to write"),
        (["--data", "mnist", "--archive", "x.zip"], "name their folder with --vectors"),
        (["--vectors", "out", "--data", "mnist", "--images", "x.png"], "leave out --data or --images"),
        (["--vectors", "{file}"], "cannot be made"),
        (["--archive", "{file}/x.zip"], "could not be written"),
    ],
)
def test_what_cannot_be_exported(
    bundle: Bundle, tmp_path: Path, options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    asked = [option.format(file=tmp_path / "file") for option in options]
    assert main(["export", str(bundle.path), *asked]) == 2
    told = capsys.readouterr().err.strip()
    assert sentence in told
    assert "\n" not in told


def test_shared_and_taken_in_on_the_command_line(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "home"))
    file = str(tmp_path / "shared.zip")
    assert main(["export", str(bundle.path), "--archive", file, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["hash"] == bundle.hash
    assert main(["import", file, "--name", "theirs", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["labels"] == ["left", "right"]
    assert open_bundle("theirs").hash == bundle.hash
    assert main(["import", file, "--name", "theirs"]) == 2
    assert "another name with --name" in capsys.readouterr().err


def test_through_the_engine(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "home"))
    with Engine() as engine:
        engine.bundles.open(bundle.path).result()
        tables = engine.exchange.export_vectors(tmp_path / "tables").result()
        assert all(file.is_file() for file in tables.files)
        shared = tmp_path / "shared.zip"
        assert engine.exchange.export_archive(shared).result().bytes == shared.stat().st_size
        imported, _ = engine.exchange.import_archive(shared).result()
        assert open_bundle(imported.name).path == imported
        digits = str(write_digits(tmp_path / "digits"))
        adoption = engine.exchange.adopt(tmp_path / "missing.onnx", digits, tmp_path / "adopted")
        with pytest.raises(StudioError, match=r"missing\.onnx could not be read"):
            adoption.result()
