"""The frame: themes, messages, closing."""

from __future__ import annotations

import asyncio
import gc
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.training.events import Paused, Progressed, Resumed
from lsd_studio.engine.training.monitoring.broadcasts import TrainingEnded, TrainingReported, TrainingStarted
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.app.theme import DARK, LIGHT, Choice, Theme, ThemeChoice, palette, stylesheet
from lsd_studio.ui.shell.activity import Activity, TrainingNow, after
from lsd_studio.ui.shell.engine_state import cost_words
from lsd_studio.ui.shell.main_window import PLACES, MainWindow
from lsd_studio.ui.widgets.label_colours import contrast, edge_colour, label_colour

PATIENCE = 120_000


def test_the_window_opens_within_the_screen_and_no_page_or_name_keeps_it_from_being_small(
    engine: Engine, themes: ThemeChoice, tmp_path: Path, mnist_sized_bundle: Path, qtbot: QtBot
) -> None:
    window = MainWindow(engine, themes, open_settings(tmp_path / "small.ini"))
    screen = window.screen().availableSize()
    assert window.width() <= screen.width()
    assert window.height() <= screen.height()
    long_named = tmp_path / ("a bundle whose name is as long as names of folders are in practice " * 2)
    shutil.copytree(mnist_sized_bundle, long_named)
    window.open_bundle(long_named)
    qtbot.waitUntil(lambda: window.selection.tests is not None, timeout=60_000)
    window.selection.look_at_vector(3)
    window.engine_state.say("working on something that takes many words to be told " * 4)
    window.resize(960, 640)
    window.show()
    for place in PLACES:
        window.go_to(place.name)
        assert (window.width(), window.height()) == (960, 640), place.name
    assert long_named.name in window.bundle_button.toolTip()
    window.close()
    window.deleteLater()


def test_the_header_names_bundle_and_data_set(window: MainWindow) -> None:
    assert window.bundle_button.text() == "seeded"
    assert "mnist" in window.data_set.text()


def test_a_theme_chosen_in_the_menu_is_used_and_remembered(
    window: MainWindow, themes: ThemeChoice, qapp: QApplication
) -> None:
    for choice, theme in ((Choice.DARK, DARK), (Choice.LIGHT, LIGHT)):
        window.theme_actions[choice].trigger()
        qapp.processEvents()
        assert themes.theme is theme
        assert QApplication.palette().window().color() == QColor(theme.ground)
        picture = window.grab().toImage()
        assert picture.pixelColor(picture.width() - 4, picture.height() // 2) == QColor(theme.ground)
    window._settings.sync()
    assert ThemeChoice(window._settings).choice is Choice.LIGHT


def test_the_theme_follows_the_system_unless_one_was_chosen(themes: ThemeChoice) -> None:
    themes.follow(Qt.ColorScheme.Dark)
    assert themes.theme is DARK
    themes.follow(Qt.ColorScheme.Light)
    assert themes.theme is LIGHT
    themes.choose(Choice.DARK)
    themes.follow(Qt.ColorScheme.Light)
    assert themes.theme is DARK


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_text_and_label_colours_stand_out(theme: Theme) -> None:
    for role in ("text", "muted", "accent"):
        assert contrast(theme.colour(role), theme.colour("surface")) >= 4.5, role
    assert contrast(theme.colour("on_accent"), theme.colour("accent")) >= 4.5
    assert contrast(theme.colour("warning"), theme.colour("warning_ground")) >= 4.5
    for label in range(47):
        assert contrast(edge_colour(label, theme.colour("surface")), theme.colour("surface")) >= 3


def test_no_two_of_many_labels_share_a_colour() -> None:
    assert len({label_colour(label).name() for label in range(62)}) == 62


def test_a_bundle_that_is_none_is_told_and_the_window_stays(
    qtbot: QtBot, bare_window: MainWindow, tmp_path: Path
) -> None:
    bare_window.open_bundle(tmp_path)
    qtbot.waitUntil(bare_window.message_bar.isVisible, timeout=PATIENCE)
    assert str(tmp_path) in bare_window.message_bar.text
    assert bare_window.engine_state.words == "no bundle"
    assert "Open one" in bare_window.decompose.ranking.hint


def test_a_failed_opening_leaves_the_bundle_in_use(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.open_bundle(tmp_path)
    qtbot.waitUntil(window.message_bar.isVisible, timeout=PATIENCE)
    assert window.bundle_button.text() == "seeded"
    window.decompose.look_at_test_image(0)
    qtbot.waitUntil(lambda: window.decompose.shown is not None, timeout=PATIENCE)


def test_the_window_closes_while_requests_run(
    qtbot: QtBot, themes: ThemeChoice, mnist_sized_bundle: Path, tmp_path: Path
) -> None:
    with Engine() as engine:
        window = MainWindow(engine, themes, open_settings(tmp_path / "window.ini"))
        window.show()
        window.open_bundle(mnist_sized_bundle)
        canvas = window.decompose.canvas
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
        with qtbot.waitSignal(window.closed, timeout=PATIENCE):
            window.close()
        window.deleteLater()


def test_closing_with_training_under_way_asks_and_stops_with_a_checkpoint(
    qtbot: QtBot, bare_window: MainWindow, engine: Engine, tmp_path: Path
) -> None:
    from lsd_studio.engine.training.monitoring.broadcasts import TrainingEnded, TrainingReported
    from lsd_studio.engine.training.settings import TrainingSettings

    run = tmp_path / "run"
    heard: list[object] = []
    bare_window.events.training.connect(heard.append)
    engine.training.start(TrainingSettings(run, overrides=("classifier.epochs=50",)))
    qtbot.waitUntil(lambda: any(isinstance(event, TrainingReported) for event in heard), timeout=2 * PATIENCE)

    bare_window.close()
    assert bare_window.isVisible()
    assert bare_window.question is not None
    stay = next(button for button in bare_window.question.buttons() if "Keep" in button.text())
    stay.click()
    assert bare_window.isVisible()
    assert engine.is_training

    bare_window.close()
    stop = next(button for button in bare_window.question.buttons() if "Stop" in button.text())
    with qtbot.waitSignal(bare_window.closed, timeout=2 * PATIENCE):
        stop.click()
    qtbot.waitUntil(lambda: any(isinstance(event, TrainingEnded) for event in heard), timeout=PATIENCE)
    assert [event.outcome for event in heard if isinstance(event, TrainingEnded)] == ["cancelled"]
    assert list((run / "checkpoints").iterdir())


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (3.14, "3.1 ms"),
        (640, "640 ms"),
        (9_800, "9800 ms"),
        (64_237, "64 s"),
        (119_000, "119 s"),
        (150_000, "2 min"),
        (4_000_000, "1 h 07 min"),
    ],
)
def test_the_cost_of_an_answer_is_said_in_the_unit_that_suits_it(milliseconds: float, words: str) -> None:
    assert cost_words(milliseconds) == words


