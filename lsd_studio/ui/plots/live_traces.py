"""Curves with their spread, drawn in time that hangs on the pixels there are and not on the points.

Qt's own polygons and wide lines take up to seconds for noisy curves; here a view is cut into narrow columns, in each of
which a band has one top and one bottom, and a line one point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

LEAST_COLUMN, MOST_COLUMNS = 2, 500
"""Pixels of a column, and how many there are before they grow wider."""

OUTERMOST = 0.02
"""The share of a band's lowest, and of its highest points, that may lie outside what is seen."""

WIDTH = 1.6
"""Pixels of a line."""


@dataclass(frozen=True, eq=False)
class Trace:
    """One quantity of one run over its training steps.

    Args:
        run: what a person calls the run; name: what the quantity is called.
        steps: [N], rising; lowest, mean, highest: [N], of the steps up to here since the point before.
        steps_per_epoch: > 0.
        points: whether each value stands for itself (a measure after an epoch), and is marked.
        colour: of line and band, #RRGGBB.
        dash: pixels of a dash and of the gap after it; (0, 0) for a whole line.
        band: how much of its colour the band has, 0…1.
    """

    run: str
    name: str
    steps: np.ndarray
    lowest: np.ndarray
    mean: np.ndarray
    highest: np.ndarray
    steps_per_epoch: float
    points: bool
    colour: str
    dash: tuple[int, int] = (0, 0)
    band: float = 0.2

    def nearest(self, step: float) -> int:
        """The place of the point nearest to a step."""
        after = min(int(np.searchsorted(self.steps, step)), len(self.steps) - 1)
        before = max(after - 1, 0)
        return before if step - self.steps[before] <= self.steps[after] - step else after


class TracesItem(pg.GraphicsObject):
    """Draws traces into a plot's view; positions are steps and values, or log₁₀ of values."""

    def __init__(self) -> None:
        super().__init__()
        self.setCacheMode(self.CacheMode.DeviceCoordinateCache)
        self.traces: tuple[Trace, ...] = ()
        self._logarithmic = False
        self._ends: dict[int, tuple[float, float] | None] = {}
        self._ends_for: dict[int, tuple[float, float] | None] = {}

    def show_traces(self, traces: Sequence[Trace], *, logarithmic: bool) -> None:
        """Draw these from now on."""
        self.traces, self._logarithmic = tuple(trace for trace in traces if len(trace.steps)), logarithmic
        self._ends.clear()
        self.prepareGeometryChange()
        self.informViewBoundsChanged()
        self.update()

    def on_axis(self, values: np.ndarray) -> np.ndarray:
        """Values as places on the axis; what has none (0 on a logarithmic axis, NaN) is NaN."""
        values = np.asarray(values, dtype=np.float64)
        if not self._logarithmic:
            return np.where(np.isfinite(values), values, np.nan)
        positive = np.isfinite(values) & (values > 0)
        return np.where(positive, np.log10(np.where(positive, values, 1.0)), np.nan)

    def boundingRect(self) -> QRectF:
        """All of the view: what lies outside is not drawn."""
        return self.viewRect() or QRectF()

    def dataBounds(
        self, axis: int, frac: float = 1.0, orthoRange: Sequence[float] | None = None
    ) -> tuple[float, float] | None:
        """Ends of what is drawn along an axis, of a band all but its outermost hundredths.

        Only points count whose other coordinate is in `orthoRange`. Ends are rounded outwards to some 3 % of their
        distance, so that axes stand still while curves grow by a few points.
        """
        across = None if orthoRange is None else (orthoRange[0], orthoRange[1])
        if self._ends_for.get(axis) != across or axis not in self._ends:
            self._ends_for[axis], self._ends[axis] = across, self._find_ends(axis, across)
        return self._ends[axis]

    def _find_ends(self, axis: int, across: tuple[float, float] | None) -> tuple[float, float] | None:
        ends: list[float] = []
        for trace in self.traces:
            steps, values = trace.steps, self.on_axis(trace.mean)
            counted = np.isfinite(values)
            if across is not None:
                other = steps if axis else values
                counted &= (other >= across[0]) & (other <= across[1])
            if counted.any():
                along = (values if axis else steps)[counted]
                ends += [float(along.min()), float(along.max())]
                if axis and not trace.points:
                    ends += [
                        self._outer(trace.lowest[counted], OUTERMOST),
                        self._outer(trace.highest[counted], 1 - OUTERMOST),
                    ]
        ends = [end for end in ends if math.isfinite(end)]
        return _rounded_outwards(min(ends), max(ends)) if ends else None

    def _outer(self, values: np.ndarray, share: float) -> float:
        """The place on the axis below which a share of the values lies."""
        finite = values[np.isfinite(values)]
        if not len(finite):
            return math.nan
        rank = round(share * (len(finite) - 1))
        return float(self.on_axis(np.partition(finite, rank)[rank : rank + 1])[0])

    def pixelPadding(self) -> float:
        """Pixels by which drawing exceeds the data."""
        return 4.0

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        place = painter.worldTransform()
        area = place.mapRect(self.viewRect()).toAlignedRect()
        if area.isEmpty():
            return
        painter.save()
        painter.resetTransform()
        columns = [self._columns(trace, place, area) for trace in self.traces]
        for trace, found in zip(self.traces, columns, strict=True):
            if not trace.points:
                _paint_band(painter, trace, found, area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for trace, found in zip(self.traces, columns, strict=True):
            _paint_line(painter, trace, found, area)
            if trace.points:
                self._paint_points(painter, trace, place, area)
        painter.restore()

    def _columns(self, trace: Trace, place: QTransform, area: QRect) -> np.ndarray:
        """Top, middle and bottom of a trace in each column of the area, [3, columns]; NaN where there is none."""
        wide = column_width(area.width())
        count = math.ceil(area.width() / wide)
        across = (place.m11() * trace.steps + place.dx() - area.left()) / wide
        near = slice(max(0, int(np.searchsorted(across, 0)) - 1), int(np.searchsorted(across, count)) + 1)
        across = across[near]
        if not len(across):
            return np.full((3, count), np.nan)
        top, middle, bottom = (
            place.m22() * self.on_axis(values[near]) + place.dy()
            for values in (trace.highest, trace.mean, trace.lowest)
        )
        if self._logarithmic:
            bottom = np.where(np.isnan(bottom) & np.isfinite(middle), area.bottom(), bottom)
        centres = np.arange(count) + 0.5
        outside = (centres < across[0] - 0.5) | (centres > across[-1] + 0.5)
        found = np.array([np.interp(centres, across, heights) for heights in (top, middle, bottom)])
        found[:, outside] = np.nan
        inside = (across >= 0) & (across < count)
        column = across[inside].astype(np.int64)
        if len(column):
            starts = np.flatnonzero(np.diff(column, prepend=-1))
            counts = np.diff(np.append(starts, len(column)))
            found[0, column[starts]] = np.minimum.reduceat(top[inside], starts)
            found[1, column[starts]] = np.add.reduceat(middle[inside], starts) / counts
            found[2, column[starts]] = np.maximum.reduceat(bottom[inside], starts)
        return found

    def _paint_points(self, painter: QPainter, trace: Trace, place: QTransform, area: QRect) -> None:
        across = place.m11() * trace.steps + place.dx()
        down = place.m22() * self.on_axis(trace.mean) + place.dy()
        shown = np.isfinite(down) & (across >= area.left() - 4) & (across <= area.right() + 4)
        if shown.sum() > area.width() / 8:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(trace.colour))
        for x, y in zip(across[shown].tolist(), down[shown].tolist(), strict=True):
            painter.drawEllipse(QPointF(x, y), 3, 3)


