"""Images that fit the open bundle, and those that do not: what a person sees of either."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from pytestqt.qtbot import QtBot

from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.images.framing import Framing
from lsd_studio.ui.shell.main_window import MainWindow

PATIENCE = 60_000


def draw(folder: Path, labels: str) -> Path:
    random = np.random.default_rng(0)
    for label in labels:
        (folder / label).mkdir(parents=True)
        for place in range(4):
            pixels = random.integers(0, 256, (28, 28), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{place}.png")
    return folder


def test_other_labels_are_refused_by_name(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: window.selection.tests is not None, timeout=PATIENCE)
    tests = window.selection.tests
    window.selection.tests_wanted.emit(str(draw(tmp_path / "letters", "ab")))
    qtbot.waitUntil(lambda: "has the labels a, b" in window.message_bar.text, timeout=PATIENCE)
    assert window.message_bar.isVisible()
    assert window.message_bar.text.endswith("please choose a data set without a, b.")
    assert window.selection.tests is tests


def test_test_images_in_a_file_are_those_of_its_test_part(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    digits, file = load_data_set("mnist", "test"), tmp_path / "digits.npz"
    order = np.argsort(digits.labels, kind="stable")
    train, test = digits.take(order[::20]), digits.take(order[1::100])
    arrays = {"x_train": train.images[:, 0], "y_train": train.labels, "x_val": test.images[:, 0]}
    np.savez(file, **arrays, y_val=test.labels)
    window.selection.tests_wanted.emit(str(file))
    qtbot.waitUntil(
        lambda: window.selection.tests is not None and window.selection.tests.name == str(file),
        timeout=PATIENCE,
    )
    tests = window.selection.tests
    assert tests is not None
    assert sorted(tests.labels.tolist()) == sorted(test.labels.tolist())


def test_labels_are_matched_by_name_and_what_is_missing_is_said(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder = draw(tmp_path / "digits", "73")
    (folder / "7" / "notes.txt").write_text("sevens")
    window.selection.tests_wanted.emit(str(folder))
    qtbot.waitUntil(
        lambda: window.selection.tests is not None and window.selection.tests.name == str(folder),
        timeout=PATIENCE,
    )
    tests = window.selection.tests
    assert tests is not None
    assert tests.label_names == tuple("0123456789")
    assert set(tests.labels.tolist()) == {3, 7}
    assert window.message_bar.isVisible()
    assert window.message_bar.text == (
        f"{Framing(way='digit', height=28, width=28).sentence} Left out: 1 file that is not named like an image. "
        f"{folder} has no images of 0, 1, 2, 4, 5, 6, 8, 9."
    )
