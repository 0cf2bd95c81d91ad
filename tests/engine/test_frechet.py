"""The Fréchet distance, against the closed form of Gaussians whose parameters are known."""

from __future__ import annotations

import numpy as np
import pytest

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.frechet import frechet_distance


def with_moments(mean: np.ndarray, covariance: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows whose sample mean and covariance are exactly these."""
    rows = np.random.default_rng(seed).standard_normal((count, len(mean)))
    rows -= rows.mean(axis=0)
    rows = rows @ np.linalg.inv(np.linalg.cholesky(np.cov(rows, rowvar=False))).T
    return np.asarray(mean + rows @ np.linalg.cholesky(covariance).T)


def test_two_gaussians_that_commute_have_the_closed_form() -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))
    first, second = np.array([1.0, 4.0, 9.0]), np.array([4.0, 1.0, 0.25])
    mean = np.array([1.0, -2.0, 0.5])

    found = frechet_distance(
        with_moments(np.zeros(3), turn * first @ turn.T, 50, 1),
        with_moments(mean, turn * second @ turn.T, 70, 2),
    )

    assert found == pytest.approx(mean @ mean + ((np.sqrt(first) - np.sqrt(second)) ** 2).sum())


def test_gaussians_of_two_features_that_do_not_commute() -> None:
    first, second = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([[1.0, -0.5], [-0.5, 2.0]])
    product = first @ second
    trace_of_root = np.sqrt(np.trace(product) + 2 * np.sqrt(np.linalg.det(product)))

    one, other = with_moments(np.zeros(2), first, 40, 1), with_moments(np.zeros(2), second, 40, 2)

    expected = np.trace(first) + np.trace(second) - 2 * trace_of_root
    assert frechet_distance(one, other) == pytest.approx(expected)
    assert frechet_distance(other, one) == pytest.approx(expected)


def test_fewer_rows_than_features_are_nothing_special_and_small_samples_lie_further_apart() -> None:
    random = np.random.default_rng(3)
    few, many = random.standard_normal((2, 20, 30)), random.standard_normal((2, 2000, 30))

    assert frechet_distance(few[0], few[0]) == pytest.approx(0, abs=1e-6)
    assert 0 < frechet_distance(*many) < 0.1 * frechet_distance(*few)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (np.ones((3, 2)), np.ones((3, 4)), "same columns"),
        (np.ones((1, 2)), np.ones((3, 2)), "at least two images"),
        (np.full((3, 2), np.nan), np.ones((3, 2)), "not finite"),
    ],
)
def test_what_has_no_distance_is_refused(first: np.ndarray, second: np.ndarray, said: str) -> None:
    with pytest.raises(StudioError, match=said):
        frechet_distance(first, second)
