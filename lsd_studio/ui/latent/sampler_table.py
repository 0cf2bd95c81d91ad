"""Samplers of a latent space below each other: what they draw, decoded, and what that is worth (R27, R31)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lsd_studio.engine.latent.sampler_comparison import SamplerMeasures
from lsd_studio.ui.app.theme import BODY, CAPTION, Theme, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import edge_colour
from lsd_studio.ui.widgets.pictures import picture_image
from lsd_studio.ui.widgets.plain_text import tip_words

__all__ = ["SamplerTable"]

HEAD, NAME, CELL, GAP = 40.0, 232.0, 66.0, 4.0
"""Pixels: of the head, of a sampler's name, of a measure, and between pictures."""

LEAST_ROW, LARGEST_ROW = 44.0, 80.0


@dataclass(frozen=True)
class _Column:
    """A measure: what it is called, what it means, its attribute of SamplerMeasures, and how it is written."""

    name: str
    meaning: str
    attribute: str
    words: Callable[[float], str]


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


COLUMNS = (
    _Column("mean\nradius", "Mean distance from the origin, in units of z", "radius", "{:.1f}".format),
    _Column(
        "populated\nregion",
        "Share of points within the Mahalanobis distance that 99 % of the codes have",
        "inside",
        _percent,
    ),
    _Column(
        "C is\nsure", "Share of decoded pictures in which C gives a label 90 % or more", "sure", _percent
    ),
    _Column(
        "precision",
        "Share of decoded pictures that lie among the images, in C’s features (Kynkäänniemi et al. 2019, k = 3)",
        "precision",
        _percent,
    ),
    _Column(
        "recall", "Share of images that lie among the decoded pictures, in C’s features", "recall", _percent
    ),
    _Column(
        "AUC\ntold apart",
        "How well a classifier tells the points from codes: 0.5 it cannot, 1 always",
        "auc",
        "{:.3f}".format,
    ),
)


