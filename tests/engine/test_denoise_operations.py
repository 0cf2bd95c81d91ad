"""Denoising through the engine: one image, descents from it, linear regression, curves, and whose answers they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.api import Engine
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.denoising.curves import Curves
from lsd_studio.engine.denoising.denoised_image import DenoiseSettings, Descent
from lsd_studio.engine.denoising.kit import kit_place
from lsd_studio.engine.denoising.noise import Noise
from lsd_studio.engine.errors import NotAvailableError, StudioError
from lsd_studio.engine.images.pictures import EncodedPixels
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing

SaveBundle = Callable[[Path], Path]


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (1, 8, 8), dtype=np.uint8)


def test_an_image_is_noised_truncated_and_judged(opened: Engine, pixels: np.ndarray) -> None:
    call = opened.denoise.image(pixels, "mine", DenoiseSettings(terms=3))
    shown = call.result()
    assert call.milliseconds > 0
    assert (shown.title, shown.noise, shown.terms) == ("mine", "Gaussian, σ = 0.75", 3)
    assert [terms for terms, _ in shown.truncations] == [1, 2, 3, 4]
    np.testing.assert_array_equal(shown.chosen.picture, shown.truncations[2][1].picture)
    assert shown.original is not None
    np.testing.assert_array_equal(shown.original.picture[..., 0], pixels[0])
    assert (shown.original.psnr, shown.original.ssim) == (None, pytest.approx(1))
    assert shown.noisy.psnr is not None
    assert not np.array_equal(shown.noisy.picture, shown.original.picture)
    assert not shown.has_regression
    again = opened.denoise.image(pixels, "mine", DenoiseSettings(terms=3)).result()
    np.testing.assert_array_equal(again.noisy.picture, shown.noisy.picture)


def test_settings_outside_their_range_are_clipped(opened: Engine, pixels: np.ndarray) -> None:
    asked = DenoiseSettings(noise="dropped", level=7.0, terms=99)
    used = opened.denoise.image(pixels, settings=asked).result().settings
    assert (used.level, used.terms, used.start) == (0.95, 4, "bundle")


def test_its_own_noise_is_guessed_or_assumed_and_has_no_original(
    opened: Engine, pixels: np.ndarray, tmp_path: Path
) -> None:
    file = tmp_path / "mine.png"
    Image.fromarray(pixels[0]).save(file)
    guessed = opened.denoise.image(file, "mine", DenoiseSettings(noise="own")).result()
    assert guessed.original is None
    assert guessed.noise.startswith("own noise, estimated: ")
    assert guessed.noisy_image.certainty is not None
    assert guessed.noisy.psnr is None
    np.testing.assert_array_equal(guessed.noisy.picture[..., 0], pixels[0])
    settings = DenoiseSettings(noise="own", assumed="rectangles", level=0.3)
    assumed = opened.denoise.image(file.read_bytes(), "mine", settings).result()
    assert assumed.noise == "own noise, taken as rectangles, 30 %"
    assert assumed.noisy_image.certainty is None


def test_the_current_image_and_what_a_figure_keeps_are_taken_too(
    opened: Engine, pixels: np.ndarray, tmp_path: Path
) -> None:
    with pytest.raises(NotAvailableError, match="no image yet"):
        opened.denoise.image(None).result()
    opened.decompose.image(pixels).result()
    Image.fromarray(pixels[0]).save(tmp_path / "kept.png")
    kept = EncodedPixels((tmp_path / "kept.png").read_bytes())
    for source in (None, kept):
        original = opened.denoise.image(source).result().original
        assert original is not None
        np.testing.assert_array_equal(original.picture[..., 0], pixels[0])


def test_an_image_of_another_shape_is_refused_in_one_sentence(opened: Engine, tmp_path: Path) -> None:
    large = np.zeros((1, 12, 10), np.uint8)
    Image.fromarray(large[0]).save(tmp_path / "large.png")
    kept = EncodedPixels((tmp_path / "large.png").read_bytes())
    words = "10×12 pixels in 1 channel, and the networks take 8×8 pixels in 1 channel: please choose images that fit"
    for operations in (opened.denoise, opened.decompose):
        for pixels in (large, kept):
            with pytest.raises(StudioError, match=words):
                operations.image(pixels).result()


@pytest.mark.parametrize("draws", [False, True])
def test_a_descent_tells_pictures_and_ends_with_the_least_energy(
    opened: Engine, pixels: np.ndarray, draws: bool
) -> None:
    shown = opened.denoise.image(pixels, settings=DenoiseSettings(draws=draws)).result()
    told: list[Descent] = []
    end = opened.denoise.descend(shown).result(told.append)
    assert [at.step for at in told] == sorted({at.step for at in told})
    assert 1 < len(told) <= 11
    assert end.step == end.steps
    assert end.energy <= told[0].energy
    assert end.found.name == ("lsd_posterior" if draws else "lsd_descent")
    assert end.found.psnr is not None


def test_a_descent_is_given_up_for_another_image(opened: Engine, pixels: np.ndarray) -> None:
    shown = opened.denoise.image(pixels).result()
    descent = opened.denoise.descend(shown)
    other = opened.denoise.image(pixels, settings=DenoiseSettings(level=0.1))
    assert other.result().settings.level == 0.1
    with pytest.raises(asyncio.CancelledError):
        descent.result()


def test_without_the_training_images_there_is_no_regression_and_no_measurement(
    opened: Engine, pixels: np.ndarray
) -> None:
    shown = opened.denoise.image(pixels).result()
    for call in (opened.denoise.linear_regression(shown), opened.denoise.measure()):
        with pytest.raises(StudioError, match="two-labels"):
            call.result()
    assert opened.denoise.stored_curves().result() is None


def test_files_are_denoised_with_the_noise_they_are_taken_for(
    opened: Engine, pixels: np.ndarray, tmp_path: Path
) -> None:
    Image.fromarray(pixels[0]).save(tmp_path / "noisy.png")
    files = [tmp_path / "noisy.png"]
    steps: list[Doing] = []

    guessed = opened.denoise.files(files).result(steps.append)
    told = opened.denoise.files(files, Noise("dropped", 0.3)).result()

    assert steps[-1] == Doing("denoising", 0.0, "noisy.png")
    assert "Linear regression is left out" in guessed.notes[0]
    (file,) = guessed.files
    assert file.certainty is not None
    assert 0 < file.certainty <= 1
    assert {made.picture.shape for made in file.methods} == {(8, 8, 1)}
    np.testing.assert_array_equal(file.methods[0].picture[..., 0], pixels[0])
    assert (told.files[0].noise, told.files[0].certainty) == (Noise("dropped", 0.3), None)


def test_curves_are_stored_beside_trained_denoisers_alone(opened: Engine) -> None:
    with pytest.raises(StudioError, match="lsd-studio denoise --train"):
        opened.denoise.store_curves(Curves(1, 0, {}, {}, ())).result()


def test_what_is_asked_of_a_bundle_is_not_told_under_the_next(
    opened: Engine, save_small_bundle: SaveBundle, pixels: np.ndarray, tmp_path: Path
) -> None:
    """Neither the answer nor an error: the training images of the bundle before are nobody's any more."""
    shown = opened.denoise.image(pixels).result()
    scope = opened.session.scope("bundle")
    asked: Call[str, str] = Call(scope)
    opened.bundles.open(save_small_bundle(tmp_path / "second")).result()
    asked.fail(StudioError("The data set is gone."))
    with pytest.raises(asyncio.CancelledError):
        asked.result()
    assert opened.denoise.image(pixels).result().noise == shown.noise


