"""Kill a training at random moments, resume it, and compare its weights with those of an uninterrupted run, bit by bit.

    python benchmarks/kill_and_resume.py [--kills 10] [--seed 0]

A run of all stages and the basis on a slice of MNIST (real zeros and ones, 8 × 8 pixels) is trained once without a
break. Then the same run is trained in another folder by `lsd-studio train`, and its process is killed (SIGKILL) again
and again, each time after a random while of training; in between it is resumed. Checkpoints are written every half
second, so a kill also falls into their writing. Prints each kill, what was lost, and whether the weights are equal;
ends with 1 if they are not.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load_file

from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.runs.files import events_file
from lsd_studio.engine.runs.journal import read_journal
from lsd_studio.engine.training.events import StageStarted
from lsd_studio.engine.training.stage_settings import STAGES

ROOT = Path(__file__).resolve().parents[1]
CHECKPOINT_SECONDS = 0.5
LONGEST_WAIT = 600.0
SETTINGS = (
    "latent_dimensions=4",
    "precision=float32",
    "classifier.epochs=60",
    "classifier.batch_size=20",
    "gan.epochs=80",
    "gan.batch_size=20",
    "gan.learning_rate=1e-3",
    "encoder.epochs=60",
    "encoder.batch_size=20",
    "basis.vectors=20",
)


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--kills", type=int, default=10)
    arguments.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if equal_after_kills(Path(folder), options.kills, options.seed) else 1)


def equal_after_kills(folder: Path, kills: int, seed: int) -> bool:
    """Whether a run that was killed so often ends at the weights of one that was not; prints what happens."""
    data = folder / "digits"
    write_digits(data)
    whole, killed = folder / "whole", folder / "killed"
    began = time.monotonic()
    train(whole, "--data", str(data), "--set", *SETTINGS).wait()
    seconds = time.monotonic() - began
    print(f"uninterrupted: {seconds:.0f} s, {steps_done(whole)} steps", flush=True)
    moments = random.Random(seed)
    ways: tuple[str, ...] = ("--data", str(data), "--set", *SETTINGS)
    for number in range(1, kills + 1):
        process = train(killed, *ways)
        until_training(killed, process, number)
        time.sleep(moments.uniform(0, 1.5 * seconds / kills / 2))
        if process.poll() is not None:
            print(f"kill {number:2}: the run had ended already", flush=True)
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        ways = ("--resume",)
        print(f"kill {number:2}: {steps_done(killed)} steps are kept in checkpoints", flush=True)
    if train(killed, "--resume").wait() != 0:
        print("the run could not be resumed")
        return False
    return all([compare(stage, whole, killed) for stage in STAGES] + [compare_bundles(whole, killed)])


def train(run: Path, *ways: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "lsd_studio.cli", "train", "--out", str(run), *ways]
    command += ["--checkpoint-every", str(CHECKPOINT_SECONDS), "--device", "cpu"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def until_training(run: Path, process: subprocess.Popen[bytes], times: int) -> None:
    """Wait until the process has begun or gone on with a stage."""
    before = stages_started(run)
    deadline = time.monotonic() + LONGEST_WAIT
    while process.poll() is None and stages_started(run) == before:
        if time.monotonic() > deadline:
            raise SystemExit(f"start {times} did not come to train within {LONGEST_WAIT:.0f} s")
        time.sleep(0.05)


def stages_started(run: Path) -> int:
    return sum(isinstance(noted.event, StageStarted) for noted in read_journal(events_file(run)))


def steps_done(run: Path) -> int:
    files = [checkpoint_file(run, stage) for stage in STAGES]
    return sum(int(read_facts(path)["step"]) for path in files if path.exists())


def compare(stage: str, whole: Path, killed: Path) -> bool:
    one, other = (load_file(checkpoint_file(run, stage)) for run in (whole, killed))
    equal = one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
    print(f"{stage}: {len(one)} tensors {'equal bit by bit' if equal else 'DIFFER'}", flush=True)
    return equal


def compare_bundles(whole: Path, killed: Path) -> bool:
    one, other = (load_file(run / "bundle" / "basis.safetensors") for run in (whole, killed))
    equal = all(np.array_equal(one[name], other[name]) for name in one)
    print(f"basis: {'equal bit by bit' if equal else 'DIFFERS'}", flush=True)
    return equal


def write_digits(folder: Path, images_a_label: int = 100) -> None:
    training = load_data_set("mnist", "train")
    for label in (0, 1):
        place = folder / str(label)
        place.mkdir(parents=True)
        for index in np.flatnonzero(training.labels == label)[:images_a_label]:
            picture = Image.fromarray(training.images[index, 0]).resize((8, 8), Image.Resampling.BOX)
            picture.save(place / f"{index}.png")


if __name__ == "__main__":
    main()
