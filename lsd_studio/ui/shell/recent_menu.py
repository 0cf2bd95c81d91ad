"""The menu of recent files."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMenu

from lsd_studio.ui.guidance.command_palette import Command
from lsd_studio.ui.shell.recent import Kind, Recent, RecentFiles
from lsd_studio.ui.widgets.plain_text import button_words, tip_words

ICONS = {
    Kind.BUNDLE: "mdi6.package-variant-closed",
    Kind.CODES: "mdi6.scatter-plot",
    Kind.IMAGE: "mdi6.image-outline",
    Kind.RUN: "mdi6.chart-line",
}


def words(recent: Recent) -> str:
    """Where it is, in a few words."""
    return f"{recent.kind}, ships with LSD Studio" if recent.is_shipped else f"{recent.kind}, {recent.where}"


class RecentMenu(QObject):
    """Keeps a menu in step with the recent files.

    Signals:
        wanted: a Recent that a person chose.
    """

    wanted = Signal(object)

    def __init__(self, menu: QMenu, recent: RecentFiles) -> None:
        super().__init__(menu)
        self._menu = menu
        self._recent = recent
        menu.setToolTipsVisible(True)
        recent.changed.connect(self._fill)
        self._fill()

    def commands(self) -> tuple[Command, ...]:
        """The recent files, for the command palette."""
        return tuple(
            Command(f"Open {each.name}", words(each), "Recent", "", partial(self.wanted.emit, each))
            for each in self._recent.all
        )

    @Slot()
    def _fill(self) -> None:
        self._menu.clear()
        for each in self._recent.all:
            action = self._menu.addAction(button_words(each.name), partial(self.wanted.emit, each))
            action.setToolTip(tip_words(words(each)))
        self._menu.setEnabled(bool(self._recent.all))
        if self._recent.all:
            self._menu.addSeparator()
            self._menu.addAction("Forget all of these", self._recent.clear)
