"""Figure 4: the averages η and the quasi-eigenvectors ξ, decoded and as inner products."""

from __future__ import annotations

from typing import Literal

import numpy as np

from lsd_studio.engine.figures.material import Drawn, Making, Material
from lsd_studio.engine.figures.panels.basis import products_panel, vectors_panel
from lsd_studio.engine.figures.spec import PlotFigure
from lsd_studio.engine.images.pictures import pictures

Vectors = Literal["η", "ξ"]


def eta_pictures(material: Material) -> Drawn:
    """Figure 4a: every η decoded, labels × sets."""
    return _pictures(material, "4a", "η")


def xi_pictures(material: Material) -> Drawn:
    """Figure 4b: every ξ decoded, labels × sets."""
    return _pictures(material, "4b", "ξ")


def eta_products(material: Material) -> Drawn:
    """Figure 4c: the inner products of all η."""
    return _products(material, "4c", "η")


def xi_products(material: Material) -> Drawn:
    """Figure 4d: the inner products of all ξ."""
    return _products(material, "4d", "ξ")


def _vectors(material: Material, name: Vectors) -> np.ndarray:
    basis = material.bundle.basis
    return basis.eta_ if name == "η" else basis.xi_


def _made(material: Material) -> str:
    made = material.bundle.profile.basis
    return f"set 1 {made.set_one}, other sets {made.complement}, V = {made.vectors}"


def _pictures(material: Material, number: str, name: Vectors) -> Drawn:
    yield Making(f"decoding {name}", 0.0)
    networks, basis = material.bundle.networks, material.bundle.basis
    pixels = networks.decode(_vectors(material, name))
    kept = networks.classify(pixels).argmax(axis=1) == basis.labels_
    framed = "" if kept.all() else "; the others are framed in red"
    return PlotFigure(
        name=f"figure-{number}",
        title=f"All {name}, decoded",
        panels=(vectors_panel(name, pictures(pixels), kept, material.label_names),),
        source=material.source(_made(material)),
        caption=f"The vectors {name} of label α (rows) and set i (columns), decoded by G. C reads {kept.sum()} of "
        f"{len(kept)} as their own label{framed}.",
        number=number,
    )


def _products(material: Material, number: str, name: Vectors) -> Drawn:
    yield Making(f"inner products of {name}", 0.0)
    vectors = _vectors(material, name)
    gram = vectors @ vectors.T
    beside = np.abs(gram - np.diag(np.diag(gram))).max()
    largest = f"{beside:.1e}".replace("-", "−") if beside < 0.01 else f"{beside:.3g}"
    panel = products_panel(name, gram, material.labels)
    scale = " Colours are linear from −1 to 1 and logarithmic beyond." if name == "η" else ""
    return PlotFigure(
        name=f"figure-{number}",
        title=f"Inner products of {name}",
        panels=(panel,),
        source=material.source(_made(material)),
        caption=f"Inner products of all {name}, ordered by set and, within each set, by label; a component of z has "
        f"variance 1. The largest magnitude off the diagonal is {largest}.{scale}",
        number=number,
    )
