"""Figure 2: a batch of images, the same encoded and decoded, and random latent vectors decoded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.figures.material import Drawn, Material
from lsd_studio.engine.figures.spec import Mosaic, Panel, PlotFigure
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.steps import Doing

EDGE = 5
"""Pictures a side: 25, the paper's batch."""


def data_batch(material: Material) -> Drawn:
    """Figure 2a: 25 test images, chosen by the seed."""
    yield Doing("reading the test images", 0.0)
    batch = _batch(material)
    return _figure(
        material,
        "2a",
        "A batch of test images",
        batch.images.transpose(0, 2, 3, 1),
        f"A batch of {len(batch)} test images of {batch.name}.",
        material.test_source(f"seed {material.inputs.seed}"),
    )


def decoded_batch(material: Material) -> Drawn:
    """Figure 2b: the same images, encoded to one draw z of each posterior and decoded."""
    yield Doing("encoding and decoding a batch", 0.0)
    batch, networks = _batch(material), material.bundle.networks
    mean, log_sigma = networks.encode(scale_pixels(batch.images))
    codes = networks.sample(mean, log_sigma, np.random.default_rng([material.inputs.seed, 1]))
    return _figure(
        material,
        "2b",
        "The same, encoded and decoded",
        pictures(networks.decode(codes)),
        "The test images of Figure 2a, encoded to one draw z of each posterior and decoded by G.",
        material.test_source(f"one draw of z, seed {material.inputs.seed}"),
    )


def random_batch(material: Material) -> Drawn:
    """Figure 2c: 25 random z, decoded."""
    yield Doing("decoding random latent vectors", 0.0)
    networks = material.bundle.networks
    random = np.random.default_rng([material.inputs.seed, 2])
    codes = networks.prior.draw(EDGE**2, networks.latent_dimensions, random, np.float64)
    drawn = networks.prior.in_words
    return _figure(
        material,
        "2c",
        "Random latent vectors, decoded",
        pictures(networks.decode(codes)),
        f"{EDGE**2} random latent vectors {drawn}, decoded by G.",
        material.source(f"{drawn}, seed {material.inputs.seed}"),
        ("seed",),
    )


def _batch(material: Material) -> LabelledImages:
    test = material.test
    chosen = np.random.default_rng(material.inputs.seed).choice(
        len(test), min(EDGE**2, len(test)), replace=False
    )
    return test.take(np.sort(chosen))


def _figure(
    material: Material,
    number: str,
    title: str,
    pictures: NDArray[np.uint8],
    caption: str,
    source: str,
    settings: tuple[str, ...] = ("data", "images", "seed"),
) -> PlotFigure:
    sheet = np.full((EDGE**2, *pictures.shape[1:]), 255, np.uint8)
    sheet[: len(pictures)] = pictures
    mosaic = Mosaic(title, sheet.reshape(EDGE, EDGE, *pictures.shape[1:]))
    return material.figure(number, title, (Panel((mosaic,)),), source, caption, settings)
