"""The orthogonalisations side by side: what each does to accuracy, to labels and to truncation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from lsd_studio.engine.basis.measures import Accuracies, BasisView, Measures
from lsd_studio.engine.operations.basis import BasisMeasured
from lsd_studio.ui.app.theme import BODY, CAPTION, GRID, Theme, ThemeManager, font
from lsd_studio.ui.basis.orthogonalisations import ORTHOGONALISATIONS, Orthogonalisation, orthogonalisation
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.pictures import picture_sheet

HINT = "Measure all five over the same η, on held-out training images. Click a row to show that basis in every view."

HEAD = 72
"""Pixels of the column heads."""

WORDS, BAR_FROM = 128, 216
"""Pixels for a share and what it is a share of, and those of a column from which on it has a bar beside it."""

KEEP = Qt.AspectRatioMode.KeepAspectRatio

LEAST_ROW = 68
"""Pixels of a row, in which a column has three lines."""

LEAST_NAME, NAME, WIDEST_NAME = 106, 232, 420
"""Pixels of the names: the fewest, in two lines, in a usual window, and the most."""


class ComparisonTable(QWidget):
    """One row for each orthogonalisation, with its ξ as a small picture; the best of each column is bold.

    Signals:
        chosen: the Orthogonalisation whose row was clicked.
    """

    chosen = Signal(object)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.measures: dict[Orthogonalisation, Measures] = {}
        self._pictures: dict[Orthogonalisation, QPixmap] = {}
        self._shown: Orthogonalisation | None = None
        self.setMinimumSize(LEAST_NAME + LEAST_COLUMNS + 5 * GRID, HEAD + LEAST_ROW * len(ORTHOGONALISATIONS))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Orthogonalisations compared")
        themes.changed.connect(self.update)

    def show_measures(self, kind: Orthogonalisation, measures: Measures) -> None:
        self.measures[kind] = measures
        described = (
            f"{each.name}: {_share(found.mean.set_one)} of images, {found.xi_kept} of {found.vectors} labels kept"
            for each, found in self.measures.items()
        )
        self.setAccessibleDescription("; ".join(described))
        self.update()

    def show_pictures(self, kind: Orthogonalisation, pictures: np.ndarray, labels: int) -> None:
        """Show an orthogonalisation's ξ, decoded, uint8 [M, H, W, C]: labels in rows and sets in columns."""
        sets = len(pictures) // labels
        by_label = pictures.reshape(sets, labels, *pictures.shape[1:]).swapaxes(0, 1).reshape(pictures.shape)
        self._pictures[kind] = QPixmap.fromImage(picture_sheet(by_label, sets))
        self.update()

    def mark(self, kind: Orthogonalisation | None) -> None:
        """Mark the row of the basis that is shown in the other views."""
        self._shown = kind
        self.update()

    def clear(self) -> None:
        self.measures.clear()
        self._pictures.clear()
        self.setAccessibleDescription("not measured yet")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(1120, HEAD + 96 * len(ORTHOGONALISATIONS))

    def row_of(self, kind: Orthogonalisation) -> QRectF:
        high = (self.height() - HEAD) / len(ORTHOGONALISATIONS)
        return QRectF(0, HEAD + ORTHOGONALISATIONS.index(kind) * high, self.width(), high)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for kind in ORTHOGONALISATIONS:
            if self.row_of(kind).contains(event.position()):
                self.chosen.emit(kind)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        here = -1 if self._shown is None else ORTHOGONALISATIONS.index(self._shown)
        self.chosen.emit(ORTHOGONALISATIONS[min(max(here + step, 0), len(ORTHOGONALISATIONS) - 1)])

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_heads(painter, theme)
        for kind in ORTHOGONALISATIONS:
            self._paint_row(painter, theme, kind)

    def _columns(self) -> list[QRectF]:
        """Where the columns of figures are, from the end of the names on."""
        start = self._edge() + self._names() + 4 * GRID
        unit = (self.width() - start - GRID) / LEAST_COLUMNS
        edges = accumulate((column.least * unit for column in COLUMNS), initial=start)
        return [QRectF(left, 0, right - left, HEAD) for left, right in pairwise(edges)]

    def _names(self) -> float:
        """Width of the column of names."""
        room = self.width() - LEAST_COLUMNS - 5 * GRID - self._edge()
        return min(max(NAME, 0.16 * self.width()), WIDEST_NAME, room)

    def _edge(self) -> float:
        """Edge of the small pictures; 0 where names have no room beside them."""
        edge = min((self.height() - HEAD) / len(ORTHOGONALISATIONS) - 12, 280)
        return edge if self.width() - LEAST_COLUMNS - 5 * GRID - edge >= LEAST_NAME else 0.0

    def _paint_heads(self, painter: QPainter, theme: Theme) -> None:
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        left = QRectF(GRID, 0, self._edge() + self._names(), HEAD - 8)
        painter.drawText(left, Qt.AlignmentFlag.AlignBottom, "ξ, decoded" if self._edge() else "ξ")
        flags = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        for each, place in zip(COLUMNS, self._columns(), strict=True):
            painter.drawText(place.adjusted(0, 0, -GRID, -8), flags, each.head)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(0, HEAD - 2), QPointF(self.width(), HEAD - 2))

    def _paint_row(self, painter: QPainter, theme: Theme, kind: Orthogonalisation) -> None:
        line, edge = self.row_of(kind), self._edge()
        if kind is self._shown:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("raised"))
            painter.drawRoundedRect(line.adjusted(0, 2, 0, -2), GRID, GRID)
        square = QRectF(line.left() + 6, line.center().y() - edge / 2, edge, edge)
        if kind in self._pictures:
            picture = self._pictures[kind]
            fitted = QRectF(QPointF(), QSizeF(picture.size()).scaled(square.size(), KEEP))
            fitted.moveCenter(square.center())
            painter.drawPixmap(fitted, picture, QRectF(picture.rect()))
        else:
            painter.fillRect(square, theme.colour("raised"))
        words = QRectF(square.right() + 2 * GRID, line.top() + 8, self._names(), line.height() - 16)
        self._paint_name(painter, theme, kind, words)
        measures = self.measures.get(kind)
        for each, place in zip(COLUMNS, self._columns(), strict=True):
            cell = QRectF(place.left(), line.top(), place.width() - GRID, line.height())
            if measures is None:
                painter.setPen(theme.colour("muted"))
                painter.setFont(font(BODY))
                painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, "–")
            else:
                self._paint_cell(painter, theme, each, measures, cell)

    def _paint_name(self, painter: QPainter, theme: Theme, kind: Orthogonalisation, words: QRectF) -> None:
        """Paint the name, and below it the meaning where there is room for all of it."""
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
        room, metrics = QRectF(0, 0, words.width() - 6, 400), QFontMetricsF(font(CAPTION))
        high = metrics.boundingRect(room, flags, kind.meaning).height()
        has_room = words.height() >= 16 + high
        top = max(words.top(), words.center().y() - (20 + high) / 2) if has_room else words.center().y() - 10
        line = QRectF(words.left(), top, words.width(), 20)
        painter.setPen(theme.colour("accent" if kind is self._shown else "text"))
        painter.setFont(font(BODY, bold=True))
        wrapped = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(line if has_room else words, wrapped, kind.name)
        if has_room:
            painter.setPen(theme.colour("muted"))
            painter.setFont(font(CAPTION))
            painter.drawText(line.adjusted(0, 20, 0, high + 4), flags, kind.meaning)

    def _paint_cell(
        self, painter: QPainter, theme: Theme, column: _Column, measures: Measures, cell: QRectF
    ) -> None:
        lines = column.lines(measures)
        start = cell.center().y() - 10 * len(lines) + 14
        for place, (value, text, words) in enumerate(lines):
            rivals = [column.lines(each)[place][0] for each in self.measures.values()]
            painter.setFont(font(BODY, bold=len(rivals) > 1 and value == max(rivals)))
            painter.setPen(theme.colour("text"))
            painter.drawText(QPointF(cell.left(), start + 20 * place), text)
            if words:
                wide = painter.fontMetrics().horizontalAdvance(text)
                painter.setFont(font(CAPTION))
                painter.setPen(theme.colour("muted"))
                painter.drawText(QPointF(cell.left() + wide + 6, start + 20 * place), words)
            if column.shares and cell.width() >= BAR_FROM:
                bar = QRectF(cell.left() + WORDS, start + 20 * place - 8, cell.width() - WORDS - GRID, 6)
                painter.fillRect(bar, theme.colour("line"))
                bar.setWidth(bar.width() * value)
                painter.fillRect(bar, theme.colour("accent"))


