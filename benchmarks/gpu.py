"""What one NVIDIA card makes of training and decoding: how right, how fast, how much of its rate, in what memory.

    python benchmarks/gpu.py [--seconds 20] [--json FILE]
    python benchmarks/gpu.py --device cpu --dry     # the same parts in a moment each, to see that they work

Under eight minutes on a card; a dry run's rates say nothing. It has not been run on a card yet. In this order:

- *correctness*: one step of each stage of `studio` in float32, without TF32, beside float64 on the CPU: the largest
  relative error of a loss, and that of the gradient over all weights that the stage moves;
- *rates*: images a second of the GAN's step, the loop as it is and with G compiled (`reduce-overhead`, CUDA graphs),
  each also under bfloat16 autocast; the arithmetic of that step as a share of the card's rate for bfloat16 matrices;
- *recipe*: the paper's 1.2 million steps of 25 images, classifier, GAN and encoder, extrapolated from measured steps;
- *drag*: milliseconds from ten codes to ten pictures of `mnist-studio`, as a hand on a path asks for them;
- *memory*: the most that the card's allocator held, where there is a card.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.runs.profiles import Profile, load_profile
from lsd_studio.engine.training.loop import ImageTensors, make_batch, make_update
from lsd_studio.engine.training.run import stage_makers
from lsd_studio.engine.training.stages import Batch, GanStage, Stage

STAGES = ("classifier", "judge", "gan", "encoder", "joint")
OF_THE_PAPER = ("classifier", "gan", "encoder")
PAPER_STEPS = 1_200_000
FEW = 2
"""Images of each label in the step that is compared with float64: without one of them its axis would be arbitrary."""

Step = Callable[[], object]


@contextmanager
def float_means_double() -> Iterator[None]:
    """Let `Tensor.float`, which stages ask for after autocast, keep float64."""
    single = Tensor.float
    Tensor.float = Tensor.double
    try:
        yield
    finally:
        Tensor.float = single


def built(profile: Profile, device: torch.device, kind: torch.dtype = torch.float32) -> dict[str, Stage]:
    """The stages of a profile with the weights of seed 0, none of them trained, each with networks of its own."""
    makers = stage_makers(profile, load_data_set("mnist", "train"), seed=0)
    stages: dict[str, Stage] = {}
    known: dict[str, Any] = {}
    for name in STAGES:
        if getattr(profile, name) is None or getattr(profile, name).epochs == 0:
            continue
        stages[name] = makers[name](known, device)
        for part in vars(stages[name]).values():
            if isinstance(part, nn.Module):
                part.to(device, kind)
        known |= {each: deepcopy(network) for each, network in stages[name].networks().items()}
    return stages


def gradient_of(stage: Stage) -> Tensor:
    """What the last step moved all its weights by, float64 on the CPU."""
    groups = [group for optimiser in stage.state.optimisers.values() for group in optimiser.param_groups]
    return torch.cat(
        [each.grad.detach().double().cpu().flatten() for group in groups for each in group["params"]]
    )


def errors(data: ImageTensors, device: torch.device) -> dict[str, dict[str, float]]:
    """Of each stage of `studio`: relative errors of losses and gradient of one step, beside float64 on the CPU."""
    fabric, profile = Fabric(accelerator="cpu", devices=1), load_profile("studio")
    # Means of a first batch sum to 0, so that a frame of them has a direction that rounding chooses: it is drawn here.
    of_encoder = profile.encoder.model_copy(update={"axes": "random"})
    profile = profile.model_copy(update={"encoder": of_encoder})
    labels = data.labels.cpu()
    chosen = torch.cat([torch.nonzero(labels == label)[:FEW, 0] for label in labels.unique()])
    on_host = ImageTensors(data.pixels.cpu().numpy(), labels.numpy(), chosen.device)
    few = make_batch(on_host, chosen, seed=1, progress=0.25)

    def stepped(where: torch.device, kind: torch.dtype) -> dict[str, tuple[dict[str, float], Tensor]]:
        found = {}
        for name, stage in built(profile, where, kind).items():
            random = torch.Generator().manual_seed(few.seed)
            batch = Batch(few.images.to(where, kind), few.labels.to(where), random, few.seed, few.progress)
            losses = stage.step(batch, make_update(fabric))
            found[name] = {each: float(loss.detach()) for each, loss in losses.items()}, gradient_of(stage)
        return found

    with float_means_double():
        exact = stepped(chosen.device, torch.float64)
    found = {}
    for name, (losses, gradient) in stepped(device, torch.float32).items():
        known, right = exact[name]
        found[name] = {
            "losses": max(abs(losses[each] - known[each]) / max(abs(known[each]), 1e-12) for each in losses),
            "gradient": float((gradient - right).norm() / right.norm()),
        }
    return found


def training_step(stage: Stage, data: ImageTensors, size: int, *, bfloat16: bool = False) -> Step:
    """A step of the training loop on the next batch, its losses read as the loop reads them."""
    device, count = data.pixels.device, 0
    update = make_update(Fabric(accelerator="cuda" if device.type == "cuda" else "cpu", devices=1))

    def step() -> None:
        nonlocal count
        count += 1
        chosen = torch.randint(len(data), (size,), device=device)
        batch = make_batch(data, chosen, seed=count, progress=0.25)
        with torch.autocast(device.type, torch.bfloat16) if bfloat16 else nullcontext():
            losses = stage.step(batch, update)
        for loss in losses.values():
            float(loss.detach())

    return step


def compiled(stage: GanStage, **how: Any) -> GanStage:
    """The stage with G compiled in place; D draws its dropout on the host, and stays as it is."""
    stage.generator.compile(**how)
    return stage


def seconds_a_step(step: Step, seconds: float) -> float:
    """The mean over as many steps as fit, after three that are not counted."""
    for _ in range(3):
        step()
    begun, count = time.perf_counter(), 0
    while count == 0 or time.perf_counter() - begun < seconds:
        step()
        count += 1
    return (time.perf_counter() - begun) / count


def matrix_rate(device: torch.device, edge: int, seconds: float) -> float:
    """Operations a second of products of bfloat16 matrices of this edge."""
    first, second = (torch.randn(edge, edge, device=device, dtype=torch.bfloat16) for _ in range(2))
    return 2 * edge**3 / seconds_a_step(lambda: float((first @ second)[0, 0]), seconds)


def rates(data: ImageTensors, device: torch.device, seconds: float, *, dry: bool) -> dict[str, Any]:
    """Images a second of the GAN's step, and what of the card's rate its arithmetic takes."""
    profile = load_profile("studio")
    size = profile.gan.batch_size
    most = matrix_rate(device, 128 if dry else 8192, seconds / 4)
    how = {"backend": "aot_eager"} if dry else {"mode": "reduce-overhead"}
    found: dict[str, Any] = {"batch": size, "bfloat16_matrices": most}
    for name, is_compiled, bfloat16 in (
        ("as it is", False, False),
        ("as it is, bfloat16", False, True),
        ("G compiled", True, False),
        ("G compiled, bfloat16", True, True),
    ):
        stage = built(profile, device)["gan"]
        assert isinstance(stage, GanStage)
        step = training_step(stage, data, size, bfloat16=bfloat16)
        with FlopCounterMode(display=False) as counted:
            step()
        if is_compiled:
            compiled(stage, **how)
        rate = 1 / seconds_a_step(step, seconds)
        found[name] = {
            "images_a_second": size * rate,
            "share_of_bfloat16_matrices": counted.get_total_flops() * rate / most,
        }
    return found


def recipe(data: ImageTensors, device: torch.device, seconds: float) -> dict[str, float]:
    """Minutes that the paper's steps would take, by stage, from measured ones."""
    profile = load_profile("paper")
    stages = built(profile, device)
    return {
        name: PAPER_STEPS
        / 60
        * seconds_a_step(training_step(stages[name], data, profile.gan.batch_size), seconds)
        for name in OF_THE_PAPER
    }


