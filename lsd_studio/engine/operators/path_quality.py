"""How well a path does what it says, measured on images (R39)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.inference import Networks
from lsd_studio.engine.messages.choices import Through
from lsd_studio.engine.operators.paths import PAPER_STEP, Path, path_through, style_drift
from lsd_studio.engine.operators.planes import FloatArray, renormalise
from lsd_studio.engine.quasi_eigenbasis import QuasiEigenbasis

__all__ = ["FALL", "LegQuality", "leg_measures", "measure_legs", "path_quality"]

FALL = 0.01
"""By how much a probability may fall from one step to the next and still count as rising."""


@dataclass(frozen=True, eq=False)
class LegQuality:
    """One leg, image by image.

    Attributes:
        source, target: labels.
        arrived: bool [N], whether C reads the image at the end as the target.
        risen: bool [N], whether the probability of the target falls nowhere by more than `FALL` between steps.
        drift: float64 [N], `paths.style_drift` at the end.
    """

    source: int
    target: int
    arrived: NDArray[np.bool_]
    risen: NDArray[np.bool_]
    drift: FloatArray


def path_quality(
    networks: Networks,
    basis: QuasiEigenbasis,
    codes: NDArray[np.floating],
    labels: NDArray[np.int64],
    *,
    style: float,
) -> dict[str, FloatArray]:
    """The legs 0 → 1 … l − 2 → l − 1 over all images of their first labels, image by image (R39, R40).

    `endpoint_rate`, `monotonicity` and `style_drift` are float64 [N′], one value for each image whose label is not the
    last; their means are the measures. Steps of 30 degrees.

    Args:
        networks: G and C.
        basis: the quasi-eigenvectors.
        codes: [N, M]; labels: [N], the true ones.
        style: see `Path.carry`: 1 is the rotation (R21), 0 the transport (R20).
    """
    stations = range(networks.number_of_labels)
    legs = list(measure_legs(networks, basis, codes, labels, stations, style=style))
    return leg_measures(legs)


def leg_measures(legs: Sequence[LegQuality]) -> dict[str, FloatArray]:
    """What `path_quality` says of these legs together."""
    return {
        "endpoint_rate": np.concatenate([leg.arrived for leg in legs]).astype(np.float64),
        "monotonicity": np.concatenate([leg.risen for leg in legs]).astype(np.float64),
        "style_drift": np.concatenate([leg.drift for leg in legs]),
    }


def measure_legs(
    networks: Networks,
    basis: QuasiEigenbasis,
    codes: NDArray[np.floating],
    labels: NDArray[np.int64],
    stations: Sequence[int],
    *,
    closed: bool = False,
    style: float = 1.0,
    images_a_leg: int | None = None,
    through: Through = "vectors",
) -> Iterator[LegQuality]:
    """Every leg of a path through labels: images of its first label turned to its second, in the paper's steps.

    Args:
        networks: G and C.
        basis: the quasi-eigenvectors.
        codes: [N, M]; labels: [N], the true ones.
        stations: labels, 0…l − 1.
        closed: whether the path goes back to the first.
        style: see `Path.carry`.
        images_a_leg: the first so many of each label, None for all.
        through: what the stations stand for, see `messages.choices.Through`.

    Raises:
        StudioError: stations outside set 1, or a label of which there is no image.
    """
    if max(stations) >= networks.number_of_labels:
        raise StudioError("Images are measured on paths between labels: take the stations from set 1.")
    path = path_through(basis, stations, closed=closed, through=through)
    for leg in range(path.legs):
        source, target = stations[leg], stations[(leg + 1) % len(stations)]
        chosen = np.flatnonzero(labels == source)[:images_a_leg]
        if not len(chosen):
            raise StudioError(f"There is no image of the label {source}: choose other data or another path.")
        yield _measure_leg(networks, basis, path, leg, codes[chosen], (source, target), style)


def _measure_leg(
    networks: Networks,
    basis: QuasiEigenbasis,
    path: Path,
    leg: int,
    codes: NDArray[np.floating],
    labels: tuple[int, int],
    style: float,
) -> LegQuality:
    positions = [place for place in path.positions(PAPER_STEP) if leg <= place <= leg + 1]
    before = renormalise(codes)
    moved = [renormalise(path.carry(codes, leg, place, style=style)) for place in positions]
    probabilities = _probabilities(networks, np.stack([before, *moved[1:]]))
    of_target = probabilities[..., labels[1]]
    return LegQuality(
        *labels,
        arrived=probabilities[-1].argmax(axis=1) == labels[1],
        risen=np.all(np.diff(of_target, axis=0) >= -FALL, axis=0),
        drift=style_drift(basis, before, moved[-1]),
    )


def _probabilities(networks: Networks, codes: FloatArray) -> NDArray[np.float32]:
    """C's for the decoded codes [P, N, M], float32 [P, N, l]; codes that coincide are decoded once."""
    distinct, which = np.unique(
        codes.reshape(-1, codes.shape[-1]).astype(np.float32), axis=0, return_inverse=True
    )
    probabilities = networks.classify(networks.decode(distinct))
    return probabilities[which].reshape(*codes.shape[:2], -1)
