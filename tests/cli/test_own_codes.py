"""Commands on files of codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from lsd_studio.cli import main
from lsd_studio.cli.display import why_no_window
from tests.cli.small_run import Asked


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of 200 codes, one on each of the first axes of ten, with random labels beside them."""
    random = np.random.default_rng(0)
    labels = np.arange(600) % 3
    z = random.standard_normal((600, 10)).astype(np.float32) + 3 * np.eye(10, dtype=np.float32)[labels]
    file = tmp_path_factory.mktemp("codes") / "codes.npz"
    kind, chance = np.array(["salt", "sea", "fresh"])[labels], random.integers(3, size=600)
    pictures = np.broadcast_to(np.uint8(80 * labels)[:, None, None], (600, 8, 8))
    np.savez(file, z=z, kind=kind, chance=chance, images=pictures)
    return file


def test_an_audit_finds_what_is_planted(codes: Path, asked: Asked) -> None:
    found = asked("basis", codes, "--labels", "kind", "--audit")

    assert found["audit"]["directions"] == 2
    assert [label["label"] for label in found["labels"]] == ["fresh", "salt", "sea"]
    assert all(label["apart"] and label["codes"] == 200 for label in found["labels"])
    assert "xi" not in found["basis"]
    assert "decoder" in found["space"]["lacks"]


def test_random_labels_get_no_verdict(codes: Path, asked: Asked) -> None:
    audit = asked("basis", codes, "--labels", "chance", "--audit")["audit"]

    assert (audit["directions"], audit["p_value"] > 0.01) == (0, True)
    assert "no label is told from the others" in audit["sentence"]


def test_a_basis_of_codes_is_in_the_answer(
    codes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (
        "--labels",
        "kind",
        "--codes",
        "z",
        "--set-one",
        "symmetric",
        "--json",
        str(tmp_path / "basis.json"),
    )

    assert main(["basis", str(codes), *words]) == 0

    assert "2 directions of at most 2 stand above chance" in " ".join(capsys.readouterr().out.split())
    xi = np.array(json.loads((tmp_path / "basis.json").read_text())["basis"]["xi"])
    assert np.allclose(xi @ xi.T, 10 * np.eye(10))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "name the column that tells them apart with --labels, one of kind"),
        (("--labels", "kinds"), "did you mean kind?"),
        (("--labels", "kind", "--codes", "x"), "has no array x: choose one of z [600, 10]"),
        (("--labels", "kind", "--complement", "labelled"), "needs a decoder and a classifier"),
        (("--labels", "kind", "--vectors", "5"), "--vectors is for bundles"),
    ],
)
def test_what_codes_cannot_do(
    codes: Path, words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["basis", str(codes), *words]) == 2
    assert sentence in capsys.readouterr().err


def test_columns_are_of_files_of_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["basis", "mnist-studio", "--audit", "--labels", "kind"]) == 2
    assert "--labels is for a file of codes" in capsys.readouterr().err


def test_a_report_on_codes_leaves_out_what_needs_a_decoder(codes: Path, asked: Asked, tmp_path: Path) -> None:
    parts = "variance", "pairs", "samplers", "paths"

    found = asked("latent", codes, "--labels", "kind", "--report", tmp_path / "report", "--only", *parts)

    assert found["space"]["data"] == "codes.npz, z"
    assert (found["space"]["codes"], found["space"]["rank"]) == (600, 10)
    for part in ("samplers", "paths"):
        assert "needs a decoder: make a bundle of its networks" in found[part]["left_out"]
    assert found["variance"]["leading_share"] > 0.2
    page = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert "600 codes of codes.npz, z" in page
    assert "images" not in page.partition("## ")[0]


