"""A calm bar under the header for what a person should know, until they put it away."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton

from lsd_studio.ui.app.icons import icon
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.widgets.plain_text import plain_label


class MessageBar(QFrame):
    """Shows one sentence; hidden while there is nothing to say.

    Signals:
        report_wanted: a person wants to see the report of what went wrong.
    """

    report_wanted = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setProperty("role", "warning")
        self._sign = plain_label()
        self._text = plain_label()
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._text.setAccessibleName("Message")
        self._details = ""
        self.report = QToolButton()
        self.report.setText("Report…")
        self.report.setProperty("role", "outlined")
        self.report.setToolTip("See where it went wrong, and copy it")
        self.report.clicked.connect(self._want_report)
        self._close = QToolButton()
        self._close.setAccessibleName("Put the message away")
        self._close.setToolTip("Put the message away")
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, GRID // 2, GRID, GRID // 2)
        row.setSpacing(GRID)
        row.addWidget(self._sign)
        row.addWidget(self._text, 1)
        row.addWidget(self.report)
        row.addWidget(self._close)
        self.hide()
        themes.changed.connect(self._dress)
        self._dress(themes.theme)

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._text.text()

    def say(self, sentence: str, report: str = "") -> None:
        """Show a sentence, and with it a button that asks for the report of what went wrong, if there is one."""
        self._text.setText(sentence)
        self._text.setAccessibleDescription(sentence)
        self._details = report
        self.report.setVisible(bool(report))
        self.show()

    @Slot()
    def _want_report(self) -> None:
        self.report_wanted.emit(self._details)

    @Slot(object)
    def _dress(self, theme: Theme) -> None:
        self._sign.setPixmap(icon("mdi6.alert-circle-outline", theme).pixmap(20, 20))
        self._close.setIcon(icon("mdi6.close", theme))
