"""Test images that change while others are in use: another folder, fewer of them, or those of another bundle."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations.bundles import TestImages
from lsd_studio.engine.scheduler import Call
from lsd_studio.ui.operate.path import PathPage
from lsd_studio.ui.operate.workspace import OperateWorkspace
from lsd_studio.ui.shell.main_window import TESTS, MainWindow

PATIENCE = 120_000


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one test image of each digit."""
    folder = tmp_path_factory.mktemp("few")
    for split in ("train", "test"):
        images = load_data_set("mnist", "train" if split == "train" else "test")
        for label in range(10):
            place = folder / split / str(label)
            place.mkdir(parents=True)
            Image.fromarray(images.images[images.labels == label][0, 0]).save(place / "0.png")
    return folder


def use_images(qtbot: QtBot, window: MainWindow, folder: Path | str) -> None:
    """As Evaluate does where a person chooses a folder."""
    window.selection.tests_wanted.emit(str(folder))
    qtbot.waitUntil(
        lambda: window.selection.tests is not None and window.selection.tests.name == str(folder),
        timeout=PATIENCE,
    )


def path_page(qtbot: QtBot, window: MainWindow) -> PathPage:
    workspace = window.go_to("Operate")
    assert isinstance(workspace, OperateWorkspace)
    qtbot.waitUntil(lambda: workspace.path.is_up_to_date, timeout=PATIENCE)
    return workspace.path


def test_a_folder_with_fewer_images_is_taken_along_in_operate(
    qtbot: QtBot, window: MainWindow, few: Path
) -> None:
    page = path_page(qtbot, window)
    page.taken.button("ten").click()
    qtbot.waitUntil(lambda: page.is_up_to_date, timeout=PATIENCE)
    assert max(page.state.numbers) >= 10
    use_images(qtbot, window, few)
    qtbot.waitUntil(lambda: page.is_up_to_date, timeout=PATIENCE)
    assert page.here is not None
    assert len(page.here.pictures) == 1, "one test image of the path's first label is all there is"
    page.taken.button("one").click()
    page.taken.button("ten").click()
    page.shuffle.click()
    qtbot.waitUntil(lambda: page.is_up_to_date, timeout=PATIENCE)
    assert not window.message_bar.isVisible()


def test_images_at_the_same_places_are_those_of_the_folder_in_use(
    qtbot: QtBot, window: MainWindow, few: Path
) -> None:
    """The engine carries the new folder's images, also where their numbers are as before."""
    use_images(qtbot, window, few)
    page = path_page(qtbot, window)
    qtbot.waitUntil(lambda: page.images is not None, timeout=PATIENCE)
    first = page.images
    other = Path(shutil.copytree(few, few.parent / "other"))
    three = load_data_set("mnist", "test")
    Image.fromarray(255 - three.images[three.labels == 0][1, 0]).save(other / "test" / "0" / "0.png")
    use_images(qtbot, window, other)
    qtbot.waitUntil(
        lambda: page.images is not None and first is not None and not np.array_equal(page.images, first),
        timeout=PATIENCE,
    )
    shutil.rmtree(other)


def test_undo_and_snapshots_of_other_images_lead_nowhere_that_is_not_there(
    qtbot: QtBot, window: MainWindow, few: Path
) -> None:
    workspace = window.go_to("Operate")
    assert isinstance(workspace, OperateWorkspace)
    page = path_page(qtbot, window)
    page.taken.button("ten").click()
    page.shuffle.click()
    qtbot.waitUntil(lambda: page.is_up_to_date, timeout=PATIENCE)
    workspace.keep_snapshot()
    use_images(qtbot, window, few)
    assert not workspace.history.canUndo()
    workspace.snapshots.cards[0].return_button.click()
    qtbot.waitUntil(lambda: page.is_up_to_date, timeout=PATIENCE)
    assert page.state.taken == "ten"
    assert max(page.state.numbers) < 10
    assert not window.message_bar.isVisible()


def test_decompose_opens_no_test_image_that_is_gone(qtbot: QtBot, window: MainWindow, few: Path) -> None:
    use_images(qtbot, window, few)
    window.selection.image_wanted.emit(9)
    qtbot.waitUntil(lambda: window.decompose.is_up_to_date, timeout=PATIENCE)
    shown = window.decompose.shown
    window.selection.image_wanted.emit(10)
    window.selection.image_wanted.emit(-1)
    assert window.decompose.is_up_to_date
    assert window.decompose.shown is shown


def test_images_of_the_bundle_before_are_not_shown_under_the_next(
    qtbot: QtBot, window: MainWindow, mnist_sized_bundle: Path, few: Path
) -> None:
    """Two bundles opened in quick succession: what was read for the first answers no question any more."""
    images = window.selection.tests
    assert images is not None
    asked: list[Call[Any, TestImages]] = [Call(), Call()]
    for call in asked:
        window.tasks.deliver(call, window.selection.use_tests, TESTS)
    with qtbot.waitSignal(window.selection.bundle_changed, timeout=PATIENCE):
        window.open_bundle(mnist_sized_bundle)
    asked[0].finish(TestImages("late", images.images[:3], images.labels[:3], images.label_names))
    asked[1].fail(StudioError("The folder is gone."))
    assert window.selection.tests is None or window.selection.tests.name == "mnist"
    assert not window.message_bar.isVisible()
    qtbot.waitUntil(lambda: window.selection.tests is not None, timeout=PATIENCE)
    assert window.selection.tests is not None
    assert window.selection.tests.name == "mnist"


def test_no_image_of_the_bundle_before_can_be_picked(
    qtbot: QtBot, window: MainWindow, mnist_sized_bundle: Path
) -> None:
    window.open_bundle(mnist_sized_bundle)
    qtbot.waitUntil(lambda: window.selection.tests is None, timeout=PATIENCE)
    assert window.decompose.picker.grid.model() is None
    assert window.selection.tests is None
    window.decompose.picker.shuffle()
    qtbot.waitUntil(lambda: window.selection.tests is not None, timeout=PATIENCE)
    assert window.decompose.picker.grid.model() is not None