def test_two_labels_of_codes_are_compared_with_what_they_were_drawn_on_taken_out(
    codes: Path, asked: Asked
) -> None:
    found = asked("latent", codes, "--labels", "kind", "--groups", "salt", "sea")
    assert (found["counts"], found["axes"], found["p_value"]) == ([200, 200], 10, 0.002)
    np.testing.assert_allclose(found["direction"][:2], (-3, 3), atol=0.3)

    drawn = asked("latent", codes, "--labels", "kind", "--groups", "salt", "--drawn-on", "components:0,1")
    assert drawn["axes"] == 8
    assert drawn["sentence"].startswith(
        "Along the 8 axes left beside components 0 and 1, on which they were drawn"
    )

    chance = asked("latent", codes, "--labels", "chance", "--groups", "0", "1")
    assert chance["p_value"] > 0.01
    assert "no difference is clear" in chance["sentence"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--groups", "salt", "sand"), "There is no label sand: choose one of fresh, salt, sea"),
        (("--groups", "salt", "salt"), "Both groups are salt"),
        (("--groups", "salt", "--drawn-on", "x:0,1"), "x:0,1 names no axes: write principal:0,1"),
        (("--groups", "salt", "--drawn-on", "principal:0,10"), "There is no axis 10"),
        (("--groups", "salt", "--only", "pairs"), "leave --report and --only out"),
        (("--drawn-on", "principal:0,1"), "--drawn-on is for --groups"),
    ],
)
def test_groups_that_cannot_be_compared(
    codes: Path, words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["latent", str(codes), "--labels", "kind", *words]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_a_report_takes_no_other_images_for_codes(codes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latent", str(codes), "--data", "mnist"]) == 2
    assert "--data is for bundles" in capsys.readouterr().err


def test_codes_are_read_on_held_out_rows(codes: Path, asked: Asked) -> None:
    found = asked("evaluate", codes, "--labels", "kind")

    assert found["split"]["held_out"] == 198
    assert found["lsd_accuracy"]["from_zero"]["signed"]["value"] > 0.95
    assert set(found["baselines"]) == {
        "nearest_class_mean", "lda", "logistic_regression", "most_frequent_label"
    }  # fmt: skip
    assert "Beyond chance" in found["sentence"]
    assert "No reader names the labels" in asked("evaluate", codes, "--labels", "chance")["sentence"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("evaluate", "CODES"), "name the column that tells them apart with --labels"),
        (("evaluate", "CODES", "--labels", "kind", "--steering"), "--steering is for bundles"),
        (("figures", "CODES", "--out", "OUT"), "name the column that tells them apart with --labels"),
        (
            ("figures", "CODES", "--out", "OUT", "--only", "4a"),
            "no figure '4a' of codes alone (did you mean 4d",
        ),
        (("denoise", "CODES"), "denoise needs networks, and"),
        (("operate", "CODES", "--compare"), "name the column that tells them apart with --labels"),
        (("operate", "CODES", "--labels", "kind"), "along a --path of labels, or compares operators"),
        (("operate", "CODES", "seven.png", "--labels", "kind", "--path", "salt,sea"), "seven.png is no row"),
        (("operate", "CODES", "--labels", "kind", "--path", "salt,tea"), "There is no label 'tea'"),
        (("operate", "CODES", "--labels", "kind", "--fit", "thickness"), "--fit is for bundles"),
    ],
)
def test_what_needs_networks_says_so(
    codes: Path, words: tuple[str, ...], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"CODES": str(codes), "OUT": str(tmp_path / "out")}
    assert main([places.get(word, word) for word in words]) == 2
    assert sentence in capsys.readouterr().err


def test_operators_of_codes_are_compared_on_held_out_rows(codes: Path, asked: Asked) -> None:
    found = asked("operate", codes, "--labels", "kind", "--compare", "--pairs", 2)

    assert found["probe"]["held_out"] == 198
    assert found["probe"]["read"]["value"] > 0.9
    assert "mean difference" in found["comparison"]["sentence"]
    assert len(found["comparison"]["pairs"]) == 2
    assert min(each["p_value"] for each in found["comparison"]["operators"]) == pytest.approx(1 / 201)


