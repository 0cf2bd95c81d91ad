"""Gathering the latent sets against the networks alone, alternately in one process.

    python benchmarks/latent_sets.py [--bundle mnist-studio] [--vectors 200] [--rounds 3]

A round fills V vectors for each label and set (encoding, sums and progress included), then decodes and classifies as
many latent vectors as were drawn, and encodes as many images as were encoded, in the same batches and nothing else.
Prints the times and the ratios of gathering to G and C alone, and to G, C and E alone, round by round, and their
medians; and how many draws it would save to stop each label as soon as its averages are as exact as V vectors of
N(0, I) are, a standard error of 1/√V. Times grow in proportion to V.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import torch

from lsd_studio.engine.basis.latent_sets import LATENTS_PER_BATCH, LatentSets
from lsd_studio.engine.basis.progress import LatentSetsProgress
from lsd_studio.engine.basis.variant import training_images
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.models.inference import Networks, images_at_once


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
    _decode(networks, LATENTS_PER_BATCH)
    _encode(networks, images, LATENTS_PER_BATCH)
    print(f"{torch.get_num_threads()} threads, V = {options.vectors}, {bundle.basis.number_of_sets} sets")
    of_two, of_three = [], []
    for number in range(1, options.rounds + 1):
        sets = LatentSets(networks, images, options.vectors, 20_000_000, seed=number)
        began = time.perf_counter()
        *_, last = sets.fill()
        gathering = time.perf_counter() - began
        draws = sum(last.draws)
        two = _decode(networks, draws)
        three = two + _encode(networks, images, last.draws[0])
        of_two.append(gathering / two)
        of_three.append(gathering / three)
        print(
            f"round {number}: {draws} draws, {last.draws[0]} of them encoded, gathered in {gathering:.1f} s; "
            f"G and C alone {two:.1f} s ({draws / two:.0f} a second), ratio {of_two[-1]:.2f}; "
            f"G, C and E alone {three:.1f} s, ratio {of_three[-1]:.2f}; "
            f"stopping early would save {100 * _saved(sets, last):.0f} % of the random draws",
            flush=True,
        )
    for words, ratios in (("G and C", of_two), ("G, C and E", of_three)):
        print(
            f"against {words} alone, median ratio {statistics.median(ratios):.2f} "
            f"(least {min(ratios):.2f}, most {max(ratios):.2f})"
        )


def _decode(networks: Networks, draws: int) -> float:
    random = torch.Generator().manual_seed(0)
    batches = torch.randn(draws, networks.latent_dimensions, generator=random).split(LATENTS_PER_BATCH)
    began = time.perf_counter()
    with torch.inference_mode():
        for batch in batches:
            for codes in batch.split(images_at_once(networks.image_shape)):
                networks.classifier(networks.generator(codes.to(networks.device))).argmax(dim=1).cpu()
    return time.perf_counter() - began


def _encode(networks: Networks, images: LabelledImages, draws: int) -> float:
    began = time.perf_counter()
    for start in range(0, draws, LATENTS_PER_BATCH):
        numbers = np.arange(start, min(start + LATENTS_PER_BATCH, draws)) % len(images)
        networks.encode(scale_pixels(images.images[numbers]))
    return time.perf_counter() - began


def _saved(sets: LatentSets, last: LatentSetsProgress) -> float:
    """The share of the random draws that are not needed for a standard error of 1/√V of every label's averages.

    The draws are those that the label needs that is last; each needs V times the mean variance of its vectors.
    """
    drawn = sets._streams[1].drawn_by_label.numpy()
    variances = (last.spread[1:] ** 2).mean(axis=(0, 2))
    return 1 - float((variances / drawn).max() / (1 / drawn).max())


if __name__ == "__main__":
    main()
