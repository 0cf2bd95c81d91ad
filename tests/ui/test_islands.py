"""Islands of t-SNE beside those of Gaussian twins, in the real window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lsd_studio.engine.figures.spec import Line
from lsd_studio.ui.latent.workspace import LatentWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from tests.ui.latent_pages import settle

PATIENCE = 120_000


@pytest.fixture
def latent(bare_window: MainWindow, tmp_path: Path, qtbot: QtBot) -> LatentWorkspace:
    """The workspace with three clusters of 40 codes, at t-SNE."""
    random, labels = np.random.default_rng(0), np.arange(120) % 3
    file = tmp_path / "cells.npz"
    np.savez(file, z=random.standard_normal((120, 4)) + 8 * np.eye(4)[labels], kind=labels)
    bare_window.open_file(file, "z", "kind")
    qtbot.waitUntil(lambda: bare_window.place == "Latent space", timeout=PATIENCE)
    latent = bare_window.workspace
    assert isinstance(latent, LatentWorkspace)
    qtbot.waitUntil(lambda: latent.space is not None, timeout=PATIENCE)
    latent.views.button("embedding").click()
    settle(qtbot, latent)
    return latent


def test_islands_are_outlined_compared_with_twins_and_shown_beside_the_widest(
    latent: LatentWorkspace, qtbot: QtBot
) -> None:
    page = latent.pages.embedding
    page.perplexity.setValue(10)
    page.steps.setValue(120)
    assert not page.islands.compare.isEnabled()
    page.run.click()
    settle(qtbot, latent)

    assert [len(island.members) for island in page.islands.shown(False).doubtful] == [40, 40, 40]
    assert page.islands.sentence.text().startswith("3 islands can be seen, outlined.")
    assert "noise" in page.next_step
    page.islands.compare.click()
    assert latent.stop.isVisible()
    settle(qtbot, latent)

    found = page.islands.found
    assert found is not None
    assert page.islands.shown(False).real == found.islands
    assert page.islands.sentence.text() == found.sentence
    assert found.sentence.startswith("3 islands hold 120 of 120 codes.")
    assert "19 Gaussian twins laid out alike" in found.sentence
    latent.twin.button("beside").click()
    settle(qtbot, latent)
    np.testing.assert_array_equal(page.other.cloud.place(0).toTuple(), found.twin.points[0])
    own, twin = page.panels()
    assert len([part for part in own.parts if isinstance(part, Line) and part.dash == "solid"]) == 3
    assert twin.title == "Gaussian twin"
    place = page.other.cloud.place(0)
    page.other.hovered.emit(place.x(), place.y())
    settle(qtbot, latent)
    assert page.code.code is None, "a point of the twin is no code"

    latent.twin_of.button("labels").click()
    settle(qtbot, latent)
    assert page.islands.found is None
    assert not page.islands.shown(False).real
    page.islands.compare.click()
    settle(qtbot, latent)
    assert page.islands.found is not None
    assert not page.islands.found.islands, "labels alone make these"
    page.method.button("UMAP").click()
    assert not page.exaggeration.isEnabled()
    assert page.settings.method == "UMAP"
    page.method.button("t-SNE").click()
    page.run.click()
    assert not page.islands.isVisible()
    settle(qtbot, latent)
