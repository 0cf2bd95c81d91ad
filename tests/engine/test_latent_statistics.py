"""Statistics of codes against independent oracles: exact Gaussians, planted parameters, SciPy's own answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path
from sklearn.decomposition import PCA

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.correlations import chance_correlation
from lsd_studio.engine.latent.statistics.densities import (
    component_densities,
    fit_gaussians,
    full_widths,
    standing_out,
)
from lsd_studio.engine.latent.statistics.gaussian_twin import draw_gaussian
from lsd_studio.engine.latent.statistics.moments import Codes, finite_rows, moments
from lsd_studio.engine.latent.statistics.pairs import (
    contours,
    ellipses,
    exact_coverage,
    pair_density,
)
from lsd_studio.engine.latent.statistics.paths import (
    CodeStation,
    PlaceStation,
    along,
    positions,
    station_code,
    station_name,
)
from lsd_studio.engine.latent.statistics.planes import content, extent, nearest_point, project
from lsd_studio.engine.latent.statistics.principal_axes import principal_axes
from lsd_studio.engine.latent.statistics.radius import chi_mean, radial_density, radii

MEAN = np.array([1.0, -2.0, 0.0, 5.0, 0.3])
ROOT = np.array(
    [[2.0, 0, 0, 0, 0], [0.8, 1, 0, 0, 0], [0, 0, 0.5, 0, 0], [-1, 0, 0.2, 3, 0], [0, 0.4, 0, 0, 1.2]]
)


def gaussian_codes(count: int = 20_000, seed: int = 0) -> Codes:
    noise = np.random.default_rng(seed).standard_normal((count, len(MEAN)))
    return (MEAN + noise @ ROOT.T).astype(np.float32)


def test_moments_are_those_of_numpy_whatever_the_blocks() -> None:
    codes = gaussian_codes(10_000) + 100

    found = moments(codes)

    np.testing.assert_allclose(found.mean, codes.mean(axis=0, dtype=np.float64), rtol=1e-12)
    np.testing.assert_allclose(found.covariance, np.cov(codes.T.astype(np.float64)), rtol=1e-9)
    np.testing.assert_allclose(found.correlation, np.corrcoef(codes.T.astype(np.float64)), rtol=1e-9)


def test_a_constant_component_is_named_and_has_no_correlation() -> None:
    codes = gaussian_codes(100)
    codes[:, 2] = 7.3

    found = moments(codes)

    assert found.constant.tolist() == [False, False, True, False, False]
    assert np.isnan(found.correlation[2]).all()
    assert np.isfinite(np.delete(np.delete(found.correlation, 2, 0), 2, 1)).all()


def test_codes_that_are_not_finite_or_too_few_are_refused() -> None:
    codes = gaussian_codes(10)
    codes[3, 1] = np.nan

    assert np.flatnonzero(~finite_rows(codes)).tolist() == [3]
    with pytest.raises(StudioError, match="not finite"):
        moments(codes)
    with pytest.raises(StudioError, match="at least 3 codes, not 2"):
        moments(codes[:2])


def test_principal_axes_are_those_of_scikit_learn() -> None:
    codes = gaussian_codes(5_000)

    found = principal_axes(moments(codes))
    expected = PCA().fit(codes.astype(np.float64))

    np.testing.assert_allclose(found.variances, expected.explained_variance_, rtol=1e-9)
    np.testing.assert_allclose(np.abs((found.axes * expected.components_).sum(axis=1)), 1, rtol=1e-9)
    np.testing.assert_allclose(
        np.abs(found.coordinates(codes)), np.abs(expected.transform(codes.astype(np.float64))), atol=1e-4
    )
    assert found.needed(0.5) == np.searchsorted(expected.explained_variance_ratio_.cumsum(), 0.5) + 1
    assert found.needed(1.0) == 5
    assert 1 < found.effective < 5


def test_mahalanobis_distances_are_those_of_scipy() -> None:
    codes = gaussian_codes(500)
    of = moments(codes)
    inverse = np.linalg.inv(of.covariance)

    found = principal_axes(of).distances(codes)

    expected = [scipy.spatial.distance.mahalanobis(code, of.mean, inverse) for code in codes[:20]]
    np.testing.assert_allclose(found[:20], expected, rtol=1e-4)
    assert principal_axes(of).rank == 5
    np.testing.assert_allclose((found**2).mean(), 5 * (len(codes) - 1) / len(codes), rtol=1e-4)


def test_fewer_codes_than_components_vary_in_their_span_only() -> None:
    codes = np.random.default_rng(0).standard_normal((6, 40)).astype(np.float32)

    axes = principal_axes(moments(codes))

    assert axes.rank == 5
    assert (axes.variances[5:] == 0).all()
    # All corners of a simplex are equally far from its middle: (N − 1)/√N.
    np.testing.assert_allclose(axes.distances(codes), 5 / math.sqrt(6), rtol=1e-4)
    twin = draw_gaussian(axes, 50, np.random.default_rng(0))
    assert principal_axes(moments(twin)).rank == 5


@settings(deadline=None, max_examples=20)
@given(
    width=st.floats(0.05, 2.0),
    scale=st.floats(0.3, 5.0),
    shift=st.floats(-20.0, 20.0),
    seed=st.integers(0, 99),
)
def test_densities_integrate_to_one(width: float, scale: float, shift: float, seed: int) -> None:
    codes = (shift + scale * np.random.default_rng(seed).standard_normal((500, 3))).astype(np.float32)

    found = component_densities(codes, width)
    radial = radial_density(codes, moments(codes), width)

    np.testing.assert_allclose(found.density.sum(axis=1) * width, 1, rtol=1e-5)
    np.testing.assert_allclose(radial.density.sum() * width, 1, rtol=1e-9)
    np.testing.assert_allclose(radial.chi.sum() * width, 1, rtol=2e-2)


def test_densities_are_the_histograms_of_numpy() -> None:
    codes = gaussian_codes(20_000)

    found = component_densities(codes, 0.25)

    assert found.edges[0] <= codes.min()
    assert found.edges[-1] >= codes.max()
    for component in range(5):
        expected, _ = np.histogram(codes[:, component], found.edges, density=True)
        np.testing.assert_allclose(found.density[component], expected, atol=4 / (20_000 * 0.25))


@pytest.mark.parametrize(
    ("width", "sentence"), [(0.0, "above 0"), (1e-7, "choose .* or more"), (math.nan, "above 0")]
)
def test_an_impossible_width_is_refused(width: float, sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        component_densities(gaussian_codes(100), width)


def test_fits_recover_planted_parameters_within_their_errors() -> None:
    codes = gaussian_codes(100_000)
    of, sigma = moments(codes), np.sqrt((ROOT**2).sum(axis=1))
    densities = component_densities(codes, 0.1)

    fits = fit_gaussians(densities, of.mean, of.sigma, of.constant)

    np.testing.assert_allclose(fits.center, MEAN, atol=0.03)
    np.testing.assert_allclose(fits.sigma, sigma, rtol=0.01)
    assert (np.abs(fits.center - MEAN) < 6 * fits.center_error + 0.01).all()
    np.testing.assert_allclose(fits.height, 1 / (sigma * math.sqrt(2 * math.pi)), rtol=0.02)
    assert (fits.error < 0.03).all()
    widths = full_widths(component_densities(codes, 0.25))
    np.testing.assert_allclose(widths, 2 * math.sqrt(2 * math.log(2)) * sigma, rtol=0.05)


def test_what_stands_out_is_named_with_its_reason() -> None:
    random = np.random.default_rng(0)
    codes = random.standard_normal((20_000, 12)).astype(np.float32)
    codes[:, 3] = 5 + 3.4 * codes[:, 3]
    codes[:, 7] *= 0.3
    codes[:, 9] = -1.5
    codes[:, 11] = np.where(random.uniform(size=20_000) < 0.5, -1, 1) + 0.1 * codes[:, 11]
    of = moments(codes)
    fits = fit_gaussians(component_densities(codes, 0.05), of.mean, of.sigma, of.constant)

    found = {
        one.component: one.reason for one in standing_out(of.mean, of.sigma, of.constant, fits.error, 0.05)
    }

    assert set(found) == {3, 7, 9, 11}
    assert "typical σ from the others" in found[3]
    assert "times the typical" in found[3]
    assert "of the typical" in found[7]
    assert found[9] == "constant at -1.5"
    assert "not Gaussian" in found[11]


def test_a_curve_in_too_few_intervals_has_no_fit() -> None:
    codes = (0.001 * np.random.default_rng(0).standard_normal((1000, 2))).astype(np.float32)
    of = moments(codes)

    fits = fit_gaussians(component_densities(codes, 0.25), of.mean, of.sigma, of.constant)

    assert np.isnan(fits.center).all()


def test_radii_of_a_normal_distribution_follow_chi() -> None:
    codes = np.random.default_rng(1).standard_normal((50_000, 30)).astype(np.float32)

    lengths = radii(codes)
    found = radial_density(codes, moments(codes), 0.25)

    assert found.chi_mean == chi_mean(30)
    assert found.root_of_m == pytest.approx(30**0.5)
    assert found.peak == pytest.approx(found.mean, abs=0.3)
    assert (found.least, found.largest) == (float(lengths.min()), float(lengths.max()))
    assert chi_mean(30) == pytest.approx(scipy.stats.chi(30).mean())
    assert float(lengths.mean()) == pytest.approx(chi_mean(30), abs=0.02)
    assert np.abs(found.density - found.chi).max() < 0.03


def test_a_plane_is_points_when_near_and_their_counts_when_far() -> None:
    codes = gaussian_codes(5_000)
    labels = np.random.default_rng(0).integers(0, 3, 5_000)
    points = project(codes, "components", 3, 0, principal_axes(moments(codes)))
    window = (4.0, 6.0, 0.0, 2.0)

    near = content(points, labels, window, 5_000, (64, 32))
    far = content(points, labels, window, 100, (64, 32))

    assert near.indices is not None
    chosen = points[near.indices]
    assert near.inside == far.inside == len(chosen)
    assert (chosen >= [4, 0]).all()
    assert (chosen <= [6, 2]).all()
    assert near.density is None
    assert far.density is not None
    assert far.majority is not None
    expected, _, _ = np.histogram2d(chosen[:, 1], chosen[:, 0], bins=(32, 64), range=((0, 2), (4, 6)))
    cell = 2 / 64 * 2 / 32
    np.testing.assert_allclose(far.density.sum() * cell, len(chosen), rtol=1e-5)
    assert np.abs(far.density * cell - expected).sum() <= 4
    assert ((far.majority == -1) == (far.density == 0)).all()
    row, column = np.unravel_index(far.density.argmax(), far.density.shape)
    inside = (np.floor((chosen[:, 0] - 4) * 32) == column) & (np.floor(chosen[:, 1] * 16) == row)
    counts = np.bincount(labels[near.indices][inside], minlength=3)
    assert counts[far.majority[row, column]] == counts.max()


@pytest.mark.parametrize("labels_in_all", [3, 30_000])
def test_a_density_image_names_the_most_frequent_label_of_every_cell(labels_in_all: int) -> None:
    random = np.random.default_rng(5)
    points = random.standard_normal((4_000, 2)).astype(np.float32)
    labels = random.integers(0, 3, len(points)) * (labels_in_all // 3)
    window = (-1.0, 1.0, -1.0, 1.0)

    seen = content(points, labels, window, 0, (512, 256))
    alone = content(points, None, window, 0, (512, 256))

    assert seen.majority is not None
    assert seen.density is not None
    within = points[(np.abs(points) <= 1).all(axis=1)], labels[(np.abs(points) <= 1).all(axis=1)]
    column, row = np.minimum(((within[0] + 1) * (256, 128)).astype(int), (511, 255)).T
    for cell in set(zip(row.tolist(), column.tolist(), strict=True)):
        here = within[1][(row == cell[0]) & (column == cell[1])]
        named, times = np.unique(here, return_counts=True)
        assert seen.majority[cell] in named[times == times.max()]
        assert seen.density[cell] == pytest.approx(len(here) * 256 * 128)
    assert alone.majority is not None
    assert (alone.majority == -1).all()
    np.testing.assert_array_equal(alone.density, seen.density)


def test_windows_hold_all_points_and_a_pointer_finds_the_nearest() -> None:
    points = np.array([[0, 0], [1, 0.1], [4, 4]], dtype=np.float32)

    left, right, bottom, top = extent(points)

    assert left < 0 < 4 < right
    assert bottom < 0 < 4 < top
    assert extent(np.zeros((3, 2), dtype=np.float32)) == pytest.approx((-0.04, 0.04, -0.04, 0.04))
    assert nearest_point(points, (0.8, 0.0), (1.0, 1.0)) == 1
    assert nearest_point(points, (2.5, 2.5), (0.5, 0.5)) is None
    with pytest.raises(StudioError, match="from left to right"):
        content(points, None, (1, 0, 0, 1), 10, (8, 8))
    with pytest.raises(StudioError, match="columns and rows"):
        content(points, None, (0, 1, 0, 1), 10, (8, 8000))


@pytest.mark.parametrize("k", [0.5, 1.0, 2.0, 3.0])
def test_ellipses_cover_what_a_gaussian_has_within_sampling_error(k: float) -> None:
    codes = gaussian_codes(50_000)
    points = np.ascontiguousarray(codes[:, [0, 1]])

    (found,) = ellipses(points, moments(points), (k,))

    assert found.exact == pytest.approx(1 - math.exp(-(k**2) / 2))
    assert abs(found.measured - found.exact) < 4 * found.standard_error
    # The outline lies k σ away from the middle.
    of = moments(points)
    away = found.outline - of.mean
    form = np.einsum("ni,ij,nj->n", away, np.linalg.inv(of.covariance), away)
    np.testing.assert_allclose(np.sqrt(form), k, rtol=1e-4)
    expected = math.degrees(
        0.5 * math.atan2(2 * of.covariance[0, 1], of.covariance[0, 0] - of.covariance[1, 1])
    )
    assert found.angle == pytest.approx(expected, abs=0.01)


def test_a_pair_on_one_line_has_no_ellipse() -> None:
    line = np.linspace(0, 1, 50, dtype=np.float32)
    points = np.stack([line, 2 * line], axis=1)

    with pytest.raises(StudioError, match="one line"):
        ellipses(points, moments(points), (1.0,))
    with pytest.raises(StudioError, match="above 0 σ"):
        ellipses(gaussian_codes(50)[:, :2], moments(gaussian_codes(50)[:, :2]), (0.0,))


def test_the_density_of_a_pair_is_scipys_kernel_density() -> None:
    codes = gaussian_codes(2_000)
    points = np.ascontiguousarray(codes[:, [0, 1]])

    found = pair_density(points, moments(points))

    left, _, bottom, _ = found.window
    width, height = found.cell
    rows, columns = np.meshgrid(np.arange(20, 240, 40), np.arange(20, 240, 40), indexing="ij")
    places = np.stack([left + (columns + 0.5) * width, bottom + (rows + 0.5) * height]).reshape(2, -1)
    expected = scipy.stats.gaussian_kde(points.T.astype(np.float64))(places)
    np.testing.assert_allclose(found.density[rows, columns].ravel(), expected, atol=0.01 * expected.max())


def test_contours_of_a_gaussian_hold_their_share_and_are_its_ellipses() -> None:
    codes = gaussian_codes(50_000)
    points = np.ascontiguousarray(codes[:, [0, 1]])
    of = moments(points)

    (found,) = contours(pair_density(points, of), points, (exact_coverage(2.0),))

    longest = max(found.lines, key=len)
    away = longest - of.mean
    k = np.sqrt(np.einsum("ni,ij,nj->n", away, np.linalg.inv(of.covariance), away))
    assert abs(k.mean() - 2) < 0.1
    assert contours(pair_density(points, of), points, (0.999999999,)) == ()


@pytest.mark.parametrize("count", [500, 10_000])
def test_contours_hold_the_points_that_they_say(count: int) -> None:
    """Counted inside the polygons, of one cloud and of two; half of the points of the density's mass are 2 % more."""
    random = np.random.default_rng(1)
    for apart in (0.0, 4.0):
        points = random.standard_normal((count, 2)).astype(np.float32)
        points[: count // 2, 0] += np.float32(apart)
        of = moments(points)
        shares = exact_coverage(1.0), exact_coverage(2.0)
        found = contours(pair_density(points, of), points, shares)
        assert [one.share for one in found] == list(shares)
        for one in found:
            inside = sum(Path(line).contains_points(points).astype(int) for line in one.lines)
            assert np.mean(inside % 2) == pytest.approx(one.share, abs=2 / count + 0.002)


def test_a_fit_strays_by_its_standard_error_whatever_the_range_of_other_components() -> None:
    """200 draws of 2 000 codes: a Gaussian, a skewed one, and a component whose range is 50 times as wide."""
    fitted, errors = [], []
    for seed in range(200):
        random = np.random.default_rng(seed)
        codes = random.standard_normal((2000, 3))
        codes[:, 1] = random.gamma(4, 0.5, 2000)
        codes[:, 2] *= 50
        codes = codes.astype(np.float32)
        of = moments(codes)
        found = fit_gaussians(component_densities(codes, 0.25), of.mean, of.sigma, of.constant)
        fitted.append([found.center, found.sigma])
        errors.append([found.center_error, found.sigma_error])

    claimed, spread = np.mean(errors, axis=0), np.std(fitted, axis=0)
    np.testing.assert_allclose(claimed, spread, rtol=0.2)


def test_a_width_beyond_all_values_is_one_sentence() -> None:
    with pytest.raises(StudioError, match="takes all values from"):
        component_densities(gaussian_codes(100), 1e300)


def test_independent_components_correlate_by_chance_as_often_as_told() -> None:
    codes = np.random.default_rng(0).standard_normal((400, 60)).astype(np.float32)

    values = moments(codes).correlation[np.triu_indices(60, k=1)]

    assert 0.002 < (np.abs(values) > chance_correlation(400)).mean() < 0.02


def test_the_twin_has_the_mean_the_covariance_and_the_count() -> None:
    of = moments(gaussian_codes(40_000))

    twin = draw_gaussian(principal_axes(of), 40_000, np.random.default_rng(1))
    found = moments(twin)

    assert len(twin) == 40_000
    np.testing.assert_allclose(found.mean, of.mean, atol=0.06)
    np.testing.assert_allclose(found.covariance, of.covariance, atol=0.2)


def test_paths_go_straight_through_their_stations() -> None:
    codes = gaussian_codes(50)
    principal = principal_axes(moments(codes))
    stations = (
        CodeStation(3),
        PlaceStation("components", ((2, 9.0),), origin=3),
        PlaceStation("principal", ((0, -1.5), (4, 0.5))),
    )

    places = np.stack([station_code(station, codes, principal) for station in stations])
    walked = along(places, positions(3, 4))

    np.testing.assert_allclose(places[0], codes[3])
    np.testing.assert_allclose(places[1], np.where(np.arange(5) == 2, 9.0, codes[3]))
    np.testing.assert_allclose(
        (places[2] - principal.mean) @ principal.axes.T, [-1.5, 0, 0, 0, 0.5], atol=1e-9
    )
    assert len(walked) == 9
    np.testing.assert_allclose(walked[[0, 4, 8]], places, rtol=1e-6)
    np.testing.assert_allclose(walked[6], (places[1] + places[2]) / 2, rtol=1e-5)
    np.testing.assert_allclose(along(places[:1], np.array([0.0])), places[:1], rtol=1e-6)
    assert station_name(stations[0]) == "image 3"
    assert "component 2 at 9" in station_name(stations[1])


@pytest.mark.parametrize(
    "station",
    [CodeStation(50), PlaceStation("components", ((5, 0.0),)), PlaceStation("components", ((1, math.nan),))],
)
def test_a_station_that_is_not_there_is_refused(station: CodeStation | PlaceStation) -> None:
    codes = gaussian_codes(50)

    with pytest.raises(StudioError):
        station_code(station, codes, principal_axes(moments(codes)))


def test_the_points_of_the_plane_keep_their_order() -> None:
    codes = gaussian_codes(30)
    principal = principal_axes(moments(codes))

    found = project(codes, "principal", 1, 0, principal)

    np.testing.assert_allclose(found, principal.coordinates(codes)[:, [1, 0]], atol=1e-5)


def test_where_all_components_are_unlike_none_stands_out() -> None:
    center, sigma = np.linspace(-3, 3, 12), np.full(12, 0.1)

    assert standing_out(center, sigma, np.zeros(12, dtype=bool), np.zeros(12), 0.01) == ()
