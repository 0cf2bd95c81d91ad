"""Projection, transport, rotation and paths against dense matrices, and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.stats import ortho_group

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operators.paths import Path, enter, path_through
from lsd_studio.engine.operators.planes import matrix_of, project, renormalise, rotate, transport

PI = np.pi


def make_basis(labels: int, sets: int, seed: int = 0) -> QuasiEigenbasis:
    dimensions = labels * sets
    xi = ortho_group.rvs(dimensions, random_state=seed) * np.sqrt(dimensions)
    return QuasiEigenbasis.from_vectors(xi, xi, labels)


def dense(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """|outer⟩⟨inner| / ⟨inner|inner⟩"""
    return np.outer(outer, inner) / (inner @ inner)


bases = st.builds(make_basis, st.integers(2, 6), st.integers(1, 4), st.integers(0, 99))
angles = st.floats(-7, 7)


@given(bases, angles, st.data())
@settings(max_examples=25, deadline=None)
def test_a_rotation_is_the_exponential_of_its_generator(
    basis: QuasiEigenbasis, angle: float, data: st.DataObject
) -> None:
    M = len(basis.xi_)
    i, j = data.draw(st.permutations(range(M)))[:2]
    first, second = basis.xi_[i], basis.xi_[j]
    R = matrix_of(lambda codes: rotate(first, second, angle, codes), M)

    np.testing.assert_allclose(R @ R.T, np.eye(M), atol=1e-12)
    assert np.linalg.det(R) == pytest.approx(1)
    np.testing.assert_allclose(R, expm(angle * (dense(second, first) - dense(first, second))), atol=1e-10)
    others = np.delete(basis.xi_, (i, j), axis=0)
    np.testing.assert_allclose(others @ R.T, others, atol=1e-12)


def test_rotations_in_disjoint_planes_commute_and_in_crossing_planes_do_not() -> None:
    basis = make_basis(5, 2)
    M, xi = len(basis.xi_), basis.xi_

    def turn(i: int, j: int) -> np.ndarray:
        return matrix_of(lambda codes: rotate(xi[i], xi[j], 0.7, codes), M)

    np.testing.assert_allclose(turn(0, 1) @ turn(2, 3), turn(2, 3) @ turn(0, 1), atol=1e-12)
    assert np.abs(turn(0, 1) @ turn(1, 2) - turn(1, 2) @ turn(0, 1)).max() > 0.1


@given(bases, st.data())
@settings(max_examples=20, deadline=None)
def test_projections_follow_equation_10(basis: QuasiEigenbasis, data: st.DataObject) -> None:
    M, xi = len(basis.xi_), basis.xi_
    i, j, k = (data.draw(st.integers(0, M - 1)) for _ in range(3))

    def projection(a: int, b: int) -> np.ndarray:
        return matrix_of(lambda codes: project(xi[a], xi[b], codes), M)

    np.testing.assert_allclose(
        projection(j, k) @ projection(i, j), projection(i, k), atol=1e-12
    )  # first i → j, then j → k
    np.testing.assert_allclose(projection(i, j) @ xi[k], (i == k) * xi[j], atol=1e-10)
    np.testing.assert_allclose(projection(i, j), np.outer(xi[j], xi[i]) / M, atol=1e-12)


@given(bases, angles, angles)
@settings(max_examples=20, deadline=None)
def test_the_transport_is_equation_11_and_has_rank_one(
    basis: QuasiEigenbasis, step: float, angle: float
) -> None:
    M, (i, j) = len(basis.xi_), basis.xi_[:2]
    R = matrix_of(lambda codes: transport(i, j, step, angle, codes), M)

    ket = np.cos(angle + step) * i + np.sin(angle + step) * j
    bra = np.cos(angle) * i + np.sin(angle) * j
    np.testing.assert_allclose(R, np.outer(ket, bra) / M, atol=1e-12)
    assert np.linalg.matrix_rank(R, tol=1e-9) == 1


def test_a_path_of_transport_is_algorithm_1_mended() -> None:
    basis = make_basis(10, 3)
    codes = np.random.default_rng(1).standard_normal((7, 30)) + 2 * basis.xi_[0]
    path = path_through(basis, range(10))
    positions = iter(path.positions(30)[1:])

    z = codes
    for label in range(9):
        for r in (1, 2, 3):
            z = renormalise(transport(basis.xi_[label], basis.xi_[label + 1], PI / 6, (r - 1) * PI / 6, z))
            carried = renormalise(path.carry(codes, 0.0, next(positions), style=0))
            np.testing.assert_allclose(carried, z, atol=1e-9)
            np.testing.assert_allclose((z**2).sum(axis=1), 30)
    np.testing.assert_allclose(z, np.broadcast_to(basis.xi_[9], z.shape), atol=1e-9)
    assert next(positions, None) is None


def test_a_path_of_rotations_is_algorithm_1_with_true_rotations() -> None:
    basis = make_basis(10, 3)
    codes = np.random.default_rng(2).standard_normal((5, 30))
    path = path_through(basis, [3, 1, 8], closed=True)

    z = codes
    matrices = [np.eye(30)]
    for source, target in ((3, 1), (1, 8), (8, 3)):
        for _ in range(3):
            z = rotate(basis.xi_[source], basis.xi_[target], PI / 6, z)
            first, second = basis.xi_[source], basis.xi_[target]
            generator = dense(second, first) - dense(first, second)
            matrices.append(expm(PI / 6 * generator) @ matrices[-1])
    for position, matrix in zip(path.positions(30), matrices, strict=True):
        np.testing.assert_allclose(path.carry(codes, 0, position), codes @ matrix.T, atol=1e-10)
    np.testing.assert_allclose(path.carry(codes, 0, 3), z, atol=1e-10)


@given(bases, st.booleans(), st.data())
@settings(max_examples=25, deadline=None)
def test_paths_are_exact_at_anchors_continuous_and_can_be_gone_back(
    basis: QuasiEigenbasis, closed: bool, data: st.DataObject
) -> None:
    labels = data.draw(st.permutations(range(basis.number_of_labels)))
    if closed and len(labels) == 2:
        labels = [*labels, *labels]
    path = path_through(basis, labels, closed=closed)
    random = np.random.default_rng(0)
    codes = random.standard_normal((4, len(basis.xi_)))
    inside = st.floats(-5, 9) if closed else st.floats(0, path.legs)
    start, end = data.draw(inside), data.draw(inside)

    for place, label in enumerate(labels):
        for origin, from_label in enumerate(labels):
            arrived = path.carry(basis.xi_[[from_label]], origin, place)
            np.testing.assert_allclose(arrived[0], basis.xi_[label], atol=1e-9)
    there = path.carry(codes, start, end)
    np.testing.assert_allclose(np.linalg.norm(there, axis=1), np.linalg.norm(codes, axis=1))
    np.testing.assert_allclose(path.carry(there, end, start), codes, atol=1e-10)
    nearby = path.carry(codes, start, path.within(end + 1e-7))
    np.testing.assert_allclose(nearby, there, atol=1e-5)
    each = path.carry(codes, [start] * 4, end, style=0.3)
    one_by_one = [path.carry(code[None], start, end, style=0.3)[0] for code in codes]
    np.testing.assert_allclose(each, one_by_one, atol=1e-12)


def test_codes_that_start_at_different_places_meet() -> None:
    basis = make_basis(4, 2)
    path = path_through(basis, range(4))

    met = path.carry(basis.xi_[[0, 3, 1]], [0, 3, 1], 1.5)

    np.testing.assert_allclose(met, np.tile((basis.xi_[1] + basis.xi_[2]) / np.sqrt(2), (3, 1)), atol=1e-10)


def test_style_between_the_two_operators_is_their_mixture() -> None:
    basis = make_basis(4, 2)
    path = path_through(basis, [2, 0, 1])
    codes = np.random.default_rng(3).standard_normal((6, 8))

    whole, none, half = (path.carry(codes, 0, 1.4, style=style) for style in (1, 0, 0.5))

    np.testing.assert_allclose(half, (whole + none) / 2, atol=1e-12)
    with pytest.raises(StudioError, match="is from 0 to 1"):
        path.carry(codes, 0, 1, style=1.5)


def test_a_path_through_any_vectors_turns_by_their_angle() -> None:
    first, second = np.array([2.0, 0, 0]), np.array([1.0, 1.0, 0])
    path = Path(np.stack([first, second]))

    np.testing.assert_allclose(np.degrees(path.angles), [45])
    np.testing.assert_allclose(path.carry(first[None], 0, 1), [[np.sqrt(2), np.sqrt(2), 0]])
    np.testing.assert_allclose(path.carry([[0, 0, 3.0]], 0, 1), [[0, 0, 3]])
    assert path.positions(40).tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_a_closed_path_comes_back_with_its_label_and_other_components_changed() -> None:
    basis = make_basis(4, 2)
    path = path_through(basis, [0, 1, 2], closed=True)
    codes = basis.xi_[[0, 1, 2, 3]]

    once, four_times = path.carry(codes, 0, 3), path.carry(codes, 0, 12)

    np.testing.assert_allclose(once[[0, 3]], codes[[0, 3]], atol=1e-9)
    np.testing.assert_allclose(once[1], codes[2], atol=1e-9)
    np.testing.assert_allclose(once[2], -codes[1], atol=1e-9)
    np.testing.assert_allclose(four_times, codes, atol=1e-9)


def test_a_code_enters_at_its_own_label_or_is_turned_onto_the_first_station() -> None:
    basis = make_basis(4, 2)
    stray = 0.2 * basis.xi_[6]
    codes = basis.xi_[[2, 3, 1]] + stray

    entered, starts, own = enter(basis, [0, 2, 1, 2], codes)

    assert own.tolist() == [2, 3, 1]
    assert starts.tolist() == [1, 0, 2]
    np.testing.assert_allclose(entered, basis.xi_[[2, 0, 1]] + stray, atol=1e-10)


def test_a_path_through_averages_turns_between_where_images_lie() -> None:
    eta = np.random.default_rng(5).standard_normal((8, 8)) + np.eye(8)
    basis = QuasiEigenbasis.from_averages(eta, 4, set_one="symmetric")
    path = path_through(basis, [2, 0], through="averages")
    unit = eta / np.linalg.norm(eta, axis=1, keepdims=True)

    np.testing.assert_allclose(np.cos(path.angles), [unit[2] @ unit[0]])
    np.testing.assert_allclose(path.carry(unit[[2]], 0, 1), unit[[0]], atol=1e-12)
    R = matrix_of(lambda codes: path.carry(codes, 0, 0.6), 8)
    np.testing.assert_allclose(R @ R.T, np.eye(8), atol=1e-12)
    assert np.linalg.matrix_rank(R - np.eye(8), tol=1e-9) == 2
    entered, starts, own = enter(basis, [2, 0], basis.xi_[[3]], through="averages")
    assert (starts.tolist(), own.tolist()) == ([0], [3])
    np.testing.assert_allclose(entered @ unit[2], basis.xi_[[3]] @ unit[3])
    with pytest.raises(StudioError, match="no vector 4"):
        path_through(basis, [0, 4], through="averages")