def _rounded_outwards(low: float, high: float) -> tuple[float, float]:
    """Ends at multiples of a 32nd of their distance, that rounded down to a power of two."""
    if high <= low:
        return low, high
    unit = 2.0 ** (math.floor(math.log2(high - low)) - 5)
    return math.floor(low / unit) * unit, math.ceil(high / unit) * unit


def column_width(pixels: int) -> int:
    """Pixels of a column in a view that is so wide."""
    return max(LEAST_COLUMN, round(pixels / MOST_COLUMNS))


def _paint_band(painter: QPainter, trace: Trace, columns: np.ndarray, area: QRect) -> None:
    top, _, bottom = columns
    if np.isnan(top).all():
        return
    first = max(area.top(), math.floor(np.nanmin(top)))
    last = min(area.bottom() + 1, math.ceil(np.nanmax(bottom)))
    if last <= first:
        return
    rows = np.arange(first, last)[:, None] + 0.5
    colour = QColor(trace.colour)
    red, green, blue = (round(part * trace.band) for part in (colour.red(), colour.green(), colour.blue()))
    tint = np.uint32(round(255 * trace.band) << 24 | red << 16 | green << 8 | blue)
    picture = ((rows >= top) & (rows <= bottom)) * tint
    high, count = picture.shape
    image = QImage(picture.data, count, high, 4 * count, QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(QRectF(area.left(), first, count * column_width(area.width()), high), image)


def _paint_line(painter: QPainter, trace: Trace, columns: np.ndarray, area: QRect) -> None:
    wide, heights = column_width(area.width()), columns[1]
    places = area.left() + (np.arange(len(heights)) + 0.5) * wide
    joined = np.isfinite(heights[:-1]) & np.isfinite(heights[1:])
    if any(trace.dash):
        joined &= (places[:-1] % sum(trace.dash)) < trace.dash[0]
    ends = np.stack([places[:-1], heights[:-1], places[1:], heights[1:]], axis=1)[joined]
    if len(ends):
        lines = PrimitiveArray(QLineF, 4)
        lines.resize(len(ends))
        lines.ndarray()[:] = ends
        painter.setPen(QPen(QColor(trace.colour), WIDTH))
        painter.drawLines(*lines.drawargs())
