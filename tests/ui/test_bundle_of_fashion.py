"""A bundle that knows no digits: what the window asks for, and how it takes a drawing."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from lsd_studio.engine.datasets import published_sets
from lsd_studio.ui.decompose.workspace import DecomposeWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.start_page import StartPage

PATIENCE = 120_000


@pytest.fixture
def fashion(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window with fashion-studio, opened from the start page, on a machine that has not downloaded anything."""
    monkeypatch.setattr(published_sets, "DEBIAN_FASHION_MNIST", ())
    page = window.go_to("Start")
    assert isinstance(page, StartPage)
    (button,) = (each for each in page._shipped if each.text() == "Open fashion-studio")
    button.click()
    qtbot.waitUntil(lambda: page.bundle_words.text().startswith("fashion-studio is open"), timeout=PATIENCE)
    return window


def test_no_digit_is_asked_for(fashion: MainWindow) -> None:
    page = fashion.go_to("Start")
    assert "digit" not in page.next_step
    assert fashion.decompose.canvas.accessibleDescription().startswith("Draw a picture here")
    assert "Draw a picture" in fashion.decompose.ranking.hint


def test_a_drawing_is_seen_as_it_stands_on_the_canvas(fashion: MainWindow, qtbot: QtBot) -> None:
    decompose = fashion.go_to("Decompose")
    assert isinstance(decompose, DecomposeWorkspace)
    canvas = decompose.canvas
    left, top = round(0.1 * canvas.width()), round(0.1 * canvas.height())
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(left, top))
    qtbot.mouseMove(canvas, QPoint(left, round(0.3 * canvas.height())))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: decompose.is_up_to_date, timeout=PATIENCE)
    assert decompose.shown is not None
    rows, columns = np.nonzero(decompose.shown.picture[..., 0])
    assert rows.max() < 14
    assert columns.max() < 7


def test_images_that_ship_are_decomposed_offline(fashion: MainWindow, qtbot: QtBot) -> None:
    decompose = fashion.decompose
    qtbot.waitUntil(lambda: fashion.selection.tests is not None, timeout=PATIENCE)
    assert "its first 300 test images" in fashion.message_bar.text
    fashion.go_to("Decompose")
    decompose.look_at_test_image(0)
    qtbot.waitUntil(lambda: decompose.shown is not None, timeout=PATIENCE)
    assert "Ankle boot" in decompose.true_label.text()
    assert decompose.shown is not None
    assert decompose.shown.label == 9
