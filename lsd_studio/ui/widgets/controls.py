"""Buttons, sliders and bars as they look everywhere in the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtWidgets import QProgressBar, QPushButton, QSlider, QToolButton

from lsd_studio.ui.widgets.layouts import tool_button


def outlined_button(
    text: str,
    meaning: str,
    pressed: Callable[..., object] | SignalInstance | None = None,
    *,
    name: str = "",
) -> QToolButton:
    """A flat button with a line around its text; `name` is what screen readers call it in place of the text."""
    button = tool_button(name or text, meaning)
    button.setText(text)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setProperty("role", "outlined")
    if pressed is not None:
        button.clicked.connect(pressed)
    return button


def push_button(
    text: str, pressed: Callable[..., object] | SignalInstance, meaning: str = "", *, default: bool = False
) -> QPushButton:
    """A button of a dialog or a page; the default one is in the accent colour, and pressed by Enter in a dialog."""
    button = QPushButton(text)
    button.setToolTip(meaning)
    button.setDefault(default)
    button.clicked.connect(pressed)
    return button


def slider(name: str, meaning: str, least: int, most: int, value: int | None = None) -> QSlider:
    """A horizontal slider over whole numbers, at the least of them unless a value is given."""
    made = QSlider(Qt.Orientation.Horizontal)
    made.setRange(least, most)
    made.setValue(least if value is None else value)
    made.setAccessibleName(name)
    made.setToolTip(meaning)
    return made


def progress_bar(name: str) -> QProgressBar:
    """A thin bar without words, over thousandths."""
    bar = QProgressBar()
    bar.setRange(0, 1000)
    bar.setTextVisible(False)
    bar.setAccessibleName(name)
    return bar
