"""Figure 7b: 125 test images, and what few terms leave of them (R19)."""

from __future__ import annotations

import numpy as np

from lsd_studio.engine.denoising.figure_seven import BLOCKS, figure_seven
from lsd_studio.engine.figures.material import Drawn, Material
from lsd_studio.engine.figures.spec import Axis, Mosaic, Panel
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.steps import Doing


def truncations(material: Material) -> Drawn:
    """Figure 7b: rows of test image, all terms, and the n largest, in five blocks side by side."""
    yield Doing("truncating test images", 0.0)
    bundle = material.bundle
    found = figure_seven(bundle.networks, bundle.basis, material.test, seed=material.inputs.seed)
    shown = pictures(found.images)
    count, width = shown.shape[:2]
    rows = -(-count // BLOCKS)
    sheet = np.full((BLOCKS * rows, *shown.shape[1:]), 255, np.uint8)
    sheet[:count] = shown
    blocks = sheet.reshape(BLOCKS, rows, *shown.shape[1:]).swapaxes(0, 1)
    heads = ("x", "M", *(name.removeprefix("n = ") for name in found.columns[2:]))
    whole, *truncated = (f"{100 * share:.0f}" for share in found.label_kept[1:])
    mosaic = Mosaic(
        "images and truncations",
        blocks.reshape(rows, BLOCKS * width, *shown.shape[2:]),
        columns=heads * BLOCKS,
        block=width,
    )
    return material.figure(
        "7b",
        "Truncations of test images",
        (Panel((mosaic,), Axis("test image x, all M terms, and the n terms of largest |c|")),),
        material.test_source(f"posterior means, seed {material.inputs.seed}"),
        f"{count} test images x, decoded from all M = {bundle.networks.latent_dimensions} terms of their "
        f"codes (posterior means) and from the n = {', '.join(heads[2:])} terms of largest |c|. "
        f"C keeps the label of {whole} % of them with all terms, and of {', '.join(truncated)} % with these n.",
        ("data", "images", "seed"),
    )
