"""The averages η while they come into being: how full each set is, and how they settle (R12)."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.engine.basis.progress import LatentSetsProgress
from lsd_studio.ui.app.theme import CAPTION, GRID, Theme, ThemeManager, font
from lsd_studio.ui.plots.axes import LogAxis
from lsd_studio.ui.plots.plots import Plot
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.label_colours import edge_colour
from lsd_studio.ui.widgets.layouts import column, row, tell_size
from lsd_studio.ui.widgets.timers import delay
from lsd_studio.ui.widgets.vector_names import vector_name

HEIGHT = 176
"""Pixels in height, at least."""

FRAME = 50
"""Milliseconds between two repaints; the latest state wins."""

GROWTH = 1.08
"""By how much the draws must have grown for another point of the curves, which have a logarithmic axis."""

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
        self.shares = None
        self.update()

    def mark(self, vector: int) -> None:
        """Frame the cell of a vector; −1 frames none."""
        self._marked = vector
        self.update()

    def cell_of(self, vector: int) -> QRectF:
        assert self.shares is not None
        sets, labels = self.shares.shape
        side = self._side()
        wide, high = (self.width() - side) / sets, (self.height() - HEAD) / labels
        place, label = divmod(vector, labels)
        return QRectF(side + place * wide, HEAD + label * high, wide - GAP, max(1.0, high - GAP))

    def sizeHint(self) -> QSize:
        return QSize(264, 168)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.shares is not None:
            for vector in range(self.shares.size):
                if self.cell_of(vector).contains(event.position()):
                    self.picked.emit(vector)

    def paintEvent(self, event: QPaintEvent) -> None:
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


class FillingPanel(QWidget):
    """Cells that fill, the components of one running mean, and the errors of all of them."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._pending: LatentSetsProgress | None = None
        self._label_names: tuple[str, ...] = ()
        self._vector = 0
        self.grid = FillGrid(themes)
        self.grid.picked.connect(self._pick)
        self.components = ComponentPlot(themes)
        self.errors = ErrorPlot(themes)
        self._head = _caption("")
        filled = _caption("latent vectors gathered, labels × sets")
        settled = _caption("standard error of each running mean, median over components")
        self.setLayout(
            row(
                (column(filled, (self.grid, 1), spacing=GRID // 2), 2),
                (column(self._head, (self.components, 1), spacing=GRID // 2), 3),
                (column(settled, (self.errors, 1), spacing=GRID // 2), 3),
                spacing=2 * GRID,
            )
        )
        self.setMinimumHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.prefer(HEIGHT)
        self._frame = delay(self, FRAME, self._show_pending)

    def prefer(self, height: int) -> None:
        """Take so many pixels in height where there is room, and never less than can be read."""
        self._preferred = max(HEIGHT, height)
        tell_size(self)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._preferred)

    def show_filling(self, filled: LatentSetsProgress, label_names: tuple[str, ...]) -> None:
        """Show how far the sets are, at most twenty times a second."""
        self._label_names = label_names
        self.errors.remember(filled)
        self._pending = filled
        if not self._frame.isActive():
            self._frame.start()

    def clear(self) -> None:
        self._pending = None
        self.grid.clear()
        self.components.clear_means()
        self.errors.forget()

    @Slot(int)
    def _pick(self, vector: int) -> None:
        self._vector = vector
        self._show_pending()

    @Slot()
    def _show_pending(self) -> None:
        filled = self._pending
        if filled is None:
            return
        sets, labels = filled.counts.shape
        self._vector = min(self._vector, sets * labels - 1)
        place, label = divmod(self._vector, labels)
        self.grid.show_shares(filled.counts / filled.wanted, self._label_names)
        self.grid.mark(self._vector)
        name = vector_name("η", self._vector, self._label_names)
        self._head.setText(f"{name}: running mean of {filled.counts[place, label]} vectors, ± their spread")
        self.components.show_means(filled.mean[place, label], filled.spread[place, label], label)
        self.errors.show_errors(labels)


class ComponentPlot(Plot):
    """One running mean, component by component, with the spread of the vectors it is the mean of."""

    def __init__(self, themes: ThemeManager) -> None:
        self._label = 0
        self._ends = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._band = pg.FillBetweenItem(*self._ends)
        self._mean = pg.PlotCurveItem()
        super().__init__(themes, "component of z", "value (σ of z)")
        self.getPlotItem().vb.setMouseEnabled(x=False, y=False)
        for item in (self._band, self._mean):
            self.addItem(item)

    def show_means(self, mean: np.ndarray, spread: np.ndarray, label: int) -> None:
        """Show mean and spread, both [M]."""
        self._label = label
        places = np.arange(1, len(mean) + 1)
        for end, sign in zip(self._ends, (-1, 1), strict=True):
            end.setData(places, mean + sign * spread)
        self._mean.setData(places, mean)
        self._band.show()
        self.restyle()

    def clear_means(self) -> None:
        for curve in (*self._ends, self._mean):
            curve.clear()
        self._band.hide()

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        colour = edge_colour(self._label, theme.colour("surface"))
        self._mean.setPen(pg.mkPen(colour, width=1.5))
        colour.setAlpha(50)
        self._band.setBrush(pg.mkBrush(colour))
        for end in self._ends:
            end.setPen(pg.mkPen(None))


class ErrorPlot(Plot):
    """Median standard error of every running mean against the vectors it is made of, both axes logarithmic."""

    def __init__(self, themes: ThemeManager) -> None:
        self._draws = 0.0
        self._counts: list[np.ndarray] = []
        self._errors: list[np.ndarray] = []
        self._curves: list[pg.PlotCurveItem] = []
        axes = {side: LogAxis(side) for side in ("bottom", "left")}
        super().__init__(themes, "vectors averaged", "error (σ of z)", axes=axes)
        self.getPlotItem().vb.setMouseEnabled(x=False, y=False)

    def remember(self, filled: LatentSetsProgress) -> None:
        """Keep a point of every curve, where enough has come in since the last one."""
        if sum(filled.draws) >= GROWTH * self._draws:
            self._draws = float(sum(filled.draws))
            self._counts.append(np.where(filled.counts > 1, filled.counts, np.nan))
            self._errors.append(filled.standard_error[:, :, 0])

    def show_errors(self, labels: int) -> None:
        """Draw what was kept, a colour a label."""
        if not self._counts:
            return
        while len(self._curves) < labels:
            self._curves.append(pg.PlotCurveItem(connect="finite"))
            self.addItem(self._curves[-1])
            self.restyle()
        counts, errors = np.stack(self._counts), np.stack(self._errors)
        gap = np.full((1, counts.shape[1]), np.nan)
        for label, curve in enumerate(self._curves):
            along = np.concatenate([counts[:, :, label], gap]).T.ravel()
            up = np.concatenate([errors[:, :, label], gap]).T.ravel()
            curve.setData(np.log10(along), np.log10(up))

    def forget(self) -> None:
        self._draws = 0.0
        self._counts.clear()
        self._errors.clear()
        for curve in self._curves:
            self.removeItem(curve)
        self._curves = []

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        for label, curve in enumerate(self._curves):
            curve.setPen(pg.mkPen(edge_colour(label, theme.colour("surface")), width=1))


def _caption(words: str) -> ElidingLabel:
    label = ElidingLabel("What is drawn below")
    label.setText(words)
    return label