def test_denoisers_are_trained_for_the_open_bundle_and_used_from_then_on(
    engine: Engine, bundle_with_images: Path, pixels: np.ndarray
) -> None:
    engine.bundles.open(bundle_with_images).result()
    assert not engine.denoise.image(pixels, "mine").result().has_saw_noise
    told: list[str] = []
    place = engine.denoise.train(steps=(1, 1)).result(lambda step: told.append(step.in_words))
    assert place == bundle_with_images.with_name("small-denoisers")
    assert any(what.startswith("Autoencoder, loss") for what in told)
    assert any(what.startswith("Parameters") for what in told)
    assert engine.denoise.image(pixels, "mine").result().has_saw_noise


def test_denoisers_are_not_trained_on_other_images(opened: Engine, bundle_with_images: Path) -> None:
    images = sorted((bundle_with_images.parent / "halves" / "train" / "left").iterdir())
    images[0].unlink()
    opened.bundles.open(bundle_with_images).result()
    with pytest.raises(StudioError, match="holds other images than this bundle was trained on"):
        opened.denoise.train(steps=(1, 1)).result()
    assert not bundle_with_images.with_name("small-denoisers").exists()


def test_denoisers_of_a_bundle_that_ships_are_kept_in_the_users_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path))
    assert kit_place(open_bundle("mnist-studio")) == tmp_path / "denoisers" / "mnist-studio-denoisers"
