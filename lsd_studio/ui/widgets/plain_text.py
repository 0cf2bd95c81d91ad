"""What people name, as text in Qt's widgets: never HTML, never a mnemonic."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtGui import Qt as TextOfQt
from PySide6.QtWidgets import QLabel, QToolTip, QWidget


def plain_label(text: str = "") -> QLabel:
    """A label that shows its text as it is; Qt's own takes what looks like HTML for that."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def tip_words(text: str) -> str:
    """Text for a tool tip, which has no other way to be plain than to be escaped HTML."""
    return f"<qt>{escape(text)}</qt>" if TextOfQt.mightBeRichText(text) else text


def show_name_tip(event: QEvent, widget: QWidget, name_at: Callable[[QPointF], str]) -> bool:
    """Whether an event asks for a tool tip, which is then the whole name under the pointer; none where it is empty."""
    if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
        return False
    QToolTip.showText(event.globalPos(), tip_words(name_at(QPointF(event.pos()))), widget)
    return True


def capitalised(words: str) -> str:
    """Words as a sentence begins; a name that has capitals of its own, such as t-SNE, stays as it is."""
    name = words.split(" ", 1)[0]
    return words if any(letter.isupper() for letter in name) else words[:1].upper() + words[1:]


def button_words(text: str) -> str:
    """Text for a button or a menu, where a single & would underline the letter after it."""
    return text.replace("&", "&&")