def test_the_header_says_how_a_training_goes_until_it_ends(bare_window: MainWindow, tmp_path: Path) -> None:
    broadcast = bare_window.events.training.emit
    broadcast(TrainingStarted(tmp_path / "first"))
    assert bare_window.engine_state.words == "training first"
    broadcast(TrainingReported(tmp_path / "first", Progressed("gan", 1, 4, 1.0, 3.0, 60.0)))
    assert bare_window.engine_state.words == "training G, D 25 %, 60 s left"
    broadcast(TrainingEnded(tmp_path / "first", "failed", StudioError("The disk is full.")))
    assert bare_window.engine_state.words == "no bundle"
    assert bare_window.message_bar.text == "The disk is full."


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_a_drop_down_marks_the_row_pointed_at(qtbot: QtBot, theme: Theme, qapp: QApplication) -> None:
    qapp.setPalette(palette(theme))
    around = QWidget()
    qtbot.addWidget(around)
    around.setStyleSheet(stylesheet(theme))
    box = QComboBox(around)
    box.addItems(["one", "two", "three", "four"])
    around.show()
    box.showPopup()
    view = box.view()
    view.setCurrentIndex(view.model().index(2, 0))
    seen = view.window().grab().toImage()

    def ground(row: int) -> QColor:
        where = view.visualRect(view.model().index(row, 0))
        return seen.pixelColor(view.mapTo(view.window(), QPoint(where.left() + 2, where.center().y())))

    assert ground(1) == theme.colour("surface")
    assert ground(2) == theme.colour("accent")
    assert contrast(theme.colour("on_accent"), ground(2)) >= 4.5
    box.hidePopup()


def test_a_theme_switch_reaches_what_is_seen_and_the_rest_once_it_is_seen(
    window: MainWindow, themes: ThemeChoice, qapp: QApplication
) -> None:
    """A style sheet of the application or the window would be computed anew for all that is out of sight as well."""
    hidden = window.go_to("Train")
    for choice, theme, before in ((Choice.DARK, DARK, LIGHT), (Choice.LIGHT, LIGHT, DARK)):
        window.go_to("Decompose")
        themes.choose(choice)
        assert qapp.styleSheet() == window.styleSheet() == ""
        assert window.decompose.themes.theme is theme
        assert window._pages[window.decompose].styleSheet() == stylesheet(theme)
        assert hidden.themes.theme is before
        assert window._pages[hidden].styleSheet() == stylesheet(before)
        assert window.go_to("Train") is hidden
        assert hidden.themes.theme is theme
        assert window._pages[hidden].styleSheet() == stylesheet(theme)


