"""What a file or folder is told to be, before anything in it is used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.bundle import find_bundle, open_bundle
from lsd_studio.engine.bundle.imported import bundles_folder, bundles_with_basis
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.archives import import_archive, write_archive
from lsd_studio.engine.exchange.recognition import recognise
from tests.engine.image_set_files import png, write_idx, write_parquet, write_tiff


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "data"))


def drawn(file: Path, kind: str = "PNG") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.eye(8, dtype=np.uint8)).save(file, kind)
    return file


def test_everything_is_known_by_what_it_is(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    shipped = find_bundle("mnist-studio")
    write_archive(open_bundle(shipped), tmp_path / "mnist-studio.zip")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    (tmp_path / "figure.json").write_text(json.dumps({"format": "lsd-studio-figure"}))
    drawn(tmp_path / "photos" / "cat" / "1.png")
    (tmp_path / "thicker.safetensors").write_bytes(b"read where it is added")
    images, labels = np.zeros((4, 8, 8), np.uint8), np.arange(4) % 2
    np.savez(tmp_path / "set.npz", images=images, labels=labels[:, None])
    np.savez(tmp_path / "codes.npz", z=np.zeros((4, 6), np.float32), images=images, labels=labels)
    np.savez(tmp_path / "unlabelled.npz", images=images)
    np.savez(tmp_path / "several.npz", images=images, labels=np.eye(4, dtype=np.uint8))
    write_tiff(tmp_path / "stack.tif", images)
    write_tiff(tmp_path / "labelled.tif", images)
    (tmp_path / "labelled.csv").write_text("label\n0\n1\n0\n1\n")
    write_parquet(tmp_path / "hub" / "train-0.parquet", [png(image) for image in images], labels)
    write_idx(tmp_path / "idx" / "train-images-idx3-ubyte.gz", images)
    kinds = {
        tmp_path / "set.npz": "images",
        tmp_path / "unlabelled.npz": "images",
        tmp_path / "several.npz": "codes",
        tmp_path / "codes.npz": "codes",
        tmp_path / "labelled.csv": "codes",
        tmp_path / "stack.tif": "image",
        tmp_path / "labelled.tif": "images",
        tmp_path / "hub": "images",
        tmp_path / "hub" / "train-0.parquet": "images",
        tmp_path / "idx": "images",
        tmp_path / "idx" / "train-images-idx3-ubyte.gz": "images",
        shipped: "bundle",
        shipped / "manifest.json": "bundle",
        tmp_path / "mnist-studio.zip": "archive",
        tmp_path / "run": "run",
        tmp_path / "figure.json": "figure",
        tmp_path / "photos": "images",
        tmp_path / "thicker.safetensors": "operator",
        drawn(tmp_path / "seven.png"): "image",
        drawn(tmp_path / "without-ending"): "image",
    }
    assert {path: recognise(path).kind for path in kinds} == kinds
    assert recognise(shipped / "manifest.json").path == shipped


def test_a_shared_bundle_gets_a_name_that_is_free(tmp_path: Path) -> None:
    file = tmp_path / "mnist-studio.zip"
    write_archive(open_bundle("mnist-studio"), file)
    for expected in ("mnist-studio-2", "mnist-studio-3"):
        name = recognise(file).name
        assert name == expected
        import_archive(file, name)
    odd = file.rename(tmp_path / "Бандл (копия).zip")
    assert recognise(odd).name == "bundle"
    (bundles_folder() / "mnist-studio-2-denoisers").mkdir()
    (bundles_folder() / "mnist-studio-2-denoisers" / "manifest.json").write_text("{}")
    assert bundles_with_basis() == ("mnist-studio-2", "mnist-studio-3")


@pytest.mark.parametrize("name", ["default.onnx", "dcgan32.old17.onnx"])
def test_a_network_is_known_by_its_input_and_outputs(name: str) -> None:
    pytest.importorskip("onnx")
    found = recognise(Path(__file__).parent / "onnx_files" / name)
    assert found.network is not None
    assert found.network.role == "generator"
    assert found.network.in_words.startswith("generator: takes codes of ")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("nothing.md", b"words", "nothing that can be opened here"),
        ("photos.zip", b"PK\x05\x06" + bytes(18), "not the archive of a bundle"),
        ("broken.zip", b"words", "not the archive of a bundle"),
        ("other.json", b'{"format": "another"}', "describes nothing"),
        ("folder/notes.txt", b"words", "holds no images"),
        ("network.onnx", b"words", "ONNX"),
    ],
)
def test_what_is_nothing_known_is_said_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    with pytest.raises(StudioError, match=told):
        recognise(file.parent if "/" in name else file)