class SamplerTable(QWidget):
    """A row for each sampler: its name, as many pictures as have room, framed in the colour of what C reads, measures.

    The arrow keys go from row to row; all measures of a row come up where the pointer rests on it.

    Attributes:
        rows: the samplers shown, in order.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.rows: tuple[SamplerMeasures, ...] = ()
        self._images: list[list[QImage]] = []
        self._at = -1
        self._room = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Samplers and their measures")
        themes.changed.connect(self.update)

    def show_rows(self, rows: Sequence[SamplerMeasures]) -> None:
        """Show samplers in this order."""
        known = len(self.rows) if tuple(rows[: len(self.rows)]) == self.rows else 0
        self.rows = tuple(rows)
        fresh = [[picture_image(picture) for picture in each.pictures] for each in self.rows[known:]]
        self._images = [*self._images[:known], *fresh]
        self._fit()

    def fill(self, height: int) -> None:
        """Use so many pixels of height where the rows need fewer."""
        if height != self._room:
            self._room = height
            self._fit()

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(960, round(HEAD + len(self.rows) * self._row()))

    def minimumSizeHint(self) -> QSize:
        """All rows, with some pictures."""
        return QSize(round(NAME + len(COLUMNS) * CELL + 3 * LEAST_ROW), self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from row to row."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self.rows:
            super().keyPressEvent(event)
            return
        self._point_at(min(max(self._at + step, 0), len(self.rows) - 1))
        self.setAccessibleDescription(measure_words(self.rows[self._at]))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the pointer."""
        place = event.position()
        self._point_at(self._row_at(place))
        column = self._column_at(place)
        if place.y() < HEAD:
            words = COLUMNS[column].meaning if column >= 0 else ""
        else:
            words = measure_words(self.rows[self._at]) if self._at >= 0 else ""
        QToolTip.showText(event.globalPosition().toPoint(), tip_words(words), self)

    def leaveEvent(self, event: QEvent) -> None:
        """No row is under the pointer."""
        self._point_at(-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the head and the rows."""
        theme, painter = self._themes.theme, QPainter(self)
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        bottom = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        for place, column in enumerate(COLUMNS):
            left = self.width() - (len(COLUMNS) - place) * CELL
            painter.drawText(QRectF(left, 0, CELL - 4, HEAD - 6), bottom, column.name)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(0, HEAD - 1), QPointF(self.width(), HEAD - 1))
        for place in range(len(self.rows)):
            self._paint_row(painter, theme, place)

    def _paint_row(self, painter: QPainter, theme: Theme, place: int) -> None:
        each, high = self.rows[place], self._row()
        line = QRectF(0, HEAD + place * high, self.width(), high)
        if place == self._at:
            painter.fillRect(line, theme.colour("raised"))
        painter.setPen(theme.colour("text"))
        painter.setFont(font(BODY, bold=each.sampler.kind == "codes"))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(4, line.top() + 2, NAME - 16, high - 4), flags, each.title)
        self._paint_pictures(painter, theme, place, line)
        painter.setFont(font(BODY))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for number, column in enumerate(COLUMNS):
            left = self.width() - (len(COLUMNS) - number) * CELL
            value: float | None = getattr(each, column.attribute)
            painter.setPen(theme.colour("muted" if value is None else "text"))
            text = "–" if value is None else column.words(value)
            painter.drawText(QRectF(left, line.top(), CELL - 4, high), right, text)
        painter.setPen(QPen(theme.colour("line"), 0.5))
        painter.drawLine(line.bottomLeft(), line.bottomRight())

    def _paint_pictures(self, painter: QPainter, theme: Theme, place: int, line: QRectF) -> None:
        edge = float(int(line.height() - 2 * GAP))
        room = self.width() - NAME - len(COLUMNS) * CELL
        many = min(len(self._images[place]), int(room // (edge + GAP)))
        labels, ground = self.rows[place].labels, theme.colour("surface")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number in range(many):
            square = QRectF(NAME + number * (edge + GAP), float(int(line.top() + GAP)), edge, edge)
            image = self._images[place][number]
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > edge)
            painter.drawImage(square, image)
            frame = theme.colour("line") if labels is None else edge_colour(int(labels[number]), ground)
            painter.setPen(QPen(frame, 1.5))
            painter.drawRect(square)

    def _fit(self) -> None:
        self.updateGeometry()
        self.update()

    def _row(self) -> float:
        if not self.rows:
            return LEAST_ROW
        return min(max((self._room - HEAD) / len(self.rows), LEAST_ROW), LARGEST_ROW)

    def _row_at(self, place: QPointF) -> int:
        row = int((place.y() - HEAD) // self._row())
        return row if place.y() >= HEAD and row < len(self.rows) else -1

    def _column_at(self, place: QPointF) -> int:
        column = int((place.x() - self.width() + len(COLUMNS) * CELL) // CELL)
        return column if 0 <= column < len(COLUMNS) else -1

    def _point_at(self, row: int) -> None:
        if row != self._at:
            self._at = row
            self.update()


def measure_words(each: SamplerMeasures) -> str:
    """All that was measured of a sampler, in words."""
    parts = [
        f"{each.title}: {each.points} points",
        f"mean radius {each.radius:.2f}",
        f"median Mahalanobis distance {each.mahalanobis:.2f}",
        f"{_percent(each.inside)} in the populated region",
    ]
    if each.confidence is not None and each.sure is not None:
        parts.append(f"C’s confidence {_percent(each.confidence)}, sure of {_percent(each.sure)}")
    if each.entropy is not None:
        parts.append(f"entropy of the labels {each.entropy:.2f} of 1")
    if each.precision is not None and each.recall is not None:
        parts.append(f"precision {_percent(each.precision)}, recall {_percent(each.recall)}")
    parts.append(f"AUC {each.auc:.3f}")
    parts.append(f"error of the mean {each.mean_error:.3f}, of the covariance {each.covariance_error:.3f}")
    return "; ".join(parts) + "."
