"""What the window remembers: where it was left, and what was opened lately."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from lsd_studio.engine.api import Engine
from lsd_studio.ui.app.session import Beginning
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.recent import KEPT, Kind, Recent, RecentFiles
from lsd_studio.ui.train.workspace import TrainWorkspace

PATIENCE = 120_000


@pytest.fixture(autouse=True)
def runs_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "data"))


@contextmanager
def started(engine: Engine, themes: ThemeManager, file: Path) -> Iterator[MainWindow]:
    """The window as the program starts it, until it is closed."""
    window = MainWindow(engine, themes, open_settings(file))
    window.come_back()
    window.show()
    try:
        yield window
    finally:
        window.close()
        window.deleteLater()


def test_the_first_session_begins_on_the_start_page_and_the_next_where_it_was_left(
    qtbot: QtBot, engine: Engine, themes: ThemeManager, tmp_path: Path
) -> None:
    file, runs = tmp_path / "w.ini", tmp_path / "runs of mine"
    runs.mkdir()
    with started(engine, themes, file) as window:
        assert window.place == "Start"
        window.setWindowState(Qt.WindowState.WindowMaximized)
        canvas = window.decompose.canvas
        canvas.begin_stroke(canvas.rect().center().toPointF(), 24)
        canvas.end_stroke()
        ink = canvas.ink()
        train = window.train()
        train.management.opened.emit(runs)
    with started(engine, themes, file) as window:
        assert window.place == "Train"
        assert window.isMaximized()
        qtbot.waitUntil(lambda: isinstance(window.workspace, TrainWorkspace), timeout=PATIENCE)
        assert (window.decompose.canvas.ink() == ink).all()
        assert window.train()._opened == (runs,)
        assert window.recent.all[0] == Recent(Kind.RUN, str(runs))
        window.session.choose_beginning(Beginning.PAGE)
    with started(engine, themes, file) as window:
        assert window.place == "Start"


def test_settings_that_were_tampered_with_are_as_if_they_were_not_there(
    engine: Engine, themes: ThemeManager, tmp_path: Path
) -> None:
    file = tmp_path / "w.ini"
    settings = open_settings(file)
    for key, value in {
        "session/place": "Nowhere",
        "begin": "upside down",
        "recent": "{not json",
        "geometry": "wide",
        "session/view": "[1, 2]",
        "workspaces/Train/opened": '{"a": 1}',
        "workspaces/Decompose/drawing": b"no picture",
        "workspaces/Decompose/file": str(tmp_path / "gone.png"),
    }.items():
        settings.setValue(key, value)
    settings.sync()
    with started(engine, themes, file) as window:
        assert window.place == "Start"
        assert window.recent.all == ()
        assert window.train()._opened == ()
        assert not window.decompose.canvas.ink().any()


def test_the_bundle_that_was_in_use_and_what_was_looked_at_come_back(
    qtbot: QtBot, engine: Engine, themes: ThemeManager, tmp_path: Path, mnist_sized_bundle: Path
) -> None:
    file = tmp_path / "w.ini"
    with started(engine, themes, file) as window:
        window.open_bundle(mnist_sized_bundle)
        qtbot.waitUntil(lambda: window.bundle_button.text() == "seeded", timeout=PATIENCE)
        assert window.recent.all == (Recent(Kind.BUNDLE, str(mnist_sized_bundle)),)
        window.go_to("Decompose")
        qtbot.waitUntil(lambda: window.selection.tests is not None, timeout=PATIENCE)
        window.decompose.look_at_test_image(7)
        window.decompose.terms.setValue(12)
        qtbot.waitUntil(lambda: window.decompose.shown is not None, timeout=PATIENCE)
    with started(engine, themes, file) as window:
        window.open_last_bundle()
        qtbot.waitUntil(lambda: window.decompose.shown is not None, timeout=PATIENCE)
        assert window.bundle_button.text() == "seeded"
        assert window.place == "Decompose"
        assert window.decompose.shown is not None
        assert window.decompose.shown.title == "test image 7"
        assert window.decompose.terms.value() == 12


def test_where_the_last_bundle_is_gone_one_that_ships_is_opened_and_it_is_said(
    qtbot: QtBot, engine: Engine, themes: ThemeManager, tmp_path: Path
) -> None:
    file = tmp_path / "w.ini"
    open_settings(file).setValue("session/bundle", str(tmp_path / "moved"))
    with started(engine, themes, file) as window:
        window.open_last_bundle()
        qtbot.waitUntil(lambda: window.bundle_button.text() == "mnist-studio", timeout=PATIENCE)
        assert window.message_bar.isVisible()
        assert str(tmp_path / "moved") in window.message_bar.text


# --- recent files -----------------------------------------------------------------------------------------------------


def test_the_latest_comes_first_and_the_oldest_is_forgotten(tmp_path: Path) -> None:
    settings = open_settings(tmp_path / "w.ini")
    recent = RecentFiles(settings)
    for number in range(KEPT + 2):
        recent.note(Recent(Kind.IMAGE, f"/pictures/{number}.png"))
    recent.note(Recent(Kind.IMAGE, "/pictures/5.png"))
    names = [each.name for each in RecentFiles(settings).all]
    assert names == ["5.png", "9.png", "8.png", "7.png", "6.png", "4.png", "3.png", "2.png"]


def test_only_what_has_the_right_form_is_read(tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)
    settings.setValue(
        "recent", json.dumps([["image", "/a.png"], ["virus", "/b"], ["run"], "x", ["bundle", 3]])
    )
    assert RecentFiles(settings).all == (Recent(Kind.IMAGE, "/a.png"),)


def test_an_image_opened_lately_is_opened_again_from_the_menu(
    bare_window: MainWindow, tmp_path: Path
) -> None:
    file = tmp_path / "seven.png"
    Image.new("L", (28, 28), 40).save(file)
    bare_window.decompose.look_at_file(file)
    bare_window.go_to("Start")
    (entry, *_) = bare_window.registry.menu("File/Open recent").actions()
    assert entry.text() == "seven.png"
    entry.trigger()
    assert bare_window.place == "Decompose"
    assert bare_window.decompose._source.title == "seven.png"


def test_what_is_gone_is_said_and_listed_no_more(bare_window: MainWindow, tmp_path: Path) -> None:
    gone = Recent(Kind.BUNDLE, str(tmp_path / "gone"))
    bare_window.recent.note(gone)
    bare_window.open_recent(gone)
    assert "no longer there" in bare_window.message_bar.text
    assert bare_window.recent.all == ()
    assert not bare_window.registry.menu("File/Open recent").isEnabled()


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "view",
    [
        DEEP,
        '{"terms": ' + "9" * 400 + "}",
        '{"terms": 1e300, "vectors": {"a": [9999999999]}}',
        '{"settings": {"terms": [[]], "reading": 3}, "vectors": "none", "title": {}}',
        "[]",
    ],
)
def test_the_window_starts_whatever_its_settings_hold(
    engine: Engine, themes: ThemeManager, tmp_path: Path, view: str
) -> None:
    file = tmp_path / "w.ini"
    settings = open_settings(file)
    settings.setValue("recent", DEEP)
    settings.setValue("session/place", "Decompose")
    settings.setValue("session/view", view)
    settings.setValue("workspaces/Train/opened", DEEP)
    settings.sync()
    with started(engine, themes, file) as window:
        assert window.place == "Decompose"
        assert window.recent.all == ()
        assert window.train()._opened == ()
        if window.session.view:
            window.workspace.bring_back(window.session.view)
