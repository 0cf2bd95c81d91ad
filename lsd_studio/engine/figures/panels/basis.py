"""Panels of a basis: Figures 3 and 4, and the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.engine.basis.measures import Audit, LatentDensities
from lsd_studio.engine.figures.spec import Axis, Heatmap, Line, Mark, Mosaic, Panel, Points, Rule

if TYPE_CHECKING:
    from lsd_studio.engine.spaces.label_audit import LabelAudit

SAMPLES = 24
"""Pictures of a label in a figure of samples."""

RANGE = 4.5
"""Where densities end on either side: N(0, 1) is below 2e-5 there."""


def vectors_panel(name: str, pictures: np.ndarray, kept: np.ndarray, label_names: Sequence[str]) -> Panel:
    """Figures 4a–b: vectors decoded, uint8 [M, H, W, C], labels × sets; those that C reads otherwise are framed.

    Args:
        name: η or ξ.
        pictures: set outer, label inner.
        kept: bool [M], whether C reads the vector's own label.
    """
    labels = len(label_names)
    sets = len(pictures) // labels

    def grid(values: np.ndarray) -> np.ndarray:
        return values.reshape(sets, labels, *values.shape[1:]).swapaxes(0, 1)

    numbers = tuple(str(number) for number in range(1, sets + 1))
    mosaic = Mosaic(f"G({name})", grid(pictures), tuple(label_names), numbers, grid(~kept))
    return Panel((mosaic,), Axis("set i"), Axis("label α"))


def products_panel(name: str, gram: np.ndarray, number_of_labels: int, end: float | None = None) -> Panel:
    """Figures 4c–d: inner products [M, M], ordered by set and, within each set, by label.

    Args:
        name: η or ξ.
        end: of the colours, which are then linear; None: ±M for ξ, and for η the largest magnitude, with colours that
            are linear from −1 to 1 and logarithmic beyond.
    """
    size = len(gram)
    largest = float(np.abs(gram).max())
    within = 1.0 if end is None and name == "η" and largest > 1 else None
    reach = end or (float(size) if name == "ξ" else largest)
    places = tuple(
        (set_index * number_of_labels + (number_of_labels - 1) / 2, str(set_index + 1))
        for set_index in range(size // number_of_labels)
    )
    axis = Axis("set i, labels α within", ticks=places)
    matrix = Heatmap(
        f"⟨{name}|{name}⟩", gram, "signed", ends=(-reach, reach), linear_within=within, group=number_of_labels
    )
    return Panel((matrix,), axis, axis)


def samples_panel(pictures: Mapping[int, np.ndarray], label_names: Sequence[str]) -> Panel:
    """The first samples of labels, uint8 [N, H, W, K] by label: a row each, as many as all have, `SAMPLES` at most."""
    columns = min(SAMPLES, *(len(some) for some in pictures.values()))
    sheet = np.stack([some[:columns] for some in pictures.values()])
    return Panel(
        (Mosaic("G(z)", sheet, tuple(label_names[label] for label in pictures)),), left=Axis("label α")
    )


def densities_panel(
    densities: LatentDensities, label_names: Sequence[str], component: int | None = None
) -> Panel:
    """Figures 3b–c: densities of the latent vectors of each label, beside N(0, 1).

    They are those of one component of z, or of all components together.
    """
    held = densities.pooled if component is None else densities.components[:, component]
    middles = (densities.edges[1:] + densities.edges[:-1]) / 2
    shown = np.abs(middles) < RANGE
    curves = [
        Line(f"α = {name}", middles[shown], held[label][shown], label)
        for label, name in enumerate(label_names)
        if densities.counts[label]
    ]
    fine = np.linspace(-RANGE, RANGE, 181)
    bell = np.exp(-(fine**2) / 2) / np.sqrt(2 * np.pi)
    normal = Line("N(0, 1)", fine, bell, "black", dash="dashed", width=1.5)
    top = 1.08 * float(max(held.max(), bell.max()))
    return Panel(
        (*curves, normal),
        Axis(
            "component of z" if component is None else f"component {component + 1} of z",
            limits=(-RANGE, RANGE),
        ),
        Axis("probability density", limits=(0.0, top)),
        legend="right",
    )


def vector_scatter_panel(
    title: str,
    left: Axis,
    values: np.ndarray,
    kept: np.ndarray,
    number_of_labels: int,
    reference: tuple[str, np.ndarray] | None = None,
) -> Panel:
    """One value [M] for each vector, by its index, with a dashed reference [M]; rings are those C reads otherwise."""
    places, labels = np.arange(1, len(values) + 1), np.arange(len(values)) % number_of_labels
    marks: tuple[tuple[Mark, np.ndarray], ...] = (("dot", kept), ("ring", ~kept))
    points = [
        Points(f"label {label}", places[chosen], values[chosen], label, mark)
        for label in range(number_of_labels)
        for mark, among in marks
        if (chosen := (labels == label) & among).any()
    ]
    dashed = () if reference is None else (Line(reference[0], places, reference[1], "grey", dash="dashed"),)
    return Panel((*dashed, *points), Axis("vector, by set and label"), left, title=title, legend="none")


def shares_panel(audit: LabelAudit) -> Panel:
    """What of the variance of whitened codes lies between labels, direction by direction, beside dealt labels."""
    ranks = np.arange(1, len(audit.shares) + 1)
    return Panel(
        (
            Line("between labels", ranks, 100 * audit.shares, "blue", mark="dot"),
            Rule("99 % of dealt labels", 100 * audit.share_by_chance),
        ),
        Axis("direction, by what labels explain"),
        Axis("variance between labels", "%", limits=(0.0, 102.0)),
    )


def audit_panels(audit: Audit, kept: np.ndarray, number_of_labels: int) -> tuple[Panel, ...]:
    """What each η adds, the cosines of ξ with η, and the singular values of η (R35)."""
    ranks = np.arange(1, len(audit.singular_values) + 1)
    return (
        vector_scatter_panel(
            "what each η adds",
            Axis("|R_kk|", "σ of z", logarithmic=True),
            audit.residuals,
            kept,
            number_of_labels,
            ("sampling noise alone", audit.sampling_scales),
        ),
        vector_scatter_panel(
            "cosine of each ξ with its η",
            Axis("cosine", limits=(-1.1, 1.1)),
            audit.cosines,
            kept,
            number_of_labels,
        ),
        Panel(
            (
                Line("singular values of η", ranks, audit.singular_values, "blue", mark="dot"),
                Rule("edge of noise", audit.noise_edge),
            ),
            Axis("rank of the singular value"),
            Axis("singular value", "σ of z", logarithmic=True),
            title="spectrum of η",
        ),
    )
