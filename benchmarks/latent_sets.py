"""Gathering the latent sets against generator and classifier alone, alternately in one process.

    python benchmarks/latent_sets.py [--bundle mnist-studio] [--vectors 200] [--rounds 3]

A round fills V vectors for each label and set (encoding, sums and progress included), then decodes and classifies as
many latent vectors as were drawn, in the same batches and nothing else. Prints both times, their ratio round by round,
and the median, which is to be at most 1.3. Both times grow in proportion to V.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from lsd_studio.engine.basis.latent_sets import LATENTS_PER_BATCH, LatentSets
from lsd_studio.engine.basis.variant import training_images
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.models.inference import Networks


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--bundle", default="mnist-studio")
    arguments.add_argument("--vectors", type=int, default=200)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    bundle = open_bundle(options.bundle)
    images, _ = training_images(bundle)
    networks = bundle.networks
    _forward(networks, LATENTS_PER_BATCH)
    print(f"{torch.get_num_threads()} threads, V = {options.vectors}, {bundle.basis.number_of_sets} sets")
    ratios = []
    for number in range(1, options.rounds + 1):
        draws, gathering = _gather(networks, images, options.vectors, seed=number)
        alone = _forward(networks, draws)
        ratios.append(gathering / alone)
        print(
            f"round {number}: {draws} draws gathered in {gathering:.1f} s, "
            f"G and C alone {alone:.1f} s ({draws / alone:.0f} a second), ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(f"median ratio {statistics.median(ratios):.2f} (least {min(ratios):.2f}, most {max(ratios):.2f})")


def _gather(networks: Networks, images: LabelledImages, vectors: int, seed: int) -> tuple[int, float]:
    began = time.perf_counter()
    *_, last = LatentSets(networks, images, vectors, 20_000_000, seed).fill()
    return sum(last.draws), time.perf_counter() - began


def _forward(networks: Networks, draws: int) -> float:
    random = torch.Generator().manual_seed(0)
    batches = torch.randn(draws, networks.latent_dimensions, generator=random).split(LATENTS_PER_BATCH)
    began = time.perf_counter()
    with torch.inference_mode():
        for codes in batches:
            networks.classifier(networks.generator(codes.to(networks.device))).argmax(dim=1).cpu()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
