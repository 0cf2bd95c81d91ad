"""Attributes of codes in the window: chosen, measured, held, and exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lsd_studio.ui.codes.attributes import AttributesPage
from lsd_studio.ui.codes.operate import CodesOperateWorkspace
from lsd_studio.ui.shell.main_window import MainWindow

PATIENCE = 60_000


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Glasses on an axis of their own, and beards that men have more often than women."""
    random = np.random.default_rng(0)
    glasses, male = random.integers(2, size=(2, 1500)).astype(bool)
    beard = random.random(1500) < np.where(male, 0.7, 0.05)
    codes = random.standard_normal((1500, 8))
    codes[:, :3] += 4 * np.stack([glasses, male, beard], axis=1)
    np.savez(
        tmp_path / "faces.npz",
        z=codes,
        glasses=glasses,
        male=male,
        beard=beard,
        town=random.integers(5, size=1500),
    )
    return tmp_path / "faces.npz"


def page_of(window: MainWindow, file: Path, qtbot: QtBot) -> AttributesPage:
    window.open_file(file, "z", "town")
    qtbot.waitUntil(lambda: window.place == "Latent space", timeout=PATIENCE)
    operate = window.go_to("Operate")
    assert isinstance(operate, CodesOperateWorkspace)
    operate.page.button("attributes").click()
    assert operate.attributes.isVisible()
    return operate.attributes


def tick(page: AttributesPage, *names: str, held: bool = False) -> None:
    ticked = page.held if held else page.asked
    for name in names:
        (item,) = ticked.findItems(name, Qt.MatchFlag.MatchExactly)
        item.setCheckState(Qt.CheckState.Checked)


def test_attributes_are_moved_and_one_is_held(bare_window: MainWindow, faces: Path, qtbot: QtBot) -> None:
    page = page_of(bare_window, faces, qtbot)
    assert [page.asked.item(place).text() for place in range(page.asked.count())] == [
        "glasses",
        "male",
        "beard",
    ]
    assert not page.run.isEnabled()
    tick(page, "glasses", "male", "beard")
    tick(page, "male", held=True)
    page.run.click()
    qtbot.waitUntil(lambda: page.found is not None, timeout=PATIENCE)
    assert "beard moves male" in page.sentence.text()
    assert page.table.item(2, 0).text() == "beard"
    as_measured = page.table.item(2, 5).text()
    assert not as_measured.startswith("(")
    page.way.button("held").click()
    assert page.table.item(2, 5).text().startswith("(")
    (figure,) = bare_window.workspace.figures()[:1]
    assert [panel.title for panel in figure.panels] == ["as measured", "made orthogonal", "others held"]
    saved = bare_window.workspace.engine.figures.save(figure, faces.parent / "attributes.png").result()
    assert saved.files[0].exists()


def test_a_file_with_one_attribute_says_what_is_needed(
    bare_window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    random = np.random.default_rng(0)
    np.savez(
        tmp_path / "one.npz",
        z=random.standard_normal((90, 4)),
        male=random.random(90) < 0.5,
        town=np.arange(90) % 3,
    )
    page = page_of(bare_window, tmp_path / "one.npz", qtbot)
    assert "this file has 1" in page.sentence.text()
    assert not page.run.isEnabled()
