"""Frames to compare a basis with: random ones that share its set 1, and the axes along which codes lie."""

from __future__ import annotations

import numpy as np

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.evaluation.frame_references import principal_axes, random_complement, terms_kept


def test_a_random_complement_is_orthogonal_and_keeps_set_1() -> None:
    basis = QuasiEigenbasis.from_averages(
        np.random.default_rng(0).standard_normal((12, 12)), 3, set_one="symmetric"
    )

    frame = random_complement(basis, np.random.default_rng(1))

    np.testing.assert_allclose(frame @ frame.T, np.eye(12), atol=1e-12)
    np.testing.assert_allclose(np.abs((frame[:3] * basis.xi_[:3]).sum(axis=1)), np.sqrt(12), atol=1e-12)
    other = random_complement(basis, np.random.default_rng(2))
    assert np.abs(frame[3:] @ other[3:].T).max() < 0.999


def test_principal_axes_hold_most_of_codes_for_every_number_of_terms() -> None:
    random = np.random.default_rng(3)
    codes = random.standard_normal((200, 6)) @ np.diag([5, 3, 2, 1, 0.5, 0.1]) + 1

    axes = principal_axes(codes)

    singular = np.linalg.svd(codes, full_matrices=False)[2]
    np.testing.assert_allclose(np.abs((axes * singular).sum(axis=1)), 1, atol=1e-9)
    few = principal_axes(codes[:2])
    np.testing.assert_allclose(few @ few.T, np.eye(6), atol=1e-12)
    assert [terms_kept(dimensions) for dimensions in (4, 30, 100)] == [1, 6, 20]
