"""Panels of an evaluation: Figures 5 and 6, and confusions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lsd_studio.engine.evaluation.findings import TRUE_RANKS, Measure, Read
from lsd_studio.engine.figures.spec import Axis, Heatmap, Ink, Line, Mark, Panel, Part, Points, Rule, Steps
from lsd_studio.engine.vocabulary import Reading

READINGS: dict[Reading, str] = {"absolute": "absolute |c| over all vectors", "signed": "signed c over set 1"}

WAYS: dict[Reading, str] = {"absolute": "any_set", "signed": "signed"}
"""Which LSD accuracy is meant by a reading."""

BATCH = 25
"""Test images in a batch, as in the paper (Figure 5a)."""

ORDINALS = {1: "first", 2: "second", 3: "third"}

RANK_TICKS = (1, 2, 3, 4, 5, 10, 20, 50, 100, 200, 500, 1000)

SHOWN_SHARES = 0.995
"""Share of the cells of Figures 6a–c that are below the end of the colours; few full cells would hide all the rest."""

TALLEST_FLOOR = 4.0
"""Figures 6d–f show a noise floor up to so many times the highest measured density."""

DENSITY_RANKS: tuple[tuple[int, str, Ink], ...] = (
    (2, "2nd", "blue"),
    (3, "3rd", "orange"),
    (4, "4th", "teal"),
)


def batch_panel(truth: np.ndarray, read: np.ndarray, label_names: Sequence[str], first: int = 1) -> Panel:
    """Figure 5a: the true labels [B] of a batch and what LSD reads [B]; its images are counted from `first`."""
    right, places = truth == read, np.arange(first, first + len(truth))
    ticks = tuple((float(label), name) for label, name in enumerate(label_names))
    return Panel(
        (
            Points("true label", places, truth, "blue", "ring"),
            Points("LSD, right", places[right], read[right], "teal", "dot"),
            Points("LSD, wrong", places[~right], read[~right], "red", "cross"),
        ),
        Axis("test image", limits=(first - 1.0, float(first + len(truth)))),
        Axis("label", limits=(-0.6, len(label_names) - 0.4), ticks=ticks),
        legend="right",
    )


def trials_panel(
    per_trial: Mapping[str, Sequence[float]], classifier: Measure | None, reading: Reading
) -> Panel:
    """Figure 5b: shares by trial under `reconstruction_accuracy` and `lsd_accuracy.WAY`, and C's accuracy."""
    series: tuple[tuple[str, str, Ink, Mark], ...] = (
        ("C∘G∘E", "reconstruction_accuracy", "blue", "dot"),
        ("LSD", f"lsd_accuracy.{WAYS[reading]}", "red", "diamond"),
    )
    parts: list[Part] = (
        [] if classifier is None else [Rule("C", 100 * classifier.value, ink="teal", dash="solid")]
    )
    trials = 0
    for name, key, ink, mark in series:
        values = 100 * np.asarray(per_trial.get(key, ()), dtype=np.float64)
        trials = max(trials, len(values))
        if len(values):
            parts.append(Line(name, np.arange(1, len(values) + 1), values, ink, mark=mark))
    ticks = tuple((float(trial), str(trial)) for trial in (1, *range(5, trials + 1, 5 * (1 + trials // 50))))
    return Panel(
        tuple(parts),
        Axis("trial", limits=(0.0, trials + 1.0), ticks=ticks),
        Axis("accuracy", "%"),
        legend="right",
    )


def ranks_panel(
    measured: np.ndarray, floor: np.ndarray | None, amplitude: float | None, classifier: Measure | None
) -> Panel:
    """Figure 5c: shares [R] of codes whose true label is among the first k, with the noise floor [R] of amplitude a."""
    ranks = np.arange(1, len(measured) + 1)
    parts: list[Part] = (
        [] if classifier is None else [Rule("C", 100 * classifier.value, ink="teal", dash="solid")]
    )
    if floor is not None:
        name = "noise floor" if amplitude is None else f"noise floor, a = {amplitude:.2f}"
        parts.append(Line(name, ranks, 100 * floor, "purple", dash="dashed"))
    parts.append(Line("LSD", ranks, 100 * measured, "red", mark="diamond" if len(ranks) <= 20 else ""))
    ticks = tuple((float(rank), str(rank)) for rank in RANK_TICKS if rank <= len(ranks))
    return Panel(
        tuple(parts),
        Axis("first k ranks", logarithmic=True, ticks=ticks),
        Axis("true label among them", "%"),
    )


def spread_panel(read: Read, true_rank: int, reading: Reading) -> Panel:
    """Figures 6a–c: the share of codes in each cell of rank and normalised amplitude, their mean, the noise floor."""
    counts, edges = read.statistics.ratios[true_rank - 1], read.statistics.edges
    ranks = len(counts)
    parts: tuple[Part, ...] = ()
    if counts.any():
        shares, places = 100 * counts.T / counts.sum(axis=1), np.arange(1, ranks + 1)
        parts = (
            Heatmap(
                "codes of a rank in a cell",
                shares,
                unit="%",
                ends=(0.0, float(np.quantile(shares[:, 1:], SHOWN_SHARES))),
                edges=(0.5, ranks + 0.5, float(edges[0]), float(edges[-1])),
            ),
            Line(
                "noise floor", places, read.floor.expected[true_rank - 1], "purple", dash="dashed", width=1.5
            ),
            Line("mean", places, read.mean_ratios(true_rank), "red", width=1.5),
        )
    return Panel(
        parts,
        Axis("rank k", limits=(0.5, ranks + 0.5)),
        _ratio_axis(reading),
    )


def densities_panel(read: Read, true_rank: int, reading: Reading) -> Panel:
    """Figures 6d–f: densities of the second, third and fourth normalised amplitude, with the noise floor."""
    edges = read.statistics.edges
    middles = (edges[1:] + edges[:-1]) / 2
    measured: list[Part] = []
    floors: list[Part] = []
    highest = highest_floor = 1.0
    for place, (rank, name, ink) in enumerate(DENSITY_RANKS):
        density = read.density(true_rank, rank)
        if density.any():
            expected = read.floor.densities[true_rank - 1, place]
            measured.append(Steps(name, edges, density, ink))
            floors.append(Line(f"{name}, noise floor", middles, expected, ink, dash="dashed"))
            highest = max(highest, float(density.max()))
            highest_floor = max(highest_floor, float(expected.max()))
    return Panel(
        (*measured, *floors),
        _ratio_axis(reading),
        Axis(
            "probability density",
            limits=(0.0, 1.08 * max(highest, min(highest_floor, TALLEST_FLOOR * highest))),
        ),
    )


def amplitude_panels(read: Read, reading: Reading) -> tuple[Panel, ...]:
    """All six panels of Figure 6, in two rows of three."""
    spreads = (spread_panel(read, rank, reading) for rank in TRUE_RANKS)
    densities = (densities_panel(read, rank, reading) for rank in TRUE_RANKS)
    return (*spreads, *densities)


def confusion_panel(read: Read, label_names: Sequence[str]) -> Panel:
    """Codes by true label (row) and label read (column), in per cent of the row."""
    counts = read.statistics.confusion
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    beside = shares - np.diag(np.diag(shares))
    names = tuple((float(label), name) for label, name in enumerate(label_names))
    ends = (0.0, max(float(beside.max()), 0.1))
    return Panel(
        (Heatmap("codes of a true label", shares, unit="%", ends=ends, written=True, decimals=1),),
        Axis("label read", ticks=names),
        Axis("true label", ticks=names),
    )


def per_label_panel(read: Read, label_names: Sequence[str]) -> Panel:
    """The accuracy of each label with its 95 % interval."""
    value, low, high = 100 * read.per_label.T
    places = np.arange(len(label_names))
    ticks = tuple((float(label), name) for label, name in enumerate(label_names))
    return Panel(
        (Points("accuracy and 95 % interval", places, value, "blue", "dot", low, high),),
        Axis("label", ticks=ticks, limits=(-0.6, len(label_names) - 0.4)),
        Axis("accuracy", "%"),
    )


def readers_panel(measured: Mapping[str, Mapping[str, float | None]]) -> Panel:
    """What each reader names right of held-out codes, in %, with its 95 % interval and what it names by chance.

    Args:
        measured: by the reader's name, `value`, `low`, `high`, and `by_chance` where that is known.
    """
    readers = list(measured.items())[::-1]
    parts: list[Part] = []
    known = [(place, one.get("by_chance")) for place, (_, one) in enumerate(readers)]
    chance = [(place, 100 * share) for place, share in known if share is not None]
    for place, (_, one) in enumerate(readers):
        ends = np.array([one["low"], one["high"]], dtype=float)
        parts.append(Line("", 100 * ends, np.full(2, float(place)), "blue"))
    values = np.array([one["value"] for _, one in readers], dtype=float)
    places, shares = np.array(chance, dtype=float).reshape(-1, 2).T
    parts.append(Points("held-out codes", 100 * values, np.arange(len(readers), dtype=float), "blue"))
    parts.append(Points("by chance", shares, places, "grey", "cross"))
    ticks = tuple((float(place), name) for place, (name, _) in enumerate(readers))
    return Panel(
        tuple(parts),
        Axis("read right", "%", limits=(-2.0, 102.0)),
        Axis(limits=(-0.6, len(readers) - 0.4), ticks=ticks),
        legend="right",
    )


def _ratio_axis(reading: Reading) -> Axis:
    """Normalised amplitudes: 0…1 by |c|, −1…1 by signed c."""
    absolute = reading == "absolute"
    ticks = (0.0, 0.25, 0.5, 0.75, 1.0) if absolute else (-1.0, -0.5, 0.0, 0.5, 1.0)
    return Axis(
        "|c|₍ₖ₎ / |c|₍₁₎" if absolute else "c₍ₖ₎ / c₍₁₎",
        limits=(ticks[0], ticks[-1]),
        ticks=tuple((tick, f"{tick:g}".replace("-", "−")) for tick in ticks),
    )
