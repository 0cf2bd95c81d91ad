"""How long the GAN takes to a fixed Fréchet distance, ours against a plain port of the authors' loop, in one process.

    python benchmarks/time_to_quality.py [--seeds 0 1 2] [--distance 20] [--limit 60] [--slice 5]

For each seed both loops train alternately, slice by slice, until each has arrived; after each slice its generator draws
2 000 images, and the Fréchet distance of these to the first 2 000 test images is taken on the features of the judge of
`mnist-studio`, which neither loop knows. Only training is timed. Slices grow with the time that a loop has trained, so
that the time of its arrival is known to a twentieth, or a slice. Prints the time of both loops and their ratio for each
seed, and the median ratio. A loop that does not arrive within the limit of minutes makes the ratio a lower bound (ours
early, the authors' late) or none at all, and is printed as such.

Ours is the GAN of the profile `studio` as it trains for all of its passes: batch 64, averaged weights. The authors' is
`reference_loop.py` with their optimistic Adam: batch 25, the weights as they are. The distance was chosen before any
ratio was measured: DISTANCE says how. How long E, C and the basis take to the bars of `mnist-paper` is not measured.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from reference_loop import BATCH, ReferenceLoop
from torch import nn

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import LabelledImages, hold_out, load_data_set, scale_pixels
from lsd_studio.engine.evaluation.frechet import frechet_distance
from lsd_studio.engine.platform.seeds import derived_seed
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.training.loop import ImageTensors, make_batch, make_update
from lsd_studio.engine.training.optimisers import OptimisticAdam
from lsd_studio.engine.training.run import make_fabric, stage_makers
from lsd_studio.engine.training.stage_settings import steps_per_epoch
from lsd_studio.engine.training.stages import GanStage

DISTANCE = 20.0
"""What is waited for, about what ours comes to within one pass: with seed 100, which is not raced by default, it was at
43 after a quarter of a pass, 18 after half and 16 after one. It was chosen before that, when only a trial of 18 seconds
had been seen, where ours was at 60; all of `mnist-studio`'s nine passes lead to 2.6.
"""

IMAGES = 2000
GROWTH = 0.05
"""Of the time that a loop has trained, its next slice at least."""

Measure = Callable[[nn.Module], float]


@dataclass
class Loop:
    """A training under way.

    Attributes:
        step: trains on one batch, and says how many images that were.
        generator: G as it would be kept now.
        seconds: of training so far; images: that it has seen; distance: at the last measurement.
    """

    name: str
    step: Callable[[], int]
    generator: Callable[[], nn.Module]
    seconds: float = 0.0
    images: int = 0
    distance: float = math.inf

    def train(self, least_seconds: float) -> None:
        """Train for a slice."""
        began = time.perf_counter()
        end = began + max(least_seconds, GROWTH * self.seconds)
        while time.perf_counter() < end:
            self.images += self.step()
        self.seconds += time.perf_counter() - began


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments.add_argument("--distance", type=float, default=DISTANCE)
    arguments.add_argument(
        "--limit", type=float, default=60.0, help="minutes of training of either loop, a seed"
    )
    arguments.add_argument(
        "--slice", type=float, default=5.0, help="seconds of training between two measurements"
    )
    options = arguments.parse_args()
    training, _ = hold_out(load_data_set("mnist", "train"))
    measure = distance_to(scale_pixels(load_data_set("mnist", "test").images[:IMAGES]))
    print(
        f"{torch.get_num_threads()} threads, until a Fréchet distance of {options.distance:g} of {IMAGES} drawn to "
        f"{IMAGES} test images on the judge of mnist-studio, at most {options.limit:g} minutes of training",
        flush=True,
    )
    ratios, bounds = [], 0
    for seed in options.seeds:
        loops = (authors(training, seed), ours(training, seed))
        race(loops, measure, options)
        reference, own = loops
        ratio = reference.seconds / own.seconds
        if own.distance > options.distance:
            print(f"seed {seed}: ours did not arrive, so there is no ratio", flush=True)
            continue
        is_bound = reference.distance > options.distance
        bounds += is_bound
        ratios.append(ratio)
        print(f"seed {seed}: ratio {'at least ' if is_bound else ''}{ratio:.1f} ×", flush=True)
    if ratios:
        note = f", {bounds} of {len(ratios)} are lower bounds" if bounds else ""
        print(
            f"median ratio {statistics.median(ratios):.1f} × (least {min(ratios):.1f}, most {max(ratios):.1f}{note})"
        )


def race(loops: tuple[Loop, Loop], measure: Measure, options: argparse.Namespace) -> None:
    """Train both alternately until each has arrived or its time is up."""
    under_way = list(loops)
    while under_way:
        for loop in tuple(under_way):
            loop.train(options.slice)
            loop.distance = measure(loop.generator())
            arrived = loop.distance <= options.distance
            print(
                f"  {loop.name}: {loop.distance:.1f} after {loop.seconds:.0f} s, {loop.images} images, "
                f"{loop.images / loop.seconds:.0f} a second{', arrived' if arrived else ''}",
                flush=True,
            )
            if arrived or loop.seconds >= 60 * options.limit:
                under_way.remove(loop)


def authors(training: LabelledImages, seed: int) -> Loop:
    """The port of the authors' loop; images are drawn with replacement."""
    data = ImageTensors(training.images, training.labels, torch.device("cpu"))
    torch.manual_seed(seed)
    loop = ReferenceLoop(optimiser=OptimisticAdam)

    def step() -> int:
        loop.step(data.scaled(torch.randint(0, len(data), (BATCH,))))
        return BATCH

    return Loop("authors", step, lambda: loop.generator)


def ours(training: LabelledImages, seed: int) -> Loop:
    """The stage of the profile `studio`, as a training has it."""
    profile = load_profile("studio")
    fabric = make_fabric(profile, "cpu")
    data = ImageTensors(training.images, training.labels, fabric.device)
    stage = stage_makers(profile, training, seed)["gan"]({"classifier": nn.Identity()}, fabric.device)
    assert isinstance(stage, GanStage)
    size = profile.gan.batch_size
    an_epoch = steps_per_epoch(len(training), size)
    total, update = an_epoch * profile.gan.epochs, make_update(fabric)
    order: NDArray[np.int64] = np.empty(0, np.int64)
    done = 0

    def step() -> int:
        nonlocal order, done
        epoch, place = divmod(done, an_epoch)
        if place == 0:
            random = np.random.default_rng(derived_seed(seed, "gan", "epoch", epoch))
            order = random.permutation(len(training))
        chosen = torch.from_numpy(order[place * size : (place + 1) * size])
        batch = make_batch(
            data, chosen, seed=derived_seed(seed, "gan", "step", done, 0), progress=min(1.0, done / total)
        )
        with fabric.autocast():
            losses = stage.step(batch, update)
        for value in losses.values():
            float(value.detach())
        done += 1
        return size

    return Loop("ours", step, stage.trained)


def distance_to(images: NDArray[np.float32]) -> Measure:
    """The Fréchet distance of what a generator draws of fixed codes to images, on the judge's features."""
    networks = open_bundle("mnist-studio").networks
    judge = networks.judge
    assert judge is not None
    real = networks.features(images, judge)
    codes = torch.randn((len(images), networks.latent_dimensions), generator=torch.Generator().manual_seed(0))

    @torch.no_grad()
    def measure(generator: nn.Module) -> float:
        was_training = generator.training
        drawn = torch.cat([generator.eval()(part) for part in codes.split(100)]).numpy()
        generator.train(was_training)
        return frechet_distance(real, networks.features(drawn, judge))

    return measure


if __name__ == "__main__":
    main()
