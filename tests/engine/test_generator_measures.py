"""Every measure of a generator, on features whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import kstest

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.frechet import distance_limit, frechet_distance
from lsd_studio.engine.evaluation.generator.comparing import compare, evenness
from lsd_studio.engine.evaluation.generator.kernel_distance import kernel_distance
from lsd_studio.engine.evaluation.generator.memorisation import NearestImages, nearness
from lsd_studio.engine.evaluation.generator.neighbourhoods import neighbourhoods
from lsd_studio.engine.evaluation.generator.path_length import label_pairs, random_pairs, squared_speeds
from lsd_studio.engine.evaluation.generator.report import Nearness
from lsd_studio.engine.evaluation.intervals import jackknifed, over_draws
from tests.engine.small_networks import LABELS, small_basis

DRAWS = 5


def gaussian(
    random: np.random.Generator, count: int, dimensions: int, mean: float = 0, sigma: float = 1
) -> np.ndarray:
    return (mean + sigma * random.standard_normal((count, dimensions))).astype(np.float32)


def no_labels(count: int) -> np.ndarray:
    return np.zeros(count, dtype=np.int64)


@pytest.mark.parametrize(("mean", "sigma"), [(0.0, 1.0), (0.5, 1.0), (0.2, 1.5)])
def test_a_distance_without_bias_is_that_of_the_gaussians_that_features_come_from(
    mean: float, sigma: float
) -> None:
    dimensions, count = 24, 1000
    truth = dimensions * (mean**2 + (sigma - 1) ** 2)
    found, biased = [], []
    for seed in range(10):
        random = np.random.default_rng(seed)
        sides = gaussian(random, count, dimensions), gaussian(random, count, dimensions, mean, sigma)
        limit = distance_limit(*sides)
        assert limit.sizes == (1000, 500, 250)
        assert limit.distances[0] == pytest.approx(frechet_distance(*sides))
        assert sorted(limit.distances) == list(limit.distances)
        found.append(limit.value)
        biased.append(limit.distances[0])
    error = np.std(found, ddof=1) / np.sqrt(len(found))

    assert np.mean(found) == pytest.approx(truth, abs=4 * error + 0.02)
    assert np.mean(biased) - truth > 0.1


def test_both_sides_of_a_distance_without_bias_have_as_many_images() -> None:
    with pytest.raises(StudioError, match="as many of both"):
        distance_limit(np.ones((20, 2)), np.ones((24, 2)))


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Nineteen times in twenty: 200 times over, between 90 and 99 % is within chance."""
    truth, held = 4 * 0.5**2, {"frechet": 0, "mean": 0}
    for seed in range(200):
        random = np.random.default_rng(seed)
        real, drawn = gaussian(random, 300, 4), gaussian(random, 300, 4, 0.5)
        parts = np.arange(300).reshape(DRAWS, -1)
        without = [
            distance_limit(np.delete(real, part, 0), np.delete(drawn, part, 0)).value for part in parts
        ]
        jackknife = jackknifed(distance_limit(real, drawn).value, without, 300)
        mean = over_draws([drawn[part].mean() for part in parts], 300)
        held["frechet"] += jackknife.low <= truth <= jackknife.high
        held["mean"] += mean.low <= 0.5 <= mean.high

    assert 180 <= held["frechet"] <= 198
    assert 180 <= held["mean"] <= 198


def test_one_draw_has_no_interval() -> None:
    assert np.isnan([over_draws([1.0], 7).low, jackknifed(1.0, [np.nan, np.nan], 7).high]).all()


def test_the_kernel_distance_is_its_definition_and_0_on_average_within_one_distribution() -> None:
    random = np.random.default_rng(0)
    first, second = gaussian(random, 1500, 3), gaussian(random, 1100, 3, 0.3)

    def kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.asarray((one.astype(np.float64) @ other.T / 3 + 1) ** 3)

    within = [kernel(side, side)[~np.eye(len(side), dtype=bool)].mean() for side in (first, second)]
    assert kernel_distance(first, second) == pytest.approx(
        sum(within) - 2 * kernel(first, second).mean(), abs=1e-5
    )

    same = [kernel_distance(*gaussian(random, 100, 3).reshape(2, 50, 3)) for _ in range(300)]
    assert abs(np.mean(same)) < 4 * np.std(same) / np.sqrt(len(same))
    assert min(same) < 0


