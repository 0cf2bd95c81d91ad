"""Short trainings of autoencoders on MNIST: by dimensions, by widths, and with and without batch normalisation.

    python benchmarks/autoencoders.py --out docs/method/autoencoders.json

Each training is the profile `autoencoder` but for what its row says: 3 passes over 16 667 training images, one thread,
float32. Everything is measured on 3 333 more training images, which are held out. Their label is read by the C
of the shipped `mnist-autoencoder`, the same for all. What the codes' components are like, each brought to mean 0 and
variance 1: their distance from N(0, 1) (Kolmogorov–Smirnov) and excess kurtosis, as medians over the components, and
how many codes lie in the ellipse of two standard deviations, as the median over pairs; of a normal distribution 0, 0
and 86.5 %.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from itertools import combinations
from pathlib import Path

import numpy as np
import scipy.stats
import torch

from lsd_studio.engine.autoencoders.bundle import open_autoencoder
from lsd_studio.engine.autoencoders.coders import coder_of_autoencoder
from lsd_studio.engine.datasets import LabelledImages, hold_out, load_data_set, scale_pixels
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.stage_settings import run_stages_of
from lsd_studio.engine.training.whole_run import train_run

USUAL = (16, 32, 64, 64)
ROWS = (
    *((12, USUAL, normalised, seed) for seed in (0, 1, 2) for normalised in (True, False)),
    *((dimensions, USUAL, True, 0) for dimensions in (2, 4)),
    *((12, widths, True, 0) for widths in ((8, 16, 32, 32), (32, 64, 64, 64))),
)
"""M, widths, batch normalisation, seed."""

IMAGES = 20_000
PASSES = 3
SET = ("precision=float32", "classifier.epochs=1", f"autoencoder.epochs={PASSES}")


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    data = load_data_set("mnist", "train").take(range(IMAGES))
    rows = []
    for dimensions, widths, normalised, seed in ROWS:
        asked = {
            "latent_dimensions": dimensions,
            "widths": list(widths),
            "batch_normalisation": normalised,
        }
        rows.append({**asked, "seed": seed, "passes": PASSES, **_trained(data, asked, seed)})
        print(rows[-1], flush=True)
        options.out.write_text(json.dumps(rows, indent=1) + "\n")


def _trained(data: LabelledImages, asked: dict[str, object], seed: int) -> dict[str, float]:
    """What is measured of one training."""
    settings = (f"autoencoder.{key}={json.dumps(value)}" for key, value in asked.items())
    profile = load_profile("autoencoder", (*SET, *settings))
    with tempfile.TemporaryDirectory() as run:
        plan = Plan(profile, data.name, seed, run_stages_of(profile), device="cpu")
        for _ in train_run(plan, Path(run), data):
            pass
        coder = coder_of_autoencoder(open_autoencoder(run))
    _, held_out = hold_out(data)
    codes, _ = coder.encode(held_out.images)
    decoded = coder.decode(codes)
    squared = np.square(decoded - scale_pixels(held_out.images)).mean(axis=(1, 2, 3))
    read = coder_of_autoencoder(open_autoencoder("mnist-autoencoder")).classify(decoded)
    assert read is not None
    return {
        "psnr": _rounded(np.mean(10 * np.log10(4 / squared))),
        "label_read": _rounded((read.argmax(axis=1) == held_out.labels).mean(), 4),
        **_components(codes.astype(np.float64)),
    }


def _components(codes: np.ndarray) -> dict[str, float]:
    radius = np.linalg.norm(codes, axis=1)
    standard = (codes - codes.mean(axis=0)) / codes.std(axis=0)
    distances = [scipy.stats.kstest(component, "norm").statistic for component in standard.T]
    correlation = np.corrcoef(codes.T)
    inside = [
        (np.square(_whitened(standard[:, pair])).sum(axis=1) < 4).mean()
        for pair in map(list, combinations(range(codes.shape[1]), 2))
    ]
    return {
        "radius_mean": _rounded(radius.mean()),
        "radius_spread": _rounded(radius.std()),
        "component_spread_least": _rounded(codes.std(axis=0).min()),
        "component_spread_most": _rounded(codes.std(axis=0).max()),
        "distance_from_normal": _rounded(np.median(distances), 4),
        "excess_kurtosis": _rounded(np.median(scipy.stats.kurtosis(codes))),
        "largest_correlation": _rounded(np.abs(np.triu(correlation, 1)).max()),
        "inside_two_deviations": _rounded(np.median(inside), 4),
    }


def _whitened(pair: np.ndarray) -> np.ndarray:
    return np.linalg.solve(np.linalg.cholesky(np.cov(pair.T)), (pair - pair.mean(axis=0)).T).T


def _rounded(value: float, digits: int = 2) -> float:
    return round(float(value), digits)


if __name__ == "__main__":
    main()
