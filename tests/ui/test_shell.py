"""The shell around the workspaces: actions and palette, start page, tour, help, dialogs, accessible names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from lsd_studio.ui.app.theme import DARK, Choice, ThemeManager
from lsd_studio.ui.guidance.command_matching import fit
from lsd_studio.ui.shell.main_window import PLACES, MainWindow
from lsd_studio.ui.shell.start_page import StartPage

PATIENCE = 120_000


# --- actions ----------------------------------------------------------------------------------------------------------


def test_actions_stand_in_their_menus_and_no_two_share_keys_or_a_name(bare_window: MainWindow) -> None:
    entries = list(bare_window.registry)
    keys = [entry.shortcut for entry in entries if entry.shortcut]
    names = [(entry.menu, entry.text) for entry in entries]
    assert len(set(keys)) == len(keys)
    assert len(set(names)) == len(names)
    assert all(QKeySequence(key).count() == 1 for key in keys)
    for entry in entries:
        assert entry.action in bare_window.registry.menu(entry.menu).actions()


@pytest.mark.parametrize(
    ("typed", "text", "better_than"),
    [
        ("open", "Open a bundle", "Refine the reopened"),
        ("bun op", "Open a bundle", "Open an image of bananas under"),
        ("dark", "Dark", "Mark this dark place"),
        ("opbu", "Open a bundle", "Paste"),
    ],
)
def test_the_better_name_fits_better(typed: str, text: str, better_than: str) -> None:
    assert (fit(typed, text) or 0.0) > (fit(typed, better_than) or 0.0)


def test_what_is_not_there_does_not_fit() -> None:
    assert fit("open zebra", "Open a bundle") is None
    assert fit("", "Open a bundle") == 1.0


# --- palette ----------------------------------------------------------------------------------------------------------


def test_the_palette_runs_an_action(qtbot: QtBot, bare_window: MainWindow, themes: ThemeManager) -> None:
    palette = bare_window.guidance.palette
    palette.open()
    qtbot.keyClicks(palette.field, "dark")
    assert palette.shown[0].text == "Dark"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert themes.theme is DARK
    assert not palette.isVisible()


def test_the_palette_presses_buttons_of_the_workspace_in_front(qtbot: QtBot, bare_window: MainWindow) -> None:
    palette = bare_window.guidance.palette
    palette.open()
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentRow() == palette.list.count() - 1
    qtbot.keyClicks(palette.field, "zebra")
    assert palette.shown == ()
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.field.clear()
    qtbot.keyClicks(palette.field, "eraser")
    assert palette.shown[0].place == "Decompose"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert bare_window.decompose.canvas.erasing
    palette.open()
    assert palette.shown[0].text == "Eraser"
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()


# --- start page -------------------------------------------------------------------------------------------------------


def test_a_digit_drawn_on_the_start_page_is_decomposed_there_where_it_belongs(
    qtbot: QtBot, bare_window: MainWindow
) -> None:
    page = bare_window.go_to("Start")
    assert isinstance(page, StartPage)
    canvas = page.canvas
    for begin, end in ((QPoint(60, 60), QPoint(150, 60)), (QPoint(150, 60), QPoint(90, 200))):
        qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=begin)
        qtbot.mouseMove(canvas, end)
        qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    ink = canvas.ink()
    assert ink.any()
    assert bare_window.place == "Start"
    qtbot.waitUntil(lambda: bare_window.place == "Decompose", timeout=PATIENCE)
    assert (bare_window.decompose.canvas.ink() == ink).all()
    assert not canvas.ink().any()
    bare_window.undo.trigger()
    assert not bare_window.decompose.canvas.ink().any()


def test_the_start_page_names_the_bundle_and_leads_to_others_and_to_a_new_run(window: MainWindow) -> None:
    page = window.go_to("Start")
    assert isinstance(page, StartPage)
    assert page.bundle_words.text().startswith("seeded is open")
    offered = {button.text() for button in page._shipped}
    assert offered == {"Open mnist-studio", "Open fashion-studio", "Open mnist-paper"}
    page.new_run.click()
    assert window.place == "Train"
    assert window.train().form.isVisible()


# --- tour and help ----------------------------------------------------------------------------------------------------


def test_the_tour_lights_what_it_speaks_of_and_lets_the_mouse_through(
    qtbot: QtBot, bare_window: MainWindow
) -> None:
    bare_window.guidance.begin_tour()
    tour = bare_window.guidance.tour
    assert tour is not None
    canvas = bare_window.decompose.canvas
    middle = canvas.mapTo(bare_window, canvas.rect().center())
    assert bare_window.childAt(middle) is canvas
    assert bare_window.childAt(QPoint(5, 5)) is tour
    seen = [tour.heading.text()]
    while tour.following.text() != "Done":
        tour.following.click()
        seen.append(tour.heading.text())
        assert bare_window.rect().contains(tour.card.geometry())
    assert len(set(seen)) == 6
    tour.back.click()
    assert tour.heading.text() == seen[-2]
    qtbot.keyClick(tour, Qt.Key.Key_Escape)
    assert bare_window.guidance.tour is None


def test_help_is_on_the_place_in_front_and_on_what_is_pointed_at(
    qtbot: QtBot, bare_window: MainWindow
) -> None:
    sheet = bare_window.guidance.help
    sheet.toggle()
    assert sheet.heading.text() == "Decompose"
    bare_window.decompose.pen.setFocus()
    qtbot.waitUntil(lambda: "Draw (P)" in sheet.pointed.text(), timeout=PATIENCE)
    bare_window.go_to("Start")
    assert sheet.heading.text() == "Start"
    assert sheet.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


# --- dialogs ----------------------------------------------------------------------------------------------------------


def test_preferences_take_effect_at_once(
    qtbot: QtBot,
    bare_window: MainWindow,
    themes: ThemeManager,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lsd_studio.ui.app.preferences import PreferencesDialog
    from lsd_studio.ui.app.session import Beginning

    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "data"))
    next(entry.action for entry in bare_window.registry if entry.text == "Preferences").trigger()
    dialog = bare_window.guidance.dialog
    assert isinstance(dialog, PreferencesDialog)
    dialog.theme.button(Choice.DARK).click()
    assert themes.theme is DARK
    assert bare_window.theme_actions[Choice.DARK].isChecked()
    bare_window.theme_actions[Choice.LIGHT].trigger()
    assert dialog.theme.value == Choice.LIGHT
    dialog.beginning.button(Beginning.PAGE).click()
    assert bare_window.session.beginning is Beginning.PAGE
    qtbot.waitUntil(lambda: dialog.runs.text().endswith("runs"), timeout=PATIENCE)
    (tmp_path / "elsewhere").mkdir()
    dialog.keep_runs_in(tmp_path / "elsewhere")
    qtbot.waitUntil(lambda: dialog.runs.text() == str(tmp_path / "elsewhere"), timeout=PATIENCE)
    dialog.close()
    assert bare_window.guidance.dialog is None


def test_about_tells_versions_and_copies_the_citation(bare_window: MainWindow) -> None:
    from importlib.metadata import version

    from lsd_studio.ui.app.about import AboutDialog

    bare_window.guidance.open_about()
    dialog = bare_window.guidance.dialog
    assert isinstance(dialog, AboutDialog)
    dialog.copy_versions.click()
    copied = QGuiApplication.clipboard().text()
    assert f"torch: {version('torch')}" in copied.splitlines()
    dialog.copy_bibtex.click()
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    (bibtex,) = re.findall(r"```bibtex\n(.*?)```", readme, re.DOTALL)
    assert QGuiApplication.clipboard().text() == bibtex
    dialog.close()


# --- keyboard and screen readers --------------------------------------------------------------------------------------


def test_whatever_takes_the_focus_has_a_name(bare_window: MainWindow) -> None:
    nameless = []
    for place in PLACES:
        bare_window.go_to(place.name)
        nameless += [
            _described(widget, place.name) for widget in _focusable(bare_window) if not _name(widget)
        ]
    for opened in (bare_window.guidance.open_preferences, bare_window.guidance.open_about):
        opened()
        dialog = bare_window.guidance.dialog
        assert dialog is not None
        nameless += [_described(widget, "dialog") for widget in _focusable(dialog) if not _name(widget)]
        dialog.close()
    assert nameless == []


def test_f6_goes_round_the_parts_of_the_window(bare_window: MainWindow) -> None:
    bare_window.decompose.canvas.setFocus()
    step = next(entry.action for entry in bare_window.registry if entry.shortcut == "F6")
    seen = []
    for _ in range(4):
        step.trigger()
        focus = bare_window.focusWidget()
        seen.append(next(at for at, part in enumerate(bare_window._parts) if part.isAncestorOf(focus)))
    assert set(seen) >= {0, 1, 2}


def _focusable(around: QWidget) -> list[QWidget]:
    return [
        widget
        for widget in around.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and not isinstance(widget.parentWidget(), QSpinBox | QComboBox)
    ]


def _name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return "" if interface is None else interface.text(QAccessible.Text.Name)


def _described(widget: QWidget, place: str) -> str:
    return f"{place}: {type(widget).__name__} in {type(widget.parentWidget()).__name__}"
