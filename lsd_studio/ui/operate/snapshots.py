"""The snapshots of Operate: what was seen on a path, side by side, to compare and to return to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import BODY, GRID, Theme, ThemeManager, font
from lsd_studio.ui.operate.path_painting import rows_of
from lsd_studio.ui.operate.state import Snapshot
from lsd_studio.ui.widgets.label_colours import edge_colour, label_colour
from lsd_studio.ui.widgets.layouts import caption, row, tool_button
from lsd_studio.ui.widgets.picture_tile import percent
from lsd_studio.ui.widgets.pictures import picture_image

__all__ = ["SnapshotsPage"]

CARD = 288
"""Least width of a snapshot's card in pixels."""

HINT = "No snapshots yet. Press Take snapshot on the page Path to compare what the handle shows."


class SnapshotsPage(QWidget):
    """Cards side by side, one a snapshot, newest last.

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
        self._cards: list[SnapshotCard] = []
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
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._hint, 1)
        whole.addWidget(self._scroll, 1)
        self._arrange()

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """All snapshots in the order in which they were taken."""
        return tuple(each.snapshot for each in self._cards)

    @property
    def cards(self) -> Sequence[SnapshotCard]:
        """Their cards."""
        return self._cards

    def use_labels(self, names: tuple[str, ...]) -> None:
        """Another bundle is in use: its labels are called so, and the snapshots of the one before are gone."""
        self._names = names
        for each in self._cards:
            each.deleteLater()
        self._cards.clear()
        self._arrange()

    def keep(self, snapshot: Snapshot) -> None:
        """Keep one more."""
        kept = SnapshotCard(self._themes, snapshot, self._names)
        kept.return_wanted.connect(self.return_wanted)
        kept.removed.connect(self._remove)
        kept.renamed.connect(self.changed)
        self._cards.append(kept)
        self._arrange()
        self.changed.emit()

    def free_name(self) -> str:
        """A name that no snapshot has."""
        taken = {each.name for each in self.snapshots}
        return next(name for count in range(1, len(taken) + 2) if (name := f"Snapshot {count}") not in taken)

    def resizeEvent(self, event: object) -> None:
        """Use the width there is."""
        self._arrange()

    @Slot(object)
    def _remove(self, gone: SnapshotCard) -> None:
        self._cards.remove(gone)
        gone.deleteLater()
        self._arrange()
        self.changed.emit()

    def _arrange(self) -> None:
        self._hint.setVisible(not self._cards)
        self._scroll.setVisible(bool(self._cards))
        while self._grid.count():
            self._grid.takeAt(0)
        fit = max(1, self.width() // (CARD + 2 * GRID))
        columns = min(fit, max(3, len(self._cards)))
        for place, each in enumerate(self._cards):
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
        self._return = QToolButton()
        self._return.setText("Restore")
        self._return.setToolTip("Restore path, handle and images; undo reverts it")
        self._return.setProperty("role", "outlined")
        self._return.clicked.connect(self._want_return)
        self._remove = tool_button("Remove the snapshot", "Remove this snapshot")
        self._remove.clicked.connect(self._want_removal)
        self.pictures = _Pictures(themes, snapshot, names)
        path = " → ".join(names[label] for label in snapshot.state.path.stations)
        words = caption(f"{path}\n{snapshot.provenance}", "What the snapshot shows")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 12, 12, 12)
        whole.setSpacing(GRID)
        whole.addLayout(row(self.name, self._return, self._remove))
        whole.addWidget(self.pictures)
        whole.addWidget(words)
        themed_icon(self._remove, "mdi6.trash-can-outline", themes)

    @property
    def return_button(self) -> QToolButton:
        """What brings the snapshot back."""
        return self._return

    @Slot()
    def _rename(self) -> None:
        name = self.name.text().strip()
        if name and name != self.snapshot.name:
            self.snapshot = replace(self.snapshot, name=name)
            self.renamed.emit()
        self.name.setText(self.snapshot.name)

    @Slot()
    def _want_return(self) -> None:
        self.return_wanted.emit(self.snapshot)

    @Slot()
    def _want_removal(self) -> None:
        self.removed.emit(self)


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
        """A square of pictures."""
        return QSize(CARD - 24, 216)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        rows = rows_of(len(self._images))
        gap, below = 6.0, 24.0 if len(self._images) == 1 else 0.0
        high = (self.height() - below - gap * (len(rows) - 1) - 4) / len(rows)
        edge = float(int(min(high, (self.width() - gap * max(rows) - 4) / max(rows))))
        top = (self.height() - below - len(rows) * edge - gap * (len(rows) - 1)) / 2
        number = 0
        for line, count in enumerate(rows):
            left = (self.width() - count * edge - gap * (count - 1)) / 2
            for place in range(count):
                square = QRectF(left + place * (edge + gap), top + line * (edge + gap), edge, edge)
                painter.drawImage(square, self._images[number])
                label = int(self._snapshot.labels[number])
                painter.setPen(QPen(edge_colour(label, theme.colour("surface")), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(square)
                number += 1
        if below:
            self._paint_reading(painter, theme, QRectF(0, self.height() - below, self.width(), below))

    def _paint_reading(self, painter: QPainter, theme: Theme, where: QRectF) -> None:
        label = int(self._snapshot.labels[0])
        text = f"{self._names[label]}  {percent(float(self._snapshot.probabilities[0]))}"
        painter.setFont(font(BODY))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = painter.fontMetrics().horizontalAdvance(text)
        left = where.center().x() - wide / 2
        painter.setPen(edge_colour(label, theme.colour("surface")))
        painter.setBrush(label_colour(label))
        painter.drawEllipse(QPointF(left - 4, where.center().y()), 4, 4)
        painter.setPen(theme.colour("text"))
        painter.drawText(where.translated(7, 0), Qt.AlignmentFlag.AlignCenter, text)
