"""Columns that stack, and pages that scroll."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lsd_studio.ui.widgets.layouts import scrolled
from lsd_studio.ui.widgets.side_by_side import FlowingGrid, SideBySide


def part(width: int, height: int) -> QWidget:
    made = QWidget()
    made.setMinimumSize(width, height)
    return made


def test_parts_stack_where_there_is_no_room_for_them_side_by_side(qtbot: QtBot) -> None:
    left, right = part(300, 100), part(200, 150)
    columns = SideBySide(left, right, stretches=(1, 0))
    qtbot.addWidget(columns)
    columns.resize(600, 300)
    columns.show()
    qtbot.waitExposed(columns)
    qtbot.waitUntil(lambda: (left.y(), right.y()) == (0, 0))
    assert not columns.is_stacked
    assert right.x() == 600 - right.width()
    columns.resize(507, 300)
    qtbot.waitUntil(lambda: columns.is_stacked)
    qtbot.waitUntil(lambda: right.y() >= 100)
    assert (left.x(), right.x()) == (0, 0)
    assert (columns.minimumSizeHint().width(), columns.minimumSizeHint().height()) == (300, 258)
    columns.resize(508, 300)
    qtbot.waitUntil(lambda: not columns.is_stacked)
    right.hide()
    columns.resize(301, 300)
    assert not columns.is_stacked


def test_a_page_scrolls_down_to_parts_that_were_stacked(qtbot: QtBot) -> None:
    columns = SideBySide(part(300, 200), part(300, 200))
    page = scrolled(columns, sideways=True)
    qtbot.addWidget(page)
    page.resize(700, 250)
    page.show()
    qtbot.waitExposed(page)
    assert page.verticalScrollBar().maximum() == 0
    page.resize(400, 250)
    qtbot.waitUntil(lambda: page.verticalScrollBar().maximum() > 0)
    assert columns.is_stacked
    assert columns.height() == 408
    assert page.horizontalScrollBar().maximum() == 0
    assert page.minimumSizeHint().width() < 100


def test_a_grid_takes_as_many_columns_as_have_room_in_even_rows(qtbot: QtBot) -> None:
    parts = [part(50, 40) for _ in range(5)]
    grid = FlowingGrid(100, spacing=10)
    grid.show_parts(parts)
    qtbot.addWidget(grid)
    grid.resize(540, 300)
    grid.show()
    qtbot.waitExposed(grid)
    shapes = {540: 5, 539: 3, 320: 3, 319: 2, 100: 1, 90: 1, 800: 5}
    for width, columns in shapes.items():
        grid.resize(width, 300)
        assert grid.columns == columns
        rows = -(-5 // columns)
        assert (grid.minimumSizeHint().width(), grid.minimumSizeHint().height()) == (100, 50 * rows - 10)
    grid.show_parts(parts[:2])
    for left_out in parts[2:]:
        left_out.hide()
    qtbot.waitUntil(lambda: parts[1].x() == 405)
    assert parts[0].width() == 395
    assert parts[0].height() == 300
