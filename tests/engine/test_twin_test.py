"""The test against Gaussian twins: false alarms, power, what it says, and where it declines."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from benchmarks.twin_calibration import ALTERNATIVES, looked_at
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.gaussian_twin import MatchedTwins, draw_gaussian_of_each_label
from lsd_studio.engine.latent.statistics.moments import Codes, moments
from lsd_studio.engine.latent.statistics.planes import Window
from lsd_studio.engine.latent.statistics.twin_test import Measures, TwinTest, overall_p, p_values, twin_test
from lsd_studio.engine.latent.twin_comparison import Compared, verdict
from lsd_studio.engine.steps import finished


def result_of(
    points: Codes,
    groups: np.ndarray | None = None,
    window: Window | None = None,
    twins: int = 99,
    seed: int = 0,
) -> TwinTest:
    return finished(twin_test(points, groups, window, 200, twins, np.random.default_rng(seed)))


def normal(count: int, axes: int, seed: int) -> Codes:
    return np.random.default_rng(seed).standard_normal((count, axes)).astype(np.float32)


def test_twins_have_the_mean_and_covariance_of_each_group_exactly() -> None:
    random = np.random.default_rng(0)
    points = (random.standard_normal((500, 6)) @ random.standard_normal((6, 6)) + 3).astype(np.float32)
    points[:, 5] = points[:, 0] - points[:, 1]
    groups = random.integers(3, size=500)

    twin = MatchedTwins(points, groups).draw(random)

    for group in range(3):
        own, drawn = moments(points[groups == group]), moments(twin[groups == group])
        np.testing.assert_allclose(drawn.mean, own.mean, atol=1e-4)
        np.testing.assert_allclose(drawn.covariance, own.covariance, atol=1e-4 * own.covariance.max())
    assert not np.allclose(twin, points, atol=0.5)


def test_as_few_points_as_axes_are_declined() -> None:
    with pytest.raises(StudioError, match="30 points along 20 axes are too few"):
        MatchedTwins(normal(30, 20, 0))


@pytest.mark.parametrize(
    ("axes", "groups", "window"),
    [(2, 1, None), (2, 1, (-0.7, 0.9, -1.0, 0.6)), (60, 1, None), (5, 3, None)],
    ids=["plane", "window", "300 points along 60 axes", "labels"],
)
def test_p_values_of_gaussian_codes_are_uniform(axes: int, groups: int, window: Window | None) -> None:
    """60 trials of 300 points (900 for a window, which holds 180) against 99 twins each."""
    found = []
    for seed in range(60):
        points = normal(900 if window else 300, axes, seed)
        labels = np.arange(len(points)) % groups if groups > 1 else None
        if labels is not None:
            points += 3 * labels[:, None].astype(np.float32)
        found.append(result_of(points, labels, window, seed=seed).p_value)

    assert scipy.stats.kstest(found, "uniform").pvalue > 0.01
    assert sum(value <= 0.05 for value in found) <= scipy.stats.binom.ppf(0.999, 60, 0.05)


@pytest.mark.parametrize("name", ["clusters", "radial_t5", "filaments"])
@pytest.mark.parametrize("components", [12, 100])
def test_planted_structure_is_found(name: str, components: int) -> None:
    points = looked_at(ALTERNATIVES[name], 1000, components, np.random.default_rng(3))

    found = result_of(points, twins=499)

    assert found.p_value <= 0.01
    if name == "clusters":
        assert found.neighbour_ratio < found.neighbour_clear[0] < 1
        assert found.neighbour_p == 1 / 500


def test_what_labels_explain_is_nothing_to_the_twin_of_each_label() -> None:
    random = np.random.default_rng(5)
    labels = np.arange(900) % 3
    points = (8 * random.standard_normal((3, 4))[labels] + random.standard_normal((900, 4))).astype(
        np.float32
    )

    assert result_of(points, twins=499).p_value <= 0.01
    assert result_of(points, labels, twins=499).p_value > 0.01
    twin = draw_gaussian_of_each_label(points, labels, random)
    for label in range(3):
        np.testing.assert_allclose(
            twin[labels == label].mean(axis=0), points[labels == label].mean(axis=0), atol=0.3
        )


def test_one_axis_that_differs_is_found_and_named() -> None:
    """A crescent aside: one point in ten lies off along axis 3 alone."""
    points = normal(3000, 12, 0)
    points[:300, 3] += 3
    points = (points - points.mean(axis=0)) / points.std(axis=0)

    found = result_of(points, twins=499)

    assert found.axis == 3
    assert found.axis_p == 1 / 500
    assert found.axis_distance > found.axis_clear
    names = tuple(f"principal axis {axis}" for axis in range(12))
    told = verdict(found, Compared(points, None, names, ()), 499, windowed=False)
    assert "along principal axis 3 the distribution differs" in told
    assert "too" not in told


def test_fewer_points_in_sight_are_a_difference() -> None:
    random = np.random.default_rng(1)
    radius = np.sqrt(random.uniform(0.5, 3, 2000))
    angle = random.uniform(0, 2 * np.pi, 2000)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(np.float32)

    found = result_of(points, window=(-0.8, 0.8, -0.8, 0.8))

    assert found.inside < 0.6 * found.inside_twins
    assert found.inside_p == 0.01


def test_identical_points_do_not_break_the_test() -> None:
    points = np.repeat(normal(40, 2, 0), 5, axis=0)

    found = result_of(points)

    assert found.neighbour_p == 0.01
    assert 0 < found.neighbour_ratio < 0.1


def test_too_few_points_are_refused() -> None:
    with pytest.raises(StudioError, match="choose a larger window"):
        result_of(normal(40, 2, 0))
    with pytest.raises(StudioError, match="50 to 2000 points"):
        finished(twin_test(normal(300, 2, 0), None, None, 10, 19, np.random.default_rng(0)))


def test_p_values_are_never_zero_and_count_the_whole() -> None:
    statistics = np.random.default_rng(0).standard_normal((500, 5))
    statistics[0, 2] = 10

    p = p_values(statistics)

    assert p.min() == 1 / 500
    assert p[0, 2] == 1 / 500
    assert 1 / 500 <= overall_p(statistics) <= 5 / 500
    assert (statistics[:, 0] >= statistics[7, 0]).mean() == p[7, 0]


def test_the_verdict_says_what_was_compared_and_what_could_have_been_seen() -> None:
    points = normal(600, 3, 2)
    names = ("principal axis 0", "principal axis 1", "principal axis 2")
    compared = Compared(points, None, names, ())
    unclear = verdict(result_of(points, twins=199), compared, 199, windowed=False)
    few = verdict(result_of(points, twins=19), compared, 19, windowed=False)

    assert unclear.startswith("No difference from a Gaussian of the same mean and covariance is clear (p = ")
    assert "Clear by themselves would have been neighbours" in unclear
    assert "200 points by neighbours and pairs, 600 by their distribution along 3 axes" in unclear
    assert "19 twins give no p-value below 0.05" in few


def test_measures_are_those_of_plain_loops() -> None:
    from lsd_studio.engine.latent.statistics.twin_test import Rule

    points = normal(80, 2, 4)
    rule = Rule(points, normal(80, 2, 5), None, 60, np.arange(80))
    found: Measures = rule.measure(points)

    chosen = points[:60].astype(float)
    distance = np.linalg.norm(chosen[:, None] - chosen[None], axis=2)
    np.testing.assert_allclose(
        found.nearest, [np.delete(row, own).min() for own, row in enumerate(distance)], rtol=1e-4
    )
    upper = distance[np.triu_indices(60, k=1)]
    counts = np.histogram(upper, rule.separations)[0]
    np.testing.assert_allclose(found.pairs * len(upper), counts + 0.5, atol=1.01)
    assert found.inside == 80
    assert found.cumulative.shape == (3, 99)
    assert (np.diff(found.cumulative, axis=1) >= 0).all()


@pytest.mark.slow
def test_the_calibration_that_ships_is_of_todays_test() -> None:
    """One cell of `docs/method/twin-calibration.json` again: as many false alarms and as much power, within chance."""
    from benchmarks.twin_calibration import cell

    again = cell(1000, 256, np.random.default_rng(1))

    alarms, power = again["false_alarms"], again["power"]
    assert isinstance(alarms, dict)
    assert isinstance(power, dict)
    assert alarms["0.01"]["found"] <= scipy.stats.binom.ppf(0.999, 400, 0.01 + 0.0045)
    assert alarms["0.05"]["found"] <= scipy.stats.binom.ppf(0.999, 400, 0.05 + 0.01)
    assert all(one["0.01"]["found"] == 40 for one in power.values())
