"""Images of any size brought to one, in data sets, trainings and evaluations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.datasets import load_data_set, load_fitting
from lsd_studio.engine.datasets.fitting import TrainedOn
from lsd_studio.engine.datasets.image_survey import survey_images
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import read_image
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.images.preparation import prepare_image
from lsd_studio.engine.training.plan import plan_training, planned_images
from lsd_studio.engine.training.settings import TrainingSettings


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two labels of images in three sizes; the middle of each is bright."""
    random = np.random.default_rng(0)
    for label in ("cats", "dogs"):
        folder = tmp_path / "photos" / label
        folder.mkdir(parents=True)
        for number, (height, width) in enumerate(((40, 60), (48, 48), (60, 40)) * 4):
            pixels = random.integers(0, 60, (height, width), dtype=np.uint8)
            pixels[height // 4 : -height // 4, width // 4 : -width // 4] += 180
            Image.fromarray(pixels).save(folder / f"{number}.png")
    return tmp_path / "photos"


def test_ways_to_one_size_keep_what_they_say() -> None:
    wide = np.zeros((20, 40), np.uint8)
    wide[:, 10:30] = 200
    assert (Framing(way="crop", height=20, width=20).framed(wide) == 200).all()
    padded = Framing(way="pad", height=40, width=40).framed(wide)
    assert (padded[10:30] == wide).all()
    assert (padded[:10] == 0).all()
    stretched = Framing(way="stretch", height=20, width=20).framed(wide)
    assert stretched.shape == (20, 20)
    assert (stretched[:, 5:15] == 200).all()
    assert Framing(way="pad", height=20, width=40).framed(wide) is wide
    colour = np.stack([wide] * 3, axis=2)
    assert Framing(way="pad", height=16, width=16).framed(colour).shape == (16, 16, 3)


def pen_digits(folder: Path) -> Path:
    """Real zeros and ones drawn dark on grey paper, in a corner of pictures of two proportions."""
    training = load_data_set("mnist", "test")
    for label in (0, 1):
        (folder / str(label)).mkdir(parents=True)
        for place, index in enumerate(np.flatnonzero(training.labels == label)[:12]):
            paper = np.full((70, 90) if place % 2 else (80, 60), 205, np.uint8)
            paper[4:60, 2:58] -= np.kron(training.images[index, 0] // 2, np.ones((2, 2), np.uint8))
            Image.fromarray(paper).save(folder / str(label) / f"{place}.png")
    return folder


def test_digits_of_a_folder_are_evaluated_as_a_single_one_is_decomposed(tmp_path: Path) -> None:
    folder = pen_digits(tmp_path / "pen")
    on_mnist = TrainedOn("mnist", "0" * 64, (1, 28, 28), tuple("0123456789"), made_from_ink=True)
    test = load_fitting(on_mnist, str(folder), "test")
    alone = {
        np.rint(127.5 * (prepare_image(read_image(file), (1, 28, 28), like_mnist=True).pixels + 1)).tobytes()
        for file in folder.rglob("*.png")
    }
    assert len(alone) == 24
    assert {image.astype(np.float32).tobytes() for image in test.images} <= alone
    assert any("centred by mass" in note for note in test.notes)


def test_an_image_that_looks_like_a_digit_of_mnist_stays_as_it_is() -> None:
    framing = Framing(way="digit", height=28, width=28)
    image = load_data_set("mnist", "test").images[0, 0]
    assert framing.framed(image) is image
    assert (framing.framed(np.stack([image] * 3, axis=2)) == image).all()


def test_networks_trained_on_a_folder_of_digits_know_that_they_are(tmp_path: Path) -> None:
    framing = Framing(way="digit", height=28, width=28)
    training = planned_images(
        plan_training(TrainingSettings(data=str(pen_digits(tmp_path / "pen")), framing=framing))
    )
    assert training.image_shape == (1, 28, 28)
    assert training.images[:, :, 0].max() < 32
    assert training.reading is not None
    assert training.reading.framing == framing


def test_a_survey_counts_and_suggests(photos: Path) -> None:
    survey = survey_images(photos)
    assert survey.counts == {"cats": 12, "dogs": 12}
    assert len(survey.sizes) == 3
    assert survey.framing == Framing(way="crop", height=40, width=40)
    assert survey.pictures.shape == (12, 40, 40, 3)
    assert survey.split is None


def test_a_training_keeps_how_images_were_fitted_and_evaluations_fit_theirs_so(photos: Path) -> None:
    with pytest.raises(StudioError, match="fitted to one size"):
        load_data_set(str(photos), "train")
    framing = Framing(way="pad", height=32, width=32)
    training = planned_images(plan_training(TrainingSettings(data=str(photos), framing=framing)))
    assert training.image_shape == (1, 32, 32)
    assert training.reading is not None
    assert training.reading.framing == framing
    assert framing.sentence in training.notes
    trained_on = TrainedOn(
        training.name, training.checksum, training.image_shape, training.label_names, training.reading
    )
    test = load_fitting(trained_on, None, "test")
    assert test.image_shape == (1, 32, 32)
    assert len(test) + len(training) == 24


def test_images_of_another_size_are_cropped_for_an_evaluation_and_that_is_said(photos: Path) -> None:
    on_mnist = TrainedOn("mnist", "0" * 64, (3, 28, 28), ("cats", "dogs"))
    test = load_fitting(on_mnist, str(photos), "test")
    assert test.image_shape == (3, 28, 28)
    assert any("cropped in the middle and scaled to 28×28 pixels" in note for note in test.notes)
    assert any("coloured" in note for note in test.notes)
