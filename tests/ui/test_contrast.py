"""Words stand out from what is behind them (WCAG 2.2, 1.4.3): every state of every kind of control, as it is painted.

Words here are solid blocks, so that their colour and that of the ground are the two that most pixels have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, QStringListModel, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from lsd_studio.ui.app.theme import Choice, ThemeChoice
from lsd_studio.ui.widgets.label_colours import contrast
from lsd_studio.ui.widgets.layouts import card
from lsd_studio.ui.widgets.segments import Segments

WORDS = "█ █ █"
ENOUGH, ENOUGH_DISABLED = 4.5, 3.0
EDGE = 5
"""Pixels of borders and focus rings, which are no words."""


POPUPS = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
"""The offscreen platform says so of windows that open above others."""


def tool_button(role: str = "", **properties: str) -> QToolButton:
    button = QToolButton()
    button.setText(WORDS)
    button.setCheckable(True)
    for name, value in {"role": role, **properties}.items():
        button.setProperty(name, value)
    return button


def default_button() -> QPushButton:
    button = QPushButton(WORDS)
    button.setDefault(True)
    return button


BUTTONS: dict[str, Callable[[], QAbstractButton]] = {
    "tool": tool_button,
    "outlined": lambda: tool_button("outlined"),
    "segment": lambda: tool_button("segment", end="left"),
    "workspace": lambda: tool_button("workspace"),
    "section": lambda: tool_button("section"),
    "push": lambda: QPushButton(WORDS),
    "default": default_button,
    "check": lambda: QCheckBox(WORDS),
    "radio": lambda: QRadioButton(WORDS),
}


def spin_box() -> QWidget:
    box = QSpinBox()
    box.setPrefix(WORDS)
    return box


def combo_box() -> QComboBox:
    box = QComboBox()
    box.addItems([WORDS] * 3)
    return box


def label(**properties: str) -> QLabel:
    made = QLabel(WORDS)
    for name, value in properties.items():
        made.setProperty(name, value)
    return made


def placeholder() -> QLineEdit:
    edit = QLineEdit()
    edit.setPlaceholderText(WORDS)
    return edit


FIELDS: dict[str, Callable[[], QWidget]] = {
    "line": lambda: QLineEdit(WORDS),
    "placeholder": placeholder,
    "text": lambda: QPlainTextEdit(WORDS),
    "number": spin_box,
    "combo": combo_box,
    "label": label,
    **{
        f"label {role}": lambda role=role: label(role=role)
        for role in ("title", "statement", "caption", "display", "problem")
    },
    **{f"label {state}": lambda state=state: label(state=state) for state in ("changed", "refused")},
}


@pytest.fixture(params=[Choice.LIGHT, Choice.DARK])
def stage(request: pytest.FixtureRequest, themes: ThemeChoice, qtbot: QtBot) -> Iterator[QWidget]:
    """A window with a card in it, in one of the themes."""
    themes.choose(request.param)
    window = QWidget()
    qtbot.addWidget(window)
    inside = QVBoxLayout()
    whole = QHBoxLayout(window)
    whole.addWidget(card(inside))
    themes.apply_to(window)
    window.resize(480, 360)
    window.show()
    window.activateWindow()
    yield window
    window.close()


def put(stage: QWidget, widget: QWidget) -> QWidget:
    frame = stage.layout().itemAt(0).widget()
    layout = frame.layout().itemAt(0).layout()
    layout.setAlignment(Qt.AlignmentFlag.AlignTop)
    layout.addWidget(widget)
    widget.show()
    QApplication.processEvents()
    return widget


def ratio(picture: QImage) -> float:
    """Contrast of the two colours that most pixels have, 1…21."""
    image = picture.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)[:, : image.width()]
    inside = pixels[EDGE:-EDGE, EDGE:-EDGE] & 0xFFFFFF
    most = Counter(inside.ravel().tolist()).most_common(2)
    if len(most) < 2:
        return 1.0
    return contrast(*(QColor.fromRgb(colour) for colour, _ in most))


def painted(widget: QWidget, part: QRect | None = None) -> float:
    QApplication.processEvents()
    window = widget.window()
    where = widget.rect() if part is None else part
    return ratio(window.grab(QRect(widget.mapTo(window, where.topLeft()), where.size())).toImage())


@contextmanager
def pointed_at(qtbot: QtBot, widget: QWidget, place: QPoint | None = None) -> Iterator[None]:
    qtbot.mouseMove(widget.window(), QPoint(1, 1))
    qtbot.mouseMove(widget, widget.rect().center() if place is None else place)
    QApplication.processEvents()
    yield
    qtbot.mouseMove(widget.window(), QPoint(1, 1))


def check(found: dict[str, float]) -> None:
    low = {
        state: round(value, 2)
        for state, value in found.items()
        if value < (ENOUGH_DISABLED if "disabled" in state else ENOUGH)
    }
    assert low == {}


@pytest.mark.parametrize("kind", BUTTONS)
def test_buttons(stage: QWidget, qtbot: QtBot, kind: str) -> None:
    button, found = BUTTONS[kind](), {}
    other = QLineEdit("elsewhere")
    put(stage, other)
    put(stage, button)
    for checked in (False, True) if button.isCheckable() else (False,):
        words = "checked, " if checked else ""
        button.setChecked(checked)
        other.setFocus()
        found[f"{words}normal"] = painted(button)
        with pointed_at(qtbot, button):
            assert button.underMouse()
            found[f"{words}hovered"] = painted(button)
        button.setFocus()
        found[f"{words}focused"] = painted(button)
        button.setDown(True)
        found[f"{words}pressed"] = painted(button)
        button.setDown(False)
        button.setEnabled(False)
        found[f"{words}disabled"] = painted(button)
        button.setEnabled(True)
    check(found)


@pytest.mark.parametrize("kind", FIELDS)
def test_fields(stage: QWidget, qtbot: QtBot, kind: str) -> None:
    field, found = FIELDS[kind](), {}
    put(stage, QLineEdit("elsewhere")).setFocus()
    put(stage, field)
    part = QRect(0, 0, min(field.width(), 60), min(field.height(), 40))
    found["normal"] = painted(field, part)
    with pointed_at(qtbot, field):
        found["hovered"] = painted(field, part)
    if field.focusPolicy() is not Qt.FocusPolicy.NoFocus:
        field.setFocus()
        found["focused"] = painted(field, part)
    if isinstance(field, QLineEdit | QPlainTextEdit) and kind != "placeholder":
        set_words = field.setText if isinstance(field, QLineEdit) else field.setPlainText
        set_words(4 * WORDS)
        field.selectAll()
        found["selected"] = painted(field, QRect(6, 6, 50, 18))
        set_words(WORDS)
    field.setEnabled(False)
    found["disabled"] = painted(field, part)
    check(found)


def test_rows_of_lists_tables_and_headers(stage: QWidget, qtbot: QtBot) -> None:
    found = {}
    rows, table = QListView(), QTableWidget(3, 1)
    rows.setModel(QStringListModel([WORDS] * 3, rows))
    for row in range(3):
        table.setItem(row, 0, QTableWidgetItem(WORDS))
    table.setHorizontalHeaderLabels([WORDS])
    for name, view in (("list", rows), ("table", table)):
        put(stage, view)
        model = view.model()

        def cell(row: int, view: QListView | QTableWidget = view) -> QRect:
            return view.visualRect(view.model().index(row, 0)).intersected(QRect(0, 0, 60, 400))

        def look(row: int, view: QListView | QTableWidget = view) -> float:
            return painted(view.viewport(), cell(row))

        found[f"{name}, normal row"] = look(0)
        with pointed_at(qtbot, view.viewport(), cell(1).center()):
            found[f"{name}, hovered row"] = look(1)
        view.setCurrentIndex(model.index(2, 0))
        found[f"{name}, selected row"] = look(2)
        view.setFocus()
        found[f"{name}, selected row, focused"] = look(2)
        with pointed_at(qtbot, view.viewport(), cell(2).center()):
            found[f"{name}, selected row, hovered"] = look(2)
        view.setEnabled(False)
        found[f"{name}, disabled row"] = look(0)
        view.setEnabled(True)
    header = table.horizontalHeader()
    found["header"] = painted(header.viewport())
    check(found)


@POPUPS
def test_lists_that_drop_down(stage: QWidget, qtbot: QtBot) -> None:
    found, box = {}, combo_box()
    put(stage, box)
    box.showPopup()
    view = box.view()
    qtbot.waitUntil(view.isVisible)
    for row, name in ((1, "other"), (0, "current")):
        place = view.visualRect(view.model().index(row, 0))
        part = place.intersected(QRect(0, 0, 60, 400))
        found[f"{name} row"] = painted(view.viewport(), part)
        with pointed_at(qtbot, view.viewport(), place.center()):
            found[f"{name} row, hovered"] = painted(view.viewport(), part)
    box.hidePopup()
    check(found)


@POPUPS
def test_menus(stage: QWidget, qtbot: QtBot) -> None:
    found = {}
    bar = QMenuBar()
    menu: QMenu = bar.addMenu(WORDS)
    actions = [menu.addAction(WORDS) for _ in range(3)]
    actions[2].setEnabled(False)
    put(stage, bar)
    entry = bar.actionGeometry(menu.menuAction())
    found["bar"] = painted(bar, entry)
    bar.setActiveAction(menu.menuAction())
    found["bar, active"] = painted(bar, entry)
    menu.popup(stage.mapToGlobal(QPoint(20, 60)))
    for action, name in zip(actions, ("first", "hovered", "disabled"), strict=True):
        if name == "hovered":
            menu.setActiveAction(action)
        found[f"menu, {name}"] = painted(menu, menu.actionGeometry(action))
    menu.setActiveAction(actions[2])
    found["menu, disabled, hovered"] = painted(menu, menu.actionGeometry(actions[2]))
    menu.close()
    check(found)


def test_tabs_groups_segments_and_warnings(stage: QWidget, themes: ThemeChoice) -> None:
    found = {}
    group, tabs = QGroupBox(WORDS), QTabWidget()
    for _ in range(2):
        tabs.addTab(QLabel("page"), WORDS)
    segments = Segments("Choice", ("one", WORDS, "one"), ("two", WORDS, "two"))
    segments.set_value("one")
    for widget in (group, tabs, segments):
        put(stage, widget)
    found["group"] = painted(group, QRect(0, 0, 60, 20))
    for place, name in enumerate(("front tab", "other tab")):
        found[name] = painted(tabs.tabBar(), tabs.tabBar().tabRect(place))
    for button in segments.findChildren(QToolButton):
        found[f"segment, checked {button.isChecked()}"] = painted(button)
    segments.setEnabled(False)
    for button in segments.findChildren(QToolButton):
        found[f"segment, checked {button.isChecked()}, disabled"] = painted(button)
    warning = card(QLabel(WORDS))
    warning.setProperty("role", "warning")
    put(stage, warning)
    warning.style().polish(warning)
    found["warning"] = painted(warning)
    check(found)
