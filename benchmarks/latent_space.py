"""A latent space at its largest: 200 000 codes of 256 components, and what each answer costs.

    python benchmarks/latent_space.py [--codes 200000] [--components 256] [--frames 200]

Codes are drawn from a Gaussian with correlated components, some of them wide and off centre as in the posts, and held
in memory as if a data set had been encoded. Prints, all within one run: seconds for moments and Pearson matrix,
principal axes, densities with fits, the Gaussian twin and the Mahalanobis distances; milliseconds of frames while
panning and zooming down to ±0.25, points and density images, median, 99th percentile and largest; and the peak of the
memory. The bounds are 2 s for densities and Pearson matrix, 3 s for principal axes, 33 ms a frame, 1.5 GB.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from journeys import journey

from lsd_studio.engine.api import Engine
from lsd_studio.engine.autoencoders.coders import load_coder
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.latent.dataset import LatentDataset
from lsd_studio.engine.latent.statistics.moments import Codes, moments
from lsd_studio.engine.latent.statistics.planes import Plane
from lsd_studio.engine.latent.statistics.principal_axes import principal_axes
from lsd_studio.engine.scheduler import Call

Result = TypeVar("Result")


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--codes", type=int, default=200_000)
    arguments.add_argument("--components", type=int, default=256)
    arguments.add_argument("--frames", type=int, default=200)
    options = arguments.parse_args()
    coder = load_coder("mnist-studio")
    base = _peak_megabytes()
    codes = _codes(options.codes, options.components)
    of, seconds = _timed(lambda: moments(codes))
    print(f"mean, covariance and Pearson matrix: {seconds:.2f} s")
    _, more = _timed(lambda: principal_axes(of))
    print(f"principal axes from the covariance: {more:.2f} s, from the codes: {seconds + more:.2f} s")
    opened, opening = _timed(lambda: LatentDataset(coder, _data(options.codes), codes, ()))
    print(f"all of that and the Mahalanobis distances, as on opening: {opening:.2f} s")
    with Engine() as engine:
        engine.session.latent_dataset = opened
        _measure(engine, options.frames)
    print(f"peak memory {_peak_megabytes():.0f} MB, of which {base:.0f} MB before there were codes")


def _measure(engine: Engine, frames: int) -> None:
    latent = engine.latent
    latent.coders().result()
    analyses: dict[str, Callable[[], Call[Any, Any]]] = {
        "Pearson matrix": latent.correlations,
        "densities": latent.densities,
        "radii": latent.radii,
        "pair": latent.pair,
        "Gaussian twin": latent.draw_twin,
    }
    for name, analysis in analyses.items():
        print(f"{name}: {_milliseconds(analysis()) / 1000:.2f} s")
    for plane in (Plane("principal", 0, 1), Plane("components", 0, 1)):
        view = latent.plane(plane)
        first, whole = _milliseconds(view), view.result()
        times = [_milliseconds(latent.plane(plane, window)) for window in journey(whole, frames)]
        ordered = sorted(times)
        print(
            f"{plane.axes}: first view {first:.1f} ms; {frames} frames of panning and zooming: median "
            f"{statistics.median(times):.1f}, 99th percentile {ordered[int(0.99 * len(ordered))]:.1f}, largest "
            f"{ordered[-1]:.1f} ms"
        )


def _codes(count: int, components: int) -> Codes:
    random = np.random.default_rng(0)
    mixing = np.eye(components, dtype=np.float32)
    mixing += 0.05 * random.standard_normal((components, components), dtype=np.float32)
    mixing[:, :6] *= 4
    codes = np.empty((count, components), dtype=np.float32)
    for first in range(0, count, 10_000):
        some = codes[first : first + 10_000]
        np.matmul(random.standard_normal(some.shape, dtype=np.float32), mixing, out=some)
    codes[:, :6] += np.array([5, -2, 1, -1, 0.7, 0.5], dtype=np.float32)
    return codes


def _data(count: int) -> LabelledImages:
    labels = np.random.default_rng(1).integers(0, 10, count)
    return LabelledImages(
        "drawn", np.zeros((count, 1, 1, 1), np.uint8), labels, tuple("0123456789"), "0" * 64, "train"
    )


def _milliseconds(call: Call[Any, Any]) -> float:
    call.result()
    return call.milliseconds


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
