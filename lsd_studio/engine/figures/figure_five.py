"""Figure 5: LSD as a classifier: a batch, the accuracy of every trial, and the rank of the true label."""

from __future__ import annotations

from typing import Any

import numpy as np

from lsd_studio.engine.figures.material import Drawn, Material
from lsd_studio.engine.findings import Reading
from lsd_studio.engine.messages.figures import Axis, Ink, Line, Mark, Panel, Part, PlotFigure, Points, Rule

__all__ = ["READINGS", "WAYS", "batch_dots", "cumulative_ranks", "trial_accuracies"]

BATCH = 25
"""Test images in a batch, as in the paper."""

READINGS: dict[Reading, str] = {"absolute": "absolute |c| over all vectors", "signed": "signed c over set 1"}
WAYS: dict[Reading, str] = {"absolute": "any_set", "signed": "signed"}
"""Which LSD accuracy is meant by a reading."""

RANK_TICKS = (1, 2, 3, 4, 5, 10, 20, 50, 100, 200, 500, 1000)


def batch_dots(material: Material) -> Drawn:
    """Figure 5a: the first batch of test images, its true labels and what LSD reads."""
    findings = yield from material.findings()
    truth = findings.labels[:BATCH]
    read = findings.reads["sampled", material.reading].statistics.first_read[:BATCH]
    right, places = truth == read, np.arange(1, len(truth) + 1)
    ticks = tuple((float(label), name) for label, name in enumerate(material.label_names))
    return PlotFigure(
        name="figure-5a",
        title="A batch read by LSD",
        panels=(
            Panel(
                (
                    Points("true label", places, truth, "blue", "ring"),
                    Points("LSD, right", places[right], read[right], "teal", "dot"),
                    Points("LSD, wrong", places[~right], read[~right], "red", "cross"),
                ),
                Axis("test image of the batch", limits=(0.0, len(truth) + 1.0)),
                Axis("label", limits=(-0.6, material.labels - 0.4), ticks=ticks),
                legend="right",
            ),
        ),
        source=material.test_source(_draws(material), READINGS[material.reading]),
        caption=f"The first {len(truth)} test images by LSD, one draw of z each, {READINGS[material.reading]}: "
        f"{int((~right).sum())} of {len(truth)} are read wrong.",
        number="5a",
        settings=_settings(material),
    )


def trial_accuracies(material: Material) -> Drawn:
    """Figure 5b: the accuracies of C∘G∘E and LSD in every trial, and that of C."""
    findings = yield from material.findings()
    measured, way = findings.measured, WAYS[material.reading]
    classifier = _measure(measured["classifier_accuracy"])
    series: tuple[tuple[str, Ink, Mark, Any, tuple[float, float, float]], ...] = (
        ("C∘G∘E", "blue", "dot", measured["per_trial"]["reconstruction_accuracy"],
         _measure(measured["reconstruction_accuracy"]["sampled"])),
        ("LSD", "red", "diamond", measured["per_trial"]["lsd_accuracy"][way],
         _measure(measured["lsd_accuracy"]["sampled"][way])),
    )  # fmt: skip
    parts: list[Part] = [Rule("C", classifier[0], ink="teal", dash="solid")]
    parts += [
        Line(name, np.arange(1, len(values) + 1), 100 * np.asarray(values), ink, mark=mark)
        for name, ink, mark, values, _ in series
    ]
    means = [f"{name} {_percent(mean)}" for name, _, _, _, mean in series]
    trials = findings.trials
    return PlotFigure(
        name="figure-5b",
        title="Accuracy of each trial",
        panels=(
            Panel(tuple(parts), Axis("trial", limits=(0.0, trials + 1.0)), Axis("accuracy", "%"), legend="right"),
        ),
        source=material.test_source(_draws(material), READINGS[material.reading]),
        caption=f"Accuracy on {len(findings.labels)} test images in each of {trials} trials, z drawn anew in each; "
        f"LSD by {READINGS[material.reading]}. Means and 95 % intervals over images: C {_percent(classifier)}, "
        f"{', '.join(means)}.",
        number="5b",
        settings=_settings(material),
    )  # fmt: skip


def cumulative_ranks(material: Material) -> Drawn:
    """Figure 5c: how often the true label is among the first k amplitudes, with the noise floor (R34)."""
    findings = yield from material.findings()
    read = findings.reads["sampled", material.reading]
    classifier = _measure(findings.measured["classifier_accuracy"])
    ranks = np.arange(1, len(read.cumulative) + 1)
    ticks = tuple((float(rank), str(rank)) for rank in RANK_TICKS if rank <= len(ranks))
    floor = f"noise floor, a = {read.floor.amplitude:.2f}"
    return PlotFigure(
        name="figure-5c",
        title="Rank of the true label",
        panels=(
            Panel(
                (
                    Rule("C", classifier[0], ink="teal", dash="solid"),
                    Line(floor, ranks, 100 * read.floor.cumulative, "purple", dash="dashed"),
                    Line("LSD", ranks, 100 * read.cumulative, "red", mark="diamond"),
                ),
                Axis("first k ranks", logarithmic=True, ticks=ticks),
                Axis("true label among them", "%"),
            ),
        ),
        source=material.test_source(_draws(material), READINGS[material.reading]),
        caption=f"Share of codes whose true label's set-1 vector is among the first k by "
        f"{READINGS[material.reading]}; k = 1: {100 * read.cumulative[0]:.2f} %. C alone reads "
        f"{_percent(classifier)}. Dashed: one amplitude a on the true label's axis and unit noise on all others, "
        f"with the a that explains the ranks best (Kolmogorov–Smirnov distance {read.floor.distance:.4f}).",
        number="5c",
        settings=_settings(material),
    )


def _draws(material: Material) -> str:
    return f"{material.asked.trials} draws of z, seed {material.asked.seed}"


def _settings(material: Material) -> Any:
    return material.settings("data", "images", "trials", "seed", "reading")


def _measure(stated: Any) -> tuple[float, float, float]:
    """Value and 95 % interval in per cent."""
    return 100 * stated["value"], 100 * stated["low"], 100 * stated["high"]


def _percent(measure: tuple[float, float, float]) -> str:
    value, low, high = measure
    return f"{value:.2f} % ({low:.2f}–{high:.2f})"
