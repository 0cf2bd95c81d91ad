import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.decomposition.decomposition import decompose, hits, rank_amplitudes, truncate
from lsd_studio.engine.errors import StudioError
from tests.engine.small_networks import LABELS, LATENT_DIMENSIONS, small_images, small_networks


def random_basis(labels: int = LABELS, dimensions: int = LATENT_DIMENSIONS) -> QuasiEigenbasis:
    eta = np.random.default_rng(0).standard_normal((dimensions, dimensions))
    return QuasiEigenbasis.from_averages(eta, labels)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_truncations_lose_exactly_the_smallest_amplitudes(labels: int, sets: int, seed: int) -> None:
    dimensions = labels * sets
    basis = random_basis(labels, dimensions)
    codes = np.random.default_rng(seed).standard_normal((4, dimensions))
    amplitudes = basis.transform(codes)
    terms = list(range(1, dimensions + 1))

    kept = truncate(basis, amplitudes, terms)

    lost = ((kept - codes) ** 2).sum(axis=-1)
    squares = dimensions * np.sort(amplitudes**2, axis=1)
    for n in terms:
        np.testing.assert_allclose(lost[n - 1], squares[:, : dimensions - n].sum(axis=1), atol=1e-9)
    np.testing.assert_allclose(kept[-1], codes, atol=1e-10)
    rescaled = truncate(basis, amplitudes, terms, rescale=True)
    np.testing.assert_allclose(np.linalg.norm(rescaled, axis=-1), np.sqrt(dimensions))


def test_absolute_and_signed_ranking() -> None:
    amplitudes = np.array([0.3, -0.9, 0.1, 0.5, -0.7, 0.2])

    assert rank_amplitudes(amplitudes, 3, "absolute").tolist() == [1, 4, 3, 0, 5, 2]
    assert rank_amplitudes(amplitudes, 3, "signed").tolist() == [0, 2, 1, 4, 3, 5]


def test_hits_by_set_one_by_any_set_and_signed() -> None:
    amplitudes = np.array([[0.3, -0.9, 0.1, 0.5], [0.3, 0.2, 0.1, 0.5], [-0.6, 0.4, 0.5, 0.1]])
    found = hits(amplitudes, np.array([1, 1, 0]), 2)

    assert found["set_one"].tolist() == [True, False, True]
    assert found["any_set"].tolist() == [True, True, True]
    assert found["signed"].tolist() == [False, False, False]


def test_decomposition_agrees_with_the_networks_one_by_one() -> None:
    networks, basis = small_networks(), random_basis()
    images = scale_pixels(small_images("test", 3).images)
    mean, _ = networks.encode(images)

    results = decompose(networks, basis, images, mean, reading="signed", terms=(1, 4, 30, 99))

    assert len(results) == 3
    for image, code, result in zip(images, mean, results, strict=True):
        assert [truncation.terms for truncation in result.truncations] == [1, 4, 30]
        np.testing.assert_allclose(result.amplitudes, basis.xi_ @ code / LATENT_DIMENSIONS, rtol=1e-12)
        np.testing.assert_allclose(result.probabilities, networks.classify(image[None])[0], atol=1e-6)
        strongest = np.abs(result.amplitudes).argmax()
        one = result.truncations[0]
        np.testing.assert_allclose(one.code, result.amplitudes[strongest] * basis.xi_[strongest], atol=1e-12)
        np.testing.assert_allclose(one.image, networks.decode(one.code[None])[0], atol=1e-5)
        np.testing.assert_allclose(one.probabilities, networks.classify(one.image[None])[0], atol=1e-5)
        np.testing.assert_allclose(result.truncations[-1].image, result.reconstruction.image, atol=1e-5)
        assert result.lsd_label == result.amplitudes[:LABELS].argmax() == result.winner
        assert result.label == result.probabilities.argmax()


def test_images_codes_and_terms_that_do_not_fit_are_refused() -> None:
    networks, basis = small_networks(), random_basis()
    images = scale_pixels(small_images("test", 2).images)
    mean, _ = networks.encode(images)

    with pytest.raises(StudioError, match="the networks take"):
        decompose(networks, basis, images[:, :, :7], mean, reading="absolute")
    with pytest.raises(StudioError, match="need codes"):
        decompose(networks, basis, images, mean[:1], reading="absolute")
    with pytest.raises(StudioError, match="1 to 30 terms"):
        decompose(networks, basis, images, mean, reading="absolute", terms=(0,))
