import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis, pivoted_order
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.messages.choices import Others, SetOne

sizes = st.tuples(st.integers(1, 12), st.integers(1, 6), st.integers(0, 2**32 - 1))


def random_eta(labels: int, sets: int, seed: int) -> np.ndarray:
    dimensions = labels * sets
    eta = np.random.default_rng(seed).standard_normal((dimensions, dimensions))
    return eta + 3.0 * np.sqrt(dimensions) * np.eye(dimensions)


@settings(deadline=None, max_examples=40)
@given(sizes)
def test_gram_schmidt_is_qr_with_a_positive_diagonal(size: tuple[int, int, int]) -> None:
    labels, _, _ = size
    eta = random_eta(*size)
    q, r = np.linalg.qr(eta.T)
    signs = np.sign(np.diag(r))

    basis = QuasiEigenbasis(labels).fit(eta)

    np.testing.assert_allclose(basis.xi_ / np.sqrt(len(eta)), (q * signs).T, atol=1e-12, rtol=0)
    np.testing.assert_allclose(basis.residuals_, np.abs(np.diag(r)), rtol=1e-12)


@settings(deadline=None, max_examples=40)
@given(sizes)
def test_symmetric_set_one_is_the_nearest_orthonormal_frame(size: tuple[int, int, int]) -> None:
    labels, _, _ = size
    eta = random_eta(*size)
    nearest, _ = scipy.linalg.polar(eta[:labels])

    basis = QuasiEigenbasis(labels, set_one="symmetric").fit(eta)

    np.testing.assert_allclose(basis.xi_[:labels] / np.sqrt(len(eta)), nearest, atol=1e-12, rtol=0)


@settings(deadline=None, max_examples=40)
@given(sizes)
def test_pivoted_is_qr_with_column_pivoting_beside_set_one(size: tuple[int, int, int]) -> None:
    labels, _, _ = size
    eta = random_eta(*size)
    first, _, order = scipy.linalg.qr(eta[:labels].T, mode="economic", pivoting=True)
    outside = eta[labels:] - eta[labels:] @ first @ first.T

    basis = QuasiEigenbasis(labels, "pivoted", "pivoted").fit(eta)

    frame = basis.xi_ / np.sqrt(len(eta))
    np.testing.assert_allclose(np.abs(frame[:labels][order] @ first), np.eye(labels), atol=1e-10)
    if len(outside):
        others, triangle, turns = scipy.linalg.qr(outside.T, mode="economic", pivoting=True)
        kept = len(outside)
        np.testing.assert_allclose(np.abs(frame[labels:][turns] @ others[:, :kept]), np.eye(kept), atol=1e-8)
        residuals = basis.residuals_[labels:][turns]
        np.testing.assert_allclose(residuals, np.abs(np.diag(triangle)), rtol=1e-8)
        assert (np.diff(residuals) <= 1e-9 * residuals[0]).all()
        assert pivoted_order(frame[:labels], eta) == [labels + turn for turn in turns]


def test_set_one_alone_is_that_of_the_whole_basis_and_needs_no_other_sets() -> None:
    eta = random_eta(4, 3, seed=0)
    whole = QuasiEigenbasis(4, "symmetric").fit(eta)
    eta[4:] = 0

    np.testing.assert_array_equal(QuasiEigenbasis(4, "symmetric").fit_set_one(eta), whole.xi_[:4])


@pytest.mark.parametrize("others", ["gram-schmidt", "pivoted"])
@pytest.mark.parametrize("set_one", ["gram-schmidt", "symmetric", "pivoted"])
@settings(deadline=None, max_examples=20)
@given(size=sizes)
def test_norm_signs_and_the_round_trip_of_equation_9(
    set_one: SetOne, others: Others, size: tuple[int, int, int]
) -> None:
    labels, sets, seed = size
    dimensions = labels * sets
    basis = QuasiEigenbasis(labels, set_one, others).fit(random_eta(*size))
    codes = np.random.default_rng(seed).standard_normal((3, 2, dimensions))

    amplitudes = basis.transform(codes)

    assert basis.squared_norm_ == dimensions
    assert basis.orthogonality_error_ <= 1e-12
    assert (basis.residuals_ > 0).all()
    assert (basis.label(dimensions - 1), basis.set_(dimensions - 1)) == (labels - 1, sets)
    np.testing.assert_allclose(basis.inverse_transform(amplitudes), codes, atol=1e-12)
    np.testing.assert_allclose(dimensions * (amplitudes**2).sum(-1), (codes**2).sum(-1), rtol=1e-12)
    np.testing.assert_allclose(basis.transform(basis.xi_), np.eye(dimensions), atol=1e-12)


def test_orthogonal_to_1e_12_even_when_eta_is_almost_dependent() -> None:
    rng = np.random.default_rng(5)
    eta = rng.standard_normal((1, 60)) + 1e-9 * rng.standard_normal((60, 60))

    basis = QuasiEigenbasis(10).fit(eta)

    assert basis.condition_number_ > 1e9
    assert basis.orthogonality_error_ <= 1e-12


def test_symmetric_set_one_does_not_depend_on_the_order_of_labels() -> None:
    eta = random_eta(5, 3, seed=2)
    order = np.array([3, 1, 4, 0, 2])
    permuted = np.concatenate([eta[:5][order], eta[5:]])

    direct = QuasiEigenbasis(5, set_one="symmetric").fit(eta).xi_
    reordered = QuasiEigenbasis(5, set_one="symmetric").fit(permuted).xi_

    np.testing.assert_allclose(reordered[:5], direct[:5][order], atol=1e-12)


def test_a_dependent_vector_is_named_by_label_and_set() -> None:
    eta = random_eta(4, 3, seed=0)
    eta[6] = eta[1] - 2 * eta[3]

    with pytest.raises(StudioError, match="label 2 in set 2"):
        QuasiEigenbasis(4).fit(eta)


def test_a_dependent_set_one_is_refused_by_symmetric_orthogonalisation() -> None:
    eta = random_eta(4, 3, seed=0)
    eta[2] = eta[1]

    with pytest.raises(StudioError, match="set 1"):
        QuasiEigenbasis(4, set_one="symmetric").fit(eta)


@pytest.mark.parametrize(
    ("eta", "labels", "message"),
    [
        (np.ones((6, 5)), 3, "as many vectors as latent dimensions"),
        (np.eye(6), 4, "multiple of the labels"),
        (np.full((4, 4), np.nan), 2, "not finite"),
    ],
)
def test_vectors_of_a_wrong_shape_or_value_are_refused(eta: np.ndarray, labels: int, message: str) -> None:
    with pytest.raises(StudioError, match=message):
        QuasiEigenbasis(labels).fit(eta)


def test_known_vectors_are_taken_when_orthogonal_and_refused_otherwise() -> None:
    basis = QuasiEigenbasis(4).fit(random_eta(4, 3, seed=1))

    known = QuasiEigenbasis.from_vectors(basis.eta_, basis.xi_, 4)

    np.testing.assert_array_equal(known.xi_, basis.xi_)
    with pytest.raises(StudioError, match="build the basis again"):
        QuasiEigenbasis.from_vectors(basis.eta_, basis.xi_ + 1e-9, 4)
