"""What the Basis workspace shows, as figures for publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lsd_studio.engine.basis.measures import BasisView, LatentDensities
from lsd_studio.engine.figures.panels.basis import (
    audit_panels,
    densities_panel,
    products_panel,
    samples_panel,
    vectors_panel,
)
from lsd_studio.engine.figures.spec import PlotFigure
from lsd_studio.engine.vocabulary import Source

TITLES = {
    "vectors": "η and ξ, decoded",
    "products": "Inner products of η and ξ",
    "samples": "Samples and their densities",
    "audit": "Audit of the basis",
}


def basis_figures(
    view: BasisView,
    shown: str,
    source: str,
    end: float,
    densities: Mapping[Source, LatentDensities],
    samples: Mapping[int, np.ndarray],
    component: int | None,
) -> tuple[PlotFigure, ...]:
    """The figures of one view, the whole of it first; none for a view without plots.

    Args:
        view: the basis.
        shown: vectors, products, samples, audit or compare.
        source: what the basis is, in words.
        end: of the colours of ⟨η|η⟩.
        densities: of what was sampled, by source; component: of z that they are of, None for all together.
        samples: pictures that are visible, by label.
    """
    match shown:
        case "vectors":
            parts = tuple(
                (
                    name,
                    f"All {name}, decoded",
                    vectors_panel(name, each.pictures, each.kept, view.label_names),
                )
                for name, each in (("η", view.eta), ("ξ", view.xi))
            )
        case "products":
            labels = view.number_of_labels
            parts = (
                ("η", "Inner products of η", products_panel("η", view.eta_gram, labels, end)),
                ("ξ", "Inner products of ξ", products_panel("ξ", view.xi_gram, labels)),
            )
        case "samples":
            parts = tuple(
                (
                    kind,
                    f"Densities of {kind} latent vectors",
                    densities_panel(drawn, view.label_names, component),
                )
                for kind, drawn in densities.items()
            )
            if samples:
                parts = (("pictures", "Samples, decoded", samples_panel(samples, view.label_names)), *parts)
        case "audit":
            panels = audit_panels(view.audit, view.xi.kept, view.number_of_labels)
            parts = tuple((str(place), panel.title, panel) for place, panel in enumerate(panels, start=1))
        case _:
            return ()
    if not parts:
        return ()
    file_names = {"η": "eta", "ξ": "xi"}
    titled = tuple(replace(panel, title=title) for _, title, panel in parts)
    whole = PlotFigure(f"basis-{shown}", TITLES[shown], titled, source, columns=len(titled), wide=True)
    singles = (
        PlotFigure(f"basis-{shown}-{file_names.get(name, name)}", title, (replace(panel, title=""),), source)
        for name, title, panel in parts
    )
    return (whole, *singles) if len(parts) > 1 else tuple(singles)
