"""Where things are in the path editor, and what of it can be taken hold of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from PySide6.QtCore import QPointF, QRect, QRectF

from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.ring import TAG, Ring

SHELF_PICTURE, A_ROW = 32.0, 12
"""Edge in pixels of the labels that can be taken onto the ring, and how many of them are shown so large."""

BESIDE_LINE = 14.0
"""Pixels from the ring within which its line is pointed at."""


class Part(Enum):
    """What can be taken hold of."""

    HANDLE = auto()
    ANCHOR = auto()
    LINE = auto()
    GAP = auto()
    SHELF = auto()


@dataclass(frozen=True)
class Hold:
    """What is under the pointer: a part, and which anchor or label it is, or the place on the line."""

    part: Part
    which: int = 0
    position: float = 0.0


@dataclass(frozen=True)
class EditorLayout:
    """A ring above a shelf of all labels.

    Args:
        width, height: of the editor in pixels.
        path: the path shown.
        stops: anchors on the ring now; other than the path has while a label is dragged.
        labels: how many there are on the shelf.
    """

    width: int
    height: int
    path: LabelPath
    stops: int
    labels: int

    @cached_property
    def ring(self) -> Ring:
        """The ring above the shelf."""
        return Ring.inside(QRectF(0, 0, self.width, self.height - self.shelf_height), max(2, self.stops))

    @property
    def shelf_height(self) -> float:
        """Pixels of the shelf with the line of advice above it."""
        edge, _, rows = self._shelf
        return rows * (edge + GRID) + 24

    def shelf_square(self, label: int) -> QRectF:
        edge, columns, rows = self._shelf
        line, place = divmod(label, columns)
        count = min(columns, self.labels - line * columns)
        step = edge + GRID
        left = (self.width - step * count + GRID) / 2
        return QRectF(left + step * place, self.height - 4 - step * (rows - line) + GRID, edge, edge)

    def hold_at(self, point: QPointF, position: float) -> Hold | None:
        """What is at a point while the handle stands at a position of the path; None where nothing is."""
        ring, count = self.ring, len(self.path.labels)
        for label in range(self.labels):
            if self.shelf_square(label).adjusted(-3, -3, 3, 3).contains(point):
                return Hold(Part.SHELF, label)
        for place in range(count):
            if ring.tag(place).adjusted(-3, -3, 3, 3).contains(point):
                return Hold(Part.ANCHOR, place, float(place))
        if ring.square(position, ring.handle).contains(point):
            return Hold(Part.HANDLE, position=position)
        for place in range(count):
            if ring.square(place, ring.anchor).contains(point):
                return Hold(Part.ANCHOR, place, float(place))
        if abs(ring.distance(point)) > BESIDE_LINE:
            return None
        at = ring.position_of(point)
        return Hold(Part.LINE, position=at) if self.path.closed or at <= self.path.legs else Hold(Part.GAP)

    def dragged_to(self, held: Hold, point: QPointF) -> LabelPath:
        """The path that comes of an anchor or a label of the shelf being dropped at a point."""
        ring, count = self.ring, len(self.path.labels)
        near = abs(ring.distance(point)) < 1.1 * ring.anchor + TAG
        turned = Ring(ring.centre, 1, count).position_of(point)
        if held.part is Part.ANCHOR:
            if not near:
                return self.path.removed(held.which) if count > 2 else self.path
            return self.path.moved(held.which, round(turned) % count)
        if not near:
            return self.path
        first = not self.path.closed and turned > count - 0.5
        return self.path.inserted(0 if first else int(turned) + 1, held.which)

    def handle_room(self, position: float) -> QRect:
        """What the handle covers at a position, with its glow."""
        return self.ring.square(position, self.ring.handle + 24).toAlignedRect()

    @property
    def middle_room(self) -> QRect:
        """What the pictures in the middle and their words cover."""
        centre, inner = self.ring.centre, self.ring.inner
        return QRectF(centre.x() - inner, centre.y() - inner, 2 * inner, 2 * inner).toAlignedRect()

    @cached_property
    def _shelf(self) -> tuple[float, int, int]:
        """Edge of the pictures on the shelf, how many stand in a row, and how many rows there are."""
        count = max(self.labels, 1)
        edge = SHELF_PICTURE if count <= A_ROW else SHELF_PICTURE * 0.75
        columns = min(count, max(1, int((self.width - GRID) // (edge + GRID))))
        return edge, columns, math.ceil(count / columns)
