"""The current image through the engine: decomposed, revised, truncated, refined."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.api import Engine
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations.decompose import DecompositionSettings, Refining
from lsd_studio.engine.steps import Doing

SaveBundle = Callable[[Path], Path]


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (1, 8, 8), dtype=np.uint8)


def test_an_image_is_decomposed_as_the_parts_say(opened: Engine, pixels: np.ndarray, tmp_path: Path) -> None:
    call = opened.decompose.image(pixels, settings=DecompositionSettings(reading="absolute", terms=3))
    shown = call.result()
    bundle = open_bundle(tmp_path / "small")
    mean, _ = bundle.networks.encode((pixels / 127.5 - 1).astype(np.float32)[None])
    expected = np.linalg.solve(bundle.basis.xi_.T, mean[0].astype(np.float64))
    np.testing.assert_allclose(shown.amplitudes, expected, atol=1e-6)
    assert shown.winner == int(np.abs(expected).argmax())
    assert [part.terms for part in shown.truncations] == [1, 2, 3, 4]
    np.testing.assert_array_equal(shown.slider.picture, shown.truncations[2].picture)
    np.testing.assert_array_equal(shown.picture[..., 0], pixels[0])
    assert call.milliseconds > 0


def test_files_are_decomposed_together_and_the_current_image_stays(
    opened: Engine, pixels: np.ndarray, tmp_path: Path
) -> None:
    files = (tmp_path / "first.png", tmp_path / "second.png")
    for file, image in zip(files, (pixels[0], 255 - pixels[0]), strict=True):
        Image.fromarray(image).save(file)
    with pytest.raises(StudioError):
        opened.decompose.truncate(1).result()
    steps: list[Doing] = []

    first, second = opened.decompose.files(files).result(steps.append)
    alone = opened.decompose.file(files[0]).result()

    assert [step.note for step in steps] == ["first.png", "second.png", "", ""]
    assert steps[-1].what == "measuring training images"
    assert "Not known: There is no data set" in str(first.outlier)
    assert (first.file, first.steps) == (files[0], alone.steps)
    np.testing.assert_allclose(first.decomposition.amplitudes, alone.amplitudes, atol=1e-6)
    assert not np.allclose(second.decomposition.amplitudes, alone.amplitudes)
    assert [part.terms for part in first.decomposition.truncations] == [1, 2, 3, 4]
    assert opened.decompose.truncate(2).result().terms == 2


def test_a_sample_is_the_same_for_the_same_seed_and_another_for_another(
    opened: Engine, pixels: np.ndarray
) -> None:
    opened.decompose.image(pixels).result()
    first, same, other = (
        opened.decompose.revise(DecompositionSettings(latent="sample", seed=seed)).result().amplitudes
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, same)
    assert not np.allclose(first, other)


def test_terms_outside_their_range_are_clipped(opened: Engine, pixels: np.ndarray) -> None:
    opened.decompose.image(pixels).result()
    for asked, given in ((0, 1), (2, 2), (99, 4)):
        assert opened.decompose.truncate(asked).result().terms == given


def test_refining_tells_pictures_and_ends_with_a_smaller_error(opened: Engine, pixels: np.ndarray) -> None:
    before = opened.decompose.image(pixels).result()
    told: list[Refining] = []
    after = opened.decompose.refine(steps=24).result(told.append)
    assert after.refined
    assert after.root_mean_square_error <= before.root_mean_square_error
    assert [at.step for at in told] == list(range(0, 24, 2))


def test_a_refinement_is_given_up_for_another_image(opened: Engine, pixels: np.ndarray) -> None:
    opened.decompose.image(pixels).result()
    refinement = opened.decompose.refine(steps=10_000_000)
    assert not opened.decompose.image(255 - pixels).result().refined
    with pytest.raises(asyncio.CancelledError):
        refinement.result()


def test_what_cannot_be_done_is_said_in_one_sentence(engine: Engine, opened: Engine) -> None:
    with Engine() as empty, pytest.raises(StudioError, match=r"open one first\.$"):
        empty.decompose.drawing(np.zeros((9, 9), np.uint8)).result()
    with pytest.raises(StudioError, match="There is no image yet"):
        opened.decompose.refine().result()


def test_an_image_of_another_size_is_refused_and_the_engine_goes_on(
    opened: Engine, pixels: np.ndarray
) -> None:
    with pytest.raises(StudioError, match="choose images that fit them"):
        opened.decompose.image(np.zeros((1, 9, 9), np.uint8)).result()
    assert opened.decompose.image(pixels).result().title == "image"


def test_an_answer_about_the_bundle_before_is_not_delivered(
    opened: Engine, pixels: np.ndarray, save_small_bundle: SaveBundle, tmp_path: Path
) -> None:
    opened.decompose.image(pixels).result()
    other = save_small_bundle(tmp_path / "other")
    refinement = opened.decompose.refine(steps=10_000_000)
    opened.bundles.open(other).result()
    with pytest.raises(asyncio.CancelledError):
        refinement.result()
    with pytest.raises(StudioError, match="There is no image yet"):
        opened.decompose.truncate(1).result()


def test_a_closed_engine_cancels_what_is_asked_of_it(opened: Engine, pixels: np.ndarray) -> None:
    opened.close()
    with pytest.raises(asyncio.CancelledError):
        opened.decompose.image(pixels).result()
