"""How far the latent sets are filled: one small cell for each label and set."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.ui.app.theme import CAPTION, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import edge_colour

HEAD, GAP = 18, 2


class FillGrid(QWidget):
    """Cells in rows of labels and columns of sets, each filled as far as its latent vectors are gathered.

    Signals:
        picked: index of the vector whose cell was clicked, set outer and label inner.
    """

    picked = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.shares: np.ndarray | None = None
        self._label_names: tuple[str, ...] = ()
        self._marked = -1
        self.setMinimumSize(216, 136)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Latent vectors gathered for each label and set")
        themes.changed.connect(self.update)

    def show_shares(self, shares: np.ndarray, label_names: tuple[str, ...]) -> None:
        """Show how full each latent set is: float [n, l], 0…1."""
        self.shares, self._label_names = shares, label_names
        self.setAccessibleDescription(
            f"{100 * float(shares.mean()):.0f} % of the latent vectors are gathered"
        )
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.shares = None
        self.update()

    def mark(self, vector: int) -> None:
        """Frame the cell of a vector; −1 frames none."""
        self._marked = vector
        self.update()

    def cell_of(self, vector: int) -> QRectF:
        """The cell of a vector."""
        assert self.shares is not None
        sets, labels = self.shares.shape
        side = self._side()
        wide, high = (self.width() - side) / sets, (self.height() - HEAD) / labels
        place, label = divmod(vector, labels)
        return QRectF(side + place * wide, HEAD + label * high, wide - GAP, max(1.0, high - GAP))

    def sizeHint(self) -> QSize:
        """Wide enough for ten sets."""
        return QSize(264, 168)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the cell under the pointer."""
        if self.shares is not None:
            for vector in range(self.shares.size):
                if self.cell_of(vector).contains(event.position()):
                    self.picked.emit(vector)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint numbers of sets, names of labels and the cells."""
        if self.shares is None:
            return
        theme, painter = self._themes.theme, QPainter(self)
        painter.setFont(font(CAPTION))
        sets, labels = self.shares.shape
        painter.setPen(theme.colour("muted"))
        for place in range(sets):
            head = self.cell_of(place * labels)
            if head.width() >= 12:
                where = QRectF(head.left(), 0, head.width(), HEAD - 2)
                painter.drawText(where, Qt.AlignmentFlag.AlignCenter, str(place + 1))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for label, name in enumerate(self._label_names):
            cell = self.cell_of(label)
            if cell.height() >= 9:
                where = QRectF(0, cell.top() - 4, cell.left() - 8, cell.height() + 8)
                painter.drawText(where, flags, name)
        colours = [edge_colour(label, theme.colour("surface")) for label in range(labels)]
        for vector in range(self.shares.size):
            place, label = divmod(vector, labels)
            cell = self.cell_of(vector)
            painter.fillRect(cell, theme.colour("raised"))
            filled = QRectF(cell)
            filled.setWidth(cell.width() * float(self.shares[place, label]))
            painter.fillRect(filled, colours[label])
        if self._marked >= 0:
            painter.setPen(QPen(theme.colour("text"), 1.5))
            painter.drawRect(self.cell_of(self._marked))

    def _side(self) -> int:
        return max(self.fontMetrics().horizontalAdvance(name) for name in self._label_names) + 10
