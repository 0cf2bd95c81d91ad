"""Which quantities of a stage are drawn together, on which axes, in which colours and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lsd_studio.engine.training.events import RunStage, StageName
from lsd_studio.ui.app.theme import Theme


@dataclass(frozen=True)
class PanelPlan:
    """One pair of axes.

    Args:
        title: what is drawn.
        unit: of all that is drawn, as the axis names it; "%" for shares, which come as 0…1.
        terms: names of the curves, in the order of their colours, and what they are called here.
        logarithmic: whether a logarithmic axis suits them better.
    """

    title: str
    unit: str
    terms: Mapping[str, str]
    logarithmic: bool = False


LOSSES = PanelPlan(
    "Losses of D and G",
    "nats",
    {"discriminator_real": "D on data", "discriminator_fake": "D on generated", "generator": "G"},
)
PICTURE_HELD_OUT = PanelPlan("Picture, held out", "dB", {"psnr_mean": "PSNR of μ", "psnr_sampled": "of z"})


def _of_classifier(name: str) -> tuple[PanelPlan, ...]:
    return (
        PanelPlan(
            f"Cross-entropy of {name}",
            "nats",
            {"cross_entropy": "training batch", "held_out_cross_entropy": "held out"},
            True,
        ),
        PanelPlan(
            f"Accuracy of {name}", "%", {"accuracy": "training batch", "held_out_accuracy": "held out"}
        ),
    )


PANELS: dict[StageName, tuple[PanelPlan, ...]] = {
    "classifier": _of_classifier("C"),
    "judge": _of_classifier("the judge"),
    "gan": (
        LOSSES,
        PanelPlan(
            "Generated images, as C reads them",
            "%",
            {
                "confidence": "confidence",
                "label_evenness": "evenness of labels",
                "rarest_label_share": "rarest label",
            },
        ),
        PanelPlan("Distance from held-out images, C's features", "", {"kernel_distance": "kernel distance"}),
        PanelPlan(
            "Samples beside held-out images",
            "%",
            {"precision": "precision", "recall": "recall", "coverage": "coverage"},
        ),
    ),
    "encoder": (
        PanelPlan(
            "Labels and code",
            "nats",
            {"cross_entropy": "λ·CE", "kl": "KL", "amplitude": "amplitudes", "turn": "turned"},
            True,
        ),
        PanelPlan("Picture", "per pixel", {"hinge": "hinge", "squared_error": "squared error"}, True),
        PanelPlan(
            "Accuracy, held out",
            "%",
            {
                "reconstruction_accuracy_mean": "E→G→C of μ",
                "reconstruction_accuracy_sampled": "of z",
                "signed_accuracy_mean": "signed c of μ",
                "absolute_accuracy_mean": "|c| of μ",
                "turned_accuracy_mean": "turned to the next label",
            },
        ),
        PICTURE_HELD_OUT,
    ),
    "joint": (
        PanelPlan(
            "Labels and code",
            "nats",
            {
                "cross_entropy": "CE",
                "turn": "turned",
                "amplitude": "amplitudes",
                "uncertainty": "random pictures",
                "kl": "KL",
            },
            True,
        ),
        PanelPlan(
            "Pictures and turned code",
            "squared error",
            {
                "squared_error": "picture, per pixel",
                "anchor": "random picture, per pixel",
                "cycle": "turned code, per component",
                "likeness": "turned picture, coarse",
                "features": "features of random pictures",
            },
            True,
        ),
        LOSSES,
        PanelPlan(
            "Accuracy, held out",
            "%",
            {
                "reconstruction_accuracy_mean": "E→G→C of μ",
                "signed_accuracy_mean": "signed c of μ",
                "absolute_accuracy_mean": "|c| of μ",
                "turned_accuracy_mean": "turned to the next label",
            },
        ),
        PICTURE_HELD_OUT,
    ),
    "autoencoder": (
        PanelPlan(
            "Picture and code, each image",
            "nats",
            {"cross_entropy": "picture", "kl": "KL", "held_out_kl": "KL held out"},
            True,
        ),
        PanelPlan(
            "Picture, held out",
            "dB",
            {"psnr_mean": "PSNR of μ", "psnr_sampled": "of z", "psnr_given": "as given"},
        ),
        PanelPlan(
            "Decoded images, as C reads them",
            "%",
            {"reconstruction_accuracy_mean": "of μ", "reconstruction_accuracy_sampled": "of z"},
        ),
    ),
}
"""The axes of each stage's curves."""

STAGE_TITLES: dict[RunStage, str] = {
    "classifier": "Classifier C",
    "judge": "Judge",
    "gan": "GAN: G and D",
    "encoder": "Encoder E",
    "joint": "G and E together",
    "autoencoder": "Autoencoder",
    "basis": "Basis η, ξ",
}

STAGE_NAMES: dict[RunStage, str] = {
    "classifier": "C",
    "judge": "judge",
    "gan": "G, D",
    "encoder": "E",
    "joint": "G, E",
    "autoencoder": "AE",
    "basis": "η, ξ",
}
"""The stages in their order, as short as can be."""

_LIGHT = ("#2C5FC9", "#C4561A", "#1D7A46", "#8A3FA8", "#A3195B", "#4F6D7A")
_DARK = ("#8AB0FF", "#FFB07A", "#6FCF97", "#D3A4F0", "#F58FB8", "#A9C3CE")


def curve_colours(theme: Theme) -> tuple[str, ...]:
    """Colours of lines that lie in one pair of axes, #RRGGBB, distinguished by people with any common colour vision."""
    return _DARK if theme.name == "dark" else _LIGHT


def figure(value: float, unit: str) -> str:
    """A value with its unit, if any, to three or four figures; shares, which come times 100, to one place."""
    if value != value:
        return "not a number"
    if unit == "%":
        return f"{value:.1f} %"
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return f"{text} {unit}".rstrip().replace("-", "−")