def test_neighbourhoods_are_their_definition() -> None:
    random = np.random.default_rng(1)
    real, drawn = gaussian(random, 1300, 4), gaussian(random, 1200, 4, 0.4, 0.8)
    between, among_real, among_drawn = cdist(drawn, real), cdist(real, real), cdist(drawn, drawn)
    third, fifth = np.sort(among_real, axis=1)[:, [3, 5]].T
    third_of_drawn = np.sort(among_drawn, axis=1)[:, 3]

    found = neighbourhoods(real, drawn)

    assert found.precision == pytest.approx((between <= third).any(axis=1).mean(), abs=2e-3)
    assert found.recall == pytest.approx((third_of_drawn >= between.T).any(axis=1).mean(), abs=2e-3)
    assert found.density == pytest.approx((between <= fifth).sum() / 5 / 1200, abs=2e-3)
    assert found.coverage == pytest.approx((between <= fifth).any(axis=0).mean(), abs=2e-3)


def test_the_same_images_are_whole_and_others_of_one_distribution_what_theory_says() -> None:
    random = np.random.default_rng(2)
    real, other = gaussian(random, 2000, 5), gaussian(random, 2000, 5)

    same, alike = neighbourhoods(real, real), neighbourhoods(real, other)

    assert (same.precision, same.recall, same.coverage) == (1, 1, 1)
    assert alike.density == pytest.approx(1, abs=0.05)
    assert alike.coverage == pytest.approx(1 - 2**-5, abs=0.015)


def test_a_collapsed_set_keeps_its_precision_and_loses_recall_and_coverage() -> None:
    random = np.random.default_rng(3)
    real = gaussian(random, 500, 5)
    collapsed = np.resize(gaussian(random, 5, 5, 0, 0.7), (500, 5))

    found = compare(real, collapsed, no_labels(500), 3, DRAWS, different=5)

    assert found.precision.value > 0.7
    assert found.recall.value < 0.01
    assert found.coverage.value < 0.4
    assert found.frechet.value > 1
    assert found.evenness.value == 0
    assert found.labels == (1, 0, 0)
    assert np.isnan([found.frechet.low, found.precision.low, found.kernel.high]).all()
    assert found.precision.count == 5


def test_a_set_of_the_same_distribution_has_intervals_around_what_it_should_be() -> None:
    random = np.random.default_rng(4)
    labels = np.arange(1000) % 4
    found = compare(gaussian(random, 1000, 6), gaussian(random, 1000, 6), labels, 4, DRAWS)

    assert found.frechet.low < 0 < found.frechet.high
    assert found.kernel.low < 0 < found.kernel.high
    assert found.density.low < 1 < found.density.high
    assert found.evenness.value == pytest.approx(1)
    assert found.frechet.count == found.recall.count == 1000
    assert found.labels == (0.25,) * 4


def test_evenness_is_entropy_over_that_of_even_labels() -> None:
    assert evenness(np.array([0, 1, 2, 3]), 4) == pytest.approx(1)
    assert evenness(np.array([0, 0, 1, 1]), 4) == pytest.approx(0.5)
    assert evenness(np.array([2, 2]), 4) == 0
    assert evenness(np.array([0, 0]), 1) == 1


def nearest(queries: np.ndarray, candidates: np.ndarray) -> NearestImages:
    found = NearestImages(queries)
    for block in np.array_split(candidates, 3):
        found.see(block)
    return found


