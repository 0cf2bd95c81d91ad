from collections.abc import Callable

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from lsd_studio.engine.basis.frames import pivoted_order
from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.basis.quasi_eigenvectors import CodesError, frame_of_set_one
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.vocabulary import Others, SetOne

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

    basis = QuasiEigenbasis.from_averages(eta, labels)

    np.testing.assert_allclose(basis.xi_ / np.sqrt(len(eta)), (q * signs).T, atol=1e-12, rtol=0)
    np.testing.assert_allclose(basis.residuals_, np.abs(np.diag(r)), rtol=1e-12)


@settings(deadline=None, max_examples=40)
@given(sizes)
def test_symmetric_set_one_is_the_nearest_orthonormal_frame(size: tuple[int, int, int]) -> None:
    labels, _, _ = size
    eta = random_eta(*size)
    nearest, _ = scipy.linalg.polar(eta[:labels])

    basis = QuasiEigenbasis.from_averages(eta, labels, set_one="symmetric")

    np.testing.assert_allclose(basis.xi_[:labels] / np.sqrt(len(eta)), nearest, atol=1e-12, rtol=0)


@settings(deadline=None, max_examples=40)
@given(sizes)
def test_pivoted_is_qr_with_column_pivoting_beside_set_one(size: tuple[int, int, int]) -> None:
    labels, _, _ = size
    eta = random_eta(*size)
    first, _, order = scipy.linalg.qr(eta[:labels].T, mode="economic", pivoting=True)
    outside = eta[labels:] - eta[labels:] @ first @ first.T

    basis = QuasiEigenbasis.from_averages(eta, labels, "pivoted", "pivoted")

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
    whole = QuasiEigenbasis.from_averages(eta, 4, "symmetric")
    eta[4:] = 0

    first = frame_of_set_one(eta, 4, "symmetric") * np.sqrt(12)
    np.testing.assert_array_equal(first, whole.xi_[:4])


@pytest.mark.parametrize("others", ["gram-schmidt", "pivoted"])
@pytest.mark.parametrize("set_one", ["gram-schmidt", "symmetric", "pivoted"])
@settings(deadline=None, max_examples=20)
@given(size=sizes)
def test_norm_signs_and_the_round_trip_of_equation_9(
    set_one: SetOne, others: Others, size: tuple[int, int, int]
) -> None:
    labels, sets, seed = size
    dimensions = labels * sets
    basis = QuasiEigenbasis.from_averages(random_eta(*size), labels, set_one, others)
    codes = np.random.default_rng(seed).standard_normal((6, dimensions))

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

    basis = QuasiEigenbasis.from_averages(eta, 10)

    assert basis.condition_number_ > 1e9
    assert basis.orthogonality_error_ <= 1e-12


def test_symmetric_set_one_does_not_depend_on_the_order_of_labels() -> None:
    eta = random_eta(5, 3, seed=2)
    order = np.array([3, 1, 4, 0, 2])
    permuted = np.concatenate([eta[:5][order], eta[5:]])

    direct = QuasiEigenbasis.from_averages(eta, 5, set_one="symmetric").xi_
    reordered = QuasiEigenbasis.from_averages(permuted, 5, set_one="symmetric").xi_

    np.testing.assert_allclose(reordered[:5], direct[:5][order], atol=1e-12)


def test_a_dependent_vector_is_named_by_label_and_set() -> None:
    eta = random_eta(4, 3, seed=0)
    eta[6] = eta[1] - 2 * eta[3]

    with pytest.raises(StudioError, match="label 2 in set 2"):
        QuasiEigenbasis.from_averages(eta, 4)


def test_a_dependent_set_one_is_refused_by_symmetric_orthogonalisation() -> None:
    eta = random_eta(4, 3, seed=0)
    eta[2] = eta[1]

    with pytest.raises(StudioError, match="set 1"):
        QuasiEigenbasis.from_averages(eta, 4, set_one="symmetric")


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
        QuasiEigenbasis.from_averages(eta, labels)


def test_known_vectors_are_taken_when_orthogonal_and_refused_otherwise() -> None:
    basis = QuasiEigenbasis.from_averages(random_eta(4, 3, seed=1), 4)

    known = QuasiEigenbasis.from_vectors(basis.eta_, basis.xi_, 4)

    np.testing.assert_array_equal(known.xi_, basis.xi_)
    with pytest.raises(StudioError, match="build the basis again"):
        QuasiEigenbasis.from_vectors(basis.eta_, basis.xi_ + 1e-9, 4)


