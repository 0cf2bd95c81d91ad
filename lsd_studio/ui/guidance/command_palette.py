"""The command palette: type a few letters of what you want to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from lsd_studio.ui.app.theme import BODY, CAPTION, GRID, ThemeManager, font
from lsd_studio.ui.guidance.command_matching import fit
from lsd_studio.ui.guidance.overlay import Overlay
from lsd_studio.ui.shell.actions import Actions
from lsd_studio.ui.widgets.layouts import caption, column
from lsd_studio.ui.widgets.painting import paint_line

WIDTH, ROW, ROWS = 640, 44, 10
DIM = 96
"""Opacity, 0…255, of what lies over the window meanwhile."""
COMMAND = Qt.ItemDataRole.UserRole
NOTHING = "Nothing here is called so. Try another word, such as “open”, “theme” or a workspace’s name."


@dataclass(frozen=True, eq=False)
class Command:
    """Something that can be done now.

    Args:
        text: what it is called; meaning: one sentence on what it does, or nothing.
        place: where else it is found, such as "File" or "Decompose".
        shortcut: its keys, or nothing.
        run: does it.
    """

    text: str
    meaning: str
    place: str
    shortcut: str
    run: Callable[[], object]


def commands_of_registry(registry: Actions) -> tuple[Command, ...]:
    """The registry's actions that can be done now, in its order."""
    return tuple(
        Command(
            entry.text,
            "" if entry.action.toolTip() == entry.text else entry.action.toolTip(),
            entry.menu.replace("/", " · "),
            entry.shortcut,
            entry.action.trigger,
        )
        for entry in registry
        if entry.action.isEnabled() and entry.action.isVisible()
    )


def commands_of_buttons(workspace: QWidget, place: str) -> tuple[Command, ...]:
    """The buttons that a workspace shows and that can be pressed now, by the names that screen readers use."""
    return tuple(
        Command(name, button.toolTip(), place, "", button.click)
        for button in workspace.findChildren(QAbstractButton)
        if button.isVisibleTo(workspace)
        and button.isEnabled()
        and (name := button.accessibleName() or button.text())
    )


class CommandPalette(Overlay):
    """A field, and below it the commands that fit what was typed, the best first."""

    def __init__(self, themes: ThemeManager, over: QWidget, offer: Callable[[], Sequence[Command]]) -> None:
        super().__init__(over)
        self._themes = themes
        self._offer = offer
        self._commands: tuple[Command, ...] = ()
        self._used: list[tuple[str, str]] = []
        self.setAccessibleName("Command palette")
        self.field = _Field()
        self.field.setPlaceholderText("What do you want to do?")
        self.field.setAccessibleName("Command")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._show_fitting)
        self.field.stepped.connect(self._step)
        self.list = QListWidget()
        self.list.setAccessibleName("Commands that fit")
        self.list.setItemDelegate(_CommandDelegate(themes, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._run_item)
        self.field.returnPressed.connect(lambda: self._run_item(self.list.currentItem()))
        self._nothing = caption(NOTHING)
        self._nothing.setMinimumHeight(ROW)
        self._card = QFrame(self)
        self._card.setProperty("role", "card")
        self._inside = column(self.field, self.list, self._nothing, margin=GRID)
        self._card.setLayout(self._inside)

    @property
    def shown(self) -> tuple[Command, ...]:
        """The commands in the list, the best first."""
        return tuple(self.list.item(row).data(COMMAND) for row in range(self.list.count()))

    @Slot()
    def open(self) -> None:
        """Come up with all that can be done now, what was done last first."""
        self._commands = tuple(self._offer())
        self.field.clear()
        self._show_fitting()
        super().open()
        self.arrange()
        self.field.setFocus()

    def arrange(self) -> None:
        """Stand in the middle below the header, as high as there are commands."""
        wide = min(WIDTH, self.width() - 4 * GRID)
        rows = min(ROWS, max(1, self.list.count()))
        self.list.setFixedHeight(rows * ROW)
        self._inside.activate()
        high = self._card.sizeHint().height()
        self._card.setGeometry((self.width() - wide) // 2, 8 * GRID, wide, high)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put it away where the press is outside."""
        if not self._card.geometry().contains(event.position().toPoint()):
            self.put_away()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, DIM))

    @Slot()
    def _show_fitting(self) -> None:
        typed = self.field.text()
        fits = [(self._fit(typed, command), command) for command in self._commands]
        best = sorted((pair for pair in fits if pair[0] > 0), key=lambda pair: -pair[0])
        self.list.clear()
        for _, command in best:
            item = QListWidgetItem()
            item.setData(COMMAND, command)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{command.text}. {command.meaning}")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(best))
        self._nothing.setVisible(not best)
        self.arrange()

    def _fit(self, typed: str, command: Command) -> float:
        """How well a command fits; its name counts more than its place and meaning, and what was done lately more."""
        named = fit(typed, command.text)
        somewhere = fit(typed, f"{command.text} {command.place} {command.meaning}")
        key = command.text, command.place
        lately = 0.05 * (self._used.index(key) + 1) / len(self._used) if key in self._used else 0.0
        if named is not None:
            return named + lately
        return 0.5 * somewhere + lately if somewhere is not None and somewhere > 0.5 else 0.0

    @Slot(int)
    def _step(self, by: int) -> None:
        if count := self.list.count():
            row = self.list.currentRow() + by
            self.list.setCurrentRow(row % count if abs(by) == 1 else max(0, min(row, count - 1)))

    @Slot(QListWidgetItem)
    def _run_item(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        command: Command = item.data(COMMAND)
        key = command.text, command.place
        self._used = [*(each for each in self._used if each != key), key]
        self.put_away()
        command.run()


class _Field(QLineEdit):
    """A field whose arrows and tabulators go through a list.

    Signals:
        stepped: by how many rows.
    """

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if (by := steps.get(Qt.Key(event.key()))) is not None:
            self.stepped.emit(by)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        self.stepped.emit(1 if forwards else -1)
        return True


class _CommandDelegate(QStyledItemDelegate):
    """Paints a command: its name, below it what it does, at the right its place and keys."""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        command: Command = index.data(COMMAND)
        theme, area = self._themes.theme, QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(theme.colour("raised"))
            painter.drawRoundedRect(area, 6, 6)
        inside = area.adjusted(12, 0, -12, 0)
        right, middle = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        edge = " · ".join(part for part in (command.place, command.shortcut) if part)
        painter.drawText(inside, right | middle, edge)
        words = inside.adjusted(0, 5, -painter.fontMetrics().horizontalAdvance(edge) - 2 * GRID, -5)
        if command.meaning:
            paint_line(painter, words.toRectF(), command.meaning, Qt.AlignmentFlag.AlignBottom)
        painter.setFont(font(BODY))
        painter.setPen(theme.colour("text"))
        painter.drawText(words, Qt.AlignmentFlag.AlignTop if command.meaning else middle, command.text)
        painter.restore()
