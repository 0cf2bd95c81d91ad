"""Images of any size brought to one, in data sets, trainings and evaluations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.datasets import load_data_set, load_fitting
from lsd_studio.engine.datasets.fitting import TrainedOn
from lsd_studio.engine.datasets.folder_survey import survey_folder
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.framing import Framing
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


def test_a_survey_counts_and_suggests(photos: Path) -> None:
    survey = survey_folder(photos)
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
