"""A bar under the header for what a person should know, until they put it away."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QSizePolicy

from lsd_studio.ui.app.icons import icon, themed_icon
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.layouts import row, tool_button
from lsd_studio.ui.widgets.plain_text import plain_label


class MessageBar(QFrame):
    """Shows one sentence; hidden while there is nothing to say. What failed is shown until something succeeds.

    Signals:
        report_wanted: a person wants to see the report of what went wrong.
    """

    report_wanted = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._failed = False
        self.text = ""
        self._sign = plain_label()
        self._text = plain_label()
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._text.setAccessibleName("Message")
        self._details = ""
        self.report = outlined_button(
            "Report…",
            "See where it went wrong, and copy it",
            lambda: self.report_wanted.emit(self._details),
        )
        self._close = tool_button("Put the message away", "Put the message away (Esc)")
        self._close.clicked.connect(self.hide)
        around = (2 * GRID, GRID // 2, GRID, GRID // 2)
        self.setLayout(row(self._sign, (self._text, 1), self.report, self._close, margin=around))
        self.hide()
        themed_icon(self._close, "mdi6.close", themes)
        themes.changed.connect(self._apply_theme)
        self._apply_theme(themes.theme)

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Show a sentence until it is put away, or another one comes."""
        self._show(sentence, failed=False)

    def warn(self, sentence: str, report: str = "") -> None:
        """Say what failed, and offer the report of what went wrong, if there is one."""
        self._show(sentence, failed=True, report=report)

    @Slot()
    def settle(self) -> None:
        """Put away what failed, for something has succeeded since."""
        if self._failed:
            self.hide()

    def _show(self, sentence: str, *, failed: bool, report: str = "") -> None:
        self.text, self._failed, self._details = sentence, failed, report
        self._text.setText(_breakable(sentence))
        self._text.setAccessibleDescription(sentence)
        self.report.setVisible(bool(report))
        self.setProperty("role", "warning" if failed else "notice")
        for part in (self, self._text):
            part.style().unpolish(part)
            part.style().polish(part)
        self._apply_theme(self._themes.theme)
        self.show()

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        name = "mdi6.alert-circle-outline" if self._failed else "mdi6.information-outline"
        self._sign.setPixmap(icon(name, theme).pixmap(20, 20))


def _breakable(sentence: str) -> str:
    """The sentence with places in its paths where a line may end, so that none of them sets the window's width."""
    return re.sub(r"([/\\\\_.-])(?=\w)", "\\1\u200b", sentence)
