"""Samplers, and what their points are worth, against what is known of them exactly."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.generator.neighbourhoods import neighbourhoods
from lsd_studio.engine.latent.statistics.moments import Codes, Moments, moments
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes, principal_axes
from lsd_studio.engine.latent.statistics.sample_quality import (
    boundary_of,
    label_entropy,
    telling_apart,
)
from lsd_studio.engine.latent.statistics.samplers import (
    CUBES,
    SAMPLERS,
    Sampler,
    check_sampler,
    draw,
    sampler_title,
    samplers_for,
)

DRAWN = 40_000
ROOT = np.array([[2.0, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0.3, 0.5, 0, 0], [0, 1, 0, 1, 0], [0.2, 0, 0, 0, 3]])
MEAN = np.array([5.0, 0, -1, 0, 2])


def some_codes(count: int = 2000, seed: int = 0) -> Codes:
    return (MEAN + np.random.default_rng(seed).standard_normal((count, 5)) @ ROOT.T).astype(np.float32)


def drawn(sampler: Sampler, codes: Codes, count: int = DRAWN) -> tuple[Moments, PrincipalAxes, Codes]:
    of = moments(codes)
    principal = principal_axes(of)
    return of, principal, draw(sampler, count, of, principal, codes, np.random.default_rng(7))


@pytest.mark.parametrize("kind", ["codes", "ellipses", "cholesky", "principal"])
def test_samplers_reproduce_mean_and_covariance(kind: str) -> None:
    sampler = next(sampler for sampler in SAMPLERS if sampler.kind == kind and sampler.components is None)

    of, _, points = drawn(sampler, some_codes())

    found = moments(points)
    np.testing.assert_allclose(found.mean, of.mean, atol=0.08)
    assert np.linalg.norm(found.covariance - of.covariance) < 0.05 * np.linalg.norm(of.covariance)


@pytest.mark.parametrize("kind", ["ellipses", "cholesky", "principal", "truncated"])
def test_samplers_stay_in_the_span_of_singular_codes(kind: str) -> None:
    codes = some_codes()
    codes[:, 3] = 1.25
    codes[:, 1] = 2 * codes[:, 0]
    sampler = next(sampler for sampler in SAMPLERS if sampler.kind == kind and sampler.components is None)

    _, principal, points = drawn(sampler, codes, 2000)

    assert principal.rank == 3
    np.testing.assert_allclose(points[:, 3], 1.25, atol=1e-5)
    np.testing.assert_allclose(points[:, 1], 2 * points[:, 0], atol=1e-4)


def test_leading_axes_alone_hold_their_variance_and_no_other() -> None:
    _, principal, points = drawn(Sampler("principal", components=2), some_codes())

    variances = moments(points).covariance
    along = np.einsum("ki,ij,kj->k", principal.axes, variances, principal.axes)
    np.testing.assert_allclose(along[:2], principal.variances[:2], rtol=0.05)
    np.testing.assert_allclose(along[2:], 0, atol=1e-6)


def test_the_truncated_normal_stays_within_its_radius_and_shrinks_as_it_must() -> None:
    share = 0.5
    of, principal, points = drawn(Sampler("truncated", share=share), some_codes())

    limit = scipy.stats.chi2.ppf(share, 5)
    squared = principal.distances(points) ** 2
    assert squared.max() <= limit * 1.0001
    # E[r² | r² ≤ q] / M = F_{M+2}(q) / F_M(q)
    factor = scipy.stats.chi2.cdf(limit, 7) / share
    assert squared.mean() / 5 == pytest.approx(factor, rel=0.02)
    assert np.linalg.norm(moments(points).covariance - factor * of.covariance) < 0.05 * np.linalg.norm(
        of.covariance
    )


def test_pairs_of_ellipses_fill_the_two_sigma_ellipse_evenly() -> None:
    _, principal, points = drawn(Sampler("ellipses"), some_codes())

    white = principal.whitened(points)
    for first in (0, 2):
        radius = np.hypot(white[:, first], white[:, first + 1])
        assert radius.max() <= 2.001
        # Uniform in a disc: the share within half of its radius is a quarter.
        assert (radius < 1).mean() == pytest.approx(0.25, abs=0.02)
    assert np.abs(white[:, 4]).max() <= np.sqrt(3) * 1.001


def test_cubes_and_boxes_are_uniform_in_their_bounds() -> None:
    of, _, cube = drawn(Sampler("cube", boundary=2.5), some_codes())
    _, _, box = drawn(Sampler("box"), some_codes())

    assert np.abs(cube).max() <= 2.5
    np.testing.assert_allclose(cube.std(axis=0), 2.5 / np.sqrt(3), rtol=0.02)
    reach = 2 * np.sqrt(2 * np.log(2)) * of.sigma
    np.testing.assert_allclose(box.min(axis=0), of.mean - reach, atol=0.01 * reach.max())
    np.testing.assert_allclose(box.max(axis=0), of.mean + reach, atol=0.01 * reach.max())


def test_the_prior_is_standard_normal() -> None:
    _, _, points = drawn(Sampler("prior"), some_codes())

    found = moments(points)
    np.testing.assert_allclose(found.mean, 0, atol=0.03)
    np.testing.assert_allclose(found.covariance, np.eye(5), atol=0.04)


@pytest.mark.parametrize(
    ("sampler", "sentence"),
    [
        (Sampler("cube"), "boundary above 0"),
        (Sampler("cube", boundary=-1.0), "boundary above 0"),
        (Sampler("principal", components=6), "There are 5 principal axes"),
        (Sampler("truncated", share=1.0), "between 0 and 1"),
        (Sampler("prior"), "no prior N"),
    ],
)
def test_a_sampler_that_cannot_be_is_refused(sampler: Sampler, sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        check_sampler(sampler, 5, has_normal_prior=False)


def test_all_samplers_of_the_posts_are_offered_with_titles_of_their_own() -> None:
    offered = samplers_for(5, has_normal_prior=True)

    assert {sampler.kind for sampler in offered} == {sampler.kind for sampler in SAMPLERS}
    assert [sampler.boundary for sampler in offered if sampler.kind == "cube"] == list(CUBES)
    assert len({sampler_title(sampler) for sampler in offered}) == len(offered)
    assert all(sampler.kind != "prior" for sampler in samplers_for(5, has_normal_prior=False))
    assert all((sampler.components or 0) < 4 for sampler in samplers_for(4, has_normal_prior=False))
    for sampler in offered:
        check_sampler(sampler, 5, has_normal_prior=True)


def test_the_populated_region_holds_99_percent() -> None:
    codes = some_codes()
    distances = principal_axes(moments(codes)).distances(codes)

    assert (distances <= boundary_of(distances)).mean() == pytest.approx(0.99, abs=0.001)
    assert boundary_of(distances) ** 2 == pytest.approx(scipy.stats.chi2.ppf(0.99, 5), rel=0.1)


def test_precision_and_recall_tell_missing_from_wrong() -> None:
    random = np.random.default_rng(0)
    two = random.standard_normal((400, 3)).astype(np.float32)
    two[200:] += 30
    half = random.standard_normal((400, 3)).astype(np.float32)
    strayed = np.concatenate([half[:200], half[200:] - 60])

    alike = neighbourhoods(two, np.concatenate([half[:200], half[200:] + 30]))
    less = neighbourhoods(two, half)
    wrong = neighbourhoods(two, strayed)

    assert min(alike.precision, alike.recall) > 0.85
    assert less.precision > 0.85
    assert less.recall == pytest.approx(0.5, abs=0.05)
    assert wrong.precision == pytest.approx(0.5, abs=0.05)


def test_a_discriminator_tells_other_points_and_not_the_same() -> None:
    random = np.random.default_rng(0)
    codes = random.standard_normal((300, 4)).astype(np.float32)
    same = random.standard_normal((300, 4)).astype(np.float32)
    far = random.uniform(-5, 5, (300, 4)).astype(np.float32)

    assert telling_apart(codes, same, 0) == pytest.approx(0.5, abs=0.08)
    assert telling_apart(codes, far, 0) > 0.9


def test_entropy_is_none_for_one_label_and_all_for_even_ones() -> None:
    assert label_entropy(np.ones((5, 1), dtype=np.float32)) == 0
    assert label_entropy(np.tile([1.0, 0, 0], (5, 1)).astype(np.float32)) == 0
    assert label_entropy(np.eye(4, dtype=np.float32)) == pytest.approx(1)
