"""Icons in the theme's colours."""

from __future__ import annotations

import qtawesome
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QAbstractButton

from lsd_studio.ui.app.theme import Theme, ThemeManager


def icon(name: str, theme: Theme) -> QIcon:
    """A QtAwesome icon such as "mdi6.eraser", muted where disabled, in the accent colour where checked."""
    return qtawesome.icon(name, color=theme.text, color_disabled=theme.line, color_on=theme.accent)


def themed_icon(owner: QAbstractButton | QAction, name: str, themes: ThemeManager) -> None:
    """Put an icon on a button or an action that follows the theme for as long as there is its owner.

    Asked again, another icon takes the place of the one before.
    """
    followed = owner.findChild(_ThemedIcon) or _ThemedIcon(owner, themes)
    followed.name = name
    followed.apply_theme(themes.theme)


class _ThemedIcon(QObject):
    def __init__(self, owner: QAbstractButton | QAction, themes: ThemeManager) -> None:
        super().__init__(owner)
        self._owner = owner
        self.name = ""
        themes.changed.connect(self.apply_theme)

    @Slot(object)
    def apply_theme(self, theme: Theme) -> None:
        self._owner.setIcon(icon(self.name, theme))
