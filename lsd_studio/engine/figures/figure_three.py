"""Figure 3: latent vectors of each label decoded, and their averages beside their densities."""

from __future__ import annotations

import numpy as np

from lsd_studio.engine.figures.material import Drawn, Material
from lsd_studio.engine.figures.panels.basis import densities_panel
from lsd_studio.engine.figures.spec import Mosaic, Panel
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Source

SHOWN_LABELS = (0, 1, 2, 6, 7, 8)
"""The labels that Figure 3a shows."""

COLUMNS = 40
"""Pictures in a row of a label's mosaic."""

STEPS = {"encoded": "4a", "random": "4b"}


def sample_mosaics(material: Material) -> Drawn:
    """Figure 3a: encoded training images of six labels as G decodes them, 1200 of each."""
    samples = yield from material.samples("encoded")
    labels = [label for label in SHOWN_LABELS if label < material.labels]
    names, each = material.label_names, samples.pictures.shape[1]
    columns = min(COLUMNS, each)
    panels = []
    for label in labels:
        pictures = samples.pictures[label, : each - each % columns]
        mosaic = Mosaic(f"α = {names[label]}", pictures.reshape(-1, columns, *pictures.shape[1:]), gap=0)
        panels.append(Panel((mosaic,), title=f"α = {names[label]}"))
    return material.figure(
        "3a",
        "Latent vectors of each label, decoded",
        tuple(panels),
        material.source(f"encoded training images, seed {material.inputs.seed}"),
        f"Latent vectors of the labels {', '.join(names[label] for label in labels)}, decoded: training "
        f"images encoded with sampled z, labelled by C∘G (step 4a), {each} of each label.",
        ("seed", "samples"),
        columns=3,
    )


def averages_and_densities(material: Material, number: str, source: Source, set_index: int) -> Drawn:
    """Figures 3b–c: η of a set decoded, and the densities of latent vectors of each label from a source."""
    samples = yield from material.samples(source)
    yield Doing("decoding averages", 1.0)
    names, labels = material.label_names, material.labels
    set_index = min(set_index, material.bundle.basis.number_of_sets - 1)
    eta = material.bundle.basis.eta_[set_index * labels : (set_index + 1) * labels]
    decoded = pictures(material.bundle.networks.decode(eta))
    rows = -(-labels // 2)
    sheet = np.full((2 * rows, *decoded.shape[1:]), 255, np.uint8)
    sheet[:labels] = decoded
    densities = samples.densities
    mosaic = Mosaic(f"G(η) of set {set_index + 1}", sheet.reshape(2, rows, *decoded.shape[1:]))
    named = " and ".join(
        (", ".join(names[:rows]), ", ".join(names[rows:])) if labels > rows else (", ".join(names),)
    )
    means = f"{densities.means.min():+.2f} to {densities.means.max():+.2f}".replace("-", "−")
    return material.figure(
        number,
        f"Averages η and densities, step {STEPS[source]}",
        (
            Panel((mosaic,), title=f"G(η), set {set_index + 1}", width=1.35),
            densities_panel(densities, names),
        ),
        material.source(f"{source} latent vectors, seed {material.inputs.seed}"),
        f"Left: the averages η of set {set_index + 1}, decoded; labels {named}. Right: densities of all "
        f"components of {material.inputs.samples} {source} latent vectors of each label (step {STEPS[source]}; "
        f"means {means}) and of N(0, 1).",
        ("seed", "samples"),
        columns=2,
    )
