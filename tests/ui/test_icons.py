"""Icons that follow the theme."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from lsd_studio.ui.app.icons import icon, themed_icon
from lsd_studio.ui.app.theme import DARK, LIGHT, Choice, Theme, ThemeChoice


def look(owner: QToolButton | QAction) -> QImage:
    return owner.icon().pixmap(24, 24).toImage()


def expected(name: str, theme: Theme) -> QImage:
    return icon(name, theme).pixmap(24, 24).toImage()


def test_icons_of_buttons_and_actions_follow_the_theme(themes: ThemeChoice, qtbot: QtBot) -> None:
    themes.choose(Choice.LIGHT)
    button, action = QToolButton(), QAction()
    qtbot.addWidget(button)
    themed_icon(button, "mdi6.play", themes)
    themed_icon(action, "mdi6.magnet", themes)
    assert look(button) == expected("mdi6.play", LIGHT)
    themes.choose(Choice.DARK)
    assert look(button) == expected("mdi6.play", DARK)
    assert look(action) == expected("mdi6.magnet", DARK)


def test_another_icon_takes_the_place_of_the_one_before_and_none_outlives_its_owner(
    themes: ThemeChoice, qapp: QApplication
) -> None:
    themes.choose(Choice.LIGHT)
    button = QToolButton()
    for name in ("mdi6.play", "mdi6.pause"):
        themed_icon(button, name, themes)
    themes.choose(Choice.DARK)
    assert look(button) == expected("mdi6.pause", DARK)
    assert len(button.findChildren(QObject)) == 1
    followed = button.children()[0]
    button.deleteLater()
    qapp.sendPostedEvents(button, QEvent.Type.DeferredDelete)
    themes.choose(Choice.LIGHT)
    assert not isValid(followed)
