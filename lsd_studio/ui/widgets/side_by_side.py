"""Parts side by side that stack, or flow into rows, where the window is narrow."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLayout, QWidget

from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.widgets.layouts import tell_size

ACROSS, DOWN = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class SideBySide(QWidget):
    """Parts side by side where there is room for all of them, one below the other where there is not.

    Args:
        parts: widgets or layouts, from the left or from the top.
        stretches: how the parts share room that none of them needs; without it they share it evenly.
        spacing: pixels between two parts.
    """

    def __init__(
        self, *parts: QWidget | QLayout, stretches: tuple[int, ...] = (), spacing: int = GRID
    ) -> None:
        super().__init__()
        self._row = QBoxLayout(ACROSS, self)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(spacing)
        for place, part in enumerate(parts):
            stretch = stretches[place] if stretches else 0
            if isinstance(part, QWidget):
                self._row.addWidget(part, stretch)
            else:
                self._row.addLayout(part, stretch)

    @property
    def is_stacked(self) -> bool:
        """Whether the parts are one below the other now."""
        return self._row.direction() == DOWN

    def minimumSizeHint(self) -> QSize:
        """As wide as the widest part; as high as the parts need as they are laid out now."""
        sizes = self._least_sizes()
        width = max((size.width() for size in sizes), default=0)
        heights = [size.height() for size in sizes]
        height = sum(heights) + self._between(heights) if self.is_stacked else max(heights, default=0)
        return QSize(width, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack the parts, or put them side by side again."""
        super().resizeEvent(event)
        widths = [size.width() for size in self._least_sizes()]
        direction = ACROSS if sum(widths) + self._between(widths) <= self.width() else DOWN
        if direction != self._row.direction():
            self._row.setDirection(direction)
            tell_size(self)

    def _between(self, sizes: list[int]) -> int:
        return self._row.spacing() * max(0, len(sizes) - 1)

    def _least_sizes(self) -> list[QSize]:
        """Of the parts that are not hidden."""
        items = (self._row.itemAt(place) for place in range(self._row.count()))
        return [item.minimumSize() for item in items if item is not None and not item.isEmpty()]


class FlowingGrid(QWidget):
    """Parts beside each other, in rows that hold as evenly many as can be: five in two rows are three and two.

    Args:
        least: pixels in width that each part needs.
        spacing: pixels between two parts.
    """

    def __init__(self, least: int, spacing: int = GRID) -> None:
        super().__init__()
        self._least = least
        self._parts: tuple[QWidget, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(spacing)
        self.columns = 0

    def show_parts(self, parts: Sequence[QWidget]) -> None:
        """Lay out these, and no longer those before, which stay children."""
        for part in self._parts:
            self._grid.removeWidget(part)
        self._parts, self.columns = tuple(parts), 0
        self._place()

    def minimumSizeHint(self) -> QSize:
        """As wide as one part; as high as the parts need as they are laid out now."""
        return QSize(self._least, self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take more columns, or fewer."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        columns = self._fitting_columns()
        if columns == self.columns:
            return
        self.columns = columns
        for part in self._parts:
            self._grid.removeWidget(part)
        for place in range(max(self._grid.columnCount(), columns)):
            self._grid.setColumnStretch(place, int(place < columns))
        for place in range(self._grid.rowCount()):
            self._grid.setRowStretch(place, int(place * columns < len(self._parts)))
        for place, part in enumerate(self._parts):
            self._grid.addWidget(part, *divmod(place, columns))
        tell_size(self)

    def _fitting_columns(self) -> int:
        spacing = self._grid.spacing()
        room = max(1, (self.width() + spacing) // (self._least + spacing))
        rows = math.ceil(len(self._parts) / room)
        return math.ceil(len(self._parts) / max(1, rows)) if self._parts else 0
