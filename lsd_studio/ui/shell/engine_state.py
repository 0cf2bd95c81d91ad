"""The engine in the header: what it does now, and how long its last answer took."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from lsd_studio.durations import format_duration
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import row
from lsd_studio.ui.widgets.plain_text import plain_label


class EngineState(QWidget):
    """A light, a few words, and a time."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._light = _Light(themes)
        self._words = ElidingLabel("Engine", role="")
        self._cost = plain_label()
        self._cost.setProperty("role", "caption")
        self._cost.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._cost.setMinimumWidth(7 * GRID)
        self._cost.setToolTip("How long the engine took for its last answer")
        self.setLayout(row(self._light, self._words, self._cost))

    @property
    def words(self) -> str:
        """What the engine is said to do."""
        return self._words.text()

    def say(self, words: str, role: str = "good") -> None:
        """Say what the engine does; the light takes the theme's colour of that role."""
        self._words.setText(words)
        self._light.show_role(role)

    def show_cost(self, milliseconds: float) -> None:
        """Say how long the last answer took."""
        self._cost.setText(cost_words(milliseconds))


def cost_words(milliseconds: float) -> str:
    """A time that the engine took: milliseconds up to 10 s, seconds up to 2 min, beyond as people say it."""
    if milliseconds < 100:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 10_000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    return f"{seconds:.0f} s" if seconds < 120 else format_duration(seconds)


class _Light(QWidget):
    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._role = "muted"
        self.setFixedSize(12, 12)
        themes.changed.connect(self.update)

    def show_role(self, role: str) -> None:
        self._role = role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._themes.theme.colour(self._role))
        painter.drawEllipse(QPointF(6, 6), 4, 4)
