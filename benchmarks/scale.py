"""Codes from disk by the million: seconds and memory of what Latent space does with them, as a table in Markdown.

    python benchmarks/scale.py [--codes 100000] [--components 256] [--frames 200] [--only NAME ...] [--folder /tmp]

A file `.npy` of float32 codes in twenty clusters is written to the folder in pieces and removed in the end. Each row is
measured in a process of its own, from the file on, and its peak memory is that process's, interpreter and libraries
included. Beside the program's rows stand those of NumPy, which reads the file, and of scikit-learn's PCA. A tenth of
the full size is the default; the full sizes are --codes 1000000 --components 256 and --codes 5000000 --components 50.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from journeys import journey

from lsd_studio.engine.api import Engine
from lsd_studio.engine.latent.statistics.planes import LEADING_PLANE, Plane
from lsd_studio.engine.spaces.latent_space import LatentSpace

AT_ONCE = 10_000
GIB = 1 << 30
FIRST_PICTURE, FRAME, LASSO = 10.0, 0.016, 0.2
"""Targets in seconds."""

Found = dict[str, float | str]


def write_codes(file: Path, count: int, components: int) -> None:
    """Codes in twenty clusters, float32 [count, components], written in pieces."""
    random = np.random.default_rng(0)
    centres = 3 * random.standard_normal((20, components), dtype=np.float32)
    spread = np.linspace(2, 0.2, components, dtype=np.float32)
    codes = np.lib.format.open_memmap(file, "w+", np.float32, (count, components))
    for first in range(0, count, AT_ONCE):
        some = codes[first : first + AT_ONCE]
        some[:] = random.standard_normal(some.shape, dtype=np.float32) * spread
        some += centres[random.integers(20, size=len(some))]
    codes.flush()


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work gives, and its seconds."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def numpy_reads(file: Path, frames: int) -> Found:
    _, seconds = timed(lambda: np.load(file).sum(dtype=np.float64))
    return {"seconds": seconds}


def scikit_learn_pca(file: Path, frames: int) -> Found:
    from sklearn.decomposition import PCA

    codes = np.load(file)
    _, seconds = timed(lambda: PCA(2, svd_solver="covariance_eigh").fit_transform(codes))
    return {"seconds": seconds}


def first_picture(file: Path, frames: int) -> Found:
    with Engine() as engine:
        space, reading = timed(lambda: engine.spaces.read(file).result())
        opened, opening = timed(lambda: opened_in(engine, space))
        _, showing = timed(lambda: engine.latent.plane(LEADING_PLANE).result())
    words = f"read in {reading:.1f} s; then open {opening:.1f} s, plane {showing:.1f} s; {opened} codes"
    return {"seconds": opening + showing, "target": FIRST_PICTURE, "words": words}


def opened_in(engine: Engine, space: LatentSpace) -> int:
    """Open all codes; gives how many are shown."""
    return engine.latent.open_codes(space, most=len(space)).result().count


def analysis(ask: Callable[[Engine], Any]) -> Callable[[Path, int], Found]:
    """Seconds of one question to the open codes."""

    def measure(file: Path, frames: int) -> Found:
        with Engine() as engine:
            opened_in(engine, engine.spaces.read(file).result())
            _, seconds = timed(lambda: ask(engine).result())
        return {"seconds": seconds}

    return measure


def moments_and_axes(file: Path, frames: int) -> Found:
    from lsd_studio.engine.latent.statistics.moments import moments
    from lsd_studio.engine.latent.statistics.principal_axes import principal_axes

    codes = np.load(file, mmap_mode="r")
    of, seconds = timed(lambda: moments(codes))
    _, more = timed(lambda: principal_axes(of))
    return {"seconds": seconds + more, "words": f"of which axes from moments {more:.2f} s"}


def pan_and_zoom(file: Path, frames: int) -> Found:
    with Engine() as engine:
        opened_in(engine, engine.spaces.read(file).result())
        whole = engine.latent.plane(LEADING_PLANE).result()
        each = [
            timed(lambda window=window: engine.latent.plane(LEADING_PLANE, window).result())[1]
            for window in journey(whole, frames)
        ]
    median, worst = 1000 * np.median(each), 1000 * max(each)
    words = f"{frames} frames, p99; median {median:.1f} ms, largest {worst:.1f} ms"
    return {"seconds": float(np.percentile(each, 99)), "target": FRAME, "words": words}


def lasso(file: Path, frames: int) -> Found:
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    with Engine() as engine:
        count = opened_in(engine, engine.spaces.read(file).result())
        engine.latent.plane(LEADING_PLANE).result()
        points = engine.session.open_latent_dataset().projected(LEADING_PLANE, twin=False)
        radius = float(np.median(np.hypot(*points[::100].T)))
        _, first = timed(lambda: engine.selection.outline(0.01 * circle, LEADING_PLANE).result())
        call, seconds = timed(lambda: engine.selection.outline(radius * circle, LEADING_PLANE).result())
    return {
        "seconds": seconds,
        "target": LASSO,
        "words": f"{sum(call.counts)} of {count} codes; the first of a session, which loads a library, {first:.2f} s",
    }


MEASURES: dict[str, Callable[[Path, int], Found]] = {
    "NumPy reads the file": numpy_reads,
    "scikit-learn: PCA of 2 axes": scikit_learn_pca,
    "open, to the first picture": first_picture,
    "moments and principal axes": moments_and_axes,
    "densities, components": analysis(lambda engine: engine.latent.densities()),
    "densities, principal axes": analysis(lambda engine: engine.latent.densities(axes="principal")),
    "another plane": analysis(lambda engine: engine.latent.plane(Plane("components", 0, 1))),
    "Gaussian twin": analysis(lambda engine: engine.latent.draw_twin()),
    "pan and zoom": pan_and_zoom,
    "lasso of half of the codes": lasso,
}


def main() -> None:
    """Write the file, measure each row in a child, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--codes", type=int, default=100_000)
    parser.add_argument("--components", type=int, default=256)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=tuple(MEASURES))
    parser.add_argument(
        "--folder", type=Path, help="that takes the file (default: the system's for such files)"
    )
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.file is not None:
        found = MEASURES[options.only[0]](options.file, options.frames)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
        print(json.dumps({**found, "peak": peak}))
        return
    with TemporaryDirectory(dir=options.folder) as folder:
        file = Path(folder) / "codes.npy"
        write_codes(file, options.codes, options.components)
        size = file.stat().st_size / GIB
        most = max(1.5 * size, 3.0)
        print(f"{options.codes} × {options.components} float32, {size:.2f} GiB on disk\n")
        print(
            f"| measure | seconds | target | peak, GiB (target {most:.2f}) | |",
            "| --- | --- | --- | --- | --- |",
            sep="\n",
            flush=True,
        )
        for name in options.only:
            child = [
                sys.executable,
                __file__,
                "--file",
                str(file),
                "--only",
                name,
                "--frames",
                str(options.frames),
            ]
            answer = subprocess.run(child, check=True, stdout=subprocess.PIPE, text=True).stdout
            found = json.loads(answer)
            target = f"{found['target']:g}" if "target" in found else ""
            print(
                f"| {name} | {found['seconds']:.3g} | {target} | {found['peak']:.2f} | {found.get('words', '')} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
