"""The page Operators of Operate: a comparison begun, stopped, finished, found again, and exported."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.figures.spec import Points
from lsd_studio.engine.operators.compared import Arrival, ComparedOperator, Comparison, PairArrival
from lsd_studio.engine.operators.label_operators import OPERATORS
from lsd_studio.engine.operators.picture_style import MEASURES
from lsd_studio.engine.operators.store import load_operator
from lsd_studio.engine.vocabulary import Reader
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.operate.compared.page import ComparedPage
from lsd_studio.ui.operate.compared.table import OperatorTable
from lsd_studio.ui.operate.workspace import OperateWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.widgets.layouts import card

PATIENCE = 240_000
WIDEST = 814
"""Pixels in width of a page at 960, beside the rail and a scroll bar."""

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
    assert "Not compared yet" in page.notes.text()
    assert [line[1:] for line in rows(page)] == [["–"] * 7] * len(OPERATORS)
    qtbot.mouseClick(page.run.button, LEFT)
    qtbot.waitUntil(lambda: page.comparison is not None, timeout=PATIENCE)
    assert page.run.button.text() == "Stop"
    assert rows(page)[0][1] != "–"
    assert rows(page)[-1][1] == "–"
    qtbot.mouseClick(page.run.button, LEFT)
    assert page.run.button.text() == "Compare again"
    assert page.notes.text() == "Comparison stopped."

    qtbot.mouseClick(page.run.button, LEFT)
    qtbot.waitUntil(lambda: rows(page)[-1][1] != "–", timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.run.button.text() == "Compare again", timeout=PATIENCE)
    shown = rows(page)
    assert [line[0] for line in shown] == [operator.title for operator in OPERATORS.values()]
    assert page.comparison is not None
    for line, operator in zip(shown, page.comparison.operators, strict=True):
        assert line[-1].endswith("within") != operator.clears_random
    assert not page.reader.isVisible()
    assert "no judge" in page.notes.text()

    front, *_, arrivals = page.figures()
    assert [panel.title for panel in front.panels] == [
        "Slant kept", "Ink kept", "Width kept", "Height kept",
    ]  # fmt: skip
    cloud = next(part for part in front.panels[1].parts if isinstance(part, Points))
    assert (cloud.ink, len(cloud.x)) == ("grey", len(cloud.y))
    assert len(arrivals.panels[0].left.ticks) == len(OPERATORS)

    _try_and_keep(page, bundle_with_images, qtbot)
    page.measure.button("height").click()
    again = page.state
    assert (again.operator, again.style) == ("mean_difference", "height")
    window.open_bundle(bundle_with_images)
    qtbot.waitUntil(lambda: page.comparison is None, timeout=PATIENCE)
    assert page.built is None
    assert not page.image.keep.isEnabled()
    qtbot.waitUntil(lambda: page.comparison is not None, timeout=PATIENCE)
    assert rows(page) == shown


def _try_and_keep(page: ComparedPage, bundle: Path, qtbot: QtBot) -> None:
    page.table.choose("mean_difference")
    image = page.image
    assert not image.share.isEnabled()
    qtbot.waitUntil(lambda: image.before.image is not None, timeout=PATIENCE)
    qtbot.mouseClick(image.build, LEFT)
    qtbot.waitUntil(lambda: "t = 1.00" in image.words.text(), timeout=PATIENCE)
    image.share.setValue(30)
    qtbot.waitUntil(lambda: "mean difference, left → right, t = 0.30" in image.words.text(), timeout=PATIENCE)
    image.target.setCurrentIndex(0)
    assert not image.build.isEnabled()
    image.source.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "right → left" in image.words.text(), timeout=PATIENCE)
    page.table.choose("gaussian_transport")
    qtbot.waitUntil(lambda: "Gaussian" in image.words.text(), timeout=PATIENCE)
    image.play.click()
    qtbot.waitUntil(lambda: 0 < image.share.value() < 100, timeout=PATIENCE)
    image.play.click()
    image.name.setText("Over")
    qtbot.keyClick(image.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Saved as “over”" in image.words.text(), timeout=PATIENCE)
    kept = load_operator(open_bundle(bundle), "over")
    assert kept.shift is not None
    assert kept.measured is not None
    page.table.choose("mean_difference")
    qtbot.waitUntil(lambda: "mean difference" in image.words.text(), timeout=PATIENCE)


def test_the_page_is_found_from_anywhere_and_fits_a_small_window(window: MainWindow, qtbot: QtBot) -> None:
    palette = window.guidance.palette
    palette.open()
    next(command for command in palette.shown if command.text == "Compare operators").run()
    palette.put_away()
    window.resize(960, 640)
    qtbot.wait(50)
    workspace = window.go_to("Operate")
    assert isinstance(workspace, OperateWorkspace)
    assert workspace.compared.isVisible()
    scrolled = window.workspaces.currentWidget()
    assert not scrolled.horizontalScrollBar().isVisible()


def test_the_table_of_all_operators_needs_no_more_room_with_long_names(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    reached = Measure(0.98, 0.9, 1.0, 900)
    arrivals: dict[Reader, Arrival] = {
        reader: Arrival(reached, PairArrival(0, 1, reached), (0.1,)) for reader in ("judge", "classifier")
    }
    style = dict.fromkeys(MEASURES, Measure(-0.45, -0.5, -0.4, 900))
    operators = tuple(
        ComparedOperator(name, operator.title, arrivals, style, {}) for name, operator in OPERATORS.items()
    )
    comparison = Comparison("mnist", ((0, 1),), 900, 2000, 200, 100, operators)
    names = "a label whose name is of forty characters", "сорок букв в имени этой метки, и ни одной"
    page = card(OperatorTable(themes))
    qtbot.addWidget(page)
    table = page.findChild(OperatorTable)
    table.show_comparison(comparison, names)
    page.resize(WIDEST - 4 * GRID, 400)
    page.show()
    assert page.minimumSizeHint().width() <= page.width()
    assert table.horizontalScrollBar().maximum() == 0
    column = list(comparison.readers).index("classifier") + 2
    assert names[0] in table.model().index(0, column).data(Qt.ItemDataRole.ToolTipRole)
