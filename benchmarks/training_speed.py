"""GAN training, ours against a plain port of the authors' loop: images per second, alternately in one process.

    python benchmarks/training_speed.py [--rounds 5] [--seconds 6]

Prints both rates, their ratio round by round and the multiplication rate of the machine (GEMM, float32 and bfloat16).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from lightning_fabric import Fabric
from reference_loop import BATCH, ReferenceLoop

from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.models.networks import Discriminator, Generator
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.training.loop import ImageTensors, derived_seed
from lsd_studio.engine.training.run import make_fabric
from lsd_studio.engine.training.stages import Batch, GanStage

OUR_BATCH = 128


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=6.0)
    options = arguments.parse_args()
    mnist = load_data_set("mnist", "train")
    fabric = make_fabric(load_profile("studio"))
    data = ImageTensors(mnist.images, mnist.labels, fabric.device)
    reference = _reference(data)
    ours = _ours(data, fabric)
    print(f"precision {fabric._precision.precision}, batch {OUR_BATCH}; GEMM {_gemm_rates()}")
    ratios = []
    for round_number in range(options.rounds):
        slow = _rate(reference, options.seconds)
        fast = _rate(ours, options.seconds)
        ratios.append(fast / slow)
        print(
            f"round {round_number + 1}: authors' loop {slow:.0f} images/s, ours {fast:.0f} images/s, {ratios[-1]:.2f} ×"
        )
    print(f"median ratio {statistics.median(ratios):.2f} × (least {min(ratios):.2f}, most {max(ratios):.2f})")


def _reference(data: ImageTensors) -> Callable[[], int]:
    loop = ReferenceLoop()

    def step() -> int:
        loop.step(data.scaled(torch.randint(0, len(data), (BATCH,))))
        return BATCH

    return step


def _ours(data: ImageTensors, fabric: Fabric) -> Callable[[], int]:
    shape = (1, 28, 28)
    stage = GanStage(
        Generator(100, shape), Discriminator(shape), torch.nn.Identity(), load_profile("studio").gan, 100
    )
    steps = 0

    def update(loss: torch.Tensor, optimiser: torch.optim.Optimizer, largest_norm: float = 0.0) -> None:
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    def step() -> int:
        nonlocal steps
        steps += 1
        chosen = torch.randint(0, len(data), (OUR_BATCH,))
        seed = derived_seed(0, "benchmark", steps)
        batch = Batch(
            data.scaled(chosen), data.labels[chosen], torch.Generator().manual_seed(seed), seed, 0.0
        )
        with fabric.autocast():
            losses = stage.step(batch, update)
        for value in losses.values():
            float(value.detach())
        return OUR_BATCH

    return step


def _rate(step: Callable[[], int], seconds: float) -> float:
    step()
    began = time.perf_counter()
    images = 0
    while time.perf_counter() - began < seconds:
        images += step()
    return images / (time.perf_counter() - began)


def _gemm_rates(edge: int = 1024) -> str:
    texts = []
    for kind in (torch.float32, torch.bfloat16):
        matrix = torch.randn(edge, edge).to(kind)
        began = time.perf_counter()
        matrix @ matrix
        texts.append(
            f"{kind}".removeprefix("torch.")
            + f" {2 * edge**3 / (time.perf_counter() - began) / 1e9:.0f} GFLOP/s"
        )
    return ", ".join(texts)


if __name__ == "__main__":
    main()
