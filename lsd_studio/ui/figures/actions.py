"""What the window does with figures: export what is shown, copy it, and open the view that a figure was made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt, Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.figures.spec import FigureView
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.shell.actions import Actions
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import NO_VIEW, Workspace
from lsd_studio.ui.shell.workspaces import WORKSPACES
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.dialogs import ask_for_path

if TYPE_CHECKING:
    from lsd_studio.engine.operations.figures import ReadFigure
    from lsd_studio.ui.figures.dialog import FigureDialog

READING = "reading"
"""The task that reads a figure."""

NOTHING = "There is no figure here yet: wait until the view shows something, or go to another workspace."


class FigureActions(QObject):
    """The three actions, in the registry's File menu.

    Args:
        window: that dialogs belong to.
        engine, selection, themes, settings: the window's.
        front: the name of the workspace in front, and itself.
        visit: brings a workspace to the front by its name.
        say: tells a person something.
    """

    def __init__(
        self,
        window: QWidget,
        engine: Engine,
        selection: Selection,
        themes: ThemeManager,
        settings: QSettings,
        front: Callable[[], tuple[str, Workspace]],
        visit: Callable[[str], Workspace],
        say: Callable[[str], None],
    ) -> None:
        super().__init__(window)
        self._window, self._engine, self._themes, self._settings = window, engine, themes, settings
        self._selection, self.tasks = selection, Tasks(self)
        self._front, self._visit, self._say = front, visit, say
        self.dialog: FigureDialog | None = None

    def register(self, actions: Actions) -> None:
        """Add the actions to the registry."""
        actions.add(
            "File", "Export figure…", self.export, "Ctrl+E",
            meaning="Save what is shown as a figure for publication, with its data and origin",
        )  # fmt: skip
        actions.add(
            "File", "Copy figure", self.copy, "Ctrl+Shift+C",
            meaning="Put what is shown on the clipboard as a figure for publication",
        )  # fmt: skip
        actions.add(
            "File", "Open from figure…", self.choose, "Ctrl+Shift+F",
            meaning="Bring back the bundle and the view that a figure was made of, from the JSON file beside it",
        )  # fmt: skip

    @Slot()
    def export(self) -> FigureDialog:
        """Ask how the figure is to be, and write it."""
        return self.export_numbered("")

    @Slot(str)
    def export_numbered(self, number: str) -> FigureDialog:
        """The same, beginning with a figure of the paper."""
        from lsd_studio.ui.figures.dialog import FigureDialog

        name, workspace = self._front()
        view, figures = FigureView(name, workspace.view_settings), workspace.figures()
        self.dialog = dialog = FigureDialog(
            self._engine, self.tasks, self._themes, self._settings, figures, view, number, self._window
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._forget)
        dialog.open()
        return dialog

    @Slot()
    def copy(self) -> None:
        """Put the whole view on the clipboard."""
        from lsd_studio.ui.figures.preview import copy_figure

        figures = self._front()[1].figures()
        if figures:
            self.tasks.deliver(self._engine.figures.render(figures[0]), copy_figure)
        else:
            self._say(NOTHING)

    @Slot()
    def choose(self) -> None:
        """Ask for the JSON file of a figure."""
        folder = str(self._settings.value("figures/folder", ""))
        ask_for_path(self._window, "Open from figure", self.open, "Figures (*.json)", folder)

    def open(self, path: Path) -> None:
        """Bring back the bundle and the view that a figure was made of."""
        self.tasks.cancel(READING)
        self.tasks.deliver(self._engine.figures.read(path), self._take_read, READING)

    @Slot()
    def _forget(self) -> None:
        self.dialog = None

    def _take_read(self, read: ReadFigure) -> None:
        if read.opened is not None:
            self._selection.use_bundle(read.opened)
        self.show(read.view)

    def show(self, view: FigureView) -> None:
        """Go to the view that a figure was made of."""
        if view.workspace not in {place.name for place in WORKSPACES}:
            self._say(f"The figure belongs to a workspace {view.workspace}, which this window does not have.")
            return
        if not self._visit(view.workspace).bring_back(view.settings):
            self._say(NO_VIEW)
