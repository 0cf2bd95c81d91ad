"""The Evaluate workspace on the real engine, driven by mouse and keyboard, over a folder of MNIST images."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from lsd_studio.engine.figures.spec import Ink, Mosaic
from lsd_studio.engine.operations.evaluate import Evaluation
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.app.theme import DARK, LIGHT, Theme
from lsd_studio.ui.evaluate.workspace import EvaluateWorkspace
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.widgets.label_colours import contrast
from tests.ui.mnist_folder import mnist_folder

PATIENCE = 240_000
TEST_IMAGES = 10


def at(point: QPointF) -> QPoint:
    return QPoint(round(point.x()), round(point.y()))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of MNIST images, one of each label for testing."""
    return mnist_folder(tmp_path_factory.mktemp("digits"), train=8, test=TEST_IMAGES // 10)


@pytest.fixture
def mnist_sized_bundle(mnist_sized_bundle: Path, tmp_path: Path) -> Path:
    """A copy of the bundle in which nothing is kept yet."""
    return Path(shutil.copytree(mnist_sized_bundle, tmp_path / "fresh"))


@pytest.fixture
def workspace(window: MainWindow, digits: Path, qtbot: QtBot) -> EvaluateWorkspace:
    """The workspace with a first look at the folder's test images."""
    window.selection.tests_wanted.emit(str(digits))
    qtbot.waitUntil(
        lambda: window.selection.tests is not None and window.selection.tests.name == str(digits),
        timeout=PATIENCE,
    )
    workspace = window.go_to("Evaluate")
    assert isinstance(workspace, EvaluateWorkspace)
    wait_for_findings(qtbot, workspace)
    return workspace


def wait_for_findings(qtbot: QtBot, workspace: EvaluateWorkspace) -> Evaluation:
    qtbot.waitUntil(lambda: workspace.shown is not None and not workspace.is_working, timeout=PATIENCE)
    assert workspace.shown is not None
    return workspace.shown


def reading_of(evaluation: Evaluation) -> Reading:
    return cast("Reading", evaluation.findings.measured["reading"])


def assert_both_themes_are_painted(workspace: EvaluateWorkspace) -> None:
    grounds = []
    for theme in (LIGHT, DARK):
        workspace.themes.use(theme)
        for view in ("generator", "figure 5", "figure 6", "labels", "hardest", "table"):
            workspace.go_to(view)
            assert not workspace.grab().isNull()
        grounds.append(workspace.grab().toImage().pixelColor(40, 90).lightnessF())
    assert grounds[0] > 0.8 > 0.3 > grounds[1]


def test_a_first_look_shows_the_means_in_every_view(qtbot: QtBot, workspace: EvaluateWorkspace) -> None:
    shown = wait_for_findings(qtbot, workspace)
    assert len(shown.images) == TEST_IMAGES
    assert shown.findings.trials == 0
    assert not workspace.latent.button("sampled").isEnabled()
    assert workspace.run.isVisible()
    read = shown.findings.reads["mean", reading_of(shown)]
    np.testing.assert_allclose(workspace.ranks.chosen.measured, read.cumulative)  # type: ignore[union-attr]
    for view in ("figure 6", "labels", "hardest", "table", "figure 5"):
        workspace.go_to(view)
    assert workspace.amplitudes.read is read
    assert workspace.labels.read is read
    assert workspace.table.columns[0] == shown.metrics
    np.testing.assert_array_equal(workspace.hardest.shown, np.argsort(read.margins, kind="stable"))
    assert "first look" in workspace.words.text()
    assert workspace.batch.dots.wrong == int((read.statistics.first_read != shown.findings.labels).sum())
    for reading in ("absolute", "signed"):
        qtbot.mouseClick(workspace.reading.button(reading), Qt.MouseButton.LeftButton)
        read = shown.findings.reads["mean", reading]  # type: ignore[index]
        workspace.go_to("labels")
        assert workspace.labels.read is read
        workspace.go_to("figure 5")
        assert len(workspace.ranks.chosen.measured) == len(read.statistics.ranks)  # type: ignore[union-attr]
    assert_both_themes_are_painted(workspace)


def test_confusions_show_their_images_and_dots_and_pictures_open_them_in_decompose(
    qtbot: QtBot, workspace: EvaluateWorkspace, window: MainWindow
) -> None:
    shown = wait_for_findings(qtbot, workspace)
    read = shown.findings.reads["mean", reading_of(shown)].statistics
    true, wrong = np.argwhere(read.confusion * (1 - np.eye(10)) > 0)[0]
    workspace.go_to("labels")
    qtbot.mouseClick(
        workspace.labels, Qt.MouseButton.LeftButton, pos=at(workspace.labels.cell_centre(true, wrong))
    )
    assert workspace.views.value == "hardest"
    expected = np.flatnonzero((shown.findings.labels == true) & (read.first_read == wrong))
    assert sorted(workspace.hardest.shown) == list(expected)
    settings = workspace.view_settings
    (figure,) = workspace.figures()
    assert len(figure.panels) == min(len(expected), 24)
    (first,) = figure.panels[0].parts
    assert isinstance(first, Mosaic)
    np.testing.assert_array_equal(first.pictures[0, 0, :, :, 0], shown.images[workspace.hardest.shown[0], 0])
    assert (figure.panels[0].title or "").startswith(f"{true} → {wrong}  −")
    workspace.hardest.all.click()
    workspace.go_to("table")
    workspace.show_view(json.loads(json.dumps(settings)))
    assert workspace.hardest.only == (true, wrong)
    assert workspace.views.value == "hardest"
    workspace.hardest.grid.setCurrentIndex(workspace.hardest.grid.model().index(0, 0))
    qtbot.keyClick(workspace.hardest.grid, Qt.Key.Key_Return)
    assert window.workspace is window.decompose
    window.go_to("Evaluate")
    workspace.go_to("figure 5")
    dots = workspace.batch.dots
    qtbot.mouseClick(dots, Qt.MouseButton.LeftButton, pos=at(dots.column_centre(3)))
    assert window.workspace is window.decompose
    qtbot.waitUntil(
        lambda: window.decompose.shown is not None and window.decompose.shown.title == "test image 3",
        timeout=PATIENCE,
    )


def test_trials_are_measured_with_progress_and_kept(
    qtbot: QtBot, workspace: EvaluateWorkspace, window: MainWindow
) -> None:
    wait_for_findings(qtbot, workspace)
    shares: list[int] = []
    workspace.progress.valueChanged.connect(shares.append)
    qtbot.mouseClick(workspace.run, Qt.MouseButton.LeftButton)
    assert workspace.stop.isVisible()
    qtbot.waitUntil(lambda: not workspace.is_working, timeout=PATIENCE)
    shown = wait_for_findings(qtbot, workspace)
    assert shown.findings.trials == 20
    assert not shown.not_stored
    assert len(shares) > 20
    assert shares == sorted(shares)
    assert len(workspace.trials.points["LSD"]) == len(workspace.trials.points["C∘G∘E"]) == 20
    assert not workspace.run.isVisible()
    assert window.source.text() == workspace.words.text()
    qtbot.mouseClick(workspace.latent.button("sampled"), Qt.MouseButton.LeftButton)
    workspace.go_to("labels")
    assert window.next_step.text() == "Click a cell of the confusion matrix to see its images."
    assert workspace.labels.read is shown.findings.reads["sampled", reading_of(shown)]
    shares.clear()
    workspace.look()
    qtbot.waitUntil(lambda: not workspace.is_working, timeout=PATIENCE)
    again = wait_for_findings(qtbot, workspace)
    assert shares == [0], "nothing was measured anew"
    assert again.findings.measured == shown.findings.measured


@pytest.mark.parametrize("under_way", [False, True], ids=["at once", "under way"])
def test_measuring_stops_and_leaves_what_was_shown(
    qtbot: QtBot, workspace: EvaluateWorkspace, mnist_sized_bundle: Path, under_way: bool
) -> None:
    before = wait_for_findings(qtbot, workspace)
    workspace.measure()
    if under_way:
        qtbot.waitUntil(lambda: workspace.progress.value() > 0, timeout=PATIENCE)
    qtbot.mouseClick(workspace.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not workspace.is_working, timeout=PATIENCE)
    assert workspace.shown is before
    assert workspace.run.isVisible()
    assert not workspace.stop.isVisible()
    assert "first look" in workspace.words.text()
    workspace.look()
    wait_for_findings(qtbot, workspace)
    assert not (mnist_sized_bundle / "evaluations").exists()


def test_what_cannot_be_kept_is_shown_and_the_reason_is_said(
    qtbot: QtBot, workspace: EvaluateWorkspace, window: MainWindow, mnist_sized_bundle: Path
) -> None:
    (mnist_sized_bundle / "evaluations").write_text("")
    workspace.measure()
    qtbot.waitUntil(lambda: not workspace.is_working, timeout=PATIENCE)
    shown = wait_for_findings(qtbot, workspace)
    assert shown.findings.trials == 20
    assert shown.not_stored == window.message_bar.text
    assert "cannot be made" in shown.not_stored
    assert not workspace.words.text().endswith("saved")


def test_a_bundle_that_comes_while_another_is_measured_is_looked_at(
    qtbot: QtBot, workspace: EvaluateWorkspace, window: MainWindow
) -> None:
    bundle, tests = window.selection.bundle, window.selection.tests
    assert bundle is not None
    assert tests is not None
    workspace.measure()
    window.selection.use_bundle(bundle)
    window.selection.use_tests(tests)
    assert workspace.shown is None
    wait_for_findings(qtbot, workspace)


def test_another_bundle_ends_what_is_measured_and_is_evaluated_itself(
    qtbot: QtBot, workspace: EvaluateWorkspace, window: MainWindow, mnist_sized_bundle: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(mnist_sized_bundle, tmp_path / "other"))
    workspace.measure()
    qtbot.waitUntil(lambda: workspace.progress.value() > 0, timeout=PATIENCE)
    window.open_bundle(other)
    qtbot.waitUntil(
        lambda: window.selection.bundle is not None and window.selection.bundle.path == other,
        timeout=PATIENCE,
    )
    assert wait_for_findings(qtbot, workspace).metrics.bundle == "other"
    assert not (mnist_sized_bundle / "evaluations").exists()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_marks_stand_out_from_the_surface(theme: Theme) -> None:
    inks: tuple[Ink, ...] = ("black", "grey", "blue", "red", "teal", "orange", "purple", *range(12))
    for ink in inks:
        assert contrast(ink_colour(ink, theme), QColor(theme.surface)) >= 3


def test_fewer_images_and_trials_are_measured_and_said(
    qtbot: QtBot, workspace: EvaluateWorkspace, window: MainWindow
) -> None:
    whole = wait_for_findings(qtbot, workspace)
    assert workspace.images.text() == "all images"
    assert len(whole.images) == len(window.selection.tests.images)
    workspace.images.setValue(6)
    workspace.number_of_trials.setValue(2)
    assert workspace.run.isVisible()
    qtbot.mouseClick(workspace.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not workspace.is_working, timeout=PATIENCE)
    shown = wait_for_findings(qtbot, workspace)
    assert (len(shown.images), shown.findings.trials) == (6, 2)
    assert not workspace.run.isVisible()
    assert "2 trials" in workspace.words.text()
    workspace.images.setValue(0)
    assert workspace.run.isVisible()


def test_a_hard_image_that_is_clicked_keeps_its_true_label_in_sight(
    qtbot: QtBot, workspace: EvaluateWorkspace, window: MainWindow
) -> None:
    shown = wait_for_findings(qtbot, workspace)
    workspace.go_to("hardest")
    workspace.hardest.picked.emit(int(workspace.hardest.shown[0]))
    assert window.place == "Decompose"
    qtbot.waitUntil(lambda: window.decompose.shown is not None, timeout=PATIENCE)
    label = shown.label_names[shown.findings.labels[workspace.hardest.shown[0]]]
    assert window.decompose.true_label.text() == f"True label: {label}"
    assert window.decompose.true_label.isVisible()
    window.decompose.clear()
    qtbot.waitUntil(lambda: not window.decompose.true_label.isVisible(), timeout=PATIENCE)
