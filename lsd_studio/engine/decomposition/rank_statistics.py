"""How the amplitudes of many codes rank: the statistics behind Figures 5c and 6, the confusion matrix and the margins.

Vector k has label k mod l; the first l vectors are set 1. What is ranked depends on the reading: all M vectors by
|c|, or the l vectors of set 1 by c with its sign (a negative amplitude says that a label is absent).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.decomposition.decomposition import rank_amplitudes
from lsd_studio.engine.decomposition.noise_floor import (
    LEAST_RATIO,
    chance_distance,
    measured_noise_floor,
    rank_distance,
)
from lsd_studio.engine.evaluation.findings import (
    DENSITY_RANKS,
    TRUE_RANKS,
    FloorCurves,
    Latent,
    RankStatistics,
    Read,
)
from lsd_studio.engine.vocabulary import Reading

FloatArray = NDArray[np.float64]
Labels = NDArray[np.int64]

RATIO_BINS = 60


def rank_statistics(
    amplitudes: FloatArray, labels: Labels, number_of_labels: int, reading: Reading
) -> RankStatistics:
    """The statistics of one draw of N images: amplitudes [N, M] and true labels [N]."""
    ranking = rank_amplitudes(amplitudes, number_of_labels, reading)
    true_rank = (ranking == labels[:, None]).argmax(axis=1) + 1
    read = ranking[:, 0] % number_of_labels
    axes = amplitudes.shape[1] if reading == "absolute" else number_of_labels
    weights = np.abs(amplitudes) if reading == "absolute" else amplitudes[:, :number_of_labels]
    ranked = np.take_along_axis(weights, ranking[:, :axes], axis=1)
    edges = np.linspace(0.0 if reading == "absolute" else LEAST_RATIO, 1.0, RATIO_BINS + 1)
    own = np.take_along_axis(weights, labels[:, None], axis=1)[:, 0]
    squares = amplitudes.shape[1] * weights**2
    own_squares = amplitudes.shape[1] * own**2
    return RankStatistics(
        ranks=np.bincount(true_rank - 1, minlength=axes),
        ratios=np.stack([_ratio_counts(ranked[true_rank == rank], edges) for rank in TRUE_RANKS]),
        edges=edges,
        confusion=np.bincount(labels * number_of_labels + read, minlength=number_of_labels**2).reshape(
            number_of_labels, number_of_labels
        ),
        margins=_margins(weights, labels, number_of_labels),
        hits=(read == labels).astype(np.float64),
        first_read=read,
        signal=float(np.sqrt(amplitudes.shape[1]) * own.sum()),
        noise=float((squares.sum() - own_squares.sum()) / (axes - 1)),
        draws=1,
    )


def floor_curves(statistics: RankStatistics, reading: Reading) -> FloorCurves:
    """The noise floor of the measured amplitude and noise, as it is drawn over Figures 5c and 6 (R48)."""
    floor = measured_noise_floor(
        statistics.mean_signal, statistics.mean_noise, len(statistics.ranks), reading
    )
    densities = np.zeros((len(TRUE_RANKS), len(DENSITY_RANKS), len(statistics.edges) - 1))
    for row, true_rank in enumerate(TRUE_RANKS):
        for column, rank in enumerate(DENSITY_RANKS):
            if max(rank, true_rank) <= floor.axes:
                densities[row, column] = floor.ratio_density(rank, true_rank, statistics.edges)
    return FloorCurves(
        amplitude=floor.amplitude,
        distance=rank_distance(statistics.ranks, floor),
        chance=chance_distance(floor, len(statistics.hits)),
        cumulative=floor.cumulative(),
        expected=np.stack([floor.expected_ratios(min(rank, floor.axes)) for rank in TRUE_RANKS]),
        densities=densities,
    )


def noise_floor_measures(reads: Mapping[tuple[Latent, Reading], Read], reading: Reading) -> dict[str, Any]:
    """What is said of the noise floors, as `evaluation_steps` has it under `noise_floor`."""
    measures: dict[str, Any] = {}
    for (latent, one), read in reads.items():
        measures.setdefault(latent, {})[one] = {
            "amplitude": read.floor.amplitude,
            "measured_amplitude": read.signal,
            "measured_noise": read.noise,
            "first": float(read.cumulative[0]),
            "first_by_floor": float(read.floor.cumulative[0]),
            "ks_distance": read.floor.distance,
            "ks_by_chance": read.floor.chance,
        }
    if ("sampled", reading) in reads:
        measures |= {name: measures["sampled"][reading][name] for name in ("amplitude", "ks_distance")}
    return measures


def _margins(weights: FloatArray, labels: Labels, number_of_labels: int) -> FloatArray:
    """Of weights [N, n·l], the best of the true label minus the best of the others, [N]."""
    by_label = weights.reshape(len(weights), -1, number_of_labels).max(axis=1)
    own = np.arange(number_of_labels) == labels[:, None]
    return by_label[own] - np.where(own, -np.inf, by_label).max(axis=1)


def _ratio_counts(ranked: FloatArray, edges: FloatArray) -> NDArray[np.int64]:
    """How many of the ranked weights [N, R], over the first of each, are in each bin: int64 [R, B].

    Codes whose first weight is not positive have no normalised amplitudes, and are not counted.
    """
    chosen = ranked[ranked[:, 0] > 0]
    axes, bins = ranked.shape[1], len(edges) - 1
    share = (chosen / chosen[:, :1] - edges[0]) / (edges[-1] - edges[0])
    place = np.clip((share * bins).astype(np.int64), 0, bins - 1)
    flat = (np.arange(axes) * bins + place).ravel()
    return np.bincount(flat, minlength=axes * bins).reshape(axes, bins)