Line = tuple[float, str, str]
"""How good it is, what is written, and what it is, in a word."""


@dataclass(frozen=True)
class _Column:
    """A column: its head, the fewest pixels that its lines take, and what it says of a basis."""

    head: str
    least: int
    lines: Callable[[Measures], tuple[Line, ...]]
    shares: bool = False


def _accuracies(found: Accuracies) -> tuple[Line, ...]:
    return (
        (found.set_one, _share(found.set_one), "set 1 |c|"),
        (found.any_set, _share(found.any_set), "any set |c|"),
        (found.signed, _share(found.signed), "signed c"),
    )


def _share(share: float) -> str:
    return f"{100 * share:.1f} %"


COLUMNS = (
    _Column("LSD finds the label: mean code", 138, lambda found: _accuracies(found.mean), shares=True),
    _Column("LSD finds the label: sampled z", 138, lambda found: _accuracies(found.sampled), shares=True),
    _Column(
        "ξ that C reads as their label",
        84,
        lambda found: ((found.xi_kept / found.vectors, str(found.xi_kept), f"of {found.vectors}"),),
        shares=True,
    ),
    _Column(
        "label kept by one term",
        66,
        lambda found: ((found.one_term_kept, _share(found.one_term_kept), ""),),
        shares=True,
    ),
    _Column(
        "mean squared error, pixels −1…1",
        118,
        lambda found: (
            (-found.truncation_error, f"{found.truncation_error:.4f}", f"{found.truncation_terms} terms"),
        ),
    ),
    _Column(
        "cosine of ξ with its η, set 1",
        92,
        lambda found: (
            (found.cosine_range[0], f"{found.cosine_range[0]:.2f} … {found.cosine_range[1]:.2f}", ""),
        ),
    ),
)
LEAST_COLUMNS = sum(each.least for each in COLUMNS)
"""Pixels that all columns of figures take together, at least."""


