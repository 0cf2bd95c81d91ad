"""All that the window can do, in one registry: menus, shortcuts and the command palette are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

Shortcut = QKeySequence.StandardKey | str


@dataclass(frozen=True, eq=False)
class Entry:
    """An action and where it belongs.

    Args:
        menu: path of its menu, such as "View/Theme".
        action: its text is what menus show, its tool tip one sentence on what it does.
    """

    menu: str
    action: QAction

    @property
    def text(self) -> str:
        """What the action does, without the mark of its mnemonic and without an ellipsis."""
        return self.action.text().replace("&", "").removesuffix("…")

    @property
    def shortcut(self) -> str:
        """Its keys as this platform writes them, or nothing."""
        return self.action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


class Actions:
    """The registry. An action that is added stands in its menu, has its shortcut, and is found by the palette."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._entries: list[Entry] = []
        self._menus: dict[str, QMenu] = {}

    def __iter__(self) -> Iterator[Entry]:
        """All actions in the order in which they were added."""
        return iter(tuple(self._entries))

    def add(
        self,
        menu: str,
        text: str,
        slot: Callable[..., object],
        shortcut: Shortcut = "",
        *,
        meaning: str = "",
    ) -> QAction:
        """Make an action: `text` for the menu (an ellipsis where it asks for more), `meaning` in one sentence."""
        action = QAction(text, self._window)
        action.triggered.connect(slot)
        return self.adopt(menu, action, shortcut, meaning=meaning)

    def adopt(self, menu: str, action: QAction, shortcut: Shortcut = "", *, meaning: str = "") -> QAction:
        """Take in an action that exists already, such as Undo of a history."""
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        if meaning:
            action.setToolTip(meaning)
        self.menu(menu).addAction(action)
        self._entries.append(Entry(menu, action))
        return action

    def separate(self, menu: str) -> None:
        """Draw a line below what a menu has so far."""
        self.menu(menu).addSeparator()

    def menu(self, path: str) -> QMenu:
        """The menu with this path, made where there is none yet; "View/Theme" is a menu within View."""
        if path not in self._menus:
            above, _, name = path.rpartition("/")
            made = self.menu(above).addMenu(name) if above else self._window.menuBar().addMenu(f"&{name}")
            self._menus[path] = made
        return self._menus[path]
