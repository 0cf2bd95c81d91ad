"""What the table of an evaluation says: its rows in sections, and a measure in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lsd_studio.engine.evaluation.findings import BundleMetrics, Latent
from lsd_studio.ui.evaluate.formatting import share

Unit = Literal["share", "difference", "weight", "number", "correlation", "decibel", "seconds"]


@dataclass(frozen=True)
class Row:
    """A measure: its name, where it is found, and what the paper says.

    The key's "*" is "sampled" for sampled codes and "mean" for means; codes play no part in one without it. `only` is
    the one of the two columns that has a number.
    """

    name: str
    key: str
    paper: str = ""
    unit: Unit = "share"
    only: Literal["", "sampled", "mean"] = ""

    def key_of(self, latent: Latent) -> str:
        """Where the measure is found for these codes; "" where it is not taken."""
        return self.key.replace("*", latent) if self.only in ("", latent) else ""


NOISE_FLOOR: tuple[tuple[str, str, Unit], ...] = (
    ("Amplitude over noise {}", "amplitude", "number"),
    ("Ranked first {}, measured", "first", "share"),
    ("Ranked first {}, noise floor", "first_by_floor", "share"),
    ("KS distance {}", "ks_distance", "number"),
    ("KS distance {}, 5 % chance level", "ks_by_chance", "number"),
)
READING = "Reading labels"
SECTIONS = {
    READING: (
        Row("C on the images themselves", "classifier_accuracy", "98.9 %"),
        Row("C∘G∘E, encoded and decoded", "reconstruction_accuracy.*", "≈ 94 %"),
        Row("LSD, largest |c|, any set", "lsd_accuracy.*.any_set", "≈ 92 %"),
        Row("LSD, largest |c|, only set 1 counts", "lsd_accuracy.*.set_one"),
        Row("LSD, largest signed c of set 1", "lsd_accuracy.*.signed"),
        Row("True label among the first four of all, |c|", "among_first_four.*.absolute", "98.9 %"),
        Row("… of set 1 alone, signed c", "among_first_four.*.signed"),
        Row("Largest |c| belongs to set 1", "set_one_share", "99 %", only="sampled"),
        Row("Amplitude loss weight in E's training", "chosen_for.amplitude_weight", "0", "weight"),
    ),
    "Baselines on the same codes": (
        Row("Nearest class mean", "baselines.nearest_class_mean.*"),
        Row("Linear discriminant analysis", "baselines.lda.*"),
        Row("Logistic regression", "baselines.logistic_regression.*"),
        *(
            Row(f"LSD minus {name}, paired", f"lsd_less_baseline.{key}.*", unit="difference")
            for name, key in (
                ("nearest class mean", "nearest_class_mean"),
                ("discriminant analysis", "lda"),
                ("logistic regression", "logistic_regression"),
            )
        ),
    ),
    "Noise floor: one signal among noise, as strong as measured": tuple(
        Row(name.format(by), f"noise_floor.*.{reading}.{key}", unit=unit)
        for reading, by in (("absolute", "by |c|"), ("signed", "by signed c"))
        for name, key, unit in NOISE_FLOOR
    ),
    "Reconstructions G(μ) compared with the images": (
        Row("SSIM", "reconstruction.ssim", unit="number", only="mean"),
        Row("PSNR", "reconstruction.psnr", unit="decibel", only="mean"),
        Row("SSIM after refinement", "reconstruction.refined.ssim", unit="number", only="mean"),
        Row("PSNR after refinement", "reconstruction.refined.psnr", unit="decibel", only="mean"),
    ),
    "Paths from each label to the next": (
        Row("Weight of the loss that trained turns", "chosen_for.turn_weight", "0", "weight"),
        Row("Weight of the loss on their likeness", "chosen_for.likeness_weight", "0", "weight"),
        Row("Weight of the loss on their codes", "chosen_for.cycle_weight", "0", "weight"),
        Row("Transport: C reads the target at the end", "paths.transport.endpoint_rate", only="mean"),
        Row("Rotation: C reads the target at the end", "paths.rotation.endpoint_rate", only="mean"),
        Row("Rotation: target probability only rises", "paths.rotation.monotonicity", only="mean"),
        Row(
            "Half through averages: C reads the target",
            "paths.half_through_averages.endpoint_rate",
            only="mean",
        ),
        *(
            Row(
                f"{operator}: {measure} preserved, r in pictures",
                f"paths.{key}.style.{measure}",
                unit="correlation",
                only="mean",
            )
            for operator, key in (("Rotation", "rotation"), ("Half", "half_through_averages"))
            for measure in ("slant", "ink", "width", "height")
        ),
    ),
    "Basis": (
        Row("ξ that C reads as their own label", "basis.xi_label_rate", "≈ 20 of 100"),
        Row("ξ chosen because C reads their own label", "chosen_for.xi", "0 of 100"),
        Row("Error with a fifth of the terms", "basis.truncation.own", unit="number", only="mean"),
        Row(
            "… with random directions beyond set 1",
            "basis.truncation.random_complement",
            unit="number",
            only="mean",
        ),
        Row(
            "… along principal axes of the images",
            "basis.truncation.principal_axes",
            unit="number",
            only="mean",
        ),
    ),
}
NOTHING = "–"


def cell_words(metrics: BundleMetrics, key: str, unit: Unit) -> tuple[str, str]:
    """A measure, and its interval with the number of independent things where they are not all test images."""
    measure = metrics.measures.get(key)
    if measure is None:
        return NOTHING, "left out" if left_out(metrics, key) else ""
    if math.isnan(measure.value):
        return NOTHING, ""
    factor, digits, suffix = {
        "share": (100, 2, " %"),
        "difference": (100, 2, ""),
        "weight": (1, 1, ""),
        "number": (1, 3, ""),
        "correlation": (1, 2, ""),
        "decibel": (1, 2, " dB"),
        "seconds": (1, 2, " s"),
    }[unit]
    sign = "+" if unit == "difference" else ""
    value = (
        share(measure.value) if unit == "share" else _signed(factor * measure.value, digits, sign) + suffix
    )
    if unit == "number" and 0 <= measure.value < 0.0005:
        value = "< 0.001"
    between = ""
    if not math.isnan(measure.low):
        between = " … ".join(_signed(factor * end, digits, sign) for end in (measure.low, measure.high))
    images = metrics.measures.get("images")
    if measure.count and images is not None and measure.count != images.value:
        between += f" of {measure.count}"
    return value, between


def left_out(metrics: BundleMetrics, key: str) -> str:
    """Why a measure was left out; "" where it was not, or nobody said why."""
    parts = key.split(".")
    places = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((metrics.left_out[place] for place in places if place in metrics.left_out), "")


def _signed(value: float, digits: int, sign: str) -> str:
    return f"{value:{sign}.{digits}f}".replace("-", "−")
