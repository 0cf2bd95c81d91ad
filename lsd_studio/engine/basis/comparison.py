"""What an orthogonalisation does to accuracy, to labels and to truncation, on held-out images (R13, R16, R36, R40)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.audit import twin_cosines
from lsd_studio.engine.basis.measures import Accuracies, Measures
from lsd_studio.engine.basis.orthogonalisation import title
from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.basis.variant import BasisVariant
from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.decomposition.decomposition import hits, truncate
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.inference import Networks

TRUNCATION_TERMS = 20
"""Terms of the truncation whose error is measured (R36)."""


@dataclass(frozen=True, eq=False)
class EncodedImages:
    """Images as all bases are measured on them: their labels [N], codes [N, M] and decoded mean codes [N, C, H, W]."""

    labels: NDArray[np.int64]
    mean: NDArray[np.float32]
    sampled: NDArray[np.float32]
    decoded: NDArray[np.float32]


def encode_images(networks: Networks, images: LabelledImages, seed: int) -> EncodedImages:
    """Encode images, draw one z from each posterior, and decode the means.

    Raises:
        StudioError: there is no image.
    """
    if len(images) == 0:
        raise StudioError("Bases are compared on one image at least: ask for more images.")
    mean, log_sigma = networks.encode(scale_pixels(images.images))
    sampled = networks.sample(mean, log_sigma, np.random.default_rng(seed))
    return EncodedImages(images.labels, mean, sampled, networks.decode(mean))


def measure_basis(networks: Networks, variant: BasisVariant, images: EncodedImages) -> Measures:
    """Measure a basis on images that neither the networks nor η have seen; see `Measures`."""
    basis = variant.basis
    labels = basis.number_of_labels
    amplitudes = basis.transform(images.mean)
    terms = min(TRUNCATION_TERMS, amplitudes.shape[1])
    first, many = (networks.decode(codes) for codes in truncate(basis, amplitudes, (1, terms)))
    read = networks.classify(networks.decode(np.concatenate([basis.eta_, basis.xi_]))).argmax(axis=1)
    eta_kept, xi_kept = (read.reshape(2, -1) == basis.labels_).sum(axis=1).tolist()
    cosines = twin_cosines(basis.xi_[:labels], basis.eta_[:labels])
    return Measures(
        key=variant.key,
        title=title(variant.set_one, variant.complement),
        set_one=variant.set_one,
        complement=variant.complement,
        images=len(images.labels),
        mean=_accuracies(basis, images.mean, images.labels),
        sampled=_accuracies(basis, images.sampled, images.labels),
        eta_kept=eta_kept,
        xi_kept=xi_kept,
        vectors=len(basis.xi_),
        orthogonality_error=basis.orthogonality_error_,
        truncation_terms=terms,
        truncation_error=float(np.mean((many - images.decoded) ** 2)),
        one_term_kept=float((networks.classify(first).argmax(axis=1) == images.labels).mean()),
        cosine_range=(float(cosines.min()), float(cosines.max())),
    )


def _accuracies(
    basis: QuasiEigenvectors, codes: NDArray[np.float32], labels: NDArray[np.int64]
) -> Accuracies:
    found = hits(basis.transform(codes), labels, basis.number_of_labels)
    return Accuracies(**{way: float(hit.mean()) for way, hit in found.items()})
