"""Two groups of codes compared: nothing is found of noise, however it was circled, and what is planted is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import kstest

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.group_difference import GroupDifference, compare_groups
from lsd_studio.engine.latent.selection import SeenAxes
from lsd_studio.engine.latent.statistics.moments import Codes, moments
from lsd_studio.engine.latent.statistics.planes import Axes, project
from lsd_studio.engine.latent.statistics.principal_axes import principal_axes
from lsd_studio.engine.steps import finished

CODES, COMPONENTS, DEALINGS, TRIALS = 160, 6, 39, 200
Hand = Callable[[np.ndarray, np.ndarray], np.ndarray]


def compared(codes: Codes, groups: np.ndarray, seen: tuple[SeenAxes, ...], seed: int = 0) -> GroupDifference:
    of = principal_axes(moments(codes))
    return finished(compare_groups(codes, groups.astype(np.int8), seen, of, seed, DEALINGS))


def p_value(codes: Codes, groups: np.ndarray, seen: tuple[SeenAxes, ...], seed: int = 0) -> float:
    found = compared(codes, groups, seen, seed).p_value
    assert found is not None
    return found


def gaussian(random: np.random.Generator) -> Codes:
    """Gaussian codes whose components are correlated and differ in size."""
    mixed = random.standard_normal((COMPONENTS, COMPONENTS)) * np.geomspace(0.1, 3, COMPONENTS)
    return (random.standard_normal((CODES, COMPONENTS)) @ mixed).astype(np.float32)


def purest_discs(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Of all discs of 25 codes, those with most and with fewest of label 1: what a hand does that looks at colours."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    nearest = np.argsort(distances, axis=1)[:, :25]
    share = labels[nearest].mean(axis=1)
    groups = np.zeros(len(points))
    groups[nearest[share.argmin()]] = 2
    groups[nearest[share.argmax()]] = 1
    return groups


def halves(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Left and right of the middle: groups that the axes in sight tell apart best, and that leave no code out."""
    return np.where(points[:, 0] < np.median(points[:, 0]), 1, 2)


def densest_disc(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The narrowest disc of 30 codes, an island by chance, against all others."""
    distances = np.sort(np.linalg.norm(points[:, None] - points[None], axis=2), axis=1)
    centre = int(distances[:, 30].argmin())
    groups = np.zeros(len(points))
    groups[np.linalg.norm(points - points[centre], axis=1) <= distances[centre, 30]] = 1
    return groups


@pytest.mark.parametrize("hand", [purest_discs, halves, densest_disc])
@pytest.mark.parametrize("axes", ["principal", "components"])
def test_p_is_uniform_on_gaussian_codes_with_random_labels_however_they_are_circled(
    hand: Hand, axes: Axes
) -> None:
    random, seen = np.random.default_rng(3), (SeenAxes(axes, (0, 1)),)
    found, naive = [], []
    for trial in range(TRIALS):
        codes, labels = gaussian(random), random.integers(2, size=CODES)
        points = project(codes, axes, 0, 1, principal_axes(moments(codes)))
        groups = hand(points, labels)
        found.append(p_value(codes, groups, seen, trial))
        if trial < 20 and hand is not densest_disc:
            naive.append(p_value(codes, groups, (), trial))
    spread = np.array(found) - random.uniform(0, 1 / (DEALINGS + 1), TRIALS)
    assert kstest(spread, "uniform").pvalue > 0.005
    assert np.mean(np.array(found) <= 0.1) == pytest.approx(0.1, abs=0.07)
    if naive:
        assert np.mean(np.array(naive) <= 0.05) > 0.5, (
            "whoever forgets the circling finds differences everywhere"
        )


def test_a_planted_difference_beyond_the_outline_is_found() -> None:
    random = np.random.default_rng(0)
    codes = random.standard_normal((400, 8)).astype(np.float32) * np.float32(2) ** -np.arange(
        8, dtype=np.float32
    )
    codes[:200, 5] += 1.5 * codes[:, 5].std()
    groups = np.where(np.arange(400) < 200, 1, 2)
    seen = (SeenAxes("components", (0, 1)),)

    difference = compared(codes, groups, seen)

    assert difference.p_value == 1 / (DEALINGS + 1)
    assert difference.auc is not None
    assert difference.auc > 0.75
    assert difference.counts == (200, 200)
    assert difference.axes == 6
    np.testing.assert_allclose(
        difference.direction, codes[200:].mean(axis=0) - codes[:200].mean(axis=0), atol=1e-5
    )
    assert "6 axes left beside components 0 and 1" in difference.sentence
    assert "No" not in difference.sentence.partition("Not tested")[0]
    assert "Not tested: what the outlines themselves show" in difference.sentence


def test_islands_that_are_circled_are_told_apart_in_four_of_five_cases() -> None:
    """Six clusters of 40 codes, whose centres lie as far apart as two standard deviations of each along every axis."""
    random, found, trials = np.random.default_rng(5), 0, 40
    for trial in range(trials):
        islands = np.repeat(np.arange(6), 40)
        codes = random.standard_normal((240, 8)) + 2 * random.standard_normal((6, 8))[islands]
        codes = codes.astype(np.float32)
        points = project(codes, "principal", 0, 1, principal_axes(moments(codes)))
        groups = np.zeros(240)
        for group, island in ((1, 0), (2, 1)):
            centre = points[islands == island].mean(axis=0)
            groups[np.linalg.norm(points - centre, axis=1) < 1] = group
        found += p_value(codes, groups, (SeenAxes("principal", (0, 1)),), trial) <= 0.05
    assert found >= 0.8 * trials


def test_what_was_seen_whole_is_not_tested_and_few_codes_are_refused() -> None:
    codes = np.random.default_rng(0).standard_normal((100, 4)).astype(np.float32)
    groups = np.where(codes[:, 0] < 0, 1, 2)
    difference = compared(codes, groups, (SeenAxes("components", (0, 1, 2, 3)),))
    assert difference.axes == 0
    assert difference.p_value is None
    assert "nothing can be tested" in difference.sentence
    with pytest.raises(StudioError, match="from 8 codes each, not 7 and 93"):
        compared(codes, np.where(np.arange(100) < 7, 1, 0), ())


def test_of_many_codes_some_of_each_group_are_drawn() -> None:
    random = np.random.default_rng(0)
    codes = random.standard_normal((70_000, 32)).astype(np.float32)
    groups = np.zeros(len(codes))
    groups[:50], groups[50:40_000] = 1, 2
    difference = compared(codes, groups, (SeenAxes("components", (0, 1)),))
    assert difference.counts == (50, 39_950)
    assert 0 < difference.others < 2**20 // 32 - 50 - 2**20 // 32 // 3
    assert difference.p_value is not None
