import numpy as np
import pytest

from lsd_studio.engine.basis.comparison import encode_images, measure_basis
from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.basis.variant import BasisVariant
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from tests.engine.small_networks import LABELS, LATENT_DIMENSIONS, small_images, small_networks


def test_measures_against_plain_sums_over_images() -> None:
    networks, images = small_networks(), small_images("test", 40)
    eta = np.random.default_rng(0).standard_normal((LATENT_DIMENSIONS, LATENT_DIMENSIONS))
    basis = QuasiEigenbasis.from_averages(eta, LABELS, "symmetric")
    made = BasisVariant(basis, "symmetric", "gram-schmidt", 1, 0, np.ones((3, LABELS), dtype=np.int64))

    found = measure_basis(networks, made, encode_images(networks, images, seed=0))

    codes, _ = networks.encode(scale_pixels(images.images))
    absolute, signed, errors, kept = [], [], [], []
    for code, label in zip(codes, images.labels, strict=True):
        amplitudes = np.array([vector @ code / LATENT_DIMENSIONS for vector in basis.xi_])
        order = np.argsort(-np.abs(amplitudes))
        absolute.append(order[0] == label)
        signed.append(amplitudes[:LABELS].argmax() == label)
        one, twenty = (
            networks.decode(sum(amplitudes[k] * basis.xi_[k] for k in order[:terms])[None])
            for terms in (1, 20)
        )
        errors.append(((twenty - networks.decode(code[None])) ** 2).mean())
        kept.append(networks.classify(one).argmax() == label)
    assert found.mean.set_one == np.mean(absolute)
    assert found.mean.signed == np.mean(signed)
    assert found.truncation_error == pytest.approx(np.mean(errors), rel=1e-4)
    assert found.one_term_kept == np.mean(kept)
    read = networks.classify(networks.decode(basis.xi_)).argmax(axis=1)
    assert found.xi_kept == (read == np.arange(LATENT_DIMENSIONS) % LABELS).sum()
    cosines = [
        basis.xi_[k] @ eta[k] / np.linalg.norm(basis.xi_[k]) / np.linalg.norm(eta[k]) for k in range(LABELS)
    ]
    assert found.cosine_range == pytest.approx((min(cosines), max(cosines)))
    assert (found.images, found.vectors, found.truncation_terms) == (40, LATENT_DIMENSIONS, 20)


def test_no_image_is_refused() -> None:
    with pytest.raises(StudioError, match="one image at least"):
        encode_images(small_networks(), small_images("test", 0), seed=0)
