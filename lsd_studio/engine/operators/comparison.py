"""Operators from label to label compared on codes that fitted nothing: who arrives, with which style, and by chance.

The control of each operator is the operator itself in axes turned at random, z ↦ Q(A Qᵀz + b) with a rotation Q drawn
uniformly: for a rotation a random plane of the same angle, for a shift a random direction of the same length. Its
arrivals by chance say what moving codes as far as this does to what is read.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import special_ortho_group

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operators.compared import Arrival, ComparedOperator, Comparison, PairArrival
from lsd_studio.engine.operators.label_operators import OPERATORS, LabelledCodes
from lsd_studio.engine.operators.path_quality import share_of
from lsd_studio.engine.operators.picture_style import style_kept
from lsd_studio.engine.operators.planes import FloatArray
from lsd_studio.engine.operators.readers import CodeReader, SeenCodes
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Reader

IMAGES_A_PAIR = 50
"""Test images that are moved from one label to another, at most."""

DRAWS = 200
"""Random rotations of the axes, the same for all operators."""

IMAGES_A_DRAW = 50
"""Images, of those moved, that each of them moves, at most; the same for all operators."""

DRAWS_AT_ONCE = 20


def compare(
    reader: CodeReader,
    known: LabelledCodes,
    codes: FloatArray,
    labels: NDArray[np.int64],
    data: str,
    *,
    pairs: int | Sequence[tuple[int, int]] | None = None,
    seed: int = 0,
    probed_on: int = 0,
) -> Generator[Doing | Comparison, None, Comparison]:
    """Every operator of `OPERATORS`, whole, on codes of images that took no part in building it.

    Yields what is being done, and after each operator the comparison of those so far.

    The images of a label are dealt out to its targets, so that each is moved once and all are independent. Codes are
    moved as they are.

    Args:
        reader: says what they are before and after.
        known: what the operators are built from.
        codes: [N, M] of test images; labels: [N], their true ones.
        data: the data set's name.
        pairs: (source, target) pairs, or how many, drawn by `seed`; None for all.
        probed_on: codes that a probe was fitted on, see `Comparison`.

    Raises:
        StudioError: more pairs than there are, or a label with fewer test images than targets.
    """
    random = np.random.default_rng(seed)
    if pairs is None or isinstance(pairs, int):
        chosen = _draw_pairs(known.basis.number_of_labels, pairs, random)
    else:
        chosen = tuple(pairs)
    images, pair_of = _deal_images(labels, chosen, random)
    codes = np.asarray(codes, dtype=np.float64)[images]
    targets = np.array(chosen)[pair_of, 1]
    size = min(IMAGES_A_DRAW, len(codes))
    draws = [(_draw_images(pair_of, size, random), _rotation(codes, random)) for _ in range(DRAWS)]
    yield Doing("reading codes as they are")
    before = reader.see(codes).style
    compared: list[ComparedOperator] = []
    for name, operator in OPERATORS.items():
        doing = f"comparing: {operator.title}"
        yield Doing(doing, len(compared) / len(OPERATORS))
        maps = [operator.build(known, source, target)(1.0) for source, target in chosen]
        after = reader.see(_moved(maps, pair_of, codes))
        reached = {who: read == targets for who, read in after.labels.items()}
        by_chance: dict[Reader, list[float]] = {who: [] for who in reached}
        style_by_chance: dict[str, list[float]] = {measure: [] for measure in before}
        for first in range(0, DRAWS, DRAWS_AT_ONCE):
            yield Doing(doing, (len(compared) + first / DRAWS) / len(OPERATORS))
            together = draws[first : first + DRAWS_AT_ONCE]
            seen = reader.see(np.concatenate(list(_turned(maps, pair_of, codes, together))))
            aimed_at = targets[np.stack([drawn for drawn, _ in together])]
            for who, read in seen.labels.items():
                by_chance[who] += (read.reshape(aimed_at.shape) == aimed_at).mean(axis=1).tolist()
            for place, (drawn, _) in enumerate(together):
                start = {measure: values[drawn] for measure, values in before.items()}
                end = {
                    measure: values[place * size : (place + 1) * size]
                    for measure, values in seen.style.items()
                }
                for measure, kept in style_kept(start, end, pair_of[drawn]).items():
                    style_by_chance[measure].append(kept.value)
        arrivals = {
            who: Arrival(
                share_of(hits, len(np.unique(after.which))),
                _least_pair(hits, after, chosen, pair_of),
                tuple(by_chance[who]),
            )
            for who, hits in reached.items()
        }
        style = style_kept(before, after.style, pair_of)
        random_style = {measure: tuple(values) for measure, values in style_by_chance.items()}
        compared.append(ComparedOperator(name, operator.title, arrivals, style, random_style))
        so_far = Comparison(
            data, chosen, len(codes), len(known.codes), DRAWS, size, tuple(compared), probed_on
        )
        yield so_far
    return so_far


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


def _draw_images(pair_of: NDArray[np.int64], number: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Places of images, int64 [number], where they can be two or more of a pair: style is told within one."""
    pairs = random.permutation(np.unique(pair_of))
    each = max(2, math.ceil(number / len(pairs)))
    members = [random.permutation(np.flatnonzero(pair_of == pair)) for pair in pairs]
    taken, others = [of_pair[:each] for of_pair in members], [of_pair[each:] for of_pair in members]
    return np.concatenate([*taken, *others])[:number]


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


def _least_pair(
    hits: NDArray[np.bool_],
    after: SeenCodes,
    pairs: Sequence[tuple[int, int]],
    pair_of: NDArray[np.int64],
) -> PairArrival:
    shares = np.bincount(pair_of, hits) / np.bincount(pair_of)
    least = int(shares.argmin())
    of_it = pair_of == least
    return PairArrival(*pairs[least], share_of(hits[of_it], len(np.unique(after.which[of_it]))))