def test_bars_menus_and_what_lies_over_the_window_follow_the_theme(
    bare_window: MainWindow, themes: ThemeChoice, qapp: QApplication
) -> None:
    window = bare_window
    themes.choose(Choice.LIGHT)
    window.guidance.open_preferences()
    window.guidance.palette.open()
    window.guidance.help.toggle()
    window.message_bar.warn("Something to be read.")
    qapp.processEvents()
    assert window.guidance.dialog is not None
    dialog, sheet = window.guidance.dialog, window.guidance.help
    for choice, theme in ((Choice.DARK, DARK), (Choice.LIGHT, LIGHT)):
        themes.choose(choice)
        qapp.processEvents()
        assert window.guidance.palette.styleSheet() == stylesheet(theme)
        for part in (window.menuBar(), window._header, window._footer, window.message_bar, dialog, sheet):
            seen = part.grab().toImage()
            ground = seen.pixelColor(seen.width() // 2, seen.height() - 3).lightnessF()
            assert ground > 0.7 if theme is LIGHT else ground < 0.3, part
    dialog.close()


def test_a_dialog_that_was_closed_is_gone_before_the_next_change_of_theme(
    bare_window: MainWindow, themes: ThemeChoice, qtbot: QtBot
) -> None:
    bare_window.choose_bundle.trigger()
    asked = bare_window.findChild(QFileDialog)
    assert asked is not None
    assert asked.styleSheet() == stylesheet(themes.theme)
    gone: list[bool] = []
    asked.destroyed.connect(lambda: gone.append(True))
    asked.reject()
    del asked
    gc.collect()
    qtbot.waitUntil(lambda: bool(gone), timeout=PATIENCE)
    themes.choose(Choice.DARK)
    assert bare_window.menuBar().styleSheet() == stylesheet(DARK)


RUN = Path("runs/kitchen")
TRAINED = TrainingReported(RUN, Progressed("classifier", 40, 100, 0.1, 6.0, 20.0))


@pytest.mark.parametrize(
    ("activity", "words", "role"),
    [
        (Activity(False), "no bundle", "warning"),
        (Activity(True), "ready", "good"),
        (Activity(False, is_opening=True), "opening the bundle", "accent"),
        (Activity(True, working=("Evaluate", "Denoise")), "working in Evaluate, Denoise", "accent"),
        (
            Activity(True, training=TrainingNow("Classifier 40 %"), working=("Basis",)),
            "training Classifier 40 % · working in Basis",
            "accent",
        ),
        (
            Activity(True, training=TrainingNow("Classifier 40 %", is_paused=True)),
            "paused Classifier 40 %",
            "warning",
        ),
        (
            Activity(True, is_stopping=True, training=TrainingNow("Classifier 40 %", is_paused=True)),
            "stopping after the current batch",
            "accent",
        ),
    ],
)
def test_the_header_says_all_that_is_running(activity: Activity, words: str, role: str) -> None:
    assert (activity.words, activity.role) == (words, role)


def test_a_training_is_followed_through_its_pauses_to_its_end() -> None:
    told = []
    training: TrainingNow | None = None
    for event in (
        TrainingStarted(RUN),
        TRAINED,
        TrainingReported(RUN, Paused("classifier", 40)),
        TRAINED,
        TrainingReported(RUN, Resumed("classifier", 40)),
        TrainingEnded(RUN, "finished"),
    ):
        training = after(training, event)
        told.append(training and (training.words, training.is_paused))
    at = "C 40 %, 20 s left"
    assert told == [("kitchen", False), (at, False), (at, True), (at, True), (at, False), None]


def test_the_header_says_where_answers_are_awaited_and_is_ready_after_them(
    qtbot: QtBot, window: MainWindow
) -> None:
    qtbot.waitUntil(lambda: window.engine_state.words == "ready", timeout=PATIENCE)
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def measure() -> None:
        await never

    workspace = window.go_to("Evaluate")
    workspace.tasks.cancel_all()
    workspace.tasks.run(measure(), "measure")
    qtbot.waitUntil(lambda: window.engine_state.words == "working in Evaluate", timeout=PATIENCE)
    window._show_training(TRAINED)
    assert window.engine_state.words.endswith("left · working in Evaluate")
    workspace.tasks.cancel("measure")
    window._show_training(TrainingEnded(RUN, "finished"))
    assert window.engine_state.words == "ready"


def test_what_failed_is_told_until_something_succeeds_or_escape(qtbot: QtBot, window: MainWindow) -> None:
    bar = window.message_bar
    window.tasks.failed.emit(StudioError("There is no such file; choose another."))
    assert bar.isVisible()
    qtbot.keyClick(window.bundle_button, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    window.tasks.failed.emit(StudioError("There is no such file; choose another."))
    window.decompose.look_at_test_image(0)
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=PATIENCE)
    bar.say("Two images were left out.")
    with qtbot.waitSignal(window.decompose.answered, timeout=PATIENCE):
        window.decompose.look_at_test_image(1)
    assert bar.isVisible(), "what is no failure stays"


def test_the_footer_names_the_bundle_that_is_looked_at(
    qtbot: QtBot, window: MainWindow, mnist_sized_bundle: Path, tmp_path: Path
) -> None:
    window.go_to("Decompose")
    window.decompose.look_at_test_image(0)
    qtbot.waitUntil(lambda: "seeded" in window.source.text(), timeout=PATIENCE)
    window.open_bundle(Path(shutil.copytree(mnist_sized_bundle, tmp_path / "another")))
    qtbot.waitUntil(lambda: window.bundle_button.text() == "another", timeout=PATIENCE)
    assert "seeded" not in window.source.text()
    assert "another" in window.source.text()
    window.go_to("Train")
    assert window.source.text() == ""
