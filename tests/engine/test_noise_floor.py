"""The noise floor against draws of what it describes."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from lsd_studio.engine.decomposition.noise_floor import (
    NoiseFloor,
    chance_distance,
    measured_noise_floor,
    rank_distance,
)
from lsd_studio.engine.errors import StudioError

DRAWS = 60_000


def drawn_amplitudes(floor: NoiseFloor, seed: int = 0) -> np.ndarray:
    """Axis 0 carries the signal, the others unit noise, by what the reading sorts: [DRAWS, axes]."""
    amplitudes = np.random.default_rng(seed).standard_normal((DRAWS, floor.axes))
    amplitudes[:, 0] = floor.amplitude
    return np.abs(amplitudes) if floor.reading == "absolute" else amplitudes


def true_ranks(amplitudes: np.ndarray) -> np.ndarray:
    return 1 + (amplitudes[:, 1:] > amplitudes[:, :1]).sum(axis=1)


FLOORS = [NoiseFloor(2.5, 40, "absolute"), NoiseFloor(1.4, 10, "signed")]


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor.reading)
def test_ranks_follow_a_monte_carlo_draw(floor: NoiseFloor) -> None:
    counts = np.bincount(true_ranks(drawn_amplitudes(floor)) - 1, minlength=floor.axes)

    assert floor.rank_probabilities().sum() == pytest.approx(1)
    np.testing.assert_allclose(floor.cumulative(), np.cumsum(floor.rank_probabilities()), atol=1e-12)
    np.testing.assert_allclose(floor.rank_probabilities(), counts / DRAWS, atol=4 * 0.5 / DRAWS**0.5)
    assert rank_distance(counts, floor) < 2 / DRAWS**0.5


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor.reading)
@pytest.mark.parametrize("true_rank", [1, 2, 3])
def test_amplitudes_by_rank_follow_a_monte_carlo_draw(floor: NoiseFloor, true_rank: int) -> None:
    amplitudes = drawn_amplitudes(floor)
    ranked = -np.sort(-amplitudes[true_ranks(amplitudes) == true_rank], axis=1)
    ratios = np.maximum(ranked / ranked[:, :1], -1.0)
    edges = np.linspace(0, 1, 21)

    np.testing.assert_allclose(
        floor.expected_ratios(true_rank), ratios.mean(axis=0), atol=5 * 0.4 / len(ratios) ** 0.5
    )
    for rank in (2, 3, 4):
        drawn = np.histogram(ratios[:, rank - 1], edges)[0] / len(ratios) / np.diff(edges)
        expected = floor.ratio_density(rank, true_rank, edges)
        np.testing.assert_allclose(expected, drawn, atol=20 * 5 * 0.5 / len(ratios) ** 0.5)
        measured = (ratios[:, rank - 1, None] <= edges).mean(axis=0)
        np.testing.assert_allclose(
            floor.ratio_distribution(rank, true_rank, edges), measured, atol=2.5 / len(ratios) ** 0.5
        )


def test_the_floor_is_of_what_was_measured_and_not_fitted_to_the_ranks() -> None:
    """`mnist-paper`, sampled, signed: 6.88 over 1.87 would rank 99.9 % of the labels first, not 95.1 %."""
    floor = measured_noise_floor(6.877, 1.869, 10, "signed")

    assert floor.amplitude == pytest.approx(3.68, abs=0.005)
    assert floor.cumulative()[0] == pytest.approx(0.999, abs=0.0002)
    assert floor.cumulative()[0] == pytest.approx((1 - scipy.stats.norm.sf(6.877 / 1.869)) ** 9)


def test_signals_without_end_or_below_noise_have_a_floor() -> None:
    without_noise = measured_noise_floor(2.0, 0.0, 10, "signed")
    without_signal = measured_noise_floor(-1.0, 1.0, 10, "signed")
    huge = measured_noise_floor(1e6, 1.0, 10, "absolute")

    assert without_noise.amplitude == 30
    assert without_signal.amplitude == 0
    assert without_signal.cumulative()[0] == pytest.approx(0.5**9)
    assert huge.amplitude == 30
    assert np.isfinite(huge.expected_ratios(3)).all()
    assert np.isfinite(huge.ratio_density(2, 2, np.linspace(0, 1, 11))).all()


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor.reading)
def test_one_in_twenty_sets_of_images_is_farther_than_by_chance(floor: NoiseFloor) -> None:
    """400 sets of 500 images, drawn amplitude by amplitude."""
    limit = chance_distance(floor, 500)
    farther = 0
    for seed in range(400):
        amplitudes = np.random.default_rng(seed).standard_normal((500, floor.axes))
        amplitudes[:, 0] = floor.amplitude
        ranks = true_ranks(np.abs(amplitudes) if floor.reading == "absolute" else amplitudes)
        counts = np.bincount(ranks - 1, minlength=floor.axes)
        farther += rank_distance(counts, floor) > limit

    assert scipy.stats.binomtest(farther, 400, 0.05).pvalue > 0.001


def test_fewer_than_two_axes_and_ranks_that_do_not_exist_are_refused() -> None:
    with pytest.raises(StudioError, match="two axes or more"):
        measured_noise_floor(1.0, 1.0, 1, "absolute")
    with pytest.raises(StudioError, match="Ranks are 1 to 10"):
        NoiseFloor(2.0, 10, "signed").ratio_distribution(11, 1, [0.5])
