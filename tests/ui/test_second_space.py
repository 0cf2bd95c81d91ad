"""A second space beside the codes on the Planes page, by real events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lsd_studio.ui.latent.workspace import LatentWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from tests.ui.test_selected_codes import PATIENCE, settle, visit


@pytest.fixture
def latent(bare_window: MainWindow, tmp_path: Path, qtbot: QtBot) -> LatentWorkspace:
    """The workspace with codes of which the file has a turned copy, at its planes."""
    random = np.random.default_rng(0)
    z = random.standard_normal((300, 4)).astype(np.float32)
    turn = np.linalg.qr(random.standard_normal((4, 4)))[0].astype(np.float32)
    kind = np.array(["salt", "sea", "fresh"])[np.arange(300) % 3]
    np.savez(tmp_path / "cells.npz", z=z, turned=2 * z @ turn, few=z[:100], kind=kind)
    bare_window.open_file(tmp_path / "cells.npz", "z", "kind")
    qtbot.waitUntil(lambda: bare_window.place == "Latent space", timeout=PATIENCE)
    latent = bare_window.workspace
    assert isinstance(latent, LatentWorkspace)
    qtbot.waitUntil(lambda: latent.space is not None, timeout=PATIENCE)
    visit(qtbot, latent, "planes")
    return latent


def choose(qtbot: QtBot, latent: LatentWorkspace, name: str) -> None:
    choice = latent.pages.planes.beside.choice
    choice.setCurrentIndex(choice.findText(name))
    choice.activated.emit(choice.currentIndex())
    settle(qtbot, latent)


def test_a_second_space_is_turned_to_the_plane_and_selected_with_it(
    latent: LatentWorkspace, qtbot: QtBot
) -> None:
    page = latent.pages.planes
    assert not page.second_pane.isVisible()
    choose(qtbot, latent, "turned")
    assert page.second_pane.isVisible()
    assert "turned to the codes" in page.second_words.text()
    assert "explain 100 % of the squared distances" in page.beside.words.text()
    assert "100.0 % are so in the other too: the mean over 300 codes" in page.beside.words.text()
    np.testing.assert_allclose(page.second.cloud._places, page.own.cloud._places, atol=1e-4)
    assert page.panels()[1].title == "turned"

    latent.selection_bar.tool.button("box").click()
    qtbot.keyClick(page.second, Qt.Key.Key_Plus)
    qtbot.keyClick(page.second, Qt.Key.Key_Return)
    settle(qtbot, latent)
    assert page.own.window_in_sight == pytest.approx(page.second.window_in_sight, rel=0.2)
    assert len(page.own._selected) == len(page.second._selected) > 0
    page.axes.kind.button("components").click()
    settle(qtbot, latent)
    np.testing.assert_allclose(page.second.cloud._places, page.own.cloud._places, atol=1e-4)

    settings = latent.view_settings
    latent.show_twin("beside")
    settle(qtbot, latent)
    assert not page.second_pane.isVisible(), "the twin takes its place"
    latent.show_twin("off")
    choose(qtbot, latent, "No second space")
    assert not page.second_pane.isVisible()
    latent.show_view(settings)
    settle(qtbot, latent)
    assert page.second_pane.isVisible()
    assert page.beside.choice.currentText() == "turned"


def test_what_has_not_the_same_rows_is_one_sentence(
    latent: LatentWorkspace, bare_window: MainWindow, qtbot: QtBot
) -> None:
    page = latent.pages.planes
    choose(qtbot, latent, "few")
    assert "few has 100 codes, and not the same rows" in page.beside.words.text()
    assert not page.second_pane.isVisible()
    assert not bare_window.message_bar.isVisible()
    latent.header.codes_wanted.emit(latent.header.source)
    settle(qtbot, latent)
    assert page.beside.words.text() == ""
