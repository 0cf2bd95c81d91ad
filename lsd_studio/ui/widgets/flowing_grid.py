"""Parts of one width, in as many columns as there is room for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLayout, QWidget

from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.widgets.layouts import tell_size


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
