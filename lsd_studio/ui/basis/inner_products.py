"""Basis, seen as matrices: ⟨η|η⟩ and ⟨ξ|ξ⟩ side by side on linked axes (Figure 4c–d)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.engine.basis.measures import BasisView
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import BODY, CAPTION, GRID, TITLE, ThemeManager, font
from lsd_studio.ui.plots.gram_heatmap import GramHeatmap, plain_number
from lsd_studio.ui.widgets.controls import slider
from lsd_studio.ui.widgets.label_colours import edge_colour
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title, tool_button
from lsd_studio.ui.widgets.pictures import paint_picture, picture_image
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.vector_names import vector_name, vector_words

LEAST_RANGE = 0.01
"""Smallest end of η's colours, as a share of the largest magnitude in the matrix."""

STEPS = 100
HEAD = 32
"""Pixels of the heads, the same for both, so that the heatmaps stay level."""

HEIGHT, MARGIN, APART, LEAST_PICTURE = 80, 16, 12, 40
"""Pixels: the least height, what of it is no picture, the gaps, and the least edge of a picture."""


class PairReadout(QWidget):
    """⟨row|column⟩ = value, with both decoded vectors; a hint while nothing is pointed at.

    Args:
        symbol: "η" or "ξ".
    """

    def __init__(self, themes: ThemeManager, symbol: str) -> None:
        super().__init__()
        self._themes = themes
        self._symbol = symbol
        self._pair: tuple[int, int] | None = None
        self._images: tuple[QImage, QImage] | None = None
        self._label_names: tuple[str, ...] = ()
        self._lines: tuple[str, ...] = ()
        self.hint = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(360)
        self.setAccessibleName(f"Inner product of two vectors {symbol}")
        themes.changed.connect(self.update)

    @property
    def words(self) -> str:
        """What is said of the pair, in one line."""
        if self._pair is None:
            return ""
        names = self._label_names
        parts = [
            f"{vector_name(self._symbol, each, names)} ({vector_words(each, names)})" for each in self._pair
        ]
        return f"{' and '.join(parts)}: {', '.join(self._lines)}"

    def show_pair(
        self, pair: tuple[int, int], pictures: np.ndarray, label_names: tuple[str, ...], lines: Sequence[str]
    ) -> None:
        """Show two vectors of `pictures` uint8 [M, H, W, C], and lines about them, the first one large."""
        self._pair, self._label_names, self._lines = pair, label_names, tuple(lines)
        self._images = picture_image(pictures[pair[0]]), picture_image(pictures[pair[1]])
        self.setAccessibleDescription(self.words)
        self.update()

    def clear(self) -> None:
        self._pair = self._images = None
        self.setAccessibleDescription(self.hint)
        self.update()

    def prefer(self, height: int) -> None:
        """Take so many pixels in height, and give the pictures what they bring."""
        self.setFixedHeight(max(HEIGHT, height))

    def sizeHint(self) -> QSize:
        return QSize(520, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._pair is None or self._images is None:
            painter.setPen(theme.colour("muted"))
            painter.setFont(font(CAPTION))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, self.hint)
            return
        picture, wide = self._widths()
        left, top = 1.0, (self.height() - picture) / 2
        for vector, image in zip(self._pair, self._images, strict=True):
            edge = edge_colour(vector % len(self._label_names), theme.colour("surface"))
            paint_picture(painter, image, QRectF(left, top, picture, picture), edge)
            painter.setPen(theme.colour("text"))
            painter.setFont(font(BODY, bold=True))
            name = vector_name(self._symbol, vector, self._label_names)
            fitting = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(wide))
            painter.drawText(QPointF(left + picture + 8, self.height() / 2 - 6), fitting)
            painter.setPen(theme.colour("muted"))
            painter.setFont(font(CAPTION))
            words = vector_words(vector, self._label_names)
            if painter.fontMetrics().horizontalAdvance(words) <= wide:  # the name above says the same
                painter.drawText(QPointF(left + picture + 8, self.height() / 2 + 14), words)
            left += picture + wide + 8 + APART
        start = self.height() / 2 - 10 * (len(self._lines) - 1) + 5
        for place, line in enumerate(self._lines):
            painter.setPen(theme.colour("muted" if place else "text"))
            painter.setFont(font(CAPTION) if place else font(TITLE, bold=True))
            painter.drawText(QPointF(left + 8, start + 20 * place), line)

    def _widths(self) -> tuple[float, float]:
        """Pixels of a picture's edge and of the words beside it: where there is little room beside the values, names
        take it before pictures do.
        """
        assert self._pair is not None
        bold, small = QFontMetricsF(font(BODY, bold=True)), QFontMetricsF(font(CAPTION))
        names = [vector_name(self._symbol, each, self._label_names) for each in self._pair]
        words = [vector_words(each, self._label_names) for each in self._pair]
        name = max(map(bold.horizontalAdvance, names)) + 1
        values = QFontMetricsF(font(TITLE, bold=True)).horizontalAdvance(self._lines[0]) + 8
        room = (self.width() - values) / 2 - 8 - APART
        picture = max(LEAST_PICTURE, min(self.height() - MARGIN, room - name))
        return picture, min(max(name, *map(small.horizontalAdvance, words)) + 1, room - picture)


