"""The style of pictures: measured on drawn strokes whose slant and size are known, and what operators keep of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lsd_studio.engine.operators.picture_style import picture_style, style_kept, within_group_correlation

EDGE = 41


def stroke(width: float, height: float, shear: float = 0.0, channels: int = 1) -> np.ndarray:
    """A Gaussian blot of these standard deviations, sheared to the right by `shear` columns a row upwards."""
    y, x = np.mgrid[:EDGE, :EDGE] - EDGE // 2
    ink = np.exp(-((x + shear * y) ** 2) / (2 * width**2) - y**2 / (2 * height**2))
    return np.repeat(2 * ink[None] - 1, channels, axis=0)


@pytest.mark.parametrize("degrees", [-30.0, 0.0, 20.0])
def test_slant_and_size_of_a_drawn_stroke(degrees: float) -> None:
    shear = np.tan(np.radians(degrees))

    found = picture_style(np.stack([stroke(2.0, 5.0, shear), stroke(2.0, 5.0, shear) * 0.5 - 0.5]))

    np.testing.assert_allclose(found["slant"], degrees, atol=0.1)
    np.testing.assert_allclose(found["height"], 5.0, rtol=0.01)
    np.testing.assert_allclose(found["width"], np.hypot(2.0, 5.0 * shear), rtol=0.01)
    np.testing.assert_allclose(found["ink"], [2 * np.pi * 10 / EDGE**2, np.pi * 10 / EDGE**2], rtol=0.01)


def test_colours_count_by_their_brightness_and_an_empty_picture_has_only_its_ink() -> None:
    found = picture_style(np.stack([stroke(3, 4, channels=3), np.full((3, EDGE, EDGE), -1.0)]))

    np.testing.assert_allclose([found["width"][0], found["height"][0]], [3, 4], rtol=0.01)
    assert found["ink"][1] == 0
    assert all(np.isnan(found[name][1]) for name in ("slant", "width", "height"))


def test_the_correlation_is_within_labels_and_counts_what_it_rests_on() -> None:
    random = np.random.default_rng(0)
    groups = np.repeat([0, 1, 2], 200)
    before = random.standard_normal(600) + 10 * groups
    after = 0.8 * (before - 10 * groups) + 0.6 * random.standard_normal(600) - 20 * groups

    found = within_group_correlation(before, after, groups)

    apart = [
        values - np.array([values[groups == group].mean() for group in groups]) for values in (before, after)
    ]
    assert found.value == pytest.approx(stats.pearsonr(*apart).statistic)
    assert stats.pearsonr(before, after).statistic < 0
    assert found.low < found.value < found.high
    assert found.high - found.low < 0.08
    assert found.count == 600


def test_one_group_has_fishers_interval() -> None:
    random = np.random.default_rng(3)
    before = random.uniform(-1, 1, 40)
    after = before + random.uniform(-1, 1, 40)

    found = within_group_correlation(before, after, np.zeros(40))

    expected = stats.pearsonr(before, after).confidence_interval(0.95)
    assert found.value == pytest.approx(stats.pearsonr(before, after).statistic)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.02)


@pytest.mark.parametrize("heavy", [False, True])
def test_the_interval_holds_the_truth_as_often_as_it_says(heavy: bool) -> None:
    random, covered = np.random.default_rng(5), 0
    groups = np.repeat(np.arange(5), 40)
    for _ in range(400):
        pair = random.standard_normal((2, 200))
        if heavy:
            pair /= np.sqrt(random.chisquare(6, 200) / 6)
        after = 0.6 * pair[0] + 0.8 * pair[1]
        found = within_group_correlation(pair[0] + groups, after - groups, groups)
        covered += found.low <= 0.6 <= found.high
    assert covered / 400 >= 0.91


def test_one_picture_for_all_of_a_label_keeps_no_style_and_a_few_images_have_no_interval() -> None:
    random = np.random.default_rng(1)
    style = {name: random.standard_normal(8) for name in ("slant", "ink", "width", "height")}
    groups = np.repeat([0, 1], 4)
    same = {name: np.repeat([3.0, 4.0], 4) + 1e-12 * values for name, values in style.items()}

    assert all(np.isnan(each.value) for each in style_kept(style, same, groups).values())
    few = within_group_correlation([1.0, 2.0, 4.0], [1.0, 3.0, 2.0], [0, 0, 0])
    assert few.value == pytest.approx(np.corrcoef([1, 2, 4], [1, 3, 2])[0, 1])
    assert np.isnan(few.low)
    alone = within_group_correlation([1.0, np.nan, 2.0], [1.0, 3.0, 2.0], [0, 0, 1])
    assert (alone.count, np.isnan(alone.value)) == (0, True)


def test_an_image_that_is_there_several_times_counts_once() -> None:
    random = np.random.default_rng(5)
    before = random.standard_normal(300)
    after = before + random.standard_normal(300)
    once = within_group_correlation(before, after, np.zeros(300))

    repeated = within_group_correlation(
        np.tile(before, 4), np.tile(after, 4), np.repeat(range(4), 300), np.tile(np.arange(300), 4)
    )

    assert repeated.count == 300
    assert [repeated.value, repeated.low, repeated.high] == pytest.approx([once.value, once.low, once.high])