def test_codes_go_along_a_path(
    codes: Path, asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "operate", codes, "--labels", "kind", "--path", "salt,sea", "--step", 45

    path = asked(*words)["path"]
    assert path["operator"] == "rotation through the averages along salt → sea"
    assert [place["at"] for place in path["places"]] == ["salt", "salt to sea, 45°", "sea"]
    assert path["places"][-1]["arrived"]["value"] > 0.9
    assert path["places"][-1]["nearest"]["kind"] == "sea"
    assert path["row"]["kind"] == "salt"
    again = asked(*words[:2], path["row"]["row"], *words[2:])["path"]
    assert again["places"] == path["places"]
    assert main([*map(str, words), "--json", str(tmp_path / "path.json")]) == 0
    assert "within the data" in " ".join(capsys.readouterr().out.split())


def test_an_operator_of_codes_is_kept_and_applied_by_numpy(
    codes: Path, asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "operate", codes, "--labels", "kind", "--path", "salt,sea", "--operator", "gaussian-transport"
    found = asked(*words, "--out", tmp_path / "salt-to-sea.safetensors")["operator"]
    assert found["arrived"]["value"] > 0.9
    kept, stated = load_file(tmp_path / "salt-to-sea.safetensors"), tmp_path / "salt-to-sea.json"
    assert json.loads(stated.read_text())["arrived"] == found["arrived"]
    with np.load(codes) as stored:
        salt = stored["z"][stored["kind"] == "salt"].astype(float)
        sea = stored["z"][stored["kind"] == "sea"].astype(float)
    moved = salt @ kept["matrix"].T + kept["shift"]
    assert np.linalg.norm(moved.mean(axis=0) - sea.mean(axis=0)) < 0.5
    for asked_wrongly, sentence in (
        (("salt,sea", "turn"), "There is no operator turn"),
        (("salt,sea,fresh", "mean_difference"), "name two with --path"),
    ):
        path, name = asked_wrongly
        assert main(["operate", str(codes), "--labels", "kind", "--path", path, "--operator", name]) == 2
        assert sentence in " ".join(capsys.readouterr().err.split())


def test_the_nearest_rows_are_shown_in_place_of_decoded_pictures(
    codes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "operate", str(codes), "--labels", "kind", "--path", "salt,sea", "--step", "90"

    assert main([*words, "--out", str(tmp_path / "strip.png")]) == 0
    with Image.open(tmp_path / "strip.png") as strip:
        width, shades = strip.width, {pixel[0] for _, pixel in strip.convert("RGB").getcolors(100_000)}
    assert width > 3 * 84
    assert {0, 80} <= shades
    assert main([*words[:4], "--compare", "--out", str(tmp_path / "strip.png")]) == 2
    assert "--compare has no pictures" in capsys.readouterr().err


def test_figures_of_codes_are_written_with_their_data(codes: Path, asked: Asked, tmp_path: Path) -> None:
    words = "--labels", "kind", "--format", "png", "--dpi", 50

    written = asked("figures", codes, "--out", tmp_path / "all", *words)

    assert list(written) == ["3b", "4c", "4d", "planes", "spectrum"]
    assert {Path(file).name for files in written.values() for file in files} >= {
        "figure-4d.png", "figure-4d.npz", "figure-spectrum.csv", "figure-planes.json"
    }  # fmt: skip
    record = json.loads((tmp_path / "all" / "figure-spectrum.json").read_text(encoding="utf-8"))
    assert record["bundle"] is None
    assert record["source"] == "codes.npz, z, labels of kind, 600 codes"
    assert "2 directions of at most 2 stand above chance" in record["caption"]
    with np.load(tmp_path / "all" / "figure-4d.npz") as data:
        gram = data["panel1_part1_values"]
    assert np.allclose(gram, 10 * np.eye(10))
    assert list(asked("figures", codes, "--out", tmp_path / "some", *words, "--only", "4")) == ["4c", "4d"]


def test_a_file_of_cells_from_end_to_end(
    tmp_path: Path, asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    """As AnnData lays it out, written by h5py: three types of cells, 40 of them without one."""
    h5py = pytest.importorskip("h5py")
    random = np.random.default_rng(1)
    types = np.arange(400) % 3
    with h5py.File(file := tmp_path / "cells.h5ad", "w") as opened:
        opened.create_group("obsm")["X_scVI"] = random.standard_normal((400, 10)) + 3 * np.eye(10)[types]
        opened["obsm"]["X_umap"] = random.standard_normal((400, 2))
        column = opened.create_group("obs/cell_type")
        column["codes"] = np.where(np.arange(400) < 40, -1, types).astype(np.int8)
        column.create_dataset("categories", data=["B cell", "T cell", "NK cell"], dtype=h5py.string_dtype())

    assert main(["basis", str(file), "--labels", "cell_type", "--audit"]) == 2
    assert "choose one with --codes, of obsm/X_scVI [400, 10]" in capsys.readouterr().err
    words = "--codes", "obsm/X_scVI", "--labels", "cell_type"
    found = asked("basis", file, *words, "--audit")
    assert found["audit"]["directions"] == 2
    assert sum(label["codes"] for label in found["labels"]) == 360
    assert "40 of 400 codes have no cell_type and are left out." in found["notes"]
    assert asked("evaluate", file, *words)["lsd_accuracy"]["from_zero"]["signed"]["value"] > 0.9
    report = asked("latent", file, *words, "--only", "variance", "--report", tmp_path / "report")
    assert report["space"]["codes"] == 400
    assert (tmp_path / "report" / "variance.png").exists()


def test_the_window_opens_with_files_that_exist(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["open", str(tmp_path / "codes.npz")]) == 2
    assert "codes.npz does not exist" in capsys.readouterr().err
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if why_no_window() is not None:
        assert main(["open", str(tmp_path)]) == 2
        assert "no window can be shown, because" in capsys.readouterr().err


def test_attributes_are_moved_and_held(
    tmp_path: Path, asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(0)
    glasses, male = random.integers(2, size=(2, 900)).astype(bool)
    beard = male & (random.random(900) < 0.7)
    z = random.standard_normal((900, 8)) + 4 * np.stack([glasses, male, beard], axis=1) @ np.eye(8)[:3]
    np.savez(tmp_path / "faces.npz", z=z, glasses=glasses, male=male, beard=beard)
    words = "operate", tmp_path / "faces.npz", "--attributes", "glasses", "male", "beard"

    found = asked(*words)["attributes"]
    assert found["names"] == ["glasses", "male", "beard"]
    own, held = (np.array(found["ways"][way]["changed"]) for way in ("own", "held"))
    assert own[2, 1] > 0.3 > held[2, 1]
    assert np.shape(found["ways"]["held"]["directions"]) == (3, 8)
    assert "beard moves male" in found["sentence"]

    assert main([*map(str, words), "--hold", "glasses"]) == 0
    assert "others held" in capsys.readouterr().out
    assert main([*map(str, words), "--compare"]) == 2
    assert "leave --compare out" in capsys.readouterr().err
    assert main(["operate", str(tmp_path / "faces.npz"), "--hold", "male", "--path", "0,1"]) == 2
    assert "--hold is for --attributes" in capsys.readouterr().err
    assert main(["operate", "mnist-paper", "--attributes", "a", "b"]) == 2
    assert "--attributes is for a file of codes" in capsys.readouterr().err
