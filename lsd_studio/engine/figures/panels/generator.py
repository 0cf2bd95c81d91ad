"""Panels of a report on a generator: distances by number of images, shares, labels read, nearest training images."""

from __future__ import annotations

import numpy as np

from lsd_studio.engine.evaluation.generator.report import (
    MEASURES,
    SETS,
    SPACES,
    GeneratorReport,
    ReaderReport,
    SetName,
    Space,
)
from lsd_studio.engine.figures.spec import Axis, Ink, Line, Mark, Panel, Part, Points

INKS: dict[SetName, Ink] = {
    "samples": "blue", "real": "black", "blurred": "teal", "collapsed": "orange", "repeated": "red",
}  # fmt: skip
DRAWN: tuple[tuple[SetName, Mark], ...] = (("samples", "dot"), ("real", "ring"))
"""Sets that are drawn in every panel; the others are so far off that they would hide them."""

SHARES = ("precision", "recall", "density", "coverage", "evenness")


def sizes_panel(reader: ReaderReport) -> Panel:
    """The Fréchet distance against 1/n, extrapolated to n = ∞, where its interval is."""
    parts: list[Part] = []
    for name, mark in DRAWN:
        found = reader.sets[name]
        inverse = 1 / np.array(found.sizes)
        slope, intercept = np.polyfit(inverse, found.distances, 1)
        ends = np.array([0.0, inverse.max()])
        limit = np.array([found.frechet.value])
        parts += [
            Line("", ends, intercept + slope * ends, INKS[name], dash="dotted"),
            Points(SETS[name], inverse, np.array(found.distances), INKS[name], mark),
            Points(
                "",
                np.zeros(1),
                limit,
                INKS[name],
                "diamond",
                np.array([found.frechet.low]),
                np.array([found.frechet.high]),
            ),
        ]
    sizes = reader.sets["samples"].sizes
    ticks = ((0.0, "∞"), *((1 / size, str(size)) for size in sizes))
    last = 1 / min(sizes)
    return Panel(
        tuple(parts),
        Axis("images on either side, as 1/n", limits=(-0.06 * last, 1.12 * last), ticks=ticks),
        Axis("Fréchet distance"),
        legend="inside",
    )


def shares_panel(reader: ReaderReport) -> Panel:
    """Precision, recall, density, coverage and evenness of all sets, with their intervals."""
    parts: list[Part] = []
    for place, name in enumerate(SETS):
        at = np.arange(len(SHARES)) + 0.14 * (place - (len(SETS) - 1) / 2)
        measures = [reader.sets[name].measure(share) for share in SHARES]
        value, low, high = (
            np.array([getattr(each, end) for each in measures]) for end in ("value", "low", "high")
        )
        known = np.isfinite(low)
        parts.append(Points(SETS[name], at, value, INKS[name]))
        if known.any():
            parts.append(Points("", at[known], value[known], INKS[name], "", low[known], high[known]))
    ticks = tuple((float(place), MEASURES[share]) for place, share in enumerate(SHARES))
    return Panel(
        tuple(parts),
        Axis(limits=(-0.6, len(SHARES) - 0.4), ticks=ticks),
        Axis("share, or density"),
        legend="right",
    )


def labels_panel(report: GeneratorReport, reader: ReaderReport) -> Panel:
    """The share of random samples, and of other test images, that is read as each label."""
    at = np.arange(len(report.label_names), dtype=float)
    parts = [
        Points(SETS[name], at, 100 * np.array(reader.sets[name].labels), INKS[name], mark)
        for name, mark in DRAWN
    ]
    ticks = tuple(zip(at.tolist(), report.label_names, strict=True))
    highest = max(max(reader.sets[name].labels) for name, _ in DRAWN)
    return Panel(
        tuple(parts),
        Axis("label read", limits=(-0.6, len(at) - 0.4), ticks=ticks),
        Axis("images", "%", limits=(0.0, 110 * highest)),
        legend="inside",
    )


def nearness_panel(report: GeneratorReport, space: Space) -> Panel:
    """How many lie within each distance of a training image: random samples, held-out images, other test images."""
    shares = np.arange(101.0)
    near, real = report.memorisation[space], report.real[space]
    return Panel(
        (
            Line("held-out test images", np.array(near.held_out), shares, "grey", width=2.0),
            Line(SETS["real"], np.array(real.samples), shares, INKS["real"], dash="dashed"),
            Line(SETS["samples"], np.array(near.samples), shares, INKS["samples"]),
        ),
        Axis(f"distance to the nearest training image, between {SPACES[space]}"),
        Axis("within it", "%", limits=(-2.0, 102.0)),
        legend="inside",
    )
