"""Basis, seen as pictures: all η and all ξ, labels × sets, each marked with what C reads in it (Figure 4a–b)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from lsd_studio.engine.basis.measures import BasisView, DecodedVectors
from lsd_studio.percentages import percent
from lsd_studio.ui.app.theme import CAPTION, GRID, Theme, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import contrast, edge_colour, label_colour
from lsd_studio.ui.widgets.layouts import card, column, row, scrolled, title
from lsd_studio.ui.widgets.painting import paint_line
from lsd_studio.ui.widgets.pictures import picture_image
from lsd_studio.ui.widgets.plain_text import plain_label, show_name_tip
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.vector_card import paint_card
from lsd_studio.ui.widgets.vector_names import vector_name, vector_words

HEAD = 20
"""Pixels for the numbers of the sets above the pictures."""

FIGURES, BAR = 18, 5
"""Pixels below a picture for its probability, in figures or as a bar."""

CHIP = 16
"""Edge of the chip that names a label read by mistake; it stands beside a picture that is too small for it."""

LEAST_CELL = 26

DOT, LEAST_NAME = 24, 48
"""Pixels beside a label's name for its dot and a gap, and for the name itself at least; long names end with …."""

INKS = (QColor("#FFFFFF"), QColor("#14161A"))


class VectorGrid(QWidget):
    """Decoded vectors in rows of labels and columns of sets.

    Args:
        symbol: "η" or "ξ".

    Attributes:
        shown: the vectors shown.

    A vector that is read as its own label has a quiet mark, one that is not is framed and named in the colour of the
    label that it is read as. Where a cell has room, the probability is written; else a bar is as long as it.

    Signals:
        hovered: the index of the vector under the pointer, or −1.
        selected: the index of the vector that was clicked or reached by arrow keys.
    """

    hovered = Signal(int)
    selected = Signal(int)

    def __init__(self, themes: ThemeManager, symbol: str) -> None:
        super().__init__()
        self._themes = themes
        self._symbol = symbol
        self.shown: DecodedVectors | None = None
        self._label_names: tuple[str, ...] = ()
        self._longest_name = 0
        self._images: list[QImage] = []
        self._painted: QPixmap | None = None
        self._hovered = -1
        self._selected = -1
        self.setMouseTracking(True)
        self.setMinimumSize(240, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"Vectors {symbol}, decoded")
        themes.changed.connect(self._repaint)

    def show_vectors(self, vectors: DecodedVectors | None, label_names: tuple[str, ...] = ()) -> None:
        self.shown, self._label_names, self._hovered = vectors, label_names, -1
        self._images = [] if vectors is None else [picture_image(picture) for picture in vectors.pictures]
        if vectors is not None:
            labels, metrics = len(label_names), QFontMetrics(font(CAPTION))
            self._longest_name = max(metrics.horizontalAdvance(name) for name in label_names)
            self.setMinimumHeight(HEAD + labels * LEAST_CELL)
            side = DOT + min(self._longest_name, LEAST_NAME)
            self.setMinimumWidth(side + len(self._images) // labels * LEAST_CELL)
            self.setAccessibleDescription(
                f"{int(vectors.kept.sum())} of {len(self._images)} vectors {self._symbol} are read as their label"
            )
        self._repaint()

    def select(self, vector: int) -> None:
        """Mark the selected vector; −1 marks none."""
        self._selected = vector
        if self.shown is not None and 0 <= vector < len(self._images):
            self.setAccessibleDescription("; ".join(self._lines(vector)))
        self.update()

    def vector_at(self, position: QPointF) -> int:
        """The vector whose cell is under a place, or −1."""
        if self.shown is None:
            return -1
        wide, high = self._cell()
        column, row = int((position.x() - self._side()) // wide), int((position.y() - HEAD) // high)
        labels = len(self._label_names)
        inside = 0 <= row < labels and 0 <= column < len(self._images) // labels
        return column * labels + row if inside else -1

    def cell_of(self, vector: int) -> QRectF:
        column, row = divmod(vector, len(self._label_names))
        wide, high = self._cell()
        return QRectF(self._side() + column * wide, HEAD + row * high, wide, high)

    def label_at(self, position: QPointF) -> int:
        """The label whose name is under a place, or −1."""
        if self.shown is None or not 0 <= position.x() < self._side():
            return -1
        row = int((position.y() - HEAD) // self._cell()[1])
        return row if 0 <= row < len(self._label_names) else -1

    def sizeHint(self) -> QSize:
        return QSize(480, 480)

    def event(self, event: QEvent) -> bool:
        """Show the whole name of a label as a tool tip."""
        return show_name_tip(event, self, self._name_at) or super().event(event)

    def _name_at(self, position: QPointF) -> str:
        label = self.label_at(position)
        return self._label_names[label] if label >= 0 else ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.vector_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if (vector := self.vector_at(event.position())) >= 0:
            self.selected.emit(vector)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk over the grid with the arrow keys."""
        labels = len(self._label_names)
        steps = {Qt.Key.Key_Left: -labels, Qt.Key.Key_Right: labels, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None or self.shown is None:
            super().keyPressEvent(event)
        elif 0 <= (target := max(self._selected, 0) + step) < len(self._images):
            self.selected.emit(target)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.shown is None:
            return
        theme, painter = self._themes.theme, QPainter(self)
        ratio = self.devicePixelRatioF()
        if self._painted is None or self._painted.size() != self.size() * ratio:
            self._painted = self._paint_all(theme, ratio)
        painter.drawPixmap(0, 0, self._painted)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if 0 <= self._selected < len(self._images):
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRect(self._square(self._selected).adjusted(-2, -2, 2, 2))
        if self._hovered >= 0:
            painter.setPen(QPen(theme.colour("text"), 1))
            square = self._square(self._hovered)
            painter.drawRect(square)
            lines = self._lines(self._hovered)
            paint_card(painter, theme, QRectF(self.rect()), square, self._images[self._hovered], lines)

    def _lines(self, vector: int) -> tuple[str, ...]:
        assert self.shown is not None
        shown, names = self.shown, self._label_names
        read = names[int(shown.labels[vector])]
        return (
            vector_name(self._symbol, vector, names),
            vector_words(vector, names),
            f"C reads {read}, {percent(float(shown.probabilities[vector]))}",
        )

    def _point_at(self, vector: int) -> None:
        if vector != self._hovered:
            self._hovered = vector
            self.hovered.emit(vector)
            self.update()

    def _repaint(self) -> None:
        self._painted = None
        self.update()

    def _side(self) -> int:
        """Pixels for the names of the labels: a sixth of the width where they are long."""
        room = max(LEAST_NAME, self.width() // 6)
        return 0 if self.shown is None else DOT + min(self._longest_name, room)

    def _cell(self) -> tuple[float, float]:
        labels = len(self._label_names)
        sets = len(self._images) // labels
        return (self.width() - self._side()) / sets, (self.height() - HEAD) / labels

    def _below(self) -> int:
        """Pixels below a picture: for the probability in figures, or for a bar where there is no room for them."""
        wide, high = self._cell()
        return FIGURES if high >= 60 and wide >= 64 else BAR

    def _square(self, vector: int) -> QRectF:
        """Where the picture of a vector is painted."""
        cell, below = self.cell_of(vector), self._below()
        edge = int(min(cell.width(), cell.height() - below)) - 4
        top = cell.top() + (cell.height() - below - edge) / 2
        middle = cell.center().x() - (CHIP / 2 if self._has_chips_beside(edge) else 0)
        return QRectF(round(middle - edge / 2), round(top), edge, edge)

    def _has_chips_beside(self, edge: float) -> bool:
        """Whether pictures are too small for a chip in their corner, and there is room for one beside them."""
        return edge < 2 * CHIP and self._cell()[0] >= edge + CHIP + 2

    def _paint_all(self, theme: Theme, ratio: float) -> QPixmap:
        painted = QPixmap(self.size() * ratio)
        painted.setDevicePixelRatio(ratio)
        painted.fill(Qt.GlobalColor.transparent)
        painter = QPainter(painted)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heads(painter, theme)
        for vector, image in enumerate(self._images):
            square = self._square(vector)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(square, image)
            self._paint_mark(painter, theme, vector, square)
        painter.end()
        return painted

    def _paint_heads(self, painter: QPainter, theme: Theme) -> None:
        names, surface = self._label_names, theme.colour("surface")
        painter.setFont(font(CAPTION))
        for set_index in range(len(self._images) // len(names)):
            cell, square = self.cell_of(set_index * len(names)), self._square(set_index * len(names))
            painter.setPen(theme.colour("muted"))
            text = f"set {set_index + 1}" if cell.width() >= 46 else str(set_index + 1)
            middle = QRectF(square.center().x() - 40, 0, 80, HEAD - 2)
            painter.drawText(middle, Qt.AlignmentFlag.AlignCenter, text)
        for label, name in enumerate(names):
            row = self.cell_of(label)
            painter.setPen(edge_colour(label, surface))
            painter.setBrush(label_colour(label))
            painter.drawEllipse(QPointF(6, row.center().y()), 4, 4)
            painter.setPen(theme.colour("text"))
            paint_line(painter, QRectF(14, row.top(), row.left() - 14 - GRID // 2, row.height()), name)

    def _paint_mark(self, painter: QPainter, theme: Theme, vector: int, square: QRectF) -> None:
        assert self.shown is not None
        read, kept = int(self.shown.labels[vector]), bool(self.shown.kept[vector])
        probability = float(self.shown.probabilities[vector])
        edge = edge_colour(read, theme.colour("surface"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("line"), 1) if kept else QPen(edge, 2.5))
        painter.drawRect(square if kept else square.adjusted(0.5, 0.5, -0.5, -0.5))
        if self._below() == BAR:
            bar = QRectF(square.left(), square.bottom() + 2, square.width() * probability, 3)
            painter.fillRect(bar, edge)
        else:
            self._paint_figures(painter, theme, square, read, percent(probability), kept)
        has_chips_beside = self._has_chips_beside(square.width())
        if not kept and (has_chips_beside or square.width() >= 2 * CHIP):
            left = square.right() + (2 if has_chips_beside else 1 - CHIP)
            self._paint_chip(painter, read, QRectF(left, square.bottom() - 15, CHIP, CHIP))

    def _paint_figures(
        self, painter: QPainter, theme: Theme, square: QRectF, read: int, text: str, kept: bool
    ) -> None:
        painter.setFont(font(CAPTION))
        start = square.center().x() - (painter.fontMetrics().horizontalAdvance(text) + 12) / 2
        middle = square.bottom() + 2 + FIGURES / 2
        painter.setPen(edge_colour(read, theme.colour("surface")))
        painter.setBrush(label_colour(read))
        painter.drawEllipse(QPointF(start + 3.5, middle), 3.5, 3.5)
        painter.setPen(theme.colour("muted" if kept else "text"))
        words = QRectF(start + 12, middle - 9, 80, 18)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_chip(self, painter: QPainter, label: int, chip: QRectF) -> None:
        """The name of the label that is read by mistake, on its colour."""
        colour, name = label_colour(label), self._label_names[label][:2]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(chip, 3, 3)
        painter.setFont(font(CAPTION, bold=len(name) == 1))
        painter.setPen(max(INKS, key=lambda ink: contrast(ink, colour)))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, name)


class VectorsView(QWidget):
    """The averages η at the left and the quasi-eigenvectors ξ at the right.

    Signals:
        selected: index of the vector that was clicked.
    """

    selected = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.eta, self.xi = VectorGrid(themes, "η"), VectorGrid(themes, "ξ")
        self._kept = plain_label(), plain_label()
        cards = []
        heads = ("η, the averages of latent vectors", "ξ, made orthogonal")
        for grid, head, kept in zip((self.eta, self.xi), heads, self._kept, strict=True):
            kept.setProperty("role", "caption")
            grid.selected.connect(self.selected)
            above = SideBySide(title(head), kept, stretches=(1, 0))
            cards.append((card(column(above, (_scrolling(grid), 1))), 1))
        self.setLayout(row(*cards, spacing=2 * GRID))

    def show_view(self, view: BasisView | None) -> None:
        shown = (None, None) if view is None else (view.eta, view.xi)
        for grid, kept, vectors in zip((self.eta, self.xi), self._kept, shown, strict=True):
            grid.show_vectors(vectors, () if view is None else view.label_names)
            kept.setText("" if vectors is None else kept_words(vectors))

    def select(self, vector: int) -> None:
        """Mark the selected vector; −1 marks none."""
        self.eta.select(vector)
        self.xi.select(vector)


def _scrolling(grid: VectorGrid) -> QScrollArea:
    """A grid in all the room there is, and one to scroll where its labels are too many for that."""
    area = scrolled(grid, sideways=True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def kept_words(vectors: DecodedVectors) -> str:
    """How many vectors C reads as their own label, in words."""
    return f"C reads {int(vectors.kept.sum())} of {len(vectors.kept)} as their own label"
