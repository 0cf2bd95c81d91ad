"""What features say of one set of images, compared with as many reference images."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.frechet import distance_limit
from lsd_studio.engine.evaluation.generator.kernel_distance import kernel_distance
from lsd_studio.engine.evaluation.generator.neighbourhoods import neighbourhoods
from lsd_studio.engine.evaluation.generator.report import SetMeasures
from lsd_studio.engine.evaluation.intervals import jackknifed, over_draws

Features = NDArray[np.float32]
Integers = NDArray[np.int64]

MOST_WITH_INTERVAL = 512
"""Features of which a Fréchet distance is still taken often enough for a jackknife within seconds."""

SHARES = ("precision", "recall", "coverage", "evenness")


def compare(
    reference: Features,
    found: Features,
    labels: Integers,
    number_of_labels: int,
    draws: int,
    different: int | None = None,
) -> SetMeasures:
    """Every measure of a set, with intervals over independent draws, each of another part of both.

    Args:
        reference, found: features [N, d] of as many images, in random order, N a multiple of `draws`.
        labels: int64 [N], what is read in the set.
        number_of_labels: l.
        draws: D, at least two, each of at least ten images.
        different: how many images the others repeat, which leaves no independent draws and so no intervals; None: all
            are different.
    """
    size = len(found) // draws
    parts = [slice(start, start + size) for start in range(0, len(found), size)]
    near = [asdict(neighbourhoods(reference[part], found[part])) for part in parts]
    of_draws = {
        "kernel": [kernel_distance(reference[part], found[part]) for part in parts],
        "evenness": [evenness(labels[part], number_of_labels) for part in parts],
        **{name: [each[name] for each in near] for name in near[0]},
    }
    limit = distance_limit(reference, found)
    without = np.full(draws, np.nan)
    if different is None and found.shape[1] <= MOST_WITH_INTERVAL:
        others = [np.delete(np.arange(len(found)), part) for part in parts]
        without = np.array([distance_limit(reference[other], found[other]).value for other in others])
    return SetMeasures(
        frechet=jackknifed(limit.value, without, different or len(found)),
        sizes=limit.sizes,
        distances=limit.distances,
        labels=tuple((np.bincount(labels, minlength=number_of_labels) / len(labels)).tolist()),
        **{name: _measure(name, values, len(found), different) for name, values in of_draws.items()},
    )


def _measure(name: str, values: list[float], count: int, different: int | None) -> Measure:
    """The mean over draws; an interval of shares ends at 0 and 1."""
    if different is not None:
        return Measure(float(np.mean(values)), np.nan, np.nan, different)
    measure = over_draws(values, count)
    if name not in SHARES:
        return measure
    low, high = np.clip([measure.low, measure.high], 0, 1).tolist()
    return replace(measure, low=low, high=high)


def evenness(labels: Integers, number_of_labels: int) -> float:
    """Entropy of labels [N] over log l: 0 where all are one label, 1 where all occur equally often; 1 for one label."""
    if number_of_labels == 1:
        return 1.0
    shares = np.bincount(labels, minlength=number_of_labels) / len(labels)
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum() / np.log(number_of_labels))
