"""The help sheet beside or below the page: on the workspace in front, and on whatever is pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QCursor, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QWidget
from shiboken6 import isValid

from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.guidance.help_texts import EVERYWHERE, WORDS, Help
from lsd_studio.ui.widgets.layouts import caption, card, column, row, scrolled, title, tool_button
from lsd_studio.ui.widgets.side_by_side import SideBySide

WIDTH, HEIGHT = 320, 232
"""Pixels of the sheet beside the page, and below it."""

POINTED = 240, 64
"""Pixels that what is pointed at needs: beside the page too many for a second column, below it few enough."""

LEAST_PAGE = 840
"""Pixels in width that every page makes do with; the sheet is below a page that would be left with fewer."""

OFTEN = 150
"""Milliseconds between two looks at what the pointer is on."""

POINT = "Point at anything, or go to it with Tab: what it is appears here."


class HelpSheet(QFrame):
    """Takes the right or the lower edge of a widget while it is open; what is in that makes do with the rest."""

    def __init__(self, themes: ThemeManager, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setProperty("role", "sheet")
        self.setAccessibleName("Help")
        self.heading = title("")
        self._close = tool_button("Close the help", "Close the help (Esc)")
        self._close.clicked.connect(self.hide)
        self.text, self.pointed = _rich("Help on the workspace"), _rich("Help on what is pointed at")
        self.pointed.setMinimumSize(*POINTED)
        inside = QWidget()
        inside.setLayout(column(self.text, None))
        inside.setContentsMargins(0, 0, GRID, 0)
        scroll = scrolled(inside)
        scroll.setAccessibleName("Help")
        under = column(caption("Under the pointer"), card(self.pointed))
        self.parts = SideBySide(column(scroll), under, stretches=(3, 1), spacing=2 * GRID)
        head = row(self.heading, None, self._close)
        self.setLayout(column(head, (self.parts, 1), spacing=2 * GRID, margin=2 * GRID))
        self._point_at(None)
        self._before: QWidget | None = None
        self._seen: tuple[QWidget | None, ...] = ()
        self._watch = QTimer(self, interval=OFTEN)
        self._watch.timeout.connect(self._look)
        self.hide()
        themed_icon(self._close, "mdi6.close", themes)

    def show_help(self, help_text: Help) -> None:
        """Show the help on a place."""
        self.heading.setText(help_text.title)
        parts = [f"<p>{escape(help_text.what)}</p>", _list(help_text.ways)]
        if help_text.keys:
            parts.append(_part("Keys here", help_text.keys))
        parts.append(_part("Keys everywhere", EVERYWHERE))
        parts.append(_part("Words", WORDS))
        self.text.setText("".join(parts))

    @Slot()
    def toggle(self) -> None:
        """Come, or go."""
        if self.isVisible():
            self.hide()
        else:
            self._before = QApplication.focusWidget()
            self._place()
            self.raise_()
            self.show()
            self._watch.start()
            self._close.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop watching the pointer, and give the room and the focus back."""
        self._watch.stop()
        self._over.setContentsMargins(0, 0, 0, 0)
        before, self._before = self._before, None
        if before is not None and isValid(before) and self.isAncestorOf(QApplication.focusWidget() or self):
            before.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _look(self) -> None:
        """Say what the pointer is on, or the focus, whichever went somewhere else last."""
        for widget in (QApplication.widgetAt(QCursor.pos()), QApplication.focusWidget()):
            if widget is not None and widget not in self._seen and not self.isAncestorOf(widget):
                self._point_at(_described(widget))
        self._seen = QApplication.widgetAt(QCursor.pos()), QApplication.focusWidget()

    @Slot()
    def fit(self) -> None:
        """Stay at the edge."""
        if self.isVisible():
            self._place()

    def _place(self) -> None:
        room = self._over.rect()
        if room.width() - WIDTH >= LEAST_PAGE:
            self._over.setContentsMargins(0, 0, WIDTH, 0)
            self.setGeometry(room.right() + 1 - WIDTH, room.top(), WIDTH, room.height())
        else:
            self._over.setContentsMargins(0, 0, 0, HEIGHT)
            self.setGeometry(room.left(), room.bottom() + 1 - HEIGHT, room.width(), HEIGHT)

    def _point_at(self, widget: QWidget | None) -> None:
        if widget is None:
            self.pointed.setText(POINT)
            return
        name = widget.accessibleName() or widget.toolTip()
        words = [text for text in (widget.toolTip(), widget.accessibleDescription()) if text and text != name]
        self.pointed.setText(f"<b>{escape(name)}</b><br>{'<br>'.join(map(escape, words))}")


def _rich(name: str) -> QLabel:
    """A label for rich text that wraps; `name` is what screen readers call it."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setAccessibleName(name)
    return label


def _described(widget: QWidget) -> QWidget | None:
    """The widget, or the nearest around it, that has a name or a meaning."""
    found: QWidget | None = widget
    while found is not None and not (found.accessibleName() or found.toolTip()):
        found = found.parentWidget()
    return found


def _list(sentences: Sequence[str]) -> str:
    return "".join(
        f'<p style="margin-left: 12px; text-indent: -12px">• {escape(each)}</p>' for each in sentences
    )


def _part(heading: str, pairs: Sequence[tuple[str, str]]) -> str:
    terms = "".join(
        f'<p style="margin: 4px 0 0 12px; text-indent: -12px"><b>{escape(left)}</b> &nbsp;{escape(right)}</p>'
        for left, right in pairs
    )
    return f'<p style="margin-top: 16px"><b>{heading}</b></p>{terms}'
