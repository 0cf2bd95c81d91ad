"""Whether networks that were trained apart order generators alike: Kendall's τ of every two of them, as JSON.

    python benchmarks/generator_ranking.py [BUNDLE ...] [--images 2000] > docs/method/generator-ranking.json

What is ordered is G of every bundle (the shipped ones of MNIST where none are named, at least two) and, of each, four
that are worse: pictures blurred by 0.7 pixels; weights with noise of half of their layer's standard deviation; codes
shortened to 0.7 of their length; a hundred codes again and again. Readers are C and the judge of every
bundle, each different network once. Measured are as many random samples against the same test images, as `lsd-studio
evaluate --generator` does. τ is τ-b; its interval is a bootstrap over generators, which takes those made worse of one G
for independent. What it prints beside JSON goes to stderr.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.stats import kendalltau
from torch import nn

from lsd_studio.engine.bundle import Bundle, open_bundle
from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.evaluation.generator.comparing import compare
from lsd_studio.engine.evaluation.generator.measuring import DRAWS
from lsd_studio.engine.evaluation.generator.report import MEASURES
from lsd_studio.engine.evaluation.generator.sets import image_sets
from lsd_studio.engine.models.inference import Networks

SHIPPED = ("mnist-studio", "mnist-paper")
BLUR, NOISE, SHORTENED, FEW = 0.7, 0.5, 0.7, 100
RESAMPLES = 200

Pixels = NDArray[np.float32]
Values = NDArray[np.float64]
Reader = tuple[str, Networks, nn.Module]


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("bundles", nargs="*", metavar="BUNDLE")
    arguments.add_argument("--images", type=int, default=2000)
    options = arguments.parse_args()
    bundles = [open_bundle(name) for name in options.bundles or SHIPPED]
    if len(bundles) < 2:
        arguments.error("name two bundles or more: one has no readers that were trained apart.")
    test = load_data_set("mnist", "test")
    count = options.images // DRAWS * DRAWS
    reference, _, codes = image_sets(bundles[0].networks, test, count, seed=0)
    real = reference.pixels(np.arange(count))
    readers = list(different_readers(bundles))
    of_real = [networks.features(real, reader) for _, networks, reader in readers]
    measured: list[list[dict[str, float]]] = []
    names = []
    for bundle in bundles:
        for name, make in generators(bundle.networks).items():
            pixels = make(codes)
            row = []
            for (_, networks, reader), features in zip(readers, of_real, strict=True):
                found, labels = networks.features_and_labels(pixels, reader)
                of_set = compare(features, found, labels, networks.number_of_labels, DRAWS, different=count)
                row.append({measure: of_set.measure(measure).value for measure in MEASURES})
            measured.append(row)
            names.append(f"{bundle.path.parent.name}/{bundle.path.name}: {name}")
            print(names[-1], *(f"{of['frechet']:.1f}" for of in row), file=sys.stderr, flush=True)
    values = {name: np.array([[of[name] for of in row] for row in measured]).T for name in MEASURES}
    untouched = np.arange(len(measured)) % (len(measured) // len(bundles)) == 0
    random = np.random.default_rng(0)
    answer = {
        "images": count,
        "generators": len(measured),
        "trained": len(bundles),
        "classifiers": sum(kind == "classifier" for kind, _, _ in readers),
        "judges": sum(kind == "judge" for kind, _, _ in readers),
        "tau": {
            name: {"measure": MEASURES[name], **of_pairs(each, readers, untouched, random)}
            for name, each in values.items()
        },
        "frechet": {
            name: row.round(2).tolist() for name, row in zip(names, values["frechet"].T, strict=True)
        },
    }
    print(json.dumps(answer, indent=1))
    for found in answer["tau"].values():
        print(
            f"{found['measure']}: {found['mean']:.2f} ({found['low']:.2f} … {found['high']:.2f}), "
            f"least {found['least']:.2f}, "
            f"two C {found['classifiers']}, two judges {found['judges']}, C and judge {found['mixed']}, "
            f"untouched {found['untouched']}",
            file=sys.stderr,
        )


def generators(networks: Networks) -> dict[str, Callable[[Pixels], Pixels]]:
    """G as it is, and four that are worse, as functions of codes [N, M]."""
    return {
        "as it is": networks.decode,
        "blurred": lambda codes: np.asarray(gaussian_filter(networks.decode(codes), (0, 0, BLUR, BLUR))),
        "noise on weights": _noisy(networks).decode,
        "shortened codes": lambda codes: networks.decode(codes * np.float32(SHORTENED)),
        "few codes": lambda codes: networks.decode(codes[:FEW])[np.arange(len(codes)) % FEW],
    }


def _noisy(networks: Networks) -> Networks:
    random = torch.Generator().manual_seed(0)
    generator = copy.deepcopy(networks.generator)
    with torch.no_grad():
        for weight in generator.parameters():
            if weight.dim() > 1:
                weight += NOISE * weight.std() * torch.randn(weight.shape, generator=random)
    return Networks(
        generator,
        networks.encoder,
        networks.classifier,
        networks.image_shape,
        networks.number_of_labels,
        networks.latent_dimensions,
    )


def different_readers(bundles: list[Bundle]) -> Iterator[Reader]:
    """C and the judge of every bundle; runs of one seed may share theirs."""
    seen: set[bytes] = set()
    for bundle in bundles:
        networks = bundle.networks
        for kind, reader in (("classifier", networks.classifier), ("judge", networks.judge)):
            if reader is None:
                continue
            weights = b"".join(each.numpy().tobytes() for each in reader.state_dict().values())
            if weights not in seen:
                seen.add(weights)
                yield kind, networks, reader


def of_pairs(
    values: Values, readers: list[Reader], untouched: NDArray[np.bool_], random: np.random.Generator
) -> dict[str, float | None]:
    """τ of every two readers, by values [R, generators]: mean with its interval, least, and means of kinds of pairs."""
    pairs = list(combinations(range(len(readers)), 2))
    of_pair = taus(values, pairs)
    resampled = [
        np.nanmean(taus(values[:, random.integers(values.shape[1], size=values.shape[1])], pairs))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(resampled, [0.025, 0.975])
    kinds = [tuple(sorted((readers[one][0], readers[other][0]))) for one, other in pairs]

    def mean_of(kind: tuple[str, str]) -> float | None:
        chosen = [tau for tau, each in zip(of_pair, kinds, strict=True) if each == kind]
        return round(float(np.mean(chosen)), 3) if chosen else None

    few = untouched.sum() > 2
    return {
        "pairs": len(pairs),
        "mean": round(float(np.mean(of_pair)), 3),
        "low": round(float(low), 3),
        "high": round(float(high), 3),
        "least": round(float(np.min(of_pair)), 3),
        "classifiers": mean_of(("classifier", "classifier")),
        "judges": mean_of(("judge", "judge")),
        "mixed": mean_of(("classifier", "judge")),
        "untouched": round(float(np.mean(taus(values[:, untouched], pairs))), 3) if few else None,
    }


def taus(values: Values, pairs: list[tuple[int, int]]) -> Values:
    """Kendall's τ-b of the order of generators by two rows of values [R, generators], for each pair of rows."""
    return np.array([kendalltau(values[one], values[other]).statistic for one, other in pairs])


if __name__ == "__main__":
    main()
