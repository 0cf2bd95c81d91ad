from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import LabelledImages, load_data_set, scale_pixels
from lsd_studio.engine.denoising.baselines import PrincipalComponents, non_local_means, total_variation
from lsd_studio.engine.denoising.curves import LEVELS
from lsd_studio.engine.denoising.descent import DESCENTS, descend, descend_apart, posterior_mean
from lsd_studio.engine.denoising.figure_seven import figure_seven
from lsd_studio.engine.denoising.latent import (
    automatic_terms,
    denoise,
    denoise_by_draws,
    noise_floor,
    random_basis,
    truncate_codes,
)
from lsd_studio.engine.denoising.likelihood import Likelihood
from lsd_studio.engine.denoising.linear_regression import fit_linear_regression
from lsd_studio.engine.denoising.noise import LARGEST_LEVEL, Array, Noise, corrupt, corrupt_at_random
from lsd_studio.engine.denoising.noise_guess import NoiseExamples
from lsd_studio.engine.denoising.own_image import prepare_noisy
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import Picture
from lsd_studio.engine.steps import finished
from lsd_studio.engine.vocabulary import NOISE_KINDS
from tests.engine.small_networks import LABELS, LATENT_DIMENSIONS, small_images, small_networks


@cache
def clean(count: int = 12) -> Array:
    return scale_pixels(small_images("test", count).images)


@cache
def basis() -> QuasiEigenbasis:
    vectors = np.random.default_rng(0).standard_normal((LATENT_DIMENSIONS, LATENT_DIMENSIONS))
    return QuasiEigenbasis.from_averages(vectors, LABELS)


