"""What helps a person along in the window: command palette, help, tour, preferences, About."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSettings, QUrl, Signal, Slot
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QDialog, QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import NotAvailableError
from lsd_studio.files.logs import log_folder
from lsd_studio.ui.app.about import AboutDialog
from lsd_studio.ui.app.preferences import PreferencesDialog
from lsd_studio.ui.app.theme import ThemeChoice
from lsd_studio.ui.guidance.command_palette import Command, CommandPalette
from lsd_studio.ui.guidance.help_sheet import HelpSheet
from lsd_studio.ui.guidance.help_texts import help_on
from lsd_studio.ui.guidance.tour import Stop, Tour
from lsd_studio.ui.shell.actions import Actions
from lsd_studio.ui.shell.recent import RecentFiles


class Guidance(QObject):
    """Made for a window, over which palette and tour are laid, and help over its workspaces.

    Attributes:
        dialog: the preferences or About, while one is open.

    Signals:
        failed: an exception, what could not be done.
    """

    failed = Signal(object)

    def __init__(
        self,
        window: QWidget,
        engine: Engine,
        workspaces: QWidget,
        themes: ThemeChoice,
        settings: QSettings,
        recent: RecentFiles,
        offer: Callable[[], Sequence[Command]],
        stops: Callable[[], Sequence[Stop]],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._engine = engine
        self._themes = themes
        self._settings = settings
        self._recent = recent
        self._stops = stops
        self.palette = CommandPalette(themes, window, offer)
        self.help = HelpSheet(themes, workspaces)
        self.tour: Tour | None = None
        self.dialog: QDialog | None = None

    def act(self, registry: Actions) -> None:
        """Register what can be done here."""
        keys = QKeySequence.StandardKey
        registry.add(
            "Edit", "Preferences…", self.open_preferences, "Ctrl+,",
            meaning="Settings: colours, what to begin with, what is remembered, where runs are stored",
        ).setMenuRole(QAction.MenuRole.PreferencesRole)  # fmt: skip
        registry.add(
            "Help", "Find an action…", self.palette.open, "Ctrl+Shift+P",
            meaning="Everything that can be done now, by its name",
        )  # fmt: skip
        registry.add(
            "Help", "Help on this workspace", self.help.toggle, keys.HelpContents,
            meaning="What it is for, its keys, and what you point at",
        )  # fmt: skip
        registry.add("Help", "Guided tour", self.begin_tour, meaning="Six stops in the real window")
        registry.separate("Help")
        registry.add("Help", "Show the log", self.show_log, meaning="The folder with the program's log files")
        registry.add(
            "Help", "About LSD Studio…", self.open_about,
            meaning="Versions, licences, and how to cite the method",
        )  # fmt: skip

    @Slot()
    def fit(self) -> None:
        """The window was resized."""
        self.palette.fit()
        self.help.fit()
        if self.tour is not None:
            self.tour.fit()

    def show_place(self, name: str) -> None:
        """Another place is in front."""
        self.help.show_help(help_on(name))
        self.help.raise_()

    @Slot()
    def begin_tour(self) -> None:
        """Start the tour at its first stop, where there is any."""
        if self.tour is not None:
            return
        if stops := self._stops():
            self.help.hide()
            self.tour = Tour(self._themes, self._window, stops)
            self.tour.ended.connect(self._end_tour)
            self.tour.begin()
        else:
            self.failed.emit(NotAvailableError("The tour leads through a bundle: open one first."))

    @Slot()
    def open_preferences(self) -> None:
        """Open the preferences."""
        dialog = PreferencesDialog(self._engine, self._themes, self._settings, self._recent, self._window)
        dialog.tasks.failed.connect(self.failed)
        self._open(dialog)

    @Slot()
    def open_about(self) -> None:
        """Open About."""
        self._open(AboutDialog(self._window))

    @Slot()
    def show_log(self) -> None:
        """Show the folder of the log in the file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder())))

    def _open(self, dialog: QDialog) -> None:
        if self.dialog is not None:
            self.dialog.close()
        self.dialog = dialog
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    @Slot(int)
    def _forget_dialog(self, result: int) -> None:
        self.dialog = None

    @Slot()
    def _end_tour(self) -> None:
        tour, self.tour = self.tour, None
        if tour is not None:
            tour.deleteLater()