class InnerProductsView(QWidget):
    """Both Gram matrices with one cross through both; pointing reads a pair out, a click keeps it.

    Signals:
        selected: index of the row's vector of the cell that was clicked.
    """

    selected = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._view: BasisView | None = None
        self._kept_pair = (-1, -1)
        self._zoomed: QRectF | None = None
        self.eta, self.xi = GramHeatmap(themes, "⟨η|η⟩"), GramHeatmap(themes, "⟨ξ|ξ⟩")
        self.eta_pair, self.xi_pair = PairReadout(themes, "η"), PairReadout(themes, "ξ")
        self.xi.setXLink(self.eta)
        self.xi.setYLink(self.eta)
        for heatmap in (self.eta, self.xi):
            heatmap.pointed.connect(self._point)
            heatmap.picked.connect(self.pick)
            heatmap.plotItem.vb.sigRangeChangedManually.connect(self._hold)
            heatmap.plotItem.vb.sigResized.connect(self._frame)
        self.eta_pair.hint = (
            "Point at a cell to see its two vectors here. Click to keep them; Ctrl and the wheel zoom."
        )
        faint = "Move left to see faint inner products; larger ones are clipped to the end colours"
        self.range = slider("Colour range of ⟨η|η⟩", faint, 0, STEPS, STEPS // 2)
        self.range.setFixedWidth(12 * GRID)
        self.range.valueChanged.connect(self._colour)
        self.whole = tool_button("Whole matrix", "Zoom out to the whole matrix")
        self.whole.clicked.connect(self.show_all)
        self._norm = caption(name="Norm of ξ")
        self._norm.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._ends = plain_label()
        self._ends.setProperty("role", "caption")
        cards = []
        for head, heatmap, pair in (
            (row(title("⟨η|η⟩, before"), None, self._ends, self.range), self.eta, self.eta_pair),
            (row(title("⟨ξ|ξ⟩, after"), (self._norm, 1), self.whole), self.xi, self.xi_pair),
        ):
            top = QWidget()
            top.setLayout(head)
            top.setFixedHeight(HEAD)
            cards.append((card(column(top, (heatmap, 1), pair)), 1))
        self.setLayout(row(*cards, spacing=2 * GRID))
        themed_icon(self.whole, "mdi6.fit-to-screen-outline", themes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        for pair in (self.eta_pair, self.xi_pair):
            pair.prefer(min(round(0.12 * self.height()), 160))

    @Slot()
    def show_all(self) -> None:
        self._zoomed = None
        self._frame()

    @Slot()
    def _hold(self) -> None:
        """Keep what a person zoomed to."""
        self._zoomed = self.eta.viewRect()

    @Slot()
    def _frame(self) -> None:
        """Show as much as was wanted in the room there is now: two linked views of square cells push each other out."""
        wanted = self._zoomed or self.eta.whole
        if not wanted.isNull():
            for heatmap in (self.eta, self.xi):
                heatmap.plotItem.vb.setRange(wanted, padding=0.0)

    @property
    def eta_end(self) -> float:
        """Where the colours of ⟨η|η⟩ end; 0 while there is no basis."""
        return 0.0 if self._view is None else self._end(self._view)

    def show_view(self, view: BasisView | None) -> None:
        self._view, self._kept_pair = view, (-1, -1)
        self._show_pair(-1, -1)
        if view is None:
            self.eta.clear_matrix()
            self.xi.clear_matrix()
            self._norm.setText("")
            return
        scale = "inner product (variance of z = 1)"
        self.eta.show_matrix(view.eta_gram, view.label_names, self._end(view), scale)
        self._colour()
        size = len(view.xi_gram)
        fresh = self.xi.whole != self.eta.whole
        self.xi.show_matrix(view.xi_gram, view.label_names, size, scale)
        if fresh:
            self._zoomed = None
        error = plain_number(view.audit.orthogonality_error * size)
        self._norm.setText(f"M = {size} on the diagonal, elsewhere at most {error}")

    def select(self, vector: int) -> None:
        """Show the selected vector with itself, unless it belongs to the pair that is kept already."""
        if vector not in self._kept_pair:
            self._kept_pair = vector, vector
            self._show_pair(vector, vector)

    @Slot()
    def _colour(self) -> None:
        if self._view is not None:
            end = self._end(self._view)
            self._ends.setText(f"colours end at ±{end:.2g}")
            self.eta.end_colours_at(end)

    def _end(self, view: BasisView) -> float:
        return float(np.abs(view.eta_gram).max()) * LEAST_RANGE ** (1 - self.range.value() / STEPS)

    @Slot(int, int)
    def _point(self, row: int, column: int) -> None:
        self._show_pair(*((row, column) if row >= 0 else self._kept_pair))

    @Slot(int, int)
    def pick(self, row: int, column: int) -> None:
        """Keep a pair of vectors, and select the row's."""
        self._kept_pair = row, column
        self._show_pair(row, column)
        self.selected.emit(row)

    def _show_pair(self, row: int, column: int) -> None:
        self.eta.show_cross(row, column)
        self.xi.show_cross(row, column)
        if self._view is None or row < 0:
            self.eta_pair.clear()
            self.xi_pair.clear()
            return
        view, pair = self._view, (row, column)
        eta, xi, overlap = (
            plain_number(float(products[pair])) for products in (view.eta_gram, view.xi_gram, view.overlap)
        )
        self.eta_pair.show_pair(pair, view.eta.pictures, view.label_names, (f"⟨η|η⟩ = {eta}",))
        xi_lines = f"⟨ξ|ξ⟩ = {xi}", f"⟨ξ|η⟩ = {overlap}"
        self.xi_pair.show_pair(pair, view.xi.pictures, view.label_names, xi_lines)
