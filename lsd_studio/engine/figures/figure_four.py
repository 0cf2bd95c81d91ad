"""Figure 4: the averages η and the quasi-eigenvectors ξ, decoded and as inner products."""

from __future__ import annotations

from typing import Literal

import numpy as np

from lsd_studio.engine.figures.material import Drawn, Material
from lsd_studio.engine.figures.panels.basis import products_panel, vectors_panel
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.steps import Doing

Vectors = Literal["η", "ξ"]


def _vectors(material: Material, name: Vectors) -> np.ndarray:
    basis = material.bundle.basis
    return basis.eta_ if name == "η" else basis.xi_


def _made(material: Material) -> str:
    made = material.bundle.profile.basis
    return f"set 1 {made.set_one}, other sets {made.complement}, V = {made.vectors}"


def decoded_vectors(material: Material, number: str, name: Vectors) -> Drawn:
    """Figures 4a–b: every η or ξ decoded, labels × sets."""
    yield Doing(f"decoding {name}", 0.0)
    networks, basis = material.bundle.networks, material.bundle.basis
    pixels = networks.decode(_vectors(material, name))
    kept = networks.classify(pixels).argmax(axis=1) == basis.labels_
    framed = "" if kept.all() else "; the others are framed in red"
    return material.figure(
        number,
        f"All {name}, decoded",
        (vectors_panel(name, pictures(pixels), kept, material.label_names),),
        material.source(_made(material)),
        f"The vectors {name} of label α (rows) and set i (columns), decoded by G. C reads {kept.sum()} of "
        f"{len(kept)} as their own label{framed}.",
    )


def inner_products(material: Material, number: str, name: Vectors) -> Drawn:
    """Figures 4c–d: the inner products of all η or ξ."""
    yield Doing(f"inner products of {name}", 0.0)
    vectors = _vectors(material, name)
    gram = vectors @ vectors.T
    beside = np.abs(gram - np.diag(np.diag(gram))).max()
    largest = f"{beside:.1e}".replace("-", "−") if beside < 0.01 else f"{beside:.3g}"
    scale = " Colours are linear from −1 to 1 and logarithmic beyond." if name == "η" else ""
    return material.figure(
        number,
        f"Inner products of {name}",
        (products_panel(name, gram, material.labels),),
        material.source(_made(material)),
        f"Inner products of all {name}, ordered by set and, within each set, by label; a component of z has "
        f"variance 1. The largest magnitude off the diagonal is {largest}.{scale}",
    )
