"""Many points in a plane: an image of their density from afar, each for itself from near."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

FEW = 6000
"""Visible points up to which each is painted as a disc."""

CELL, WIDEST_CELL, SPARSE = 2, 4, 3.0
"""Pixels of a cell of the density image, each way: at least, at most, and the part of the mean distance of the points
between the two, so that few points in a large window are seen."""

FAINTEST = 0.5
"""Opacity of a cell with one point, where the fullest has 1."""

SMALLEST, LARGEST = 3.0, 7.0
"""Diameter of a disc in pixels, for the most points that are painted so and for a few."""


class PointCloud(pg.GraphicsObject):
    """Points that each are of a class, which has a colour.

    What is painted is made anew for every view, so that any zoom is as sharp as the points are.
    """

    def __init__(self) -> None:
        super().__init__()
        self._places = np.zeros((2, 0), dtype=np.float32)
        self._classes = np.zeros(0, dtype=np.int64)
        self._palette = np.zeros((1, 3), dtype=np.uint8)
        self._bounds = QRectF()

    def __len__(self) -> int:
        return self._places.shape[1]

    def show_points(self, places: np.ndarray, classes: np.ndarray) -> None:
        """Show points at places float [N, 2], each of a class int [N], which numbers its colour."""
        self.prepareGeometryChange()
        self._places = np.ascontiguousarray(places.T, dtype=np.float32)
        self._classes = classes
        self._bounds = _bounds(self._places)
        self.update()

    def colour(self, palette: np.ndarray) -> None:
        """Give each class its colour, uint8 [K, 3]."""
        self._palette = palette
        self.update()

    def place(self, point: int) -> QPointF:
        """Where a point is, in the units of the axes."""
        x, y = self._places[:, point]
        return QPointF(float(x), float(y))

    def nearest(self, place: QPointF, reach: tuple[float, float]) -> int:
        """The point nearest to a place, −1 where none is within `reach` (along x and along y)."""
        if not len(self):
            return -1
        x, y = (self._places[0] - place.x()) / reach[0], (self._places[1] - place.y()) / reach[1]
        distances = x * x + y * y
        found = int(distances.argmin())
        return found if distances[found] <= 1 else -1

    def boundingRect(self) -> QRectF:
        """All points, in the units of the axes."""
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint the visible points, as an image or each for itself."""
        if not len(self):
            return
        to_pixels = painter.transform()
        window = to_pixels.mapRect(self.viewRect()).toAlignedRect().toRectF()
        x = self._places[0] * to_pixels.m11() + (to_pixels.dx() - window.left())
        y = self._places[1] * to_pixels.m22() + (to_pixels.dy() - window.top())
        seen = (x >= 0) & (y >= 0) & (x < window.width()) & (y < window.height())
        x, y, classes = x[seen], y[seen], self._classes[seen]
        painter.save()
        painter.resetTransform()
        painter.setClipRect(window)
        painter.translate(window.topLeft())
        if len(x) > FEW:
            self._paint_density(painter, x, y, classes, window)
        else:
            self._paint_discs(painter, x, y, classes)
        painter.restore()

    def _paint_density(
        self, painter: QPainter, x: np.ndarray, y: np.ndarray, classes: np.ndarray, window: QRectF
    ) -> None:
        apart = math.sqrt(window.width() * window.height() / len(x))
        edge = min(max(round(apart / SPARSE), CELL), WIDEST_CELL)
        columns, rows = math.ceil(window.width() / edge), math.ceil(window.height() / edge)
        cells = (y / edge).astype(np.int32) * columns + (x / edge).astype(np.int32)
        counts = np.bincount(cells, minlength=rows * columns)
        full = np.flatnonzero(counts)
        sums = [np.bincount(cells, weights=self._palette[classes, channel])[full] for channel in range(3)]
        colours = np.stack(sums, axis=-1) / counts[full, None]
        pixels = _picture((rows, columns), full, counts[full], _words(colours.astype(np.uint8)))
        image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        painter.drawImage(QRectF(0, 0, edge * columns, edge * rows), image)

    def _paint_discs(self, painter: QPainter, x: np.ndarray, y: np.ndarray, classes: np.ndarray) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        share = min(1.0, math.log1p(len(x)) / math.log1p(FEW))
        wide = LARGEST + (SMALLEST - LARGEST) * share
        for number in np.unique(classes):
            colour = QColor(*(int(part) for part in self._palette[number]))
            colour.setAlpha(215)
            painter.setPen(QPen(colour, wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            chosen = classes == number
            painter.drawPoints(pg.functions.arrayToQPolygonF(x[chosen], y[chosen]))


def picture_of_cells(counts: np.ndarray, classes: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """A density image as uint8 [rows, columns, 4], red, green, blue and opacity: the more points, the more opaque.

    Args:
        counts: float or int [rows, columns], points in each cell.
        classes: int [rows, columns], each a row of the palette.
        palette: uint8 [K, 3].
    """
    full = np.flatnonzero(counts > 0)
    return _picture(counts.shape, full, counts.ravel()[full], _words(palette)[classes.ravel()[full]])


def _words(colours: np.ndarray) -> np.ndarray:
    """Colours uint8 [K, 3] as uint32 [K], a byte each and one for the opacity, which is looked up at once."""
    return np.pad(colours, ((0, 0), (0, 1))).view(np.uint32)[:, 0]


def _picture(shape: tuple[int, ...], full: np.ndarray, counts: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Pixels uint8 [rows, columns, 4]: the full ones, numbered row by row, coloured by their counts, others clear."""
    words.view(np.uint8)[3::4] = _opacity(counts)
    pixels = np.zeros(shape, dtype=np.uint32)
    pixels.reshape(-1)[full] = words
    return pixels.view(np.uint8).reshape(*shape, 4)


def _opacity(counts: np.ndarray) -> np.ndarray:
    """Opacity uint8 [K] of cells with so many points, on a logarithmic scale."""
    fullest = max(math.log(max(float(counts.max(initial=1)), 1.0)), 1.0)
    opacity = 255 * (FAINTEST + (1 - FAINTEST) * np.log(np.maximum(counts, 1)) / fullest)
    return np.where(counts < 0.5, 0, opacity).astype(np.uint8)


def _bounds(places: np.ndarray) -> QRectF:
    if not places.shape[1]:
        return QRectF()
    (left, bottom), (right, top) = places.min(axis=1), places.max(axis=1)
    return QRectF(float(left), float(bottom), float(right - left), float(top - bottom))
