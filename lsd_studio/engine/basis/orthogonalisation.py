"""ξ made of η, in each of the ways that can be chosen (R13, R36, R40, R42)."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.labelled_frame import Enough, informative_complement, labelled_frame
from lsd_studio.engine.basis.progress import LabelledFrameProgress
from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors, frame_of_set_one
from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.vocabulary import Complement, SetOne

CHOICES: tuple[tuple[SetOne, Complement], ...] = (
    ("gram-schmidt", "gram-schmidt"),
    ("pivoted", "pivoted"),
    ("symmetric", "gram-schmidt"),
    ("symmetric", "labelled"),
    ("symmetric", "informative"),
)
"""What is laid side by side, the paper's first."""

IMAGES_OF_INFORMATION = 5000
"""Training images whose codes say which directions are informative: 50 for each of 100 directions."""


def orthogonalise(
    networks: Networks,
    training_images: LabelledImages,
    eta: NDArray[np.float64],
    set_one: SetOne,
    complement: Complement,
    seed: int,
    enough: Enough = lambda: False,
) -> Generator[LabelledFrameProgress, None, QuasiEigenvectors]:
    """Make ξ of η [M, M]: set 1 by `set_one`, the other sets by `complement`.

    "gram-schmidt" and "pivoted" make the sets 2…n of their η. "labelled" and "informative" take nothing but set 1
    from η: they choose frames of its complement, see `labelled_frame` and `informative_complement`.

    Args:
        training_images: the informative complement encodes the first 5000 of them, at most.
        seed: of the labelled frame's start.
        enough: ends the turning of a frame with the frame as it is.

    Raises:
        StudioError: η is linearly dependent.
    """
    labels = networks.number_of_labels
    if complement in ("gram-schmidt", "pivoted"):
        return QuasiEigenvectors.from_averages(eta, labels, set_one, complement)
    first = frame_of_set_one(eta, labels, set_one) * np.sqrt(eta.shape[1])
    if complement == "labelled":
        others = yield from labelled_frame(networks, first, seed, enough)
    else:
        images = training_images.images[:IMAGES_OF_INFORMATION]
        codes, _ = networks.encode(scale_pixels(images))
        others = yield from informative_complement(networks, first, codes, enough)
    return QuasiEigenvectors.from_vectors(eta, np.concatenate([first, others]), labels, set_one)


def title(set_one: SetOne, complement: Complement) -> str:
    """How ξ is made, in words."""
    first = {
        "gram-schmidt": "Gram–Schmidt",
        "symmetric": "symmetric set 1",
        "pivoted": "pivoted set 1",
    }[set_one]
    others = {
        "gram-schmidt": "then Gram–Schmidt",
        "pivoted": "then pivoted",
        "labelled": "labelled frame",
        "informative": "informative complement",
    }[complement]
    if (set_one, complement) == ("gram-schmidt", "gram-schmidt"):
        return "Gram–Schmidt (paper)"
    return "pivoted QR" if set_one == complement == "pivoted" else f"{first}, {others}"
