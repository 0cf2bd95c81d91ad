"""How well labelled codes can be read: by LSD and by classifiers that anyone would try, on codes that fitted none."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.decomposition.decomposition import rank_amplitudes
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.baselines import fit_baselines
from lsd_studio.engine.evaluation.intervals import named_intervals
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.spaces.label_audit import audit_labels
from lsd_studio.engine.spaces.labelled_codes import LabelledCodes
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import BASELINE_NAMES, Reading
from lsd_studio.percentages import percentage

Labels = NDArray[np.int64]

MOST_NUMBERS = 2**24
"""Numbers of all codes that are taken, so that the classifiers are fitted within minutes."""

FEWEST_HELD_OUT = 10
DEALINGS = 999
CLEAR = 0.01
"""p-value up to which a reader is said to read the labels."""

FREQUENT = "most_frequent_label"


def evaluate_codes(of: LabelledCodes, seed: int = 0) -> Generator[Doing, None, dict[str, Any]]:
    """Fit on two thirds of the codes of each label, measure on the others, and say what is read beyond chance.

    The last third of the codes of each label, in their shuffled order, is held out; of a label of one or two codes none
    is. LSD counts amplitudes from 0, where a prior N(0, I) has its middle, and from the mean of the training codes:
    both are given, neither is chosen by its result. Baselines are those of R37, and the label that most training
    codes have.

    A reader's p-value is the share of 999 dealings of the labels to the held-out codes in which the best of all readers
    gains as much over its own chance as this one does: exact for independent codes, however many readers there are.

    Returns:
        As JSON has it: `split`; `lsd_accuracy` and `baselines`, shares of held-out codes with 95 % intervals; for each
        reader `by_chance`, the share that dealt labels give on average, and `p_value`; `left_out`, why a baseline is
        none; `audit` of the training codes; `sentence`, in words.

    Raises:
        StudioError: fewer than ten codes would be held out, or no basis can be made of the others.
    """
    is_held = _held_out(of)
    training, held_out = of.taken(~is_held), of.taken(is_held)
    yield Doing("fitting", 0.0)
    mean = training.codes.mean(axis=0)
    read = {
        **_read_by_lsd(training, held_out, "from_zero", np.zeros_like(mean)),
        **_read_by_lsd(training, held_out, "from_mean", mean),
    }
    yield Doing("fitting", 0.1)
    baselines = fit_baselines(training.codes, training.labels)
    read |= {name: model.predict(held_out.codes) for name, model in baselines.fitted.items()}
    frequent = np.full(len(held_out.labels), np.bincount(training.labels).argmax())
    right = {name: one == held_out.labels for name, one in {**read, FREQUENT: frequent}.items()}
    intervals = named_intervals(
        {name: one.astype(np.float64) for name, one in right.items()}, random_numbers(seed, "intervals")
    )
    by_chance, p_values = _beyond_chance(read, held_out.labels, random_numbers(seed, "dealt labels"))
    measured = {
        name: {**interval, "by_chance": by_chance[name], "p_value": p_values[name]}
        if name in read
        else interval
        for name, interval in intervals.items()
    }
    audit = yield from audit_labels(training, seed)
    return {
        "split": {"training": len(training.codes), "held_out": len(held_out.codes), "seed": seed},
        "lsd_accuracy": {
            start: {reading: measured[f"{start}.{reading}"] for reading in get_args(Reading)}
            for start in ("from_zero", "from_mean")
        },
        "baselines": {name: measured[name] for name in (*baselines.fitted, FREQUENT)},
        "left_out": baselines.left_out,
        "audit": {"p_value": audit.p_value, "directions": audit.directions, "sentence": audit.sentence},
        "sentence": _sentence(measured, len(held_out.codes)),
    }


def _held_out(of: LabelledCodes) -> NDArray[np.bool_]:
    held = np.zeros(len(of.labels), dtype=bool)
    for label in range(len(of.label_names)):
        places = np.flatnonzero(of.labels == label)
        held[places[len(places) - len(places) // 3 :]] = True
    if held.sum() < FEWEST_HELD_OUT:
        raise StudioError(
            f"A third of {len(of.labels)} codes is too little to measure on: it takes {FEWEST_HELD_OUT} codes."
        )
    return held


def _read_by_lsd(
    training: LabelledCodes, held_out: LabelledCodes, start: str, middle: NDArray[np.float64]
) -> dict[str, Labels]:
    """Labels read from amplitudes that are counted from `middle`, [N] for each reading (R16)."""
    basis = QuasiEigenbasis("symmetric").fit(training.codes - middle, training.labels)
    amplitudes = basis.transform(held_out.codes - middle)
    number = basis.number_of_labels
    return {
        f"{start}.{reading}": basis.classes_[rank_amplitudes(amplitudes, number, reading)[:, 0] % number]
        for reading in get_args(Reading)
    }


def _beyond_chance(
    read: Mapping[str, Labels], labels: Labels, random: np.random.Generator
) -> tuple[dict[str, float], dict[str, float]]:
    """By reader, the share of labels [N] that it names by chance, and the p-value of what it names beyond that."""
    named = np.stack(list(read.values()))
    shares = np.bincount(labels, minlength=int(named.max()) + 1) / len(labels)
    by_chance = shares[named].mean(axis=1)
    gained = (named == labels).mean(axis=1) - by_chance
    reached = np.zeros(len(read))
    for _ in range(DEALINGS):
        best = ((named == random.permutation(labels)).mean(axis=1) - by_chance).max()
        reached += best >= gained
    p_values = (1 + reached) / (DEALINGS + 1)
    return dict(zip(read, by_chance.tolist(), strict=True)), dict(zip(read, p_values.tolist(), strict=True))


def _sentence(measured: Mapping[str, Mapping[str, float | None]], count: int) -> str:
    """What reads the labels beyond chance, beside always naming the most frequent one."""
    readers = {name: one for name, one in measured.items() if name != FREQUENT}
    clear = [name for name, one in readers.items() if (one["p_value"] or 0) <= CLEAR]
    always = f"{_share(measured[FREQUENT], 'value')} of {count} held-out codes"
    frequent = f"Always naming the most frequent label is right for {always}."
    if not clear:
        best = f"p > {CLEAR:g} for the best of {len(readers)}"
        return f"No reader names the labels better than by chance ({best}). {frequent}"
    named = ", ".join(
        f"{_words(name)} {_share(readers[name], 'value')} ({_share(readers[name], 'by_chance')} by chance)"
        for name in clear
    )
    return f"Beyond chance (p ≤ {CLEAR:g} for the best of {len(readers)} readers): {named}. {frequent}"


def _share(measured: Mapping[str, float | None], name: str) -> str:
    share = measured[name]
    return "–" if share is None else percentage(share, 1)


def _words(name: str) -> str:
    start, dot, reading = name.partition(".")
    return f"LSD {start.replace('_', ' ')}, {reading}" if dot else BASELINE_NAMES[name]