def labelled_codes(each: int, labels: int, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes around one mean a label, in an order that alternates the labels, which are names."""
    random = np.random.default_rng(0)
    places = np.arange(each * labels) % labels
    means = 3 * random.standard_normal((labels, dimensions))
    codes = means[places] + random.standard_normal((len(places), dimensions))
    return codes, np.array([f"label {place}" for place in range(labels)])[places]


TOO_FEW_COMPONENTS = dict.fromkeys(
    ("check_estimators_overwrite_params", "check_estimators_fit_returns_self", "check_readonly_memmap_input"),
    "it gives three labels to codes of two components, where no three vectors are orthogonal",
)


@parametrize_with_checks(
    [QuasiEigenbasis(), QuasiEigenbasis("symmetric"), QuasiEigenbasis("pivoted", "pivoted")],
    expected_failed_checks=lambda _: TOO_FEW_COMPONENTS,
)
def test_it_is_an_estimator_of_scikit_learn(estimator: QuasiEigenbasis, check: Callable[..., None]) -> None:
    check(estimator)


def test_plentiful_codes_are_dealt_to_the_sets_in_turn_and_averaged() -> None:
    codes, labels = labelled_codes(each=60, labels=4, dimensions=12)

    basis = QuasiEigenbasis("symmetric").fit(codes, labels)

    of_label_2 = codes[labels == "label 2"]
    assert basis.classes_.tolist() == [f"label {place}" for place in range(4)]
    np.testing.assert_allclose(basis.eta_[2], of_label_2[0::3].mean(axis=0))
    np.testing.assert_allclose(basis.eta_[4 + 2], of_label_2[1::3].mean(axis=0))
    averaged = QuasiEigenbasis.from_averages(basis.eta_, 4, "symmetric")
    np.testing.assert_array_equal(basis.xi_, averaged.xi_)
    assert basis.number_of_sets == 3


@pytest.mark.parametrize(("each", "dimensions"), [(5, 12), (60, 11), (1, 4)])
def test_few_codes_or_a_dimension_that_is_no_multiple_take_principal_directions_beside_set_one(
    each: int, dimensions: int
) -> None:
    codes, labels = labelled_codes(each, 4, dimensions)

    basis = QuasiEigenbasis("symmetric").fit(codes, labels)

    for place, label in enumerate(basis.classes_):
        np.testing.assert_allclose(basis.eta_[place], codes[labels == label].mean(axis=0))
    assert basis.orthogonality_error_ <= 1e-12
    assert basis.number_of_sets == 3 if dimensions > 4 else 1
    np.testing.assert_allclose(basis.inverse_transform(basis.transform(codes)), codes)
    held = (basis.transform(codes)[:, 4:] ** 2).mean(axis=0)
    assert (np.diff(held) <= 1e-12).all()
    np.testing.assert_allclose(basis.residuals_[4:] ** 2, dimensions * held, atol=1e-12)


def test_it_works_in_a_pipeline_and_is_cloned() -> None:
    codes, labels = labelled_codes(each=60, labels=4, dimensions=12)
    pipeline = make_pipeline(StandardScaler(), QuasiEigenbasis("symmetric"), LogisticRegression())

    assert clone(pipeline).fit(codes, labels).score(codes, labels) > 0.9
    amplitudes = QuasiEigenbasis("symmetric").fit(codes, labels).transform(codes)
    assert (amplitudes[:, :4].argmax(axis=1) == np.unique(labels, return_inverse=True)[1]).mean() > 0.9


@pytest.mark.parametrize("precision", [np.float64, np.float32])
@pytest.mark.parametrize("labels", [1, 2, 4])
def test_averages_of_centred_codes_are_raised_alike(labels: int, precision: type[np.floating]) -> None:
    codes, names = labelled_codes(each=60, labels=labels, dimensions=12)
    centred = (codes - codes.mean(axis=0)).astype(precision).astype(np.float64)

    basis = QuasiEigenbasis("symmetric").fit(centred, names)

    means = np.stack([centred[names == name].mean(axis=0) for name in basis.classes_])
    raised = basis.eta_[:labels] - means
    np.testing.assert_allclose(raised, np.broadcast_to(raised[0], raised.shape), atol=1e-6)
    np.testing.assert_allclose(means @ raised[0], 0, atol=1e-5)
    assert basis.orthogonality_error_ <= 1e-12
    places = np.unique(names, return_inverse=True)[1]
    assert (basis.transform(centred)[:, :labels].argmax(axis=1) == places).mean() > 0.9


def test_its_amplitudes_have_names_in_a_table() -> None:
    codes, labels = labelled_codes(each=5, labels=2, dimensions=3)
    basis = QuasiEigenbasis().fit(codes, labels)

    assert basis.get_feature_names_out().tolist() == [f"quasieigenbasis{vector}" for vector in range(3)]


def test_more_labels_than_components_are_refused() -> None:
    with pytest.raises(CodesError, match="5 labels need as many components"):
        QuasiEigenbasis().fit(np.eye(5)[:, :4], np.arange(5))


def test_codes_of_another_length_are_refused_in_a_sentence() -> None:
    basis = QuasiEigenbasis.from_averages(random_eta(4, 3, seed=1), 4)

    with pytest.raises(StudioError, match="expecting 12 features"):
        basis.transform(np.zeros((2, 11)))
