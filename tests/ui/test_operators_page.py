"""The page Operators of Operate: a comparison begun, stopped, finished, found again, and exported."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lsd_studio.engine.figures.spec import Points
from lsd_studio.engine.operators.label_operators import OPERATORS
from lsd_studio.ui.operate.compared_page import ComparedPage
from lsd_studio.ui.operate.workspace import OperateWorkspace
from lsd_studio.ui.shell.main_window import MainWindow

PATIENCE = 240_000
LEFT = Qt.MouseButton.LeftButton


def operators_page(window: MainWindow) -> ComparedPage:
    workspace = window.go_to("Operate")
    assert isinstance(workspace, OperateWorkspace)
    workspace.page.button("operators").click()
    return workspace.compared


def rows(page: ComparedPage) -> list[list[str]]:
    model = page.table.model()
    return [
        [str(model.index(line, column).data()) for column in range(model.columnCount())]
        for line in range(model.rowCount())
    ]


def test_operators_are_compared_shown_one_by_one_and_found_again(
    bare_window: MainWindow, bundle_with_images: Path, qtbot: QtBot
) -> None:
    window = bare_window
    window.open_bundle(bundle_with_images)
    qtbot.waitUntil(lambda: window.selection.bundle is not None, timeout=PATIENCE)
    page = operators_page(window)
    assert page.comparison is None
    assert "Nothing compared yet" in page.notes.text()
    qtbot.mouseClick(page.start, LEFT)
    qtbot.waitUntil(lambda: bool(rows(page)), timeout=PATIENCE)
    assert page.start.text() == "Stop"
    assert len(rows(page)) < len(OPERATORS)
    qtbot.mouseClick(page.start, LEFT)
    assert page.start.text() == "Compare again"
    assert page.notes.text() == "Comparison stopped."

    qtbot.mouseClick(page.start, LEFT)
    qtbot.waitUntil(lambda: len(rows(page)) == len(OPERATORS), timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.start.text() == "Compare again", timeout=PATIENCE)
    shown = rows(page)
    assert [line[0] for line in shown] == [operator.title for operator in OPERATORS.values()]
    assert page.comparison is not None
    for line, operator in zip(shown, page.comparison.operators, strict=True):
        assert line[-1].endswith("not cleared") != operator.clears_random
    assert not page.reader.isVisible()
    assert "no judge" in page.notes.text()

    front, *_, arrivals = page.figures()
    assert [panel.title for panel in front.panels] == [
        "Slant kept", "Ink kept", "Width kept", "Height kept",
    ]  # fmt: skip
    cloud = next(part for part in front.panels[1].parts if isinstance(part, Points))
    assert (cloud.ink, len(cloud.x)) == ("grey", len(cloud.y))
    assert len(arrivals.panels[0].left.ticks) == len(OPERATORS)

    page.table.choose("mean_difference")
    page.measure.button("height").click()
    again = page.state
    assert (again.operator, again.style) == ("mean_difference", "height")
    window.open_bundle(bundle_with_images)
    qtbot.waitUntil(lambda: page.comparison is None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.comparison is not None, timeout=PATIENCE)
    assert rows(page) == shown


def test_the_page_fits_a_small_window(window: MainWindow, qtbot: QtBot) -> None:
    page = operators_page(window)
    window.resize(960, 640)
    qtbot.wait(50)
    scrolled = window.workspaces.currentWidget()
    assert not scrolled.horizontalScrollBar().isVisible()
    assert page.isVisible()
