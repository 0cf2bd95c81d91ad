"""How well a path does what it says, measured on images (R39, R45)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.intervals import exact_interval
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.operators.paths import PAPER_STEP, Path, path_through
from lsd_studio.engine.operators.picture_style import MEASURES, picture_style, style_kept
from lsd_studio.engine.operators.planes import FloatArray, renormalise
from lsd_studio.engine.vocabulary import Through

FALL = 0.01
"""By how much a probability may fall from one step to the next and still count as rising."""

COINCIDE = 4
"""Decimals of a code at norm √M: codes that agree to them are one."""


@dataclass(frozen=True, eq=False)
class LegQuality:
    """One leg, image by image.

    Attributes:
        source, target: labels.
        arrived: bool [N], whether C reads the image at the end as the target.
        risen: bool [N], whether the probability of the target falls nowhere by more than `FALL` between steps.
        codes: how many different codes the N images end at; the transport leads all to one.
        before, after: `picture_style` of the pictures at the start and at the end, float64 [N] each.
    """

    source: int
    target: int
    arrived: NDArray[np.bool_]
    risen: NDArray[np.bool_]
    codes: int
    before: Mapping[str, FloatArray]
    after: Mapping[str, FloatArray]

    @property
    def images(self) -> int:
        """N, the number of images that were turned."""
        return len(self.arrived)

    @property
    def share_arrived(self) -> float:
        """The share of the images that arrived, 0…1."""
        return float(self.arrived.mean())


@dataclass(frozen=True, eq=False)
class ReadCodes:
    """What is read in the pictures of N codes.

    Attributes:
        probabilities: float32 [N, l], those that C gives to each label.
        style: `picture_style` of each picture, float64 [N] each.
        codes: how many of the N are different.
    """

    probabilities: NDArray[np.float32]
    style: Mapping[str, FloatArray]
    codes: int


@dataclass(frozen=True, eq=False)
class DecodedCodes:
    """Pictures of N codes, each of K different ones decoded once.

    Attributes:
        pixels: float32 [K, C, H, W] in [−1, 1].
        which: int64 [N], the picture of each code.
    """

    pixels: NDArray[np.float32]
    which: NDArray[np.int64]

    @property
    def codes(self) -> int:
        """K: of N codes, how many are different, and so independent."""
        return len(self.pixels)

    @property
    def style(self) -> dict[str, FloatArray]:
        """`picture_style` of each code's picture, float64 [N] each."""
        return {name: values[self.which] for name, values in picture_style(self.pixels).items()}


def decode_once(networks: Networks, codes: FloatArray) -> DecodedCodes:
    """The pictures of codes [N, M]; those that coincide to `COINCIDE` decimals have one picture."""
    first, which = different_codes(codes)
    return DecodedCodes(networks.decode(codes[first]), which)


def different_codes(codes: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each different code stands first, [K], and which of them each of the N is; `COINCIDE` decimals count."""
    rounded = np.ascontiguousarray(codes.round(COINCIDE) + 0.0)
    whole = rounded.view(np.dtype((np.void, rounded[:1].nbytes)))  # compared as bytes, not number by number
    _, first, which = np.unique(whole, return_index=True, return_inverse=True)
    return first, which.reshape(-1)


def read_codes(networks: Networks, codes: NDArray[np.floating]) -> ReadCodes:
    """What C reads in the pictures of codes [N, M] at norm √M, and their style."""
    seen = decode_once(networks, renormalise(codes))
    return ReadCodes(networks.classify(seen.pixels)[seen.which], seen.style, seen.codes)


def share_of(hits: NDArray[np.bool_] | FloatArray, count: int) -> Measure:
    """The mean share of hits, 0…1, with the exact interval of `count` independent ones."""
    value = float(hits.mean())
    return Measure(value, *exact_interval(value * count, count), count)


def endpoint_rate(legs: Sequence[LegQuality]) -> Measure:
    """The share of all images of these legs that C reads as their target at the end, with its exact interval.

    What is independent are the codes that they end at: where images end at one code, they are one reading.
    """
    return share_of(np.concatenate([leg.arrived for leg in legs]), sum(leg.codes for leg in legs))


def monotonicity(legs: Sequence[LegQuality]) -> Measure:
    """The share of all images of these legs whose probability of the target falls nowhere, with its exact interval."""
    risen = np.concatenate([leg.risen for leg in legs])
    return share_of(risen, len(risen))


def style_of_arrivals(legs: Sequence[LegQuality]) -> dict[str, Measure]:
    """`picture_style.style_kept` of the images that arrived, within each leg (R45)."""
    groups = np.repeat(np.arange(len(legs)), [leg.arrived.sum() for leg in legs])
    before, after = (
        {name: np.concatenate([side(leg)[name][leg.arrived] for leg in legs]) for name in MEASURES}
        for side in (attrgetter("before"), attrgetter("after"))
    )
    return style_kept(before, after, groups)


def measure_legs(
    networks: Networks,
    basis: QuasiEigenvectors,
    codes: NDArray[np.floating],
    labels: NDArray[np.int64],
    stations: Sequence[int],
    *,
    closed: bool = False,
    style: float = 1.0,
    images_a_leg: int | None = None,
    through: Through = "vectors",
    starts: dict[int, ReadCodes] | None = None,
) -> Iterator[LegQuality]:
    """Every leg of a path through labels: images of its first label turned to its second, in the paper's steps.

    Args:
        codes: [N, M]; labels: [N], the true ones.
        stations: labels, 0…l − 1.
        style: see `Path.carry`.
        images_a_leg: the first so many of each label, None for all.
        through: what the stations stand for, see `vocabulary.Through`.
        starts: what is read before these images are turned, by their label; it is filled, for the next path of them.

    Raises:
        StudioError: stations outside set 1, or a label of which there is no image.
    """
    if max(stations) >= networks.number_of_labels:
        raise StudioError("Images are measured on paths between labels: take the stations from set 1.")
    path = path_through(basis, stations, closed=closed, through=through)
    starts = {} if starts is None else starts
    for leg in range(path.legs):
        source, target = stations[leg], stations[(leg + 1) % len(stations)]
        chosen = np.flatnonzero(labels == source)[:images_a_leg]
        if not len(chosen):
            raise StudioError(f"There is no image of the label {source}: choose other data or another path.")
        if source not in starts:
            starts[source] = read_codes(networks, codes[chosen])
        yield _measure_leg(networks, path, leg, codes[chosen], (source, target), style, starts[source])


def _measure_leg(
    networks: Networks,
    path: Path,
    leg: int,
    codes: NDArray[np.floating],
    labels: tuple[int, int],
    style: float,
    start: ReadCodes,
) -> LegQuality:
    positions = [place for place in path.positions(PAPER_STEP) if leg < place <= leg + 1]
    moved = (path.carry(codes, leg, place, style=style) for place in positions)
    read = [start, *(read_codes(networks, each) for each in moved)]
    of_target = np.stack([each.probabilities[:, labels[1]] for each in read])
    return LegQuality(
        *labels,
        arrived=read[-1].probabilities.argmax(axis=1) == labels[1],
        risen=np.all(np.diff(of_target, axis=0) >= -FALL, axis=0),
        codes=read[-1].codes,
        before=start.style,
        after=read[-1].style,
    )
