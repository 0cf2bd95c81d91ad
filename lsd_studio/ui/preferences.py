"""Preferences: few, and each takes effect at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from lsd_studio.ui.layouts import caption, card, column, row, title
from lsd_studio.ui.log_file import log_folder
from lsd_studio.ui.recent import KEPT, RecentFiles
from lsd_studio.ui.segments import Segments
from lsd_studio.ui.session import Beginning, LastSession
from lsd_studio.ui.theme import GRID, Choice, ThemeManager

__all__ = ["PreferencesDialog"]

WIDTH = 600


class PreferencesDialog(QDialog):
    """How the window looks, how it begins, what it remembers, and where its files are."""

    def __init__(
        self, themes: ThemeManager, settings: QSettings, recent: RecentFiles, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._themes = themes
        self._session = LastSession(settings)
        self._recent = recent
        self.theme = Segments(
            "Colours",
            (
                Choice.SYSTEM,
                "As the system",
                "Follow the system's light or dark colours, also when they change",
            ),
            (Choice.LIGHT, "Light", "Always light"),
            (Choice.DARK, "Dark", "Always dark"),
        )
        self._show_theme()
        self.theme.chosen.connect(self._choose_theme)
        themes.changed.connect(self._show_theme)
        self.beginning = Segments(
            "At start",
            (Beginning.SESSION, "Where I left off", "The workspace, bundle and window as they were closed"),
            (Beginning.PAGE, "Start page", "The start page, with the bundle that was in use"),
        )
        self.beginning.set_value(self._session.beginning)
        self.beginning.chosen.connect(self._choose_beginning)
        self.remembered = QLabel()
        self.forget = QPushButton("Forget all")
        self.forget.setToolTip("Empty the list of what was opened lately; no file is touched")
        self.forget.clicked.connect(recent.clear)
        recent.changed.connect(self._count)
        self._count()
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        whole.setSpacing(2 * GRID)
        whole.addWidget(
            _setting("Colours", "Light and dark follow the system unless you choose.", self.theme)
        )
        whole.addWidget(
            _setting("At start", "A window opened for the first time shows the start page.", self.beginning)
        )
        whole.addWidget(card(column(title("Opened lately"), row(self.remembered, None, self.forget))))
        whole.addWidget(_files(Path(settings.fileName())))
        whole.addLayout(row(None, close))
        self.setFixedSize(WIDTH, whole.heightForWidth(WIDTH))

    @Slot(str)
    def _choose_theme(self, choice: str) -> None:
        self._themes.choose(Choice(choice))

    @Slot()
    def _show_theme(self) -> None:
        self.theme.set_value(self._themes.choice)

    @Slot(str)
    def _choose_beginning(self, beginning: str) -> None:
        self._session.choose_beginning(Beginning(beginning))

    @Slot()
    def _count(self) -> None:
        count = len(self._recent.all)
        self.remembered.setText(f"{count} remembered, of at most {KEPT}" if count else "Nothing yet")
        self.forget.setEnabled(count > 0)


def _setting(name: str, what: str, control: QWidget) -> QFrame:
    return card(column(title(name), caption(what), row(control, None)))


def _files(settings: Path) -> QFrame:
    """Where the program's own files are, each with a button that shows it."""
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(2 * GRID)
    grid.setColumnStretch(1, 1)
    for line, (name, folder) in enumerate((("Log", log_folder()), ("Settings", settings.parent))):
        path = caption(str(folder), f"Folder of the {name.lower()}")
        path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        button = QPushButton("Show")
        button.setAccessibleName(f"Show the folder of the {name.lower()}")
        button.clicked.connect(partial(_show, folder))
        grid.addWidget(QLabel(name), line, 0)
        grid.addWidget(path, line, 1)
        grid.addWidget(button, line, 2)
    return card(column(title("Files"), table))


def _show(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
