"""What three people bring, from their own programs' files to figures and archives, on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from lsd_studio.engine.figures.record import read_record
from tests.cli.small_run import Asked
from tests.outsiders import DIGITS, EDGE, FEW_STEPS, write_cells, write_dcgan, write_digits


@pytest.fixture(autouse=True)
def data_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles are imported to a folder of the test's own."""
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "data"))


def test_cells_of_anndata(tmp_path: Path, asked: Asked) -> None:
    pytest.importorskip("h5py")
    file = write_cells(tmp_path / "cells.h5ad")
    before = file.read_bytes()
    codes = "--codes", "obsm/X_scVI", "--labels"

    found = asked("basis", file, *codes, "cell_type", "--audit")
    assert found["audit"]["directions"] == 2
    assert [(label["label"], label["apart"]) for label in found["labels"]] == [
        ("B cell", True), ("NK cell", True), ("T cell", True),
    ]  # fmt: skip
    assert asked("basis", file, *codes, "donor", "--audit")["audit"]["directions"] == 0
    assert np.shape(asked("basis", file, *codes, "cell_type")["basis"]["xi"]) == (8, 8)
    older = asked("basis", file, *codes, "cell_type", "--audit", "--where", "age > 50 and doublet = no")
    assert older["audit"]["directions"] == 2
    assert older["audit"]["codes"] < 250

    moves = tmp_path / "to-t.safetensors"
    path = "--path", "B cell,T cell", "--operator", "gaussian_transport", "--out", moves
    assert asked("operate", file, *codes, "cell_type", *path)["operator"]["arrived"]["value"] > 0.8

    written = asked(
        "figures", file, *codes, "cell_type", "--out", tmp_path / "figures", "--only", "4d", "--format", "svg"
    )
    assert (
        read_record(Path(written["4d"][-1])).source
        == "cells.h5ad, obsm/X_scVI, labels of cell_type, 420 codes"
    )

    operator = load_file(moves)
    _write_moved(tmp_path / "moved.h5ad", file, operator["matrix"], operator["shift"])
    moved = asked("latent", tmp_path / "moved.h5ad", *codes, "cell_type", "--groups", "B cell", "T cell")
    apart = asked("latent", file, *codes, "cell_type", "--groups", "B cell", "T cell")
    assert apart["p_value"] == 0.002
    assert np.linalg.norm(moved["direction"]) < 0.3 * np.linalg.norm(apart["direction"])
    assert file.read_bytes() == before


def _write_moved(out: Path, file: Path, matrix: np.ndarray, shift: np.ndarray) -> None:
    """The cells with their B cells where the operator takes them."""
    import h5py

    out.write_bytes(file.read_bytes())
    with h5py.File(out, "r+") as opened:
        chosen = opened["obs/cell_type/codes"][:] == 0
        codes = opened["obsm/X_scVI"][:]
        codes[chosen] = codes[chosen] @ matrix.T + shift
        opened["obsm/X_scVI"][:] = codes


def test_a_generator_of_pytorch_with_codes_of_four_dimensions(tmp_path: Path, asked: Asked) -> None:
    for library in ("pyarrow", "onnxscript"):
        pytest.importorskip(library)
    digits = write_digits(tmp_path / "digits", EDGE)
    generator = write_dcgan(tmp_path / "dcgan.onnx")
    bundle = tmp_path / "theirs"

    adopted = asked("adopt", "--generator", generator, "--data", digits, "--out", bundle, "--set", *FEW_STEPS)
    assert adopted["trained"] == ["classifier", "encoder"]
    assert adopted["classifier_accuracy"] > 0.9
    _goes_all_the_way(bundle, _picture(digits, tmp_path), tmp_path, asked)


def test_a_table_of_images_of_hugging_face(tmp_path: Path, asked: Asked) -> None:
    pytest.importorskip("pyarrow")
    digits = write_digits(tmp_path / "digits", 8)
    words = "--data", digits, "--set", *FEW_STEPS, "latent_dimensions=4"

    trained = asked("train", *words, "--out", tmp_path / "run")
    assert trained["outcome"] == "finished"
    _goes_all_the_way(Path(trained["bundle"]), _picture(digits, tmp_path), tmp_path, asked)


def _picture(digits: Path, folder: Path) -> Path:
    from pyarrow import parquet

    (table,) = digits.rglob("test-*.parquet")
    (folder / "one.png").write_bytes(parquet.read_table(table)["image"][0].as_py()["bytes"])
    return folder / "one.png"


def _goes_all_the_way(bundle: Path, picture: Path, folder: Path, asked: Asked) -> None:
    """Audit, an operator that is fitted and kept, a figure, and the archive, which says the same once imported."""
    audit = asked("basis", bundle, "--audit")
    assert len(audit["audit"]["xi_kept"]) in (4, 8)
    assert audit["basis"]["xi_label_rate"] >= 0.5

    fitted = asked("operate", bundle, picture, "--fit", "thickness", "--keep", "thicker")
    assert fitted["fit"]["held_out"] > 0
    again = "operate", picture, "--operator", "thicker", "--out", folder / "strip.png"
    here = asked(again[0], bundle, *again[1:])
    with Image.open(folder / "strip.png") as strip:
        assert strip.width > 1.5 * strip.height

    written = asked("figures", bundle, "--out", folder / "figures", "--only", "4b,4d", "--format", "pdf")
    assert list(written) == ["4b", "4d"]
    shared = asked("export", bundle, "--archive", folder / "shared.zip")
    assert read_record(Path(written["4d"][-1])).bundle.hash == shared["hash"]

    imported = asked("import", folder / "shared.zip", "--name", "imported")
    assert imported["labels"] == list(DIGITS)
    assert asked("basis", "imported", "--audit")["audit"] == audit["audit"]
    assert asked(again[0], "imported", *again[1:])["pictures"] == here["pictures"]
    assert asked("evaluate", "imported", "--trials", 2)["classifier_accuracy"]["count"] == 32
