"""Figure 8: codes turned from label to label, decoded step by step (Algorithm 1 mended, R22)."""

from __future__ import annotations

import numpy as np

from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.material import Drawn, Material
from lsd_studio.engine.figures.spec import Axis, FigureView, Mosaic, Panel
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.operators.paths import PAPER_STEP
from lsd_studio.engine.operators.walks import PathSettings, set_out
from lsd_studio.engine.steps import Doing

CODES = 10


def rotations(material: Material) -> Drawn:
    """Figure 8: ten test images of the first label, turned through all labels in steps of 30 degrees."""
    yield Doing("turning codes", 0.0)
    bundle, test, names = material.bundle, material.test, material.label_names
    chosen = _chosen(material)
    if not len(chosen):
        raise StudioError(
            f"Figure 8 starts at label {names[0]}, and none of the test images has it: choose more of them."
        )
    mean, _ = bundle.networks.encode(scale_pixels(test.images[chosen]))
    walk = set_out(bundle.basis, _settings(material), mean)
    positions = walk.path.positions(PAPER_STEP)
    codes = np.stack([walk.at(float(position)).codes for position in positions], axis=1)
    pixels = bundle.networks.decode(codes.reshape(-1, codes.shape[-1]))
    read = bundle.networks.classify(pixels).argmax(axis=1).reshape(len(chosen), len(positions))
    turned = pictures(pixels).reshape(len(chosen), len(positions), *test.images.shape[2:], -1)
    ends = [(place, int(position)) for place, position in enumerate(positions) if position == int(position)]
    arrived = float(np.mean([(read[:, place] == label).mean() for place, label in ends]))
    heads = dict(ends)
    columns = tuple(names[heads[place]] if place in heads else "" for place in range(len(positions)))
    return material.figure(
        "8",
        "Codes turned from label to label",
        (Panel((Mosaic("G(z) along the path", turned, columns=columns),), Axis("label of the ξ reached")),),
        material.test_source("posterior means, true rotation, set 1, steps of 30°"),
        f"The first {len(chosen)} test images of label {names[0]}, their codes (posterior means) turned from "
        f"the quasi-eigenvector of each label to the next by the true rotation in steps of {PAPER_STEP:.0f}°, brought "
        f"to ⟨z|z⟩ = M after each, and decoded. At the labels, C reads {100 * arrived:.0f} % of the pictures as the "
        "label reached.",
        ("data", "images"),
    )  # fmt: skip


def view(material: Material) -> FigureView:
    """The same images on the same path in Operate."""
    settings = _settings(material)
    path = {
        "path": {"labels": list(settings.stations), "closed": settings.closed},
        "style": settings.style,
        "through": settings.through,
        "step": PAPER_STEP,
        "taken": "ten",
        "numbers": _chosen(material).tolist(),
    }
    return FigureView("Operate", {"page": "path", "along": "film", "path": path})


def _settings(material: Material) -> PathSettings:
    """The paper's: all of the rest of a code is kept, and the path leads through ξ."""
    return PathSettings(tuple(range(material.labels)), style=1.0, through="vectors")


def _chosen(material: Material) -> np.ndarray:
    """Places in the test set of the first images of label 0, int64 [N]."""
    return np.flatnonzero(material.test.labels == 0)[:CODES]
