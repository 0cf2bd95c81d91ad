"""`lsd-studio train` and what follows it, in real processes on a small real slice."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.cli import main
from lsd_studio.cli.answers import bars
from lsd_studio.cli.train import ProgressReporter
from lsd_studio.engine.autoencoders.coders import load_coder
from lsd_studio.engine.bundle import open_bundle, read_manifest
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.training.events import BasisProgress, Progressed
from tests.cli.small_run import SMALL, Command, command_line, environment


def wait_for(what: str, journal: Path, process: subprocess.Popen[str]) -> None:
    """Wait until this is noted, beyond what was noted when the wait began."""
    before = len(journal.read_text()) if journal.is_file() else 0
    deadline = time.monotonic() + 240
    while not (journal.is_file() and what in journal.read_text()[before:]):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, f"no {what} in {journal}"
        time.sleep(0.02)


def test_a_run_ends_in_a_bundle(trained_run: Path, digits: Path) -> None:
    bundle = open_bundle(trained_run)
    assert bundle.manifest.data.name == str(digits)
    assert bundle.manifest.label_names == ("0", "1")
    assert bundle.manifest.image_shape == (1, 8, 8)
    epochs = {stage.name: stage.epochs for stage in bundle.manifest.stages}
    assert epochs.items() >= {"classifier": 5, "gan": 20, "encoder": 3}.items()
    assert bundle.basis.orthogonality_error_ < 1e-12
    assert bundle.discriminator() is not None


def test_ctrl_c_and_sigterm_keep_a_checkpoint_and_resuming_ends_in_the_same_networks(
    trained_run: Path, digits: Path, tmp_path: Path, lsd_studio: Command
) -> None:
    run = tmp_path / "run"
    begin = ("--data", digits, "--set", *SMALL)
    for ways, number in ((begin, signal.SIGTERM), (("--resume",), signal.SIGINT)):
        with subprocess.Popen(
            command_line("train", "--out", run, "--json", "-", *ways),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            wait_for('"stage": "gan", "epoch":', run / "events.jsonl", process)
            process.send_signal(number)
            printed, told = process.communicate(timeout=240)
        assert process.returncode == 128 + number
        assert "Traceback" not in told
        assert "--resume" in told
        assert json.loads(printed)["outcome"] == "cancelled"
        assert (run / "checkpoints" / "gan.safetensors").is_file()
        assert not (run / "bundle").exists()

    resumed = lsd_studio("train", "--out", run, "--resume", "--json", "-")
    assert resumed.returncode == 0, resumed.stderr
    answer = json.loads(resumed.stdout)
    assert answer["outcome"] == "finished"
    assert answer["data"] == str(digits)
    assert read_manifest(run).files == read_manifest(trained_run).files
    histories = {stage.name: stage.history for stage in read_manifest(run).stages}
    assert len(histories["gan"]["confidence"]) == 20


def test_a_branch_takes_over_what_it_does_not_change(
    trained_run: Path, tmp_path: Path, lsd_studio: Command
) -> None:
    branch = tmp_path / "branch"
    trained = lsd_studio(
        "train", "--from", trained_run, "--out", branch, "--name", "shorter", "--set", "encoder.epochs=1",
        "--json", "-",
    )  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    assert set(json.loads(trained.stdout)["stages"]) == {"encoder"}
    assert "pictures of step" in trained.stderr
    before, after = read_manifest(trained_run).files, read_manifest(branch).files
    for name in ("generator.safetensors", "discriminator.safetensors", "classifier.safetensors"):
        assert after[name] == before[name]
    assert after["encoder.safetensors"] != before["encoder.safetensors"]
    assert json.loads((branch / "run.json").read_text())["parent"]["path"] == str(trained_run)


@pytest.mark.slow
def test_g_and_e_fine_tuned_together_and_killed_ten_times_end_as_the_same_networks(
    trained_run: Path, tmp_path: Path, lsd_studio: Command
) -> None:
    settings = ("--set", "joint.epochs=40", "joint.batch_size=20", "--checkpoint-every", "0.2")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    finished = lsd_studio("train", "--from", trained_run, "--out", whole, *settings)
    assert finished.returncode == 0, finished.stderr
    journal = killed / "events.jsonl"
    for attempt in range(10):
        ways = ("--resume",) if attempt else ("--from", trained_run, *settings)
        with subprocess.Popen(
            command_line("train", "--out", killed, *ways),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            wait_for('"stage": "joint", "epoch":', journal, process)
            process.kill()
    steps = read_facts(checkpoint_file(killed, "joint"))
    assert 0 < steps.step < steps.total_steps
    resumed = lsd_studio("train", "--out", killed, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert read_manifest(killed).files == read_manifest(whole).files


@pytest.mark.parametrize("imported", ["lsd_studio.cli.arguments", "torch.version"])
def test_ctrl_c_before_training_begins(imported: str, digits: Path, tmp_path: Path) -> None:
    """As soon as the arguments are understood, and in the middle of the import of torch."""
    with subprocess.Popen(
        command_line("train", "--data", digits, "--out", tmp_path / "run", "--set", *SMALL),
        env=environment({"PYTHONPROFILEIMPORTTIME": "1"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert any(line.endswith(f" {imported}\n") for line in process.stderr)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=240)
    assert process.returncode in (130, -signal.SIGINT)


def test_a_run_is_not_overwritten(trained_run: Path, digits: Path, lsd_studio: Command) -> None:
    before = read_manifest(trained_run)
    again = lsd_studio("train", "--data", digits, "--out", trained_run, "--set", *SMALL)
    assert again.returncode == 2
    assert "--resume" in again.stderr
    assert read_manifest(trained_run) == before


def test_resuming_a_finished_run_leaves_it_as_it_is(trained_run: Path, lsd_studio: Command) -> None:
    before = open_bundle(trained_run).hash
    again = lsd_studio("train", "--out", trained_run, "--resume", "--json", "-")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["bundle"] == str(trained_run / "bundle")
    assert open_bundle(trained_run).hash == before


def test_evaluate(trained_run: Path, tmp_path: Path, lsd_studio: Command) -> None:
    evaluated = lsd_studio("evaluate", trained_run, "--trials", 2, "--json", "-", "--keep")
    assert evaluated.returncode == 0, evaluated.stderr
    measured = json.loads(evaluated.stdout)
    for measure in (
        measured["classifier_accuracy"],
        measured["reconstruction_accuracy"]["sampled"],
        measured["lsd_accuracy"]["mean"]["signed"],
    ):
        assert 0 <= measure["low"] <= measure["value"] <= measure["high"] <= 1
    assert measured["reading"] == "signed"
    assert len(measured["cumulative_rank"]["mean"]) == 4
    assert measured["basis"]["orthogonality_error"] < 1e-12
    assert open_bundle(trained_run).evaluation() == measured


def test_data_that_do_not_fit_the_bundle(trained_run: Path, lsd_studio: Command) -> None:
    evaluated = lsd_studio("evaluate", trained_run, "--data", "mnist")
    assert evaluated.returncode == 2
    assert "the networks know 0, 1" in evaluated.stderr


def test_basis(trained_run: Path, tmp_path: Path, lsd_studio: Command) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(trained_run / "bundle", copy)
    before = open_bundle(copy)
    built = lsd_studio("basis", copy, "--vectors", 30, "--json", "-")
    assert built.returncode == 0, built.stderr
    after = open_bundle(copy)
    assert json.loads(built.stdout)["basis"]["vectors"] == 30
    assert after.profile.basis.vectors == 30
    assert after.manifest.parents == (before.hash,)
    assert after.manifest.files["generator.safetensors"] == before.manifest.files["generator.safetensors"]
    assert not np.array_equal(after.basis.eta_, before.basis.eta_)


@pytest.mark.parametrize(
    ("make", "settings", "expected"),
    [
        ("empty", (), "label"),
        ("one label", (), "label"),
        ("unequal sizes", (), "size"),
        ("good", ("latent_dimensions=5",), "4 or 6"),
    ],
)
def test_data_that_cannot_be_trained_on(
    make: str, settings: tuple[str, ...], expected: str, tmp_path: Path, lsd_studio: Command
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    labels = {"empty": (), "one label": ("a",)}.get(make, ("a", "b"))
    for number, label in enumerate(labels):
        (data / label).mkdir()
        for place in range(12):
            side = 8 + 4 * number if make == "unequal sizes" else 8
            Image.new("L", (side, side), place).save(data / label / f"{place}.png")
    run = tmp_path / "run"
    trained = lsd_studio("train", "--data", data, "--out", run, *(("--set", *settings) if settings else ()))
    assert trained.returncode == 2
    assert trained.stderr.count("\n") == 1
    assert expected in trained.stderr
    assert not run.exists()


def test_an_autoencoder_is_trained_resumed_and_opened(digits: Path, tmp_path: Path) -> None:
    run, result = tmp_path / "coder", tmp_path / "result.json"
    settings = (
        "autoencoder.latent_dimensions=3", "autoencoder.epochs=2", "autoencoder.batch_size=20",
        "classifier.epochs=1", "classifier.batch_size=20",
    )  # fmt: skip
    begin = "train", "--profile", "autoencoder", "--data", str(digits), "--out", str(run)
    assert main((*begin, "--set", *settings, "--stages", "classifier")) == 0
    assert main(("train", "--out", str(run), "--resume", "--json", str(result))) == 0
    answer = json.loads(result.read_text())
    assert answer["outcome"] == "finished"
    assert answer["stages"]["autoencoder"]["psnr_mean"] > 0
    coder = load_coder(run)
    assert coder.encode(np.zeros((2, 1, 8, 8), np.float32))[0].shape == (2, 3)
    assert coder.name == "coder"


def test_in_a_log_a_line_says_how_far_a_long_silence_is(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    with bars() as shown:
        reporter = ProgressReporter(shown, clock=lambda: now[0])
        reporter.report(Progressed("gan", 1, 100, 2.0, 198.0, None))
        reporter.report(BasisProgress("latent sets", 0.98, 0.49, "waiting for 7 (0 of 5000)"))
        now[0] += 31
        reporter.report(Progressed("basis", 49, 100, None, None, None))
        reporter.report(Progressed("basis", 49, 100, None, None, None))
    told = capsys.readouterr().err.splitlines()
    assert told == ["basis: 49 %, waiting for 7 (0 of 5000)"]
