"""Operators from label to label compared on images that fitted nothing: who arrives, with which style, and by chance.

The control of each operator is the operator itself in axes turned at random, z ↦ Q(A Qᵀz + b) with a rotation Q drawn
uniformly: for a rotation a random plane of the same angle, for a shift a random direction of the same length. Its
arrivals by chance say what moving codes as far as this does to what is read.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import special_ortho_group

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.intervals import stated
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.operators.label_operators import OPERATORS, LabelledCodes
from lsd_studio.engine.operators.path_quality import decode_once, share_of
from lsd_studio.engine.operators.picture_style import style_kept
from lsd_studio.engine.operators.planes import FloatArray, renormalise
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Reader

IMAGES_A_PAIR = 50
"""Test images that are moved from one label to another, at most."""

DRAWS = 200
"""Random rotations of the axes, the same for all operators."""

IMAGES_A_DRAW = 50
"""Images, of those moved, that each of them moves, at most; the same for all operators."""

DRAWS_AT_ONCE = 20

PERCENTILE = 99.0


@dataclass(frozen=True)
class Arrival:
    """What one reader says of the images at the end.

    Attributes:
        reached: the share that it reads as the target, with its exact interval over different codes.
        random_mean: the mean share over the random draws.
        random_percentile: their 99th percentile.
    """

    reached: Measure
    random_mean: float
    random_percentile: float

    @property
    def clears_random(self) -> bool:
        """Whether more arrive than in the 99th percentile of the random draws."""
        return self.reached.value > self.random_percentile


@dataclass(frozen=True, eq=False)
class ComparedOperator:
    """An operator over all pairs.

    Attributes:
        name: in `label_operators.OPERATORS`; title: in words.
        arrivals: by "classifier", and by "judge" where the bundle has one.
        style: `picture_style.style_kept` over all images moved, arrived or not, within (source, target).
    """

    name: str
    title: str
    arrivals: dict[Reader, Arrival]
    style: dict[str, Measure]

    @property
    def clears_random(self) -> bool:
        """Whether it does by every reader."""
        return all(arrival.clears_random for arrival in self.arrivals.values())


@dataclass(frozen=True, eq=False)
class Comparison:
    """Operators on the same images.

    Attributes:
        data: the data set's name.
        pairs: (source, target) labels; images: N moved, each of them once; fitted_on: training codes behind operators.
        draws, images_a_draw: random draws of each operator, and the images of each draw.
    """

    data: str
    pairs: tuple[tuple[int, int], ...]
    images: int
    fitted_on: int
    draws: int
    images_a_draw: int
    operators: tuple[ComparedOperator, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the numbers, a sentence each."""
        judged = all("judge" in operator.arrivals for operator in self.operators)
        return (
            f"{self.images} test images of {self.data} that fitted nothing, each moved once, over {len(self.pairs)} "
            f"pairs of labels; fitted on {self.fitted_on} training images.",
            "Style is the correlation in pictures within (source, target) over all images moved, arrived or not.",
            f"Random: the same operator in axes turned at random, {self.draws} draws of {self.images_a_draw} images "
            "each; fewer images than the operator's own widen the percentile, so that clearing it is harder.",
            *(() if judged else ("The bundle has no judge: C alone reads, which marks its own work.",)),
        )

    @property
    def content(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "data": self.data,
            "pairs": [list(pair) for pair in self.pairs],
            "images": self.images,
            "fitted_on": self.fitted_on,
            "random": {
                "draws": self.draws,
                "images_a_draw": self.images_a_draw,
                "percentile": PERCENTILE,
            },
            "notes": list(self.notes),
            "operators": [
                {
                    "name": operator.name,
                    "title": operator.title,
                    "arrived": {
                        reader: {
                            **stated(arrival.reached),
                            "random_mean": arrival.random_mean,
                            "random_percentile": arrival.random_percentile,
                        }
                        for reader, arrival in operator.arrivals.items()
                    },
                    "style": {name: stated(kept) for name, kept in operator.style.items()},
                    "clears_random": operator.clears_random,
                }
                for operator in self.operators
            ],
        }


