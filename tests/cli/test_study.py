"""`lsd-studio study`: stopped and resumed it finds what it finds in one piece, side by side or one by one."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from lsd_studio.cli import main
from tests.cli.small_run import SMALL, Command, command_line, environment
from tests.cli.test_train import wait_for

FASTER = (
    "precision=float32",
    "basis.vectors=5",
    "basis.set_one=gram-schmidt",
    "basis.complement=gram-schmidt",
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, digits: Path) -> Path:
    file = tmp_path_factory.mktemp("study") / "small.toml"
    file.write_text(
        f"""
        name = "small"
        data = [{json.dumps(str(digits))}]
        seeds = [1]
        set = {json.dumps([*SMALL, *FASTER])}
        measure = {{trials = 2, images = 20, labelled_codes = [2, 20]}}
        [variants.with-loss]
        [variants.without]
        set = ["encoder.amplitude_weight=0"]
        """
    )
    return file


@pytest.fixture(scope="module")
def whole(study: Path) -> Path:
    """The folder of the study, done in one piece; its result is beside it."""
    folder = study.parent / "whole"
    assert main(["study", str(study), "--out", str(folder), "--json", f"{folder}.json"]) == 0
    return folder


def test_it_says_what_was_measured_of_which_trainings(
    whole: Path, study: Path, digits: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(Path(f"{whole}.json").read_text())
    assert [(one["variant"], one["seed"]) for one in found["trainings"]] == [("with-loss", 1), ("without", 1)]
    assert {one["images"] for one in found["trainings"]} == {20}
    (data,) = found["means"]
    psnr = [one["measures"]["reconstruction.psnr"] for one in found["trainings"]]
    of = {
        "with-loss": found["means"][data]["with-loss"]["reconstruction.psnr"],
        "without": found["means"][data]["without"]["reconstruction.psnr"],
        "without − with-loss": found["differences"][data]["without"]["reconstruction.psnr"],
    }
    values = (*psnr, psnr[1] - psnr[0])
    assert list(of.values()) == [
        {"mean": value, "sd": None, "low": None, "high": None, "n": 1} for value in values
    ]

    manifest = whole / f"{digits.name}-with-loss-seed-1" / "bundle" / "manifest.json"
    before = manifest.read_bytes()
    assert main(["study", str(study), "--out", str(whole)]) == 0
    assert manifest.read_bytes() == before
    table = capsys.readouterr().out.splitlines()
    place = table.index(next(line for line in table if line.startswith("reconstruction.psnr")))
    for line, (which, found_of) in zip(table[place + 1 :], of.items(), strict=False):
        assert line.split("  ")[1] == which
        assert f"{found_of['mean']:.4f}".replace("-", "−") in line
    accuracy = found["means"][data]["without"]["labelled_codes.20.lsd"]["mean"]
    assert any(line.startswith("20 ") and f" {accuracy:.4f} " in line for line in table)


def test_what_variants_share_is_trained_once(whole: Path, digits: Path) -> None:
    run = json.loads((whole / f"{digits.name}-without-seed-1" / "run.json").read_text())
    assert run["parent"]["name"] == f"{digits.name}-with-loss-seed-1"
    assert set(run["parent"]["origins"]) == {"classifier", "gan"}
    assert run["profile"]["encoder"]["amplitude_weight"] == 0


def test_stopped_and_resumed_it_finds_the_same(whole: Path, study: Path, digits: Path) -> None:
    folder = study.parent / "parts"
    with subprocess.Popen(
        command_line("study", study, "--out", folder),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        journal = folder / f"{digits.name}-with-loss-seed-1" / "events.jsonl"
        wait_for('"stage": "encoder", "epoch":', journal, process)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=240)
    assert process.returncode == 128 + signal.SIGINT
    assert "Stopped, the last checkpoint is kept; go on with: lsd-studio study" in told
    assert "Traceback" not in told

    assert main(["study", str(study), "--out", str(folder), "--json", f"{folder}.json"]) == 0
    assert Path(f"{folder}.json").read_bytes() == Path(f"{whole}.json").read_bytes()


def test_side_by_side_what_cannot_be_trained_is_told_and_the_others_are_measured(
    whole: Path, study: Path, digits: Path, tmp_path: Path, lsd_studio: Command
) -> None:
    """With one epoch of its GAN the third variant has too few digits for a basis; the first two are there already."""
    more = tmp_path / "more.toml"
    failing = '\n[variants.too-short]\nset = ["gan.epochs=1", "basis.max_draws=1000"]\n'
    more.write_text(study.read_text() + failing)
    finished = lsd_studio("study", more, "--out", whole, "--jobs", 2, "--json", "-")
    assert finished.returncode == 2, finished.stderr
    assert f"{digits.name}-too-short-seed-1 is not in the table: " in finished.stderr
    found = json.loads(finished.stdout)
    assert "failed" in found["trainings"][-1]
    (of_data,) = found["means"].values()
    assert of_data["too-short"] == {}
    assert of_data["without"]["reconstruction.psnr"]["n"] == 1


def test_a_plug_in_that_is_missing_is_named(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dask.distributed", None)
    assert main(["study", str(study), "--out", str(tmp_path / "new"), "--backend", "dask"]) == 2
    assert "pip install 'dask[distributed]'" in capsys.readouterr().err
