"""How good the generator is, in Evaluate: measured on the real engine over a folder of MNIST images, found again."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.generator.report import SETS
from lsd_studio.engine.evaluation.generator.words import measure_rows, measure_words
from lsd_studio.ui.evaluate.generator import GeneratorView
from lsd_studio.ui.evaluate.workspace import EvaluateWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from tests.ui.mnist_folder import mnist_folder

PATIENCE = 240_000


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of MNIST images, ten of each label for testing."""
    return mnist_folder(tmp_path_factory.mktemp("digits"), train=12, test=10)


@pytest.fixture
def mnist_sized_bundle(mnist_sized_bundle: Path, tmp_path: Path) -> Path:
    """A copy of the bundle in which nothing is kept yet."""
    return Path(shutil.copytree(mnist_sized_bundle, tmp_path / "fresh"))


def view_of(window: MainWindow, digits: Path, qtbot: QtBot) -> GeneratorView:
    window.selection.tests_wanted.emit(str(digits))
    tests = window.selection
    qtbot.waitUntil(lambda: tests.tests is not None and tests.tests.name == str(digits), timeout=PATIENCE)
    workspace = window.go_to("Evaluate")
    assert isinstance(workspace, EvaluateWorkspace)
    workspace.go_to("generator")
    return workspace.generator


def cells(view: GeneratorView, line: int) -> list[str]:
    items = [view.table.item(line, column) for column in range(view.table.columnCount())]
    return ["" if item is None else item.text() for item in items]


def test_a_generator_is_measured_shown_exported_and_found_again(
    window: MainWindow, digits: Path, qtbot: QtBot
) -> None:
    view = view_of(window, digits, qtbot)
    workspace = window.go_to("Evaluate")
    assert "Not measured yet" in view.notes.text()
    assert view.figures() == workspace.figures() == ()
    assert "Measure generator" in workspace.next_step
    assert not workspace.run.isVisible()

    qtbot.mouseClick(view.run.button, Qt.MouseButton.LeftButton)
    assert view.run.button.text() == "Stop"
    qtbot.waitUntil(lambda: view.report is not None and len(view.pairs.images) == 2, timeout=PATIENCE)
    report = view.report
    assert report is not None
    assert (report.images, report.data) == (50, str(digits))
    assert not view.reader.isVisible()
    assert cells(view, 0) == list(measure_rows(report.readers["classifier"])[0])
    assert view.table.rowCount() == 9
    assert len(view.pairs.images[0]) == len(view.pairs.images[1]) == 8
    assert "of pairs" in view.sentence.text()
    assert "50 random samples" in view.notes.text()
    for what in ("sizes", "labels", "nearest"):
        qtbot.mouseClick(view.what.button(what), Qt.MouseButton.LeftButton)
        assert view.space.isVisible() == (what == "nearest")
        assert SETS["samples"] in view.legend.text()
    qtbot.mouseClick(view.space.button("features"), Qt.MouseButton.LeftButton)
    figures = workspace.figures()
    assert [figure.name for figure in figures] == [
        "generator", "generator-distance", "generator-shares", "generator-labels", "generator-nearest"
    ]  # fmt: skip
    assert "C's features" in figures[-1].panels[0].bottom.title
    qtbot.waitUntil(lambda: not workspace.tasks.is_busy, timeout=PATIENCE)

    view._forget()

    assert view.report is None or view.report is not report
    qtbot.waitUntil(lambda: view.report is not None, timeout=PATIENCE)
    assert view.report.content == report.content
    qtbot.waitUntil(lambda: not workspace.tasks.is_busy, timeout=PATIENCE)


def test_measuring_can_be_stopped(window: MainWindow, digits: Path, qtbot: QtBot) -> None:
    view = view_of(window, digits, qtbot)
    workspace = window.go_to("Evaluate")
    qtbot.waitUntil(lambda: not workspace.tasks.is_busy, timeout=PATIENCE)

    qtbot.mouseClick(view.run.button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.run.button, Qt.MouseButton.LeftButton)

    assert not view.run.is_running
    assert view.report is None
    assert view.run.button.text() == "Measure generator"
    assert "stopped" in view.notes.text()


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (Measure(70.283, 66.215, 74.351), "70.3 (66.2 … 74.4)"),
        (Measure(0.0663, -0.9446, 1.0772), "0.1 (−0.9 … 1.1)"),
        (Measure(0.99802, 0.99708, 0.99896), "0.998 (0.997 … 0.999)"),
        (Measure(1634.9, np.nan, np.nan), "1635"),
        (Measure(-0.0276, np.nan, np.nan), "−0.0276"),
        (Measure(1.0, 1.0, 1.0), "1.00 (1.00 … 1.00)"),
        (Measure(-0.3, -7.2, 6.8), "0 (−7 … 7)"),
    ],
)
def test_measures_have_as_many_decimals_as_their_intervals(measure: Measure, said: str) -> None:
    assert measure_words(measure) == said
