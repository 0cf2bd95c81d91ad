"""Signals and lost readers: every command ends cleanly, leaves nothing half written, and a training goes on unread."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.bundle import keep_evaluation, open_bundle
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.files.writing import is_leftover
from tests.cli.small_run import SMALL, Command, command_line, environment

COMMANDS = {
    "evaluate": ("lsd_studio.engine.evaluation.evaluation", ("--data", "images", "--keep")),
    "latent": ("lsd_studio.engine.latent.report", ("--data", "images", "--report", "report")),
    "export": ("onnxscript._internal.tape_builder", ("--onnx", "networks")),
}
"""By command: the module after whose import a signal comes, and what it is asked."""

TRAIN = ("train", "--out", "run", "--data", "images", "--stages", "classifier", "--set", *SMALL)


@pytest.fixture
def place(tmp_path: Path, save_small_bundle: Callable[[Path], Path]) -> Path:
    """A folder with a bundle, and with images of its labels and size."""
    save_small_bundle(tmp_path / "bundle")
    pixels = np.random.default_rng(0).integers(0, 256, (120, 8, 8), np.uint8)
    for number, image in enumerate(pixels):
        folder = tmp_path / "images" / ("left", "right")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{number}.png")
    return tmp_path


def names(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_command_cleanly(command: str, number: signal.Signals, place: Path) -> None:
    imported, options = COMMANDS[command]
    before = names(place)
    with subprocess.Popen(
        command_line(command, "bundle", *options),
        env=environment({"PYTHONPROFILEIMPORTTIME": "1"}),
        cwd=place,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert any(line.endswith(f" {imported}\n") for line in process.stderr)
        process.send_signal(number)
        _, told = process.communicate(timeout=240)
    assert process.returncode == 128 + number, told[-2000:]
    assert "Traceback" not in told
    assert "lsd-studio: stopped; what was there before is untouched." in told.splitlines()
    assert [file for file in names(place) if file.parent.name != "networks"] == before


def test_sighup_keeps_a_checkpoint(place: Path) -> None:
    with subprocess.Popen(
        command_line(*TRAIN), env=environment(), cwd=place, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert any("classifier 1/5" in line for line in process.stderr)
        process.send_signal(signal.SIGHUP)
        _, told = process.communicate(timeout=240)
    assert process.returncode == 129
    assert "--resume" in told
    assert list((place / "run" / "checkpoints").iterdir())


@pytest.mark.parametrize("outputs", ["both", "errors"])
def test_a_training_that_nobody_reads_goes_on_to_its_end(outputs: str, place: Path) -> None:
    """As `train 2>&1 | head -1` has it."""
    reading, writing = os.pipe()
    with subprocess.Popen(
        command_line(*TRAIN),
        env=environment(),
        cwd=place,
        stdout=writing if outputs == "both" else subprocess.DEVNULL,
        stderr=writing,
    ) as process:
        os.close(writing)
        with open(reading, encoding="utf-8") as head:
            assert head.readline()
    assert process.returncode == 0
    facts = read_facts(checkpoint_file(place / "run", "classifier"))
    assert facts.step == facts.total_steps


def test_a_bundle_opens_after_its_evaluation_was_killed_and_the_next_one_cleans_up(place: Path) -> None:
    bundle = place / "bundle"
    writes = (
        "import sys, time\nfrom pathlib import Path\nfrom lsd_studio.files.writing import whole_file\n"
        "with whole_file(Path(sys.argv[1])) as file:\n    print(flush=True)\n    time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", writes, str(bundle / "evaluation.json")],
        stdout=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert any(is_leftover(file.name) for file in bundle.iterdir())
    open_bundle(bundle)
    keep_evaluation(bundle, {"trials": 1})
    assert not any(is_leftover(file.name) for file in bundle.iterdir())


def test_a_picture_that_cannot_be_written_leaves_the_old_one(place: Path, lsd_studio: Command) -> None:
    image, old = next((place / "images" / "left").iterdir()), place / "old.png"
    old.write_bytes(b"old")
    before = names(place)
    limited = ["prlimit", "--fsize=8", *command_line("denoise", "bundle", image, "--out", old)]
    finished = subprocess.run(
        limited, cwd=place, env=environment(), capture_output=True, text=True, timeout=240, check=False
    )
    assert finished.returncode == 2, finished.stderr
    assert finished.stderr.splitlines()[-1].endswith("nothing that was there before is lost.")
    assert old.read_bytes() == b"old"
    assert names(place) == before