class ComparisonView(QWidget):
    """The table, and the button that has all measured over the same η as the basis that is shown."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.table = ComparisonTable(themes)
        self.measure = QPushButton("Measure all")
        self.measure.setToolTip("Measure every orthogonalisation of this η on held-out training images")
        self.words = caption(HINT, "Measured on")
        head = row(title("Orthogonalisations"), (self.words, 1), self.measure)
        self.setLayout(column(card(column(head, (self.table, 1)))))

    def show_view(self, view: BasisView | None) -> None:
        """Mark the basis that is shown in the other views, and show its pictures."""
        self.measure.setEnabled(view is not None)
        kind = None if view is None else orthogonalisation(view.set_one, view.complement)
        self.table.mark(kind)
        if kind is not None and view is not None:
            self.table.show_pictures(kind, view.xi.pictures, view.number_of_labels)

    def show_measures(self, measured: BasisMeasured, labels: int) -> None:
        """Show what one orthogonalisation does, and its pictures; `labels` are l."""
        measures = measured.measures
        kind = orthogonalisation(measures.set_one, measures.complement)
        if kind is not None:
            self.table.show_measures(kind, measures)
            self.table.show_pictures(kind, measured.pictures, labels)
        self.words.setText(
            f"Measured on {measures.images} held-out training images over the same η; best in bold."
        )

    def clear(self) -> None:
        """Forget what was measured of another η."""
        self.table.clear()
        self.words.setText(HINT)
