"""The stages of a run in their order: how far each is, and which one is selected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QWidget

from lsd_studio.engine.runs.summary import StageState
from lsd_studio.engine.training.events import RunStage
from lsd_studio.ui.app.theme import CAPTION, GRID, ThemeManager, font
from lsd_studio.ui.train.panels import STAGE_NAMES, STAGE_TITLES
from lsd_studio.ui.widgets.layouts import column
from lsd_studio.ui.widgets.painting import paint_line
from lsd_studio.ui.widgets.plain_text import tip_words
from lsd_studio.ui.widgets.side_by_side import FlowingGrid

HEIGHT, LEAST = 7 * GRID, 13 * GRID
"""Pixels of a stage's button: its height, and the width in which its words can be read."""

INSIDE = 10
"""Pixels from its sides to its words."""


@dataclass(frozen=True)
class StageStatus:
    """What a stage's button shows.

    Args:
        state: of the stage; fraction: done, 0…1; words: how far it is, or what it came to.
        held: whether it is under way but stands still.
    """

    state: StageState = "waiting"
    fraction: float = 0.0
    words: str = ""
    held: bool = False


class StageStrip(QWidget):
    """A button for each stage.

    Signals:
        chosen: the stage that a person pressed.
    """

    chosen = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.buttons = {
            stage: _StageButton(themes, words, STAGE_NAMES[stage]) for stage, words in STAGE_TITLES.items()
        }
        self._group = QButtonGroup(self)
        for button in self.buttons.values():
            self._group.addButton(button)
        self._grid = FlowingGrid(LEAST)
        self.setLayout(column(self._grid))
        self._group.buttonClicked.connect(self._clicked)

    def show_statuses(self, statuses: Mapping[RunStage, StageStatus]) -> None:
        """Show how far the stages are that a run has."""
        for stage, button in self.buttons.items():
            button.show_status(statuses.get(stage, StageStatus()))
            button.setVisible(stage in statuses)
        self._grid.show_parts([button for stage, button in self.buttons.items() if stage in statuses])

    def choose(self, stage: RunStage) -> None:
        """Press a stage's button without a signal."""
        self.buttons[stage].setChecked(True)

    @Slot(QAbstractButton)
    def _clicked(self, button: QAbstractButton) -> None:
        self.chosen.emit(next(stage for stage, each in self.buttons.items() if each is button))


class _StageButton(QAbstractButton):
    def __init__(self, themes: ThemeManager, words: str, short: str) -> None:
        super().__init__()
        self._themes = themes
        self._short = short
        self.status = StageStatus()
        self.setText(words)
        self.setCheckable(True)
        self.setAccessibleName(words)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        themes.changed.connect(self.update)

    def show_status(self, status: StageStatus) -> None:
        if status != self.status:
            self.status = status
            self.setAccessibleDescription(f"{status.state}, {100 * status.fraction:.0f} %, {status.words}")
            self.setToolTip(tip_words(f"{self.text()}: {status.words or status.state}"))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, status, painter = self._themes.theme, self.status, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = "accent" if self.isChecked() or self.hasFocus() else "line"
        painter.setPen(QPen(theme.colour(edge), 1.5 if self.isChecked() else 1))
        painter.setBrush(theme.colour("raised" if self.underMouse() else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        inside = QRectF(self.rect()).adjusted(INSIDE, 6, -INSIDE, -6)
        waiting = status.state == "waiting"
        painter.setPen(theme.colour("muted" if waiting else "text"))
        painter.setFont(font(CAPTION, bold=True))
        sign = "✓ " if status.state == "done" else ""
        fits = painter.fontMetrics().horizontalAdvance(sign + self.text()) <= inside.width()
        name = sign + (self.text() if fits else self._short)
        paint_line(painter, QRectF(inside.left(), inside.top(), inside.width(), 16), name)
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        below = QRectF(inside.left(), inside.top() + 17, inside.width(), 16)
        paint_line(painter, below, status.words or status.state)
        bar = QRectF(inside.left(), inside.bottom() - 4, inside.width(), 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(bar, 2, 2)
        share = 1.0 if status.state == "done" else min(1.0, status.fraction)
        if share > 0:
            role = "good" if status.state == "done" else "warning" if status.held else "accent"
            painter.setBrush(theme.colour(role))
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(4, share * bar.width()), 4), 2, 2)
