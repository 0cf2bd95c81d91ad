"""One setting of a profile in the form: its name, its value, and the way back to the chosen profile's value."""

from __future__ import annotations

import json
from html import escape

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from lsd_studio.engine.runs.setting import Setting, Value
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.widgets.layouts import row, tool_button

EDITOR = 14 * GRID


class SettingRow(QWidget):
    """A setting with its editor.

    Signals:
        changed: a person gave it another value.
    """

    changed = Signal()

    def __init__(self, themes: ThemeManager, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self._base = self._note = self._refused = ""
        named = setting.unit.lower() in setting.title.lower()
        self._name = QLabel(setting.title if named else f"{setting.title}, {setting.unit}")
        self._name.setWordWrap(True)
        self.editor: QLineEdit | QComboBox
        if setting.kind == "choice":
            self.editor = _Choices()
            self.editor.addItems(setting.choices)
            self.editor.currentTextChanged.connect(self._edited)
        else:
            self.editor = QLineEdit()
            self.editor.textEdited.connect(self._edited)
        self.editor.setAccessibleName(setting.title)
        self.editor.setFixedWidth(EDITOR)
        self.editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.reset_button = tool_button(f"Reset {setting.title}", "Back to the profile's value")
        self.reset_button.clicked.connect(self.reset)
        keep = self.reset_button.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.reset_button.setSizePolicy(keep)
        self.setLayout(row((self._name, 1), self.reset_button, self.editor, spacing=GRID // 2))
        themed_icon(self.reset_button, "mdi6.undo-variant", themes)
        self._show_state()

    @property
    def text(self) -> str:
        """The value as it stands in the editor."""
        words = self.editor.currentText() if isinstance(self.editor, QComboBox) else self.editor.text()
        return words.strip()

    @property
    def is_changed(self) -> bool:
        """Whether it differs from the base."""
        return self.text != self._base

    @property
    def override(self) -> str:
        """The setting as an override of a profile, "encoder.epochs=3"."""
        quoted = self.setting.kind in ("choice", "text")
        return f"{self.setting.key}={json.dumps(self.text) if quoted else self.text}"

    def rest_on(self, base: Value, note: str) -> None:
        """Take another base: a value of a profile or a run, and what is noted about it; the base's value is taken."""
        self._base, self._note = value_text(base), note
        self._set(self._base)

    def set_text(self, text: str) -> None:
        """Give it a value, as if typed."""
        self._set(text)
        self.changed.emit()

    def refuse(self, problem: str) -> None:
        """Say why the value cannot be used; empty where it can."""
        self._refused = problem
        self._show_state()

    def matches(self, words: str) -> bool:
        """Whether the words are found in its name or its description."""
        held = f"{self.setting.key} {self.setting.title} {self.setting.description}".lower()
        return all(word in held for word in words.lower().split())

    @Slot()
    def reset(self) -> None:
        self.set_text(self._base)

    def _set(self, text: str) -> None:
        with QSignalBlocker(self.editor):
            if isinstance(self.editor, QComboBox):
                self.editor.setCurrentText(text)
            else:
                self.editor.setText(text)
                self.editor.setCursorPosition(0)
        self._refused = ""
        self._show_state()

    @Slot(str)
    def _edited(self, _: str) -> None:
        self._show_state()
        self.changed.emit()

    def _show_state(self) -> None:
        self.reset_button.setVisible(self.is_changed)
        state = "refused" if self._refused else "changed" if self.is_changed else ""
        for widget in (self._name, self.editor):
            _mark(widget, state)
        words = self._explanation()
        self._name.setToolTip(words)
        self.editor.setToolTip(words)

    def _explanation(self) -> str:
        setting = self.setting
        lines = [f"<b>{escape(setting.key)}</b>", escape(setting.description)]
        if allowed := allowed_words(setting):
            lines.append(escape(allowed))
        if self.is_changed:
            lines.append(f"Here: {escape(self._base)}.")
        if self._note:
            lines.append(f"<i>{escape(self._note)}</i>")
        if self._refused:
            lines.append(f"<b>{escape(self._refused)}</b>")
        return "<div style='white-space: normal; max-width: 360px'>" + "<br>".join(lines) + "</div>"


class _Choices(QComboBox):
    """A wheel that passes over it while it is closed scrolls the form and chooses nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _mark(widget: QWidget, state: str) -> None:
    """Let the theme's style sheet give a widget the look of this state."""
    if (widget.property("state") or "") != state:
        widget.setProperty("state", state)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def value_text(value: Value) -> str:
    """A value as a profile writes it: 2e-4, [16, 32, 32]."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if value and abs(value) < 1e-2:
            digits, _, power = f"{value:.6e}".partition("e")
            return f"{digits.rstrip('0').rstrip('.')}e{int(power)}"
        return f"{value:g}"
    return str(value)


def allowed_words(setting: Setting) -> str:
    """What values a setting takes, in words; empty where any."""
    unit = f" {setting.unit}" if setting.unit else ""
    low, high = setting.low, setting.high
    if low is None and high is None:
        return ""
    from_words = "" if low is None else f"{'above' if setting.low_open else 'from'} {low:g}"
    to_words = "" if high is None else f"{'below' if setting.high_open else 'up to'} {high:g}"
    return f"Allowed: {' '.join(filter(None, (from_words, to_words)))}{unit}."