def drag(device: torch.device, decodings: int) -> dict[str, float]:
    """Milliseconds of decoding ten codes to pictures in the memory of the host: median and 99th percentile."""
    networks = open_bundle("mnist-studio").networks
    networks.generator.to(device)
    codes = np.random.default_rng(0).standard_normal((10, networks.latent_dimensions), np.float32)
    taken = []
    for _ in range(decodings + 3):
        begun = time.perf_counter()
        networks.decode(codes)
        taken.append(1000 * (time.perf_counter() - begun))
    return {"median": statistics.median(taken[3:]), "p99": float(np.percentile(taken[3:], 99))}


def measured(device: torch.device, seconds: float, *, dry: bool) -> dict[str, Any]:
    """All parts, as JSON has them."""
    mnist = load_data_set("mnist", "train").part(0, 512 if dry else 50_000)
    data = ImageTensors(mnist.images, mnist.labels, device)
    on_card = device.type == "cuda"
    torch.backends.cudnn.allow_tf32 = False
    found: dict[str, Any] = {
        "device": torch.cuda.get_device_name(device) if on_card else "CPU",
        "dry": dry,
        "torch": torch.__version__,
        "relative_errors": errors(data, device),
    }
    torch.backends.cudnn.allow_tf32 = True
    found["gan_step"] = rates(data, device, seconds, dry=dry)
    found["papers_recipe_minutes"] = recipe(data, device, seconds)
    found["decoding_ten_codes_ms"] = drag(device, 5 if dry else 500)
    found["memory_mb"] = torch.cuda.max_memory_reserved(device) / 1e6 if on_card else None
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--seconds", type=float, default=20.0, help="of each of eight rates")
    parser.add_argument("--dry", action="store_true", help="a moment of each part, to see that it works")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        sys.exit(
            "There is no CUDA card that PyTorch can use here: see that its parts work with --device cpu --dry."
        )
    found = measured(torch.device(options.device), 0.0 if options.dry else options.seconds, dry=options.dry)
    text = json.dumps(found, indent=1)
    print(text)
    if options.json is not None:
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