@given(kind=st.sampled_from(NOISE_KINDS), share=st.floats(0, 1), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_noise_stays_in_range_says_what_it_left_and_comes_again(kind, share, seed) -> None:
    noise = Noise(kind, share * LARGEST_LEVEL[kind])

    once, again = corrupt(clean(), noise, seed), corrupt(clean(), noise, seed)

    np.testing.assert_array_equal(once.images, again.images)
    assert once.images.dtype == np.float32
    assert np.abs(once.images).max() <= 1
    if kind != "gaussian":
        left = np.broadcast_to(once.known, once.images.shape)
        np.testing.assert_array_equal(once.images[left], clean()[left])
    if noise.level == 0:
        np.testing.assert_array_equal(once.images, clean())


@pytest.mark.parametrize("kind", ["salt_and_pepper", "dropped"])
def test_the_share_of_pixels_that_is_hit_is_the_level_and_grows_with_it(kind) -> None:
    images = np.zeros((200, 1, 8, 8), np.float32)

    few, many = corrupt(images, Noise(kind, 0.3), 1), corrupt(images, Noise(kind, 0.95), 1)

    assert 1 - many.known.mean() == pytest.approx(0.95, abs=0.01)
    assert 1 - few.known.mean() == pytest.approx(0.3, abs=0.02)
    assert not (many.known & ~few.known).any()
    assert set(np.unique(many.images)) == ({-1, 0, 1} if kind == "salt_and_pepper" else {-1, 0})


def test_gaussian_noise_has_its_deviation_and_rectangles_their_area() -> None:
    images = np.zeros((50, 3, 24, 24), np.float32)

    assert corrupt(images, Noise("gaussian", 0.2), 0).images.std() == pytest.approx(0.2, rel=0.02)
    covered = 1 - corrupt(images, Noise("rectangles", 0.4), 0).known.mean(axis=(1, 2, 3))
    assert (covered >= 0.4).all()
    assert covered.max() < 0.4 + 1 / 9


def test_training_noise_has_all_kinds_and_leaves_some_images_alone() -> None:
    images = np.repeat(clean(), 40, axis=0)

    made = corrupt_at_random(images, np.random.default_rng(0))

    assert 0.05 < (made.images == images).all(axis=(1, 2, 3)).mean() < 0.2
    assert made.images.shape == images.shape
    assert made.known.shape == (len(images), 1, 8, 8)


@pytest.mark.parametrize(("kind", "level"), [("gaussian", -0.1), ("dropped", 0.96), ("snow", 0.1)])
def test_noise_that_does_not_exist_is_refused(kind, level) -> None:
    with pytest.raises(StudioError, match="please choose one"):
        Noise(kind, level)


def test_the_noise_floor_of_unit_posteriors_is_the_universal_threshold() -> None:
    dimensions = LATENT_DIMENSIONS
    floor = noise_floor(basis(), np.zeros((2, dimensions)))

    np.testing.assert_allclose(floor, np.sqrt(2 * np.log(dimensions) / dimensions))
    draws = np.random.default_rng(0).standard_normal((4000, dimensions))
    assert automatic_terms(basis(), draws, np.zeros_like(draws)).mean() < 2
    np.testing.assert_allclose(noise_floor(basis(), np.full((1, dimensions), -1.0)), floor[:1] / np.e)


def test_automatic_truncation_finds_the_terms_that_were_put_in() -> None:
    amplitudes = np.zeros((1, LATENT_DIMENSIONS))
    amplitudes[0, [0, 5, 11]] = 1.0, -0.6, 0.5
    noisy = amplitudes + 0.02 * np.random.default_rng(0).standard_normal(amplitudes.shape)
    log_sigma = np.full(amplitudes.shape, np.log(0.02 * np.sqrt(LATENT_DIMENSIONS)))
    codes = basis().inverse_transform(noisy)

    terms = automatic_terms(basis(), codes, log_sigma)
    kept = basis().transform(truncate_codes(basis(), codes, terms))

    assert terms.tolist() == [3]
    assert np.flatnonzero(np.abs(kept[0]) > 1e-9).tolist() == [0, 5, 11]


def test_truncation_with_a_number_for_each_code_and_rescaling() -> None:
    codes = np.random.default_rng(1).standard_normal((3, LATENT_DIMENSIONS))

    cut = truncate_codes(basis(), codes, np.array([1, 4, LATENT_DIMENSIONS]), rescale=True)

    assert [(np.abs(basis().transform(code[None])) > 1e-9).sum() for code in cut] == [1, 4, LATENT_DIMENSIONS]
    np.testing.assert_allclose(np.linalg.norm(cut[:2], axis=1), np.sqrt(LATENT_DIMENSIONS))
    np.testing.assert_allclose(cut[2], codes[2])
    with pytest.raises(StudioError, match="terms to keep"):
        truncate_codes(basis(), codes, 0)


def test_denoising_by_all_terms_is_the_reconstruction_and_draws_average_to_less_error() -> None:
    networks = small_networks()
    mean, _ = networks.encode(clean())

    whole = denoise(networks, basis(), clean(), LATENT_DIMENSIONS)
    one = denoise_by_draws(networks, basis(), clean(), draws=1)
    many = denoise_by_draws(networks, basis(), clean(), draws=32)

    np.testing.assert_allclose(whole, networks.decode(mean), atol=1e-4)
    assert np.square(many - clean()).mean() < np.square(one - clean()).mean()


@pytest.mark.parametrize("noise", [Noise("gaussian", 0.5), Noise("dropped", 0.4), Noise("rectangles", 0.2)])
def test_the_likelihood_of_a_pixel_sums_to_one_over_all_values(noise) -> None:
    likelihood = Likelihood.of(noise)
    clean_pixel = 0.3
    between = torch.linspace(-0.999999, 0.999999, 20001, dtype=torch.float64)

    density = torch.exp(-likelihood.negative_logarithm(between, torch.full_like(between, clean_pixel)))
    ends = torch.tensor([-1.0, 1.0], dtype=torch.float64)
    at_ends = torch.exp(-likelihood.negative_logarithm(ends, torch.full_like(ends, clean_pixel)))

    inlier = 1 - likelihood.outliers
    black = (
        inlier * norm.cdf((-1 - clean_pixel) / likelihood.deviation) + likelihood.outliers * likelihood.black
    )
    assert float(at_ends[0]) == pytest.approx(black, rel=1e-6)
    assert float(torch.trapezoid(density, between) + at_ends.sum()) == pytest.approx(1, abs=1e-4)


def test_descent_lowers_its_energy_and_restores_dropped_pixels_when_told_where() -> None:
    networks = small_networks()
    noise = Noise("dropped", 0.5)
    noisy = corrupt(clean(), noise, 3)
    start, _ = networks.encode(noisy.images)

    blind = list(descend(networks, noisy.images, start, Likelihood.of(noise), steps=40))
    told = list(
        descend(
            networks, noisy.images, start, Likelihood.of(Noise("dropped", 0)), known=noisy.known, steps=40
        )
    )

    def error(codes: Array) -> float:
        return float(np.square(networks.decode(codes) - clean()).mean())

    assert (blind[-1].values <= blind[0].values).all()
    np.testing.assert_array_equal(blind[0].codes, start.astype(np.float32))
    assert error(blind[-1].codes) < error(start)
    assert error(told[-1].codes) < error(start)
    assert [step.step for step in told] == list(range(41))


def test_without_evidence_a_descent_ends_where_the_prior_is_largest() -> None:
    networks = small_networks()
    start = np.zeros((3, LATENT_DIMENSIONS), dtype=np.float32)
    centres = np.random.default_rng(4).standard_normal(start.shape, dtype=np.float32)
    images = clean(3)
    likelihood = Likelihood.of(Noise("gaussian", 0.5))

    *_, last = descend(networks, images, start, likelihood, centres=centres, evidence=0, steps=200)

    np.testing.assert_allclose(last.codes, centres, atol=0.02)
    np.testing.assert_allclose(last.values, 0, atol=0.01)


def test_descents_apart_begin_at_draws_and_average_to_less_error_than_they_have() -> None:
    networks = small_networks()
    noise = Noise("dropped", 0.9)
    likelihood = Likelihood.of(noise)
    noisy = corrupt(clean(), noise, 3).images
    mean, log_sigma = networks.encode(noisy)

    first, *_, last = descend_apart(networks, noisy, likelihood, seed=1)
    drawn = first.codes.reshape(len(noisy), DESCENTS, -1)
    each = networks.decode(last.codes).reshape(len(noisy), DESCENTS, *noisy.shape[1:])
    averaged = posterior_mean(networks, noisy, likelihood, seed=1)

    deviates = (drawn - mean[:, None]) / np.exp(log_sigma)[:, None]
    assert abs(float(deviates.mean())) < 0.1
    assert float(deviates.std()) == pytest.approx(1, abs=0.1)
    assert np.square(averaged - clean()).mean() < np.square(each - clean()[:, None]).mean()
    np.testing.assert_array_equal(averaged, posterior_mean(networks, noisy, likelihood, seed=1))


def test_the_kind_and_level_of_an_images_own_noise_are_guessed_right_with_their_certainty() -> None:
    images = clean(60)
    examples = NoiseExamples.of(small_networks())

    for noise in (
        Noise("gaussian", 0.2),
        Noise("gaussian", 0.6),
        Noise("salt_and_pepper", 0.3),
        Noise("dropped", 0.6),
        Noise("rectangles", 0.4),
    ):
        noisy = np.rint((corrupt(images, noise, 5).images + 1) * 127.5).astype(np.float32) / 127.5 - 1
        guesses = [examples.guess(image) for image in noisy]
        right = [guess for guess in guesses if guess.noise.kind == noise.kind]
        assert len(right) >= 0.85 * len(guesses), noise
        assert np.median([guess.noise.level for guess in right]) == pytest.approx(noise.level, abs=0.15)
        assert np.mean([guess.certainty for guess in right]) > 0.7


def test_on_test_images_of_mnist_nearly_every_guess_at_a_measured_level_is_right() -> None:
    """Before, 73 to 98 % of salt and pepper, of rectangles and of weak Gaussian noise were taken for something else."""
    test = load_data_set("mnist", "test")
    images = scale_pixels(test.images[np.linspace(0, len(test) - 1, 12).astype(int)])
    examples = NoiseExamples.of(open_bundle("mnist-studio").networks)

    right = [
        examples.guess(image).noise.kind == kind
        for kind, levels in LEVELS.items()
        for level in levels[1:]
        for image in corrupt(images, Noise(kind, level), 7).images
    ]

    assert np.mean(right) > 0.97


def test_a_seed_gives_noise_draws_and_descents_numbers_of_their_own() -> None:
    zeros = np.zeros((2, 1, 8, 8), np.float32)
    field = corrupt(zeros, Noise("gaussian", 0.1), 3).images
    again = corrupt(zeros, Noise("gaussian", 0.1), 3, "held-out images").images
    first = np.random.default_rng(3).standard_normal(zeros.shape, dtype=np.float32) * np.float32(0.1)

    assert not np.isclose(field, again).any(axis=(1, 2, 3)).all()
    assert abs(np.corrcoef(field.ravel(), again.ravel())[0, 1]) < 0.4
    assert abs(np.corrcoef(field.ravel(), first.ravel())[0, 1]) < 0.4


def test_linear_regression_is_the_least_squares_solution_and_beats_pca_truncation() -> None:
    training, held_out = small_images("train", 1200), scale_pixels(small_images("test", 60).images)[30:]
    noise = Noise("gaussian", 0.5)

    regression = finished(fit_linear_regression(training, held_out, noise, seed=0))

    assert regression is not None
    pixels = scale_pixels(training.images)
    noisy = corrupt(pixels, noise, 0, "regression from 0").images.reshape(len(pixels), -1)
    inputs = np.column_stack([noisy, np.ones(len(noisy))]).astype(np.float64)
    solved, *_ = np.linalg.lstsq(inputs, pixels.reshape(len(pixels), -1), rcond=None)
    tried = corrupt(clean(30), noise, 1).images
    expected = (np.column_stack([tried.reshape(30, -1), np.ones(30)]) @ solved).clip(-1, 1)
    restored = regression.restore(tried)
    assert np.abs(restored.reshape(30, -1) - expected).mean() < 0.02
    truncated = PrincipalComponents.fit(training).truncate(tried, 12)
    assert np.square(restored - clean(30)).mean() < np.square(truncated - clean(30)).mean()


def test_images_too_large_for_normal_equations_have_no_linear_regression() -> None:
    large = LabelledImages(
        "large", np.zeros((2, 1, 65, 65), np.uint8), np.zeros(2, np.int64), ("a",), "0" * 64, "train"
    )

    assert finished(fit_linear_regression(large, clean(), Noise("dropped", 0.5), seed=0)) is None


def test_the_control_of_a_truncation_is_an_orthogonal_basis_that_knows_no_labels() -> None:
    control, other = random_basis(basis(), 0), random_basis(basis(), 1)
    codes = np.random.default_rng(2).standard_normal((3, LATENT_DIMENSIONS))

    assert control.orthogonality_error_ < 1e-12
    np.testing.assert_array_equal(control.xi_, random_basis(basis(), 0).xi_)
    assert np.abs(control.xi_ @ basis().xi_.T / LATENT_DIMENSIONS).max() < 0.99
    whole = [truncate_codes(each, codes, LATENT_DIMENSIONS) for each in (basis(), control, other)]
    np.testing.assert_allclose(whole[1], whole[0], atol=1e-9)
    np.testing.assert_allclose(whole[2], whole[0], atol=1e-9)
    assert not np.allclose(truncate_codes(control, codes, 3), truncate_codes(basis(), codes, 3))


def test_total_variation_and_non_local_means_leave_clean_images_and_smooth_noisy_ones() -> None:
    images = np.zeros((2, 2, 24, 24), np.float32)
    images[:, :, 8:16, 8:16] = 1
    noisy = corrupt(images, Noise("gaussian", 0.2), 0).images

    np.testing.assert_allclose(non_local_means(images, 0.02, 0.0), images, atol=1e-3)
    np.testing.assert_allclose(total_variation(images, 1e-4), images, atol=1e-2)
    for smooth in (non_local_means(noisy, 0.3, 0.0), total_variation(noisy, 0.2)):
        assert smooth.shape == images.shape
        assert np.square(smooth - images).mean() < 0.5 * np.square(noisy - images).mean()


def test_principal_components_agree_with_the_singular_value_decomposition() -> None:
    training = small_images("train", 300)
    components = PrincipalComponents.fit(training, 10)
    pixels = scale_pixels(training.images).reshape(300, -1).astype(np.float64)
    _, singular, right = np.linalg.svd(pixels - pixels.mean(axis=0), full_matrices=False)

    np.testing.assert_allclose(components.variances, singular[:10] ** 2 / 300, rtol=1e-3)
    agreement = np.abs(np.sum(components.components * right[:10], axis=1))
    np.testing.assert_allclose(agreement, 1, atol=1e-2)
    images = clean()
    expected = pixels.mean(axis=0) + (images.reshape(12, -1) - pixels.mean(axis=0)) @ right[:5].T @ right[:5]
    np.testing.assert_allclose(
        components.truncate(images, 5).reshape(12, -1), np.clip(expected, -1, 1), atol=1e-3
    )


def test_known_pixels_are_filled_better_than_truncation_does() -> None:
    components = PrincipalComponents.fit(small_images("train", 2000), 40)
    noisy = corrupt(clean(), Noise("dropped", 0.5), 0)

    filled = components.fill(noisy.images, noisy.known)

    truncated = components.truncate(noisy.images, 10)
    assert np.square(filled - clean()).mean() < 0.6 * np.square(truncated - clean()).mean()


def test_figure_seven_has_a_row_for_each_image_and_its_blocks_side_by_side() -> None:
    figure = figure_seven(small_networks(), basis(), small_images("test", 140))

    assert figure.columns == (
        "image",
        f"n = M = {LATENT_DIMENSIONS}",
        "n = 1",
        "n = 2",
        "n = 3",
        "n = 4",
        "n = 10",
    )
    assert figure.images.shape == (125, 7, 1, 8, 8)
    assert ((figure.label_kept >= 0) & (figure.label_kept <= 1)).all()
    sheet = figure.laid_out
    np.testing.assert_array_equal(sheet[:, :8, :8], figure.images[0, 0])
    np.testing.assert_array_equal(sheet[:, -8:, -8:], figure.images[124, 6])


def test_a_noisy_picture_keeps_its_noise_and_is_inverted_where_its_ground_is_bright() -> None:
    noisy = corrupt(clean()[:1], Noise("salt_and_pepper", 0.3), 0).images[0]
    pixels = np.rint((noisy[0] + 1) * 127.5).astype(np.uint8)

    as_it_is = prepare_noisy(Picture(pixels), (1, 8, 8), like_mnist=True)
    inverted = prepare_noisy(Picture(255 - pixels), (1, 8, 8), like_mnist=True)

    np.testing.assert_allclose(as_it_is.pixels, noisy, atol=0.01)
    np.testing.assert_allclose(inverted.pixels, noisy, atol=0.01)
    assert inverted.steps[-1] == "inverted: dark on light"
