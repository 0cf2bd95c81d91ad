"""What the Basis workspace shows, as figures for publication."""

from __future__ import annotations

from dataclasses import replace

from lsd_studio.engine.basis.measures import BasisView
from lsd_studio.engine.figures.panels.basis import (
    audit_panels,
    densities_panel,
    products_panel,
    samples_panel,
    vectors_panel,
)
from lsd_studio.engine.figures.spec import PlotFigure
from lsd_studio.ui.basis.views import BasisViews

TITLES = {
    "vectors": "η and ξ, decoded",
    "products": "Inner products of η and ξ",
    "samples": "Samples and their densities",
    "audit": "Audit of the basis",
}


def basis_figures(view: BasisView, shown: str, source: str, views: BasisViews) -> tuple[PlotFigure, ...]:
    """The figures of one view, the whole of it first; none for a view without plots.

    Args:
        view: the basis.
        shown: vectors, products, samples, audit or compare.
        source: what the basis is, in words.
        views: which show it.
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
            labels, end = view.number_of_labels, views.products.eta_end
            parts = (
                ("η", "Inner products of η", products_panel("η", view.eta_gram, labels, end)),
                ("ξ", "Inner products of ξ", products_panel("ξ", view.xi_gram, labels)),
            )
        case "samples":
            samples, component = views.samples.shown_samples, views.samples.shown_component
            parts = tuple(
                (
                    kind,
                    f"Densities of {kind} latent vectors",
                    densities_panel(plot.densities, view.label_names, component),
                )
                for kind, plot in views.samples.densities.items()
                if plot.densities is not None
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
