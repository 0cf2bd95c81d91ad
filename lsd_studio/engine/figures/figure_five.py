"""Figure 5: LSD as a classifier: a batch, the accuracy of every trial, and the rank of the true label."""

from __future__ import annotations

import math

from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.figures.material import Drawn, Material
from lsd_studio.engine.figures.panels.evaluation import (
    BATCH,
    READINGS,
    WAYS,
    batch_panel,
    ranks_panel,
    trials_panel,
)
from lsd_studio.engine.figures.spec import Panel, PlotFigure


def batch_dots(material: Material) -> Drawn:
    """Figure 5a: the first batch of test images, its true labels and what LSD reads."""
    findings = yield from material.findings()
    truth = findings.labels[:BATCH]
    read = findings.reads["sampled", material.reading].statistics.first_read[:BATCH]
    return measured_figure(
        material,
        "5a",
        "A batch read by LSD",
        batch_panel(truth, read, material.label_names),
        f"The first {len(truth)} test images by LSD, one draw of z each, {READINGS[material.reading]}: "
        f"{int((truth != read).sum())} of {len(truth)} are read wrong.",
    )


def trial_accuracies(material: Material) -> Drawn:
    """Figure 5b: the accuracies of C∘G∘E and LSD in every trial, and that of C."""
    findings = yield from material.findings()
    measured, way = findings.measured, WAYS[material.reading]
    classifier = Measure.of(measured["classifier_accuracy"])
    means = {
        "C": classifier,
        "C∘G∘E": Measure.of(measured["reconstruction_accuracy"]["sampled"]),
        "LSD": Measure.of(measured["lsd_accuracy"]["sampled"][way]),
    }
    per_trial = measured["per_trial"]
    listed = {
        "reconstruction_accuracy": per_trial["reconstruction_accuracy"],
        f"lsd_accuracy.{way}": per_trial["lsd_accuracy"][way],
    }
    listed_means = ", ".join(f"{name} {_percent(mean)}" for name, mean in means.items())
    return measured_figure(
        material,
        "5b",
        "Accuracy of each trial",
        trials_panel(listed, classifier, material.reading),
        f"Accuracy on {len(findings.labels)} test images in each of {findings.trials} trials, z drawn again in each; "
        f"LSD by {READINGS[material.reading]}. Means and 95 % intervals over images: {listed_means}.",
    )


def cumulative_ranks(material: Material) -> Drawn:
    """Figure 5c: how often the true label is among the first k amplitudes, with the noise floor (R34)."""
    findings = yield from material.findings()
    read = findings.reads["sampled", material.reading]
    classifier, floor = Measure.of(findings.measured["classifier_accuracy"]), read.floor
    return measured_figure(
        material,
        "5c",
        "Rank of the true label",
        ranks_panel(read.cumulative, floor.cumulative, floor.amplitude, classifier),
        f"Share of codes whose true label's set-1 vector is among the first k by {READINGS[material.reading]}; "
        f"k = 1: {100 * read.cumulative[0]:.2f} %. C alone reads {_percent(classifier)}. Dashed: one amplitude on "
        "the true label's axis and noise on all others, both as measured "
        f"(a = {read.signal:.2f} / {read.noise:.2f} = {floor.amplitude:.2f}; Kolmogorov–Smirnov distance "
        f"{floor.distance:.4f}; one that chance alone exceeds once in twenty is {floor.chance_words}).",
    )


def measured_figure(material: Material, number: str, title: str, panel: Panel, caption: str) -> PlotFigure:
    """A figure of the evaluation on test images."""
    draws = f"{material.inputs.trials} draws of z, seed {material.inputs.seed}"
    source = material.test_source(draws, READINGS[material.reading])
    settings = ("data", "images", "trials", "seed", "reading")
    return material.figure(number, title, (panel,), source, caption, settings)


def _percent(measure: Measure) -> str:
    if math.isnan(measure.low):
        return f"{100 * measure.value:.2f} %"
    return f"{100 * measure.value:.2f} % ({100 * measure.low:.2f}–{100 * measure.high:.2f})"
