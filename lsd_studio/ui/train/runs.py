"""All runs with their branches below them: selected, overlaid, renamed, thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from lsd_studio.engine.runs.summary import RunSummary
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import BODY, CAPTION, GRID, ThemeManager, font
from lsd_studio.ui.train.formatting import differences_words, duration, results_words, state_words
from lsd_studio.ui.widgets.layouts import caption, column, row, title, tool_button
from lsd_studio.ui.widgets.painting import paint_line

SUMMARY = Qt.ItemDataRole.UserRole
COLOUR = SUMMARY + 1
LINE = 18
ROW = 3 * LINE + 2 * GRID
INDENT = 2 * GRID

ROLES = {
    "running": "accent", "elsewhere": "accent", "paused": "warning", "failed": "warning", "damaged": "warning",
    "finished": "good",
}  # fmt: skip
"""Of the colours of the states."""

USE = "Use this finished run as the bundle in all workspaces"
USE_AUTOENCODER = (
    "An autoencoder has no basis, so it is no bundle for all workspaces: open the run in Latent space"
)


class TrainRuns(QWidget):
    """The list of runs and what can be done with the current one.

    Attributes:
        new_button, open_button: for a new run; for a run folder from elsewhere.
        branch, use, rename, folder, trash: buttons for the current run.

    Signals:
        chosen: the folders whose curves are drawn, the current one first.
    """

    chosen = Signal(object)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._items: dict[Path, QTreeWidgetItem] = {}
        self.new_button = QPushButton("New run")
        self.new_button.setDefault(True)
        self.open_button = tool_button(
            "Open a run folder", "Open a run from any folder, also one in progress"
        )
        self.tree = QTreeWidget()
        self.tree.setStyleSheet(
            "QTreeView { background: transparent; border: none; outline: none; }"
            "QTreeView::branch { background: transparent; border: none; image: none; }"
        )
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(INDENT)
        self.tree.setUniformRowHeights(True)
        self.tree.setItemDelegate(_RunDelegate(themes, self.tree))
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setAccessibleName("Runs")
        branching = "Start a run from this one's checkpoints with other settings"
        self.branch = self._button("Branch", branching, "mdi6.source-branch", named=True)
        self.use = self._button("Use as bundle", USE, "mdi6.package-variant-closed-check", named=True)
        self.rename = self._button("Rename", "Rename the run", "mdi6.rename-outline")
        self.tree.itemSelectionChanged.connect(self._choose)
        self.tree.itemDoubleClicked.connect(self.rename.click)
        self.folder = self._button(
            "Show the folder", "Show the run's folder in the file manager", "mdi6.folder-outline"
        )
        self.trash = self._button(
            "Move to the trash", "Move the selected runs to the trash", "mdi6.trash-can-outline"
        )
        self._hint = caption("Ctrl-click another run to overlay its curves.")
        keep = self._hint.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._hint.setSizePolicy(keep)
        head = row(title("Runs"), None, self.open_button, self.new_button)
        small = row(self._hint, self.rename, self.folder, self.trash)
        self.setLayout(column(head, (self.tree, 1), small, row(self.branch, self.use)))
        themed_icon(self.open_button, "mdi6.folder-open-outline", themes)
        self._choose()

    @property
    def current(self) -> RunSummary | None:
        item = self.tree.currentItem()
        return None if item is None or not item.isSelected() else item.data(0, SUMMARY)

    @property
    def selected(self) -> tuple[Path, ...]:
        """Folders of the chosen runs, the current one first."""
        chosen = [item.data(0, SUMMARY).run for item in self.tree.selectedItems()]
        current = self.current
        return tuple(sorted(chosen, key=lambda run: current is None or run != current.run))

    @property
    def folders(self) -> tuple[Path, ...]:
        return tuple(self._items)

    def summary(self, run: Path) -> RunSummary | None:
        """What is known of a run."""
        item = self._items.get(run)
        return None if item is None else item.data(0, SUMMARY)

    def show_runs(self, runs: tuple[RunSummary, ...]) -> None:
        """Show these runs, branches below their parents; what is chosen stays chosen."""
        shape = {each.run: each.parent for each in runs}
        known = [(path, self._parent_of(item)) for path, item in self._items.items()]
        if [(run, parent if parent in shape else None) for run, parent in shape.items()] != known:
            self._rebuild(runs, shape)
        for each in runs:
            self._items[each.run].setData(0, SUMMARY, each)
        self._hint.setVisible(len(runs) > 1)
        self._enable()

    def select(self, run: Path) -> None:
        """Choose a run alone."""
        if run in self._items:
            self.tree.setCurrentItem(self._items[run])

    def colour_runs(self, colours: Mapping[Path, str]) -> None:
        """Mark the runs whose curves are drawn in these colours."""
        for run, item in self._items.items():
            item.setData(0, COLOUR, colours.get(run, ""))

    def _rebuild(self, runs: tuple[RunSummary, ...], shape: Mapping[Path, Path | None]) -> None:
        selected, current = set(self.selected), self.current
        with QSignalBlocker(self.tree):
            self.tree.clear()
            self._items = {each.run: QTreeWidgetItem() for each in runs}
            for each in runs:
                item = self._items[each.run]
                item.setData(0, SUMMARY, each)
                parent = self._items.get(each.parent) if each.parent is not None else None
                if parent is None or _is_below(each.run, each.parent, shape):
                    self.tree.addTopLevelItem(item)
                else:
                    parent.addChild(item)
            self.tree.expandAll()
            if current is not None and current.run in self._items:
                self.tree.setCurrentItem(self._items[current.run])
            for run in selected & set(self._items):
                self._items[run].setSelected(True)
        if set(self.selected) != selected:
            self._choose()

    def _parent_of(self, item: QTreeWidgetItem) -> Path | None:
        above = item.parent()
        return None if above is None else above.data(0, SUMMARY).run

    @Slot()
    def _choose(self) -> None:
        self._enable()
        self.chosen.emit(self.selected)

    def _enable(self) -> None:
        run = self.current
        readable = run is not None and run.state != "damaged"
        busy = run is not None and run.state in ("running", "paused", "elsewhere")
        self.branch.setEnabled(readable)
        is_autoencoder = run is not None and any(stage.stage == "autoencoder" for stage in run.stages)
        self.use.setEnabled(run is not None and run.bundle is not None and not is_autoencoder)
        self.use.setToolTip(USE_AUTOENCODER if is_autoencoder else USE)
        self.rename.setEnabled(readable)
        self.folder.setEnabled(run is not None)
        self.trash.setEnabled(run is not None and not busy)

    def _button(self, name: str, meaning: str, sign: str, *, named: bool = False) -> QToolButton:
        button = tool_button(name, meaning)
        themed_icon(button, sign, self._themes)
        button.setProperty("role", "outlined")
        if named:
            button.setText(name)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button


class _RunDelegate(QStyledItemDelegate):
    """Paints a run in three lines: name and state, what it was trained with, what came of it."""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        run: RunSummary = index.data(SUMMARY)
        theme = self._themes.theme
        area = QRectF(option.rect).adjusted(1, 2, -1, -2)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(theme.colour("accent"), 1) if chosen else Qt.PenStyle.NoPen)
        over = chosen or bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setBrush(theme.colour("raised") if over else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, 6, 6)
        inside = area.adjusted(10, GRID - 2, -10, 0)
        if colour := index.data(COLOUR):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QPointF(inside.left() + 4, inside.top() + LINE / 2), 4, 4)
            inside.setLeft(inside.left() + 14)
        words = state_words(run)
        painter.setFont(font(CAPTION))
        taken = painter.fontMetrics().horizontalAdvance(words)
        painter.setPen(theme.colour(ROLES.get(run.state, "muted")))
        _line(painter, inside, 0, words, Qt.AlignmentFlag.AlignRight)
        painter.setPen(theme.colour("text"))
        painter.setFont(font(BODY, bold=True))
        _line(painter, inside.adjusted(0, 0, -taken - GRID, 0), 0, run.name)
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        asked = f"{run.profile} · {Path(run.data).name or run.data} · seed {run.seed}"
        spent = f" · {duration(run.seconds)}" if run.seconds else ""
        differs = differences_words(run)
        _line(painter, inside, 1, run.sentence or differs or asked + spent)
        _line(painter, inside, 2, results_words(run) or (asked + spent if differs else ""))
        painter.restore()


def _line(
    painter: QPainter,
    area: QRectF,
    line: int,
    words: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    place = QRectF(area.left(), area.top() + line * LINE, area.width(), LINE)
    paint_line(painter, place, words, side | Qt.AlignmentFlag.AlignVCenter)


def _is_below(run: Path, parent: Path | None, shape: Mapping[Path, Path | None]) -> bool:
    """Whether a run is among its own parents, as a folder that was tampered with could claim."""
    seen = set()
    while parent is not None and parent not in seen:
        if parent == run:
            return True
        seen.add(parent)
        parent = shape.get(parent)
    return parent is not None
