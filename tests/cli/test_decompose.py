"""`lsd-studio decompose` on images of every kind."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.cli import main
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import scale_pixels
from tests.cli.small_run import command_line, environment


@pytest.fixture
def bundle(tmp_path: Path, save_small_bundle: Callable[[Path], Path]) -> Path:
    return save_small_bundle(tmp_path / "small")


@pytest.fixture
def picture() -> Image.Image:
    return Image.fromarray(np.random.default_rng(2).integers(0, 256, (8, 8), dtype=np.uint8))


def test_what_is_printed_is_what_the_engine_says(
    bundle: Path, picture: Image.Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "picture.png"
    picture.save(path)
    assert main(["decompose", str(bundle), str(path), str(path), "--json", "-"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    opened = open_bundle(bundle)
    mean, _ = opened.networks.encode(scale_pixels(np.asarray(picture)[None, None]))
    np.testing.assert_allclose(first["amplitudes"], opened.basis.transform(mean)[0], atol=1e-5)
    assert first["amplitudes"] == pytest.approx(second["amplitudes"], abs=1e-5)
    assert first["ranking"] == np.argsort(-np.abs(first["amplitudes"]), kind="stable").tolist()
    assert first["lsd_label"] == first["ranking"][0] % 2
    assert first["label"] == int(np.argmax(first["probabilities"]))
    assert first["label_name"] in ("left", "right")
    assert [part["terms"] for part in first["truncations"]] == [1, 2, 3, 4, 4]
    assert first["outlier"].startswith("Not known: There is no data set and no folder named two-labels")


def test_table_and_file(
    bundle: Path, picture: Image.Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, result = tmp_path / "picture.png", tmp_path / "result.json"
    picture.save(path)
    result.write_text("what was there before")
    assert main(["decompose", str(bundle), str(path), "--json", str(result)]) == 0
    printed = capsys.readouterr().out
    assert "lsd label" in printed
    assert "Not known: There is no data set" in " ".join(printed.split())
    assert len(json.loads(result.read_text())) == 1


def test_samples_follow_their_seed(
    bundle: Path, picture: Image.Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture.save(tmp_path / "picture.png")
    found = []
    for seed in ("1", "1", "2"):
        main(["decompose", str(bundle), str(tmp_path / "picture.png"), "--sample", seed, "--json", "-"])
        found.append(json.loads(capsys.readouterr().out)[0]["amplitudes"])
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.parametrize("kind", ["CMYK", "16-bit", "animated", "colour", "transparent", "wide"])
def test_images_of_every_kind(
    kind: str, bundle: Path, picture: Image.Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "picture.png"
    if kind == "CMYK":
        path = tmp_path / "picture.jpg"
        picture.convert("CMYK").save(path)
    elif kind == "16-bit":
        Image.fromarray(np.asarray(picture).astype(np.uint16) * 257).save(path)
    elif kind == "animated":
        path = tmp_path / "picture.gif"
        picture.save(path, save_all=True, append_images=[picture.rotate(90)])
    elif kind == "wide":
        picture.resize((3000, 40)).save(path)
    else:
        picture.convert("RGB" if kind == "colour" else "RGBA").save(path)
    assert main(["decompose", str(bundle), str(path), "--json", "-"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert len(found["amplitudes"]) == 4
    if kind not in ("transparent",):
        assert found["prepared"]


@pytest.mark.parametrize("kind", ["text", "empty", "1x1", "cut short", "20 000 px", "missing", "folder"])
def test_images_that_are_none(
    kind: str, bundle: Path, picture: Image.Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "picture.png"
    if kind == "text":
        path.write_text("not a picture")
    elif kind == "empty":
        path.touch()
    elif kind == "1x1":
        picture.crop((0, 0, 1, 1)).save(path)
    elif kind == "cut short":
        picture.resize((400, 400)).save(path)
        path.write_bytes(path.read_bytes()[:200])
    elif kind == "20 000 px":
        Image.new("1", (20_000, 20_000)).save(path)
    elif kind == "folder":
        path.mkdir()
    result = tmp_path / "result.json"
    assert main(["decompose", str(bundle), str(path), "--json", str(result)]) == 2
    printed = capsys.readouterr()
    assert printed.err.count("lsd-studio: ") == 1
    assert "picture.png" in printed.err
    assert "please" in printed.err
    assert not result.exists()


def test_a_full_disk_behind_standard_output_is_one_sentence(
    bundle: Path, picture: Image.Image, tmp_path: Path
) -> None:
    full, path = Path("/dev/full"), tmp_path / "picture.png"
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    picture.save(path)
    with full.open("w") as output:
        finished = subprocess.run(
            command_line("decompose", bundle, path, "--json", "-"),
            stdout=output,
            stderr=subprocess.PIPE,
            env=environment(None),
            text=True,
            check=False,
        )
    assert finished.returncode == 2
    assert finished.stderr.startswith("lsd-studio: the result cannot be written (No space left")
    assert finished.stderr.count("\n") == 1