def compare(
    networks: Networks,
    known: LabelledCodes,
    codes: FloatArray,
    labels: NDArray[np.int64],
    data: str,
    *,
    pairs: int | None = None,
    seed: int = 0,
) -> Generator[Doing, None, Comparison]:
    """Every operator of `OPERATORS`, whole, on codes of images that took no part in building it.

    The images of a label are dealt out to its targets, so that each is moved once and all are independent. Codes are
    brought to norm √M before and after, as on every path (R22).

    Args:
        known: what the operators are built from.
        codes: [N, M] of test images; labels: [N], their true ones.
        data: the data set's name.
        pairs: so many (source, target) pairs, drawn by `seed`; None for all.

    Raises:
        StudioError: more pairs than there are, or a label with fewer test images than targets.
    """
    random = np.random.default_rng(seed)
    chosen = _draw_pairs(known.basis.number_of_labels, pairs, random)
    images, pair_of = _deal_images(labels, chosen, random)
    codes = np.asarray(codes, dtype=np.float64)[images]
    targets = np.array(chosen)[pair_of, 1]
    size = min(IMAGES_A_DRAW, len(codes))
    draws = [(random.choice(len(codes), size, replace=False), _rotation(codes, random)) for _ in range(DRAWS)]
    yield Doing("decoding images as they are")
    before = decode_once(networks, renormalise(codes)).style
    compared = []
    for name, operator in OPERATORS.items():
        doing = f"comparing: {operator.title}"
        yield Doing(doing, 0.0)
        maps = [operator.build(known, source, target)(1.0) for source, target in chosen]
        after = decode_once(networks, renormalise(_moved(maps, pair_of, codes)))
        reached = {
            reader: (read[after.which] == targets) for reader, read in _read(networks, after.pixels).items()
        }
        by_chance: dict[Reader, list[FloatArray]] = {reader: [] for reader in reached}
        for first in range(0, DRAWS, DRAWS_AT_ONCE):
            yield Doing(doing, first / DRAWS)
            together = draws[first : first + DRAWS_AT_ONCE]
            pixels = networks.decode(
                renormalise(np.concatenate(list(_turned(maps, pair_of, codes, together))))
            )
            aimed_at = targets[np.stack([drawn for drawn, _ in together])]
            for reader, read in _read(networks, pixels).items():
                by_chance[reader].append((read.reshape(aimed_at.shape) == aimed_at).mean(axis=1))
        arrivals = {
            reader: Arrival(share_of(hits, after.codes), *_summary(np.concatenate(by_chance[reader])))
            for reader, hits in reached.items()
        }
        style = style_kept(before, after.style, pair_of)
        compared.append(ComparedOperator(name, operator.title, arrivals, style))
    return Comparison(data, chosen, len(codes), len(known.codes), DRAWS, size, tuple(compared))


def _draw_pairs(labels: int, number: int | None, random: np.random.Generator) -> tuple[tuple[int, int], ...]:
    every = [(source, target) for source in range(labels) for target in range(labels) if source != target]
    if number is None:
        return tuple(every)
    if number > len(every):
        raise StudioError(f"There are {len(every)} pairs of labels: ask for at most so many, not {number}.")
    return tuple(every[place] for place in sorted(random.choice(len(every), number, replace=False).tolist()))


def _deal_images(
    labels: NDArray[np.int64], pairs: Sequence[tuple[int, int]], random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Images of the source of each pair, none twice, and the pair of each, int64 [N] both."""
    images, pair_of = [], []
    for source in sorted({source for source, _ in pairs}):
        places = [place for place, pair in enumerate(pairs) if pair[0] == source]
        of_it = random.permutation(np.flatnonzero(labels == source))
        each = min(IMAGES_A_PAIR, len(of_it) // len(places))
        if not each:
            raise StudioError(
                f"The label {source} has {len(of_it)} test images for {len(places)} targets, and each is moved once: "
                "compare over fewer pairs, or choose other data."
            )
        images.append(of_it[: each * len(places)])
        pair_of.append(np.repeat(places, each))
    return np.concatenate(images), np.concatenate(pair_of)


def _rotation(codes: FloatArray, random: np.random.Generator) -> FloatArray:
    return np.asarray(special_ortho_group.rvs(codes.shape[1], random_state=random))


def _moved(
    maps: Sequence[tuple[FloatArray, FloatArray]], pair_of: NDArray[np.int64], codes: FloatArray
) -> FloatArray:
    """Codes [N, M], each by the matrix and the shift of its pair."""
    moved = np.empty_like(codes)
    for pair in np.unique(pair_of):
        matrix, shift = maps[pair]
        moved[pair_of == pair] = codes[pair_of == pair] @ matrix.T + shift
    return moved


def _turned(
    maps: Sequence[tuple[FloatArray, FloatArray]],
    pair_of: NDArray[np.int64],
    codes: FloatArray,
    draws: Sequence[tuple[NDArray[np.int64], FloatArray]],
) -> Iterator[FloatArray]:
    """The drawn codes of each draw, moved in its axes, [n, M] each."""
    for drawn, rotation in draws:
        yield _moved(maps, pair_of[drawn], codes[drawn] @ rotation) @ rotation.T


def _read(networks: Networks, pixels: NDArray[np.float32]) -> dict[Reader, NDArray[np.int64]]:
    """The label that each reader reads in each picture, int64 [N]."""
    read: dict[Reader, NDArray[np.int64]] = {"classifier": networks.classify(pixels).argmax(axis=1)}
    judged = networks.judge_images(pixels)
    return read if judged is None else {**read, "judge": judged.argmax(axis=1)}


def _summary(shares: FloatArray) -> tuple[float, float]:
    """Mean and 99th percentile: of 200 draws the second largest, which one more draw exceeds in 2 of 201 cases."""
    return float(shares.mean()), float(np.percentile(shares, PERCENTILE, method="higher"))
