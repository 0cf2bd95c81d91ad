"""Preferences: few, and each takes effect at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QLabel, QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.files.logs import log_folder
from lsd_studio.ui.app.session import Beginning, LastSession
from lsd_studio.ui.app.theme import GRID, Choice, ThemeChoice
from lsd_studio.ui.shell.recent import KEPT, RecentFiles
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.dialogs import ask_for_path
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.segments import Segments

WIDTH = 600


class PreferencesDialog(QDialog):
    """How the window looks, how it begins, what it remembers, and where its files are."""

    def __init__(
        self,
        engine: Engine,
        themes: ThemeChoice,
        settings: QSettings,
        recent: RecentFiles,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._engine = engine
        self.tasks = Tasks(self)
        self._themes = themes
        self._session = LastSession(settings)
        self._recent = recent
        self.theme = Segments(
            "Colours",
            (
                Choice.SYSTEM,
                "Follow system",
                "Follow the system's light or dark colours, also when they change",
            ),
            (Choice.LIGHT, "Light", "Always light"),
            (Choice.DARK, "Dark", "Always dark"),
            take=lambda choice: themes.choose(Choice(choice)),
        )
        self._show_theme()
        themes.changed.connect(self._show_theme)
        self.beginning = Segments(
            "At start",
            (Beginning.SESSION, "Where I left off", "The workspace, bundle and window as they were closed"),
            (Beginning.PAGE, "Start page", "The start page, with the bundle that was in use"),
            value=self._session.beginning,
            take=lambda beginning: self._session.choose_beginning(Beginning(beginning)),
        )
        self.remembered = plain_label()
        self.forget = push_button(
            "Forget all", recent.clear, "Empty the list of recent files; no file is touched"
        )
        recent.changed.connect(self._count)
        self._count()
        self._whole = column(
            _setting("Colours", "Light and dark follow the system unless you choose.", self.theme),
            _setting("At start", "A window opened for the first time shows the start page.", self.beginning),
            card(column(title("Recent"), row(self.remembered, None, self.forget))),
            self._files(Path(settings.fileName())),
            row(None, push_button("Close", self.accept, default=True)),
            spacing=2 * GRID,
            margin=(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID),
        )
        self.setLayout(self._whole)
        self.tasks.deliver(engine.training.folder(), self._show_runs_folder)

    @Slot()
    def _show_theme(self) -> None:
        self.theme.set_value(self._themes.choice)

    def _files(self, settings: Path) -> QFrame:
        """Where runs and the program's own files are, each with a button that shows it."""
        self.runs = _path("", "runs")
        self.choose_runs = push_button(
            "Change…",
            lambda: ask_for_path(self, "A folder for runs", self.keep_runs_in, folder=self.runs.text()),
            "Put new runs in another folder; those that exist stay where they are",
        )
        self.choose_runs.setAccessibleName("Choose another folder for runs")
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * GRID)
        grid.setColumnStretch(1, 1)
        places = (
            ("Runs", self.runs),
            ("Log", _path(str(log_folder()), "log")),
            ("Settings", _path(str(settings.parent), "settings")),
        )
        for line, (name, path) in enumerate(places):
            button = push_button("Show", partial(_show, path))
            button.setAccessibleName(f"Show the folder of the {name.lower()}")
            grid.addWidget(QLabel(name), line, 0)
            grid.addWidget(path, line, 1)
            grid.addWidget(button, line, 3)
        grid.addWidget(self.choose_runs, 0, 2)
        return card(column(title("Files"), table))

    def keep_runs_in(self, folder: Path) -> None:
        """Put new runs in another folder."""
        self.tasks.deliver(self._engine.training.choose_folder(folder), self._show_runs_folder)

    def _show_runs_folder(self, folder: Path) -> None:
        self.runs.setText(str(folder))
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as all the words are, which have the window's typeface only now."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setFixedSize(WIDTH, self._whole.totalHeightForWidth(WIDTH))

    @Slot()
    def _count(self) -> None:
        count = len(self._recent.all)
        self.remembered.setText(f"{count} remembered, of at most {KEPT}" if count else "Nothing yet")
        self.forget.setEnabled(count > 0)


def _setting(name: str, what: str, control: QWidget) -> QFrame:
    return card(column(title(name), caption(what), row(control, None)))


def _path(words: str, name: str) -> QLabel:
    path = caption(words, f"Folder of the {name}")
    path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return path


def _show(path: QLabel) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(path.text()))
