"""Many sample pictures at once, label by label (Figure 3a)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.ui.app.theme import CAPTION, GRID, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import edge_colour, label_colour
from lsd_studio.ui.widgets.painting import paint_line
from lsd_studio.ui.widgets.pictures import picture_sheet
from lsd_studio.ui.widgets.plain_text import show_name_tip

HEAD, GAP = 20, 12
PAPER_SHAPE = 30, 40
"""Rows and columns of one label's samples in Figure 3a."""

LEAST_EDGE = 18
"""Pixels below which a sample can no longer be read."""


class Mosaic(QWidget):
    """Blocks of sample pictures, one for each label shown; as many samples as can still be read.

    Signals:
        chosen: the label whose block was clicked.
    """

    chosen = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.samples: dict[int, np.ndarray] = {}
        self._label_names: tuple[str, ...] = ()
        self._blocks: dict[tuple[int, int, int, int], QPixmap] = {}
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Samples of each label, decoded")
        themes.changed.connect(self.update)

    def show_samples(self, samples: Mapping[int, np.ndarray], label_names: tuple[str, ...]) -> None:
        """Show pictures uint8 [N, H, W, C] of each label."""
        self.samples = {label: pictures for label, pictures in samples.items() if len(pictures)}
        self._label_names = label_names
        self._blocks.clear()
        names = ", ".join(isolated(label_names[label]) for label in self.samples)
        self.setAccessibleDescription(f"Samples of {names}" if names else "No samples yet")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def label_at(self, position: QPointF) -> int:
        """The label whose block is under a place, or −1."""
        blocks = zip(self.samples, self.block_places(), strict=True)
        return next((label for label, block in blocks if block.contains(position)), -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if (label := self.label_at(event.position())) >= 0:
            self.chosen.emit(label)

    def event(self, event: QEvent) -> bool:
        """Show the whole name of a label as a tool tip."""
        return show_name_tip(event, self, self._name_at) or super().event(event)

    def _name_at(self, position: QPointF) -> str:
        label = self.label_at(position)
        return self._label_names[label] if label >= 0 else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._blocks.clear()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        for (label, pictures), place in zip(self.samples.items(), self.block_places(), strict=True):
            inside = place.adjusted(0, HEAD, 0, 0)
            rows, columns = samples_that_fit(inside.width(), inside.height(), len(pictures))
            edge = min(inside.width() / columns, inside.height() / rows)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(edge_colour(label, theme.colour("surface")))
            painter.setBrush(label_colour(label))
            painter.drawEllipse(QPointF(place.left() + 5, place.top() + HEAD / 2 - 1), 4, 4)
            painter.setPen(theme.colour("text"))
            painter.setFont(font(CAPTION, bold=True))
            words = QRectF(place.left() + 14, place.top(), place.width() - 14, HEAD - 2)
            name, count = self._label_names[label], f"{rows} × {columns}"
            paint_line(painter, words, name)
            after = words.adjusted(painter.fontMetrics().horizontalAdvance(name) + GRID, 0, 0, 0)
            painter.setFont(font(CAPTION))
            if painter.fontMetrics().horizontalAdvance(count) <= after.width():
                painter.setPen(theme.colour("muted"))
                painter.drawText(after, Qt.AlignmentFlag.AlignVCenter, count)
            painter.drawPixmap(inside.topLeft(), self._block(label, rows, columns, edge))

    def block_places(self) -> list[QRectF]:
        """A place for each block, in the arrangement that gives the blocks the most even shape."""
        total = len(self.samples)
        if not total:
            return []
        shapes = [(math.ceil(total / columns), columns) for columns in range(1, total + 1)]
        rows, columns = min(shapes, key=self._waste)
        wide, high = (self.width() + GAP) / columns, (self.height() + GAP) / rows
        return [
            QRectF(place % columns * wide, place // columns * high, wide - GAP, high - GAP)
            for place in range(total)
        ]

    def _waste(self, shape: tuple[int, int]) -> float:
        """How far blocks in so many rows and columns are from Figure 3a's, and how many places stay empty."""
        rows, columns = shape
        wide, high = self.width() / columns - GAP, self.height() / rows - GAP - HEAD
        if wide <= 0 or high <= 0:
            return math.inf
        unlike = abs(math.log(wide / high * PAPER_SHAPE[0] / PAPER_SHAPE[1]))
        return unlike + rows * columns - len(self.samples)

    def _block(self, label: int, rows: int, columns: int, edge: float) -> QPixmap:
        """The samples of a label side by side, scaled once to the size at which they are shown."""
        ratio = self.devicePixelRatioF()
        size = QSize(round(columns * edge * ratio), round(rows * edge * ratio))
        key = label, rows, columns, size.width()
        if key not in self._blocks:
            image = picture_sheet(self.samples[label][: rows * columns], columns)
            scaled = image.scaled(size, mode=Qt.TransformationMode.SmoothTransformation)
            self._blocks[key] = QPixmap.fromImage(scaled)
            self._blocks[key].setDevicePixelRatio(ratio)
        return self._blocks[key]


def samples_that_fit(wide: float, high: float, held: int) -> tuple[int, int]:
    """Rows and columns of samples for a block of this size: whole rows of those that are held, at most 30 × 40."""
    columns = min(PAPER_SHAPE[1], max(1, int(wide // LEAST_EDGE)), held)
    edge = wide / columns
    rows = min(PAPER_SHAPE[0], max(1, int(high // edge)), held // columns)
    return rows, columns
