"""Intervals: exact for proportions, none where nothing varies, paired where two readings read the same images."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.intervals import (
    exact_interval,
    mean_intervals,
    named_intervals,
    paired_difference,
    stated,
)


@pytest.mark.parametrize(("successes", "count"), [(3, 10), (1, 9), (941, 1000), (62, 99)])
def test_a_proportion_has_the_interval_of_clopper_and_pearson(successes: int, count: int) -> None:
    expected = binomtest(successes, count).proportion_ci(0.95, "exact")

    low, high = exact_interval(successes, count)

    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert binom.sf(successes - 1, count, low) == pytest.approx(0.025)


@pytest.mark.parametrize(("count", "low"), [(9, 0.7169), (10, 0.7411), (8991, 0.99967)])
def test_all_of_a_few_is_not_certainty(count: int, low: float) -> None:
    assert exact_interval(count, count) == pytest.approx((low, 1.0), abs=1e-4)
    assert exact_interval(0, count) == pytest.approx((0.0, 1 - low), abs=1e-4)
    assert exact_interval(count, count)[0] == pytest.approx(0.05 ** (1 / count))


def test_means_have_a_bootstrap_proportions_are_exact_and_what_does_not_vary_has_none() -> None:
    random = np.random.default_rng(0)
    lengths = random.exponential(2.0, 400)
    right = (random.random(400) < 0.9).astype(np.float64)

    value, low, high = mean_intervals(np.stack([lengths, right, np.full(400, 0.3)], axis=1), random)

    half = 1.96 * lengths.std() / 20
    assert (value[0], low[0], high[0]) == pytest.approx(
        (lengths.mean(), lengths.mean() - half, lengths.mean() + half), abs=0.04
    )
    assert (low[1], high[1]) == exact_interval(right.sum(), 400)
    assert value[2] == pytest.approx(0.3)
    assert np.isnan([low[2], high[2]]).all()


def test_what_is_stated_says_of_how_many_and_comes_back() -> None:
    found = named_intervals({"right": np.ones(10), "psnr": np.full(10, 20.0)}, np.random.default_rng(0))

    assert found["right"] == {"value": 1.0, "low": pytest.approx(0.7411, abs=1e-4), "high": 1.0, "count": 10}
    assert found["psnr"] == {"value": 20.0, "low": None, "high": None, "count": 10}
    again = Measure.of(found["psnr"])
    assert np.isnan(again.low)
    assert stated(again) == found["psnr"]


def test_a_paired_difference_covers_the_truth_and_a_few_disagreements_are_no_proof() -> None:
    random = np.random.default_rng(1)
    covered, count, chance = 0, 60, (0.08, 0.03)
    for _ in range(600):
        draw = random.random(count)
        first = (draw > chance[0]).astype(np.float64)
        second = ((draw <= chance[0]) | (draw <= 1 - chance[1])).astype(np.float64)
        found = paired_difference(first, second)
        covered += found.low <= chance[1] - chance[0] <= found.high
    assert 0.93 <= covered / 600 <= 0.995

    first, second = np.ones(100), np.ones(100)
    second[:3] = 0
    found = paired_difference(first, second)
    assert (found.value, found.count) == (pytest.approx(0.03), 100)
    assert found.low < 0 < found.high
    alike = paired_difference(first, first)
    assert (alike.value, alike.low) == (0.0, -alike.high)
    assert 0.01 < alike.high < 0.05