def test_the_nearest_image_is_found_in_whatever_block_it_is() -> None:
    random = np.random.default_rng(5)
    queries, candidates = gaussian(random, 40, 6), gaussian(random, 300, 6)
    queries[7] = candidates[290]
    expected = cdist(queries, candidates)

    found = nearest(queries, candidates)

    assert found.seen == 300
    assert found.distances == pytest.approx(expected.min(axis=1), abs=2e-3)
    assert [found.closest[0][:2], len(found.closest)] == [(7, 290), 8]
    assert all(expected[query].argmin() == which for query, which, _ in found.closest)


def test_as_new_as_held_out_images_are_told_no_more_often_than_they_say() -> None:
    """Calibration: samples, held-out and training images of one distribution, 500 times over."""
    random = np.random.default_rng(6)
    found: list[Nearness] = []
    for _ in range(500):
        training = gaussian(random, 200, 5)
        found.append(nearness(*(nearest(gaussian(random, 150, 5), training) for _ in range(2))))

    assert kstest([each.p_value for each in found], "uniform").pvalue > 0.01
    for level in (0.01, 0.05, 0.2):
        told = np.mean([each.nearest_p_value <= level for each in found])
        assert told <= level + 3 * np.sqrt(level / 500)
    assert np.mean([each.nearer for each in found]) == pytest.approx(0.5, abs=0.01)


def test_a_few_copies_among_many_are_told_by_the_nearest_and_many_by_both() -> None:
    random = np.random.default_rng(7)
    training, held_out, samples = (gaussian(random, count, 8) for count in (2000, 1000, 1000))
    few, many = samples.copy(), samples.copy()
    few[:20] = training[:20] + 0.01
    many[:600] = training[:600] + 0.01
    beside = nearest(held_out, training)

    of_none, of_few, of_many = (nearness(nearest(each, training), beside) for each in (samples, few, many))

    assert min(of_none.p_value, of_none.nearest_p_value) > 0.01
    assert of_few.p_value > 0.01
    assert of_few.nearest_p_value < 1e-4
    assert of_few.nearest.value == 1
    assert of_few.nearest.count == 20
    assert max(of_many.p_value, of_many.nearest_p_value) < 1e-4
    assert of_many.nearer > 0.7
    assert of_many.counts == (1000, 1000, 2000)
    assert of_many.closest[0][2] < 0.1 < of_none.closest[0][2]


def test_samples_that_are_worse_than_images_lie_further_away_which_is_no_copying() -> None:
    random = np.random.default_rng(8)
    training, held_out = gaussian(random, 500, 8), gaussian(random, 300, 8)
    found = nearness(nearest(gaussian(random, 300, 8, 0, 2), training), nearest(held_out, training))

    assert found.nearer < 0.2
    assert found.p_value < 1e-4
    assert found.nearest_p_value > 0.5


def test_a_straight_quarter_turn_of_the_codes_themselves_has_the_length_of_its_arc() -> None:
    random = np.random.default_rng(9)
    here, ahead = random_pairs(2000, 50, random)
    images = gaussian(random, 2000, 50)

    speeds = squared_speeds(here, ahead, images)

    assert np.linalg.norm(here, axis=1).mean() == pytest.approx(np.sqrt(50), rel=0.02)
    assert speeds.mean() == pytest.approx((np.pi / 2) ** 2 / 2, rel=0.05)


def test_label_paths_turn_codes_in_the_plane_of_two_labels_alone() -> None:
    random = np.random.default_rng(10)
    basis = small_basis()
    labels = np.arange(60) % LABELS
    codes = basis.xi_[labels]

    here, ahead = label_pairs(basis, codes, labels, random)

    amplitudes = here @ basis.xi_.T / len(basis.xi_)
    assert np.linalg.norm(here, axis=1) == pytest.approx(np.linalg.norm(codes, axis=1))
    assert ((np.abs(amplitudes) > 1e-9).sum(axis=1) <= 2).all()
    assert (amplitudes[np.arange(60), labels] >= 0).all()
    assert np.linalg.norm(ahead - here, axis=1) == pytest.approx(
        1e-3 * np.pi / 2 * np.sqrt(len(basis.xi_)), rel=1e-3
    )
