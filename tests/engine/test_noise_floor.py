"""The noise floor against draws of what it describes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.messages.choices import Reading
from lsd_studio.engine.noise_floor import NoiseFloor, fit_noise_floor, rank_distance

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


@given(
    amplitude=st.floats(0.1, 4.5),
    axes=st.integers(2, 60),
    reading=st.sampled_from(["absolute", "signed"]),
)
@settings(deadline=None, max_examples=60)
def test_the_fit_finds_the_amplitude_that_made_the_ranks(
    amplitude: float, axes: int, reading: Reading
) -> None:
    floor = NoiseFloor(amplitude, axes, reading)
    counts = 1e12 * floor.rank_probabilities()

    fitted = fit_noise_floor(counts, reading)

    assert fitted.amplitude == pytest.approx(amplitude, rel=1e-4)
    assert rank_distance(counts, fitted) == pytest.approx(0, abs=1e-4)


def test_ranks_that_are_all_first_or_all_last_have_a_finite_amplitude() -> None:
    best = fit_noise_floor([10_000, *[0] * 99], "absolute")
    worst = fit_noise_floor([*[0] * 9, 100], "signed")

    assert 5 < best.amplitude < 7
    assert rank_distance([10_000, *[0] * 99], best) < 1e-3
    assert worst.amplitude == 0
    assert worst.cumulative()[0] == pytest.approx(0.5**9)


def test_no_image_and_ranks_that_do_not_exist_are_refused() -> None:
    with pytest.raises(StudioError, match="at least one image"):
        fit_noise_floor([0, 0], "absolute")
    with pytest.raises(StudioError, match="Ranks are 1 to 10"):
        NoiseFloor(2.0, 10, "signed").ratio_distribution(11, 1, [0.5])
