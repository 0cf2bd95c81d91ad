"""The snapshots of Operate: what was seen on a path, side by side, to compare and to return to."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from lsd_studio.bidirectional import isolated
from lsd_studio.percentages import percent
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.operate.path_painting import (
    GAP,
    TEXT,
    paint_pictures,
    paint_words,
    rows_of,
    squares_around,
)
from lsd_studio.ui.operate.state import Snapshot
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.layouts import caption, column, row, tool_button
from lsd_studio.ui.widgets.pictures import picture_image

CARD = 288
"""Least width of a snapshot's card in pixels."""

HINT = "No snapshots yet. Press Take snapshot on the page Path to compare what the handle shows."


class SnapshotsPage(QWidget):
    """Cards side by side, one a snapshot, newest last.

    Attributes:
        cards: one a snapshot, in the order in which they were taken.

    Signals:
        return_wanted: the Snapshot that a person wants to come back to.
        changed: there are other snapshots, or other names.
    """

    return_wanted = Signal(object)
    changed = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._names: tuple[str, ...] = ()
        self.cards: list[SnapshotCard] = []
        self._hint = QLabel(HINT)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._inside = QWidget()
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2 * GRID)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self._inside)
        self.setLayout(column((self._hint, 1), (self._scroll, 1)))
        self._arrange()

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        return tuple(each.snapshot for each in self.cards)

    def use_labels(self, names: tuple[str, ...]) -> None:
        """Another bundle is in use: its labels are called so, and the snapshots of the one before are gone."""
        self._names = names
        for each in self.cards:
            each.deleteLater()
        self.cards.clear()
        self._arrange()

    def keep(self, snapshot: Snapshot) -> None:
        kept = SnapshotCard(self._themes, snapshot, self._names)
        kept.return_wanted.connect(self.return_wanted)
        kept.removed.connect(self._remove)
        kept.renamed.connect(self.changed)
        self.cards.append(kept)
        self._arrange()
        self.changed.emit()

    def free_name(self) -> str:
        taken = {each.name for each in self.snapshots}
        return next(name for count in range(1, len(taken) + 2) if (name := f"Snapshot {count}") not in taken)

    def resizeEvent(self, event: object) -> None:
        self._arrange()

    @Slot(object)
    def _remove(self, gone: SnapshotCard) -> None:
        self.cards.remove(gone)
        gone.deleteLater()
        self._arrange()
        self.changed.emit()

    def _arrange(self) -> None:
        self._hint.setVisible(not self.cards)
        self._scroll.setVisible(bool(self.cards))
        while self._grid.count():
            self._grid.takeAt(0)
        fit = max(1, self.width() // (CARD + 2 * GRID))
        columns = min(fit, max(3, len(self.cards)))
        for place, each in enumerate(self.cards):
            self._grid.addWidget(each, place // columns, place % columns)
        for place in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)
        self._grid.setRowStretch(self._grid.rowCount(), 1)


class SnapshotCard(QFrame):
    """One snapshot: its name, its pictures, its path, and how to return to it.

    Signals:
        return_wanted: its Snapshot.
        renamed: it has another name.
        removed: itself, when it is to go.
    """

    return_wanted = Signal(object)
    renamed = Signal()
    removed = Signal(object)

    def __init__(self, themes: ThemeManager, snapshot: Snapshot, names: tuple[str, ...]) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.snapshot = snapshot
        self.name = QLineEdit(snapshot.name)
        self.name.setAccessibleName("Name of the snapshot")
        self.name.editingFinished.connect(self._rename)
        self.return_button = outlined_button(
            "Restore",
            "Restore path, handle and images; undo reverts it",
            lambda: self.return_wanted.emit(self.snapshot),
        )
        remove = tool_button("Remove the snapshot", "Remove this snapshot")
        remove.clicked.connect(lambda: self.removed.emit(self))
        self.pictures = _Pictures(themes, snapshot, names)
        path = " → ".join(isolated(names[label]) for label in snapshot.state.path.stations)
        words = caption(f"{path}\n{snapshot.provenance}", "What the snapshot shows")
        head = row(self.name, self.return_button, remove)
        self.setLayout(column(head, self.pictures, words, margin=12))
        themed_icon(remove, "mdi6.trash-can-outline", themes)

    @Slot()
    def _rename(self) -> None:
        name = self.name.text().strip()
        if name and name != self.snapshot.name:
            self.snapshot = replace(self.snapshot, name=name)
            self.renamed.emit()
        self.name.setText(self.snapshot.name)


class _Pictures(QWidget):
    """The pictures of a snapshot, framed in the colours of what C reads."""

    def __init__(self, themes: ThemeManager, snapshot: Snapshot, names: tuple[str, ...]) -> None:
        super().__init__()
        self._themes = themes
        self._snapshot = snapshot
        self._names = names
        self._images = [picture_image(picture) for picture in snapshot.pictures]
        self.setMinimumHeight(216)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Pictures of {snapshot.name}")
        themes.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(CARD - 24, 216)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        rows, labels = rows_of(len(self._images)), self._snapshot.labels.tolist()
        below = TEXT if len(labels) == 1 else 0.0
        wide, high = self.width(), self.height() - below
        edge = int(min((high - GAP * (len(rows) - 1) - 4) / len(rows), (wide - 4) / max(rows) - GAP))
        squares = squares_around(QPointF(wide / 2, high / 2), rows, edge)
        paint_pictures(painter, theme, squares, self._images, labels)
        if below:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            words = f"{{}}  {percent(float(self._snapshot.probabilities[0]))}"
            read = (self._names[labels[0]],)
            paint_words(painter, theme, wide / 2, high + 2, words, read, wide, labels[0])
