"""Figures of codes alone: those of the paper that need no network, and where the codes lie."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.figures.panels.basis import densities_panel, products_panel, shares_panel
from lsd_studio.engine.figures.panels.latent import plane_panel, variance_panel
from lsd_studio.engine.figures.spec import Panel, PlotFigure
from lsd_studio.engine.latent.label_densities import latent_densities
from lsd_studio.engine.latent.statistics.moments import moments
from lsd_studio.engine.latent.statistics.planes import Plane
from lsd_studio.engine.latent.statistics.principal_axes import principal_axes
from lsd_studio.engine.latent.views import plane_view
from lsd_studio.engine.spaces.code_dataset import code_dataset
from lsd_studio.engine.spaces.label_audit import audit_labels
from lsd_studio.engine.spaces.labelled_codes import LabelledCodes, labelled_codes
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.engine.steps import Doing

MOST_CODES = 200_000
MOST_POINTS = 8000
"""Points of a plane; of more codes their density is shown."""

BINS = (256, 256)


@dataclass(frozen=True, eq=False)
class _Material:
    space: LatentSpace
    column: str
    of: LabelledCodes
    seed: int

    def figure(
        self, name: str, title: str, panels: Sequence[Panel], caption: str, columns: int = 1
    ) -> PlotFigure:
        return PlotFigure(
            name=f"figure-{name}",
            title=title,
            panels=tuple(panels),
            source=f"{self.of.source}, {len(self.of.codes)} codes",
            caption=" ".join((caption, *self.space.notes, *self.of.notes)),
            columns=columns,
            wide=columns > 1,
            settings={"labels": self.column, "seed": self.seed},
            of="codes",
        )


def code_figures(
    space: LatentSpace, column: str, names: Sequence[str], seed: int = 0
) -> Generator[Doing, None, dict[str, PlotFigure]]:
    """Figures of labelled codes, by name.

    Args:
        names: of `CODE_FIGURES`.

    Raises:
        StudioError: there is no such column of labels, or too few codes for what a figure shows.
    """
    yield Doing("reading the codes", 0.0)
    material = _Material(space, column, labelled_codes(space, column, seed), seed)
    drawn = {}
    for place, name in enumerate(names):
        yield Doing(f"computing figure {name}", place / len(names))
        drawn[name] = yield from FIGURES[name](material)
    return drawn


Computed = Generator[Doing, None, PlotFigure]


def _densities(material: _Material) -> Computed:
    """The densities of Figures 3b and 3c, of components in their own standard deviations."""
    yield Doing("densities", 0.0)
    of = material.of
    codes = of.codes - of.codes.mean(axis=0)
    spreads = codes.std(axis=0)
    codes = codes[:, spreads > 0] / spreads[spreads > 0]
    densities = latent_densities(codes, of.labels, len(of.label_names))
    return material.figure(
        "3b",
        "Densities of the codes of each label",
        (densities_panel(densities, of.label_names),),
        "All components together, each counted from its mean in standard deviations, beside N(0, 1).",
    )


def _products(letter: str) -> Callable[[_Material], Computed]:
    """Figures 4c and 4d: inner products of η or ξ."""
    number = {"η": "4c", "ξ": "4d"}[letter]

    def make(material: _Material) -> Computed:
        yield Doing(f"inner products of {letter}", 0.0)
        basis = QuasiEigenbasis().fit(material.of.codes, material.of.labels)
        vectors = basis.eta_ if letter == "η" else basis.xi_
        return material.figure(
            number,
            f"Inner products of {letter}",
            (products_panel(letter, vectors @ vectors.T, basis.number_of_labels),),
            f"Inner products of all {letter}, ordered by set and, within each set, by label.",
        )

    return make


def _planes(material: _Material) -> Computed:
    """Codes on the planes of the leading principal axes, in the colours of their labels."""
    yield Doing("planes", 0.0)
    of = code_dataset(material.space, material.column, MOST_CODES, material.seed)
    pairs = [(first, first + 1) for first in (0, 2) if first + 1 < of.principal.rank]
    views = [plane_view(of, Plane("principal", *pair), None, MOST_POINTS, BINS, twin=False) for pair in pairs]
    return material.figure(
        "planes",
        "Planes of the leading principal axes",
        [plane_panel(view, of.data.label_names) for view in views],
        f"{len(of.codes)} codes along the leading principal axes.",
        columns=len(views),
    )


def _spectrum(material: _Material) -> Computed:
    """Variance along principal axes, and what of it lies between labels, beside chance (R35)."""
    axes = principal_axes(moments(material.of.codes.astype(np.float32)))
    audit = yield from audit_labels(material.of, material.seed)
    return material.figure(
        "spectrum", "Variance of the codes, and between labels", (variance_panel(axes), shares_panel(audit)),
        f"Left: all codes. Right: whitened codes, {audit.permutations} dealings of the labels. {audit.sentence}",
        columns=2,
    )  # fmt: skip


FIGURES: Mapping[str, Callable[[_Material], Computed]] = {
    "3b": _densities,
    "4c": _products("η"),
    "4d": _products("ξ"),
    "planes": _planes,
    "spectrum": _spectrum,
}
