"""Curves to plot: title, unit and values of each quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lsd_studio.engine.runs.history import ThinnedHistory
from lsd_studio.engine.training.events import EpochDone, StageName

TITLES: dict[tuple[StageName, str], tuple[str, str]] = {
    ("classifier", "cross_entropy"): ("C, cross-entropy", "nats"),
    ("classifier", "accuracy"): ("C, accuracy", "share"),
    ("classifier", "held_out_cross_entropy"): ("C, cross-entropy", "nats"),
    ("classifier", "held_out_accuracy"): ("C, accuracy", "share"),
    ("gan", "discriminator_real"): ("D on real images", "nats"),
    ("gan", "discriminator_fake"): ("D on generated images", "nats"),
    ("gan", "generator"): ("G", "nats"),
    ("gan", "confidence"): ("C's confidence in generated images", "share"),
    ("gan", "label_evenness"): ("Evenness of the generated labels", "share"),
    ("gan", "rarest_label_share"): ("Share of the rarest generated label", "share"),
    ("gan", "kernel_distance"): ("Kernel distance of samples from held-out images, C's features", ""),
    ("gan", "precision"): ("Precision of samples, C's features", "share"),
    ("gan", "recall"): ("Recall of held-out images, C's features", "share"),
    ("gan", "coverage"): ("Coverage of held-out images, C's features", "share"),
    ("encoder", "hinge"): ("Hinge", "per pixel"),
    ("encoder", "cross_entropy"): ("λ · cross-entropy of C on decoded images", "nats"),
    ("encoder", "kl"): ("KL from N(0, I)", "nats"),
    ("encoder", "squared_error"): ("Squared error", "per pixel"),
    ("encoder", "amplitude"): ("Amplitudes of set 1, cross-entropy", "nats"),
    ("encoder", "turn"): ("Turned to another label, cross-entropy", "nats"),
    ("encoder", "mean_norm"): ("⟨μ|μ⟩", ""),
    ("encoder", "mean_sigma"): ("Mean σ", ""),
    ("encoder", "psnr_mean"): ("Reconstruction of μ, PSNR", "dB"),
    ("encoder", "psnr_sampled"): ("Reconstruction of a draw, PSNR", "dB"),
    ("encoder", "reconstruction_accuracy_mean"): ("E→G→C of μ", "share"),
    ("encoder", "reconstruction_accuracy_sampled"): ("E→G→C of a draw", "share"),
    ("encoder", "signed_accuracy_mean"): ("Signed amplitudes of μ", "share"),
    ("encoder", "signed_accuracy_sampled"): ("Signed amplitudes of a draw", "share"),
    ("encoder", "absolute_accuracy_mean"): ("Absolute amplitudes of μ", "share"),
    ("encoder", "absolute_accuracy_sampled"): ("Absolute amplitudes of a draw", "share"),
    ("encoder", "turned_accuracy_mean"): ("μ turned to the next label, as C reads it", "share"),
    ("autoencoder", "cross_entropy"): ("Cross-entropy of the picture", "nats"),
    ("autoencoder", "kl"): ("KL from N(0, I)", "nats"),
    ("autoencoder", "held_out_kl"): ("KL from N(0, I)", "nats"),
    ("autoencoder", "mean_norm"): ("⟨μ|μ⟩", ""),
    ("autoencoder", "mean_sigma"): ("Mean σ", ""),
    ("autoencoder", "psnr_given"): ("What the encoder is given, PSNR", "dB"),
    ("autoencoder", "psnr_mean"): ("Reconstruction of μ, PSNR", "dB"),
    ("autoencoder", "psnr_sampled"): ("Reconstruction of a draw, PSNR", "dB"),
    ("autoencoder", "reconstruction_accuracy_mean"): ("C on the reconstruction of μ", "share"),
    ("autoencoder", "reconstruction_accuracy_sampled"): ("C on the reconstruction of a draw", "share"),
}
TITLES |= {
    ("judge", name): (words.replace("C,", "Judge,"), unit)
    for (stage, name), (words, unit) in TITLES.items()
    if stage == "classifier"
}
TITLES |= {
    ("joint", name): words for (stage, name), words in TITLES.items() if stage in ("gan", "encoder")
} | {
    ("joint", "cross_entropy"): ("Cross-entropy of C on decoded images", "nats"),
    ("joint", "anchor"): ("Pictures of random codes against those of G before, squared", "per pixel"),
    ("joint", "uncertainty"): ("Uncertainty and unevenness of C on random pictures", "nats"),
    ("joint", "features"): ("C's features of random pictures against those of images, in moments", ""),
    ("joint", "likeness"): (
        "Turned pictures against those they were turned from, coarse, squared",
        "per pixel",
    ),
    ("joint", "cycle"): ("E(G(z)) against z, turned to another label, squared", "per component"),
}
"""By stage and name, the words for people and the unit. Losses are unweighted but for λ of the encoder's label term."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One quantity over the steps of a stage, in at most 2 048 bins of consecutive steps.

    Args:
        name: as in the losses or measures; title: for people; unit: "nats", "share", "dB", "per pixel" or "".
        scope: of the training batches, or of held-out training images after each epoch.
        steps: float64 [n], the middle of each bin; lowest, highest, mean: float32 [n], over the steps in the bin.
    """

    stage: StageName
    name: str
    title: str
    unit: str
    scope: Literal["batch", "held out"]
    steps: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    mean: np.ndarray

    def smoothed(self, weight: float) -> np.ndarray:
        """The mean, each bin averaged with those before it, float32 [n].

        Args:
            weight: of the past, 0 (the mean itself) to below 1. The first bins are not drawn towards zero.
        """
        past, known, smooth = 0.0, 0.0, np.empty_like(self.mean)
        for place, value in enumerate(self.mean.tolist()):
            past, known = weight * past + (1 - weight) * value, weight * known + (1 - weight)
            smooth[place] = past / known
        return smooth


def batch_curves(stage: StageName, history: ThinnedHistory, label_weight: float) -> tuple[Curve, ...]:
    """The losses of the training batches; `label_weight` is λ of the encoder's label term (R8)."""
    curves = []
    for name in history.names:
        title, unit = _title(stage, name)
        weight = np.float32(label_weight if (stage, name) == ("encoder", "cross_entropy") else 1.0)
        steps, *values = history.curve(name)
        lowest, highest, mean = (weight * each for each in values)
        curves.append(Curve(stage, name, title, unit, "batch", steps, lowest, highest, mean))
    return tuple(curves)


def held_out_curves(stage: StageName, epochs: Sequence[EpochDone], steps_an_epoch: int) -> tuple[Curve, ...]:
    """The measures on held-out images, one value an epoch; of an epoch that was done twice the later one counts."""
    by_epoch = {done.epoch: done for done in epochs if done.stage == stage}
    in_order = [by_epoch[epoch] for epoch in sorted(by_epoch)]
    names = dict.fromkeys(name for done in in_order for name in done.measures)
    curves = []
    for name in names:
        known = [(done.epoch, done.measures[name]) for done in in_order if name in done.measures]
        steps = np.array([epoch * steps_an_epoch for epoch, _ in known], np.float64)
        values = np.array([value for _, value in known], np.float32)
        title, unit = _title(stage, name)
        curves.append(Curve(stage, name, title, unit, "held out", steps, values, values, values))
    return tuple(curves)


def _title(stage: StageName, name: str) -> tuple[str, str]:
    return TITLES.get((stage, name), (name.replace("_", " "), ""))
