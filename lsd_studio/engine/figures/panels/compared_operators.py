"""Panels of a comparison of operators: arrival against style kept beside random ones, and who arrives how often."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lsd_studio.engine.figures.spec import Axis, Ink, Line, Panel, Part, Points
from lsd_studio.engine.operators.compared import ComparedOperator, Comparison
from lsd_studio.engine.vocabulary import LABEL_OPERATORS, READER_NAMES, Reader

INKS: dict[Reader, Ink] = {"judge": "blue", "classifier": "orange", "probe": "blue"}
CONTROLS = "random controls"

PERCENT = 100.0

GREY = 9
"""The colour of a label that is grey."""


def front_panel(comparison: Comparison, measure: str, reader: Reader, marked: str = "") -> Panel:
    """Arrival of each operator, in %, against the correlation of one measure of style, both with 95 % intervals.

    Each random draw is a grey point; the operators that none beats in both are joined. Who does not clear the random
    ones is hollow; whose style is not defined, as of a transport to one code, is left out.

    Args:
        measure: of `picture_style.MEASURES`; reader: who says what arrived.
        marked: the name of an operator that is drawn larger.
    """
    shown = [each for each in comparison.operators if np.isfinite(each.style[measure].value)]
    cloud = _cloud(comparison, measure, reader)
    least = min([0.0, *(each.style[measure].low for each in shown), *cloud.x.tolist()])
    parts: list[Part] = [cloud, _front(shown, measure, reader)]
    for each in shown:
        ink = operator_ink(each.name)
        style, reached = each.style[measure], each.arrivals[reader].reached
        parts += [
            Line("", np.array([style.low, style.high]), np.full(2, PERCENT * reached.value), ink),
            Points(
                each.title,
                np.array([style.value]),
                np.array([PERCENT * reached.value]),
                ink,
                "dot" if each.clears_random else "ring",
                np.array([PERCENT * reached.low]),
                np.array([PERCENT * reached.high]),
                1.6 if each.name == marked else 1.0,
            ),
        ]
    return Panel(
        tuple(parts),
        Axis(f"{measure} kept, correlation within pairs", limits=(least - 0.03, 1.03)),
        Axis(f"arrived, read by {READER_NAMES[reader]}", "%", limits=(-4.0, 104.0)),
        legend="right",
    )


def arrivals_panel(comparison: Comparison) -> Panel:
    """How often each operator arrives, by each reader, with its interval and the 99th percentile of its controls."""
    operators = comparison.operators[::-1]
    places = np.arange(len(operators), dtype=float)
    parts: list[Part] = []
    for row, reader in enumerate(comparison.readers):
        at = places + 0.18 * (0.5 - row) * (len(comparison.readers) - 1) * 2
        arrivals = [each.arrivals[reader] for each in operators]
        for place, arrival in zip(at.tolist(), arrivals, strict=True):
            ends = PERCENT * np.array([arrival.reached.low, arrival.reached.high])
            parts.append(Line("", ends, np.full(2, place), INKS[reader]))
        name = READER_NAMES[reader]
        values = np.array([PERCENT * arrival.reached.value for arrival in arrivals])
        chance = np.array([PERCENT * arrival.random_percentile for arrival in arrivals])
        parts.append(Points(f"read by {name}", values, at, INKS[reader]))
        parts.append(Points(f"99th percentile of random controls, {name}", chance, at, "grey", "cross"))
    ticks = tuple((place, each.title) for place, each in zip(places.tolist(), operators, strict=True))
    return Panel(
        tuple(parts),
        Axis("arrived", "%", limits=(-2.0, 102.0)),
        Axis(limits=(-0.6, len(operators) - 0.4), ticks=ticks),
        legend="right",
        aspect=0.9,
    )


def operator_ink(name: str) -> Ink:
    """The colour of an operator, by its place among all; grey is that of the controls."""
    place = list(LABEL_OPERATORS).index(name)
    return place if place < GREY else "black"


def _cloud(comparison: Comparison, measure: str, reader: Reader) -> Points:
    style = [each.random_style[measure] for each in comparison.operators]
    arrived = [each.arrivals[reader].random for each in comparison.operators]
    x, y = np.concatenate([*style, ()]), PERCENT * np.concatenate([*arrived, ()])
    known = np.isfinite(x)
    return Points(CONTROLS, x[known], y[known], "grey", size=0.4)


def _front(shown: Sequence[ComparedOperator], measure: str, reader: Reader) -> Line:
    at = [(each.style[measure].value, PERCENT * each.arrivals[reader].reached.value) for each in shown]
    best = [
        (x, y) for x, y in at if not any(other != (x, y) and other[0] >= x and other[1] >= y for other in at)
    ]
    x, y = np.array(sorted(best)).reshape(-1, 2).T
    return Line("front", x, y, "black", dash="dotted")
