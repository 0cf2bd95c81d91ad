"""Kill a training at random moments, resume it, and compare its weights with those of an uninterrupted run, bit by bit.

    python benchmarks/kill_and_resume.py [--kills 10] [--seed 0]

A run of all stages and the basis on a slice of MNIST (real zeros and ones, 8 × 8 pixels) is trained once without a
break, and then again in another folder, in a process that is killed (SIGKILL) again and again, each time after a
random while of training; in between it is resumed. Checkpoints are written every tenth of a second, so kills fall
into their writing too. Prints each kill, what was kept, and whether the weights are equal
in the end; ends with 1 if they are not.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load_file

from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.runs.files import events_file
from lsd_studio.engine.runs.journal import read_journal
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.training.events import StageDone, StageStarted
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.stage_settings import run_stages_of
from lsd_studio.engine.training.whole_run import train_run

LONGEST_WAIT = 600.0
NETWORKS = ("classifier", "gan", "encoder")
SETTINGS = (
    "latent_dimensions=4",
    "precision=float32",
    "classifier.epochs=10",
    "classifier.batch_size=20",
    "gan.epochs=20",
    "gan.batch_size=20",
    "gan.learning_rate=1e-3",
    "gan.averaging=0.9",
    "encoder.epochs=10",
    "encoder.batch_size=20",
    "encoder.averaging=0.9",
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
    train(whole, data).join()
    journal = read_journal(events_file(whole))
    ended = max(noted.time for noted in journal if isinstance(noted.event, StageDone))
    seconds = ended - journal[0].time
    print(
        f"uninterrupted: {time.monotonic() - began:.0f} s, of them {seconds:.0f} s for {steps_done(whole)} steps",
        flush=True,
    )
    moments = random.Random(seed)
    for number in range(1, kills + 1):
        before = stages_started(killed)
        process = train(killed, data)
        until_training(killed, process, before)
        time.sleep(moments.uniform(0, seconds / kills))
        if not process.is_alive():
            print(f"kill {number:2}: the run had ended before", flush=True)
            break
        process.kill()
        process.join()
        noted = type(read_journal(events_file(killed))[-1].event).__name__
        print(f"kill {number:2}: {steps_done(killed)} steps are kept, {noted} was noted last", flush=True)
    process = train(killed, data)
    process.join()
    if process.exitcode != 0:
        print("the run could not be resumed")
        return False
    return all([compare(stage, whole, killed) for stage in NETWORKS] + [compare_bundles(whole, killed)])


def train(run: Path, data: Path) -> BaseProcess:
    """A process of its own that begins the run or goes on with it."""
    process = multiprocessing.get_context("fork").Process(target=train_here, args=(run, data))
    process.start()
    return process


def train_here(run: Path, data: Path) -> None:
    profile, images = load_profile("studio", SETTINGS), load_data_set(str(data), "train")
    plan = Plan(
        profile,
        str(data),
        seed=0,
        stages=run_stages_of(profile),
        resume=(run / "run.json").exists(),
        device="cpu",
        checkpoint_seconds=0.1,
    )
    for _ in train_run(plan, run, images):
        pass


def until_training(run: Path, process: BaseProcess, before: int) -> None:
    """Wait until the process has begun or gone on with a stage."""
    deadline = time.monotonic() + LONGEST_WAIT
    while process.is_alive() and stages_started(run) == before:
        if time.monotonic() > deadline:
            raise SystemExit(f"no training within {LONGEST_WAIT:.0f} s")
        time.sleep(0.02)


def stages_started(run: Path) -> int:
    return sum(isinstance(noted.event, StageStarted) for noted in read_journal(events_file(run)))


def steps_done(run: Path) -> int:
    files = [checkpoint_file(run, stage) for stage in NETWORKS]
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
