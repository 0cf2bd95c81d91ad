"""A folder or file of one's own images in Train: what it holds is shown, sizes are fitted, and M follows its labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from pytestqt.qtbot import QtBot

from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.ui.shell.main_window import MainWindow
from tests.engine.image_set_files import write_medmnist

PATIENCE = 60_000


def test_a_folder_is_looked_over_fitted_and_sets_m(
    bare_window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    for label in ("yes", "no", "perhaps"):
        (tmp_path / "own" / label).mkdir(parents=True)
        for number, size in enumerate(((50, 30), (30, 30), (30, 50))):
            pixels = np.full((*size, 3), 40 * number, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "own" / label / f"{number}.png")
    train = bare_window.train()
    form = train.form
    qtbot.waitUntil(lambda: form.data.count() > 0, timeout=PATIENCE)
    train.begin()
    assert not form.folder.isVisible()
    form.choose_data(str(tmp_path / "own"))
    qtbot.waitUntil(form.folder.isVisible, timeout=PATIENCE)
    words = form.folder.words.text()
    assert "9 images of 3 labels: no (3), perhaps (3), yes (3)" in words
    assert "3 sizes" in words
    assert form.folder.framing == Framing(way="crop", height=28, width=28)
    assert not form.folder.pictures.pixmap().isNull()
    assert int(form.rows["latent_dimensions"].text) % 3 == 0
    qtbot.waitUntil(lambda: form.is_good, timeout=PATIENCE)

    form.folder.way.setCurrentText("pad")
    form.folder.way.activated.emit(form.folder.way.currentIndex())
    qtbot.waitUntil(lambda: form.folder.framing == Framing(way="pad", height=28, width=28), timeout=PATIENCE)
    assert "padded" in form.folder.words.text()
    heard: list[TrainingSettings] = []
    form.started.disconnect()
    form.started.connect(heard.append)
    form.start.click()
    assert heard[0].framing == Framing(way="pad", height=28, width=28)

    form.choose_data("mnist")
    assert not form.folder.isVisible()
    assert form.folder.framing is None


def test_a_folder_that_comes_before_the_form_is_made_is_chosen(
    bare_window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    form = bare_window.train().form
    assert form.data.count() == 0
    form.choose_data(str(tmp_path))

    qtbot.waitUntil(lambda: form.data.currentText() == str(tmp_path), timeout=PATIENCE)


def test_a_file_that_is_dropped_is_said_how_it_was_read(
    bare_window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    write_medmnist(tmp_path / "med.npz")
    bare_window.arrivals.take_files([tmp_path / "med.npz"])
    form = bare_window.train().form
    qtbot.waitUntil(form.folder.isVisible, timeout=PATIENCE)
    words = form.folder.words.text()
    assert words.startswith("Read as NumPy arrays: train_images, val_images, test_images, with their labels.")
    assert (
        "40 images of 2 labels: 0 (20), 1 (20); 30 for training and 10 for testing, as the names of its parts say."
        in words
    )
    assert form.data.currentText() == str(tmp_path / "med.npz")
    assert form.folder.framing is None


def test_a_file_that_is_refused_is_said_in_one_sentence(
    bare_window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "stack.tif").write_bytes(b"none")
    form = bare_window.train().form
    qtbot.waitUntil(lambda: form.data.count() > 0, timeout=PATIENCE)
    form.choose_data(str(tmp_path / "stack.tif"))
    qtbot.waitUntil(lambda: "please save stack.csv there" in bare_window.message_bar.text, timeout=PATIENCE)
    assert not form.folder.isVisible()
