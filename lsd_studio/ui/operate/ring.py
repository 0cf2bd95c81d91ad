"""The ring on which a path through labels is laid out: where things are, and what is under a pointer."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

TAG = 20
"""Pixels of the tag with a label's name, outside the ring."""

ANCHOR_SHARE = 0.3
"""Edge of an anchor in radii, where there is room."""

LEAST_ANCHOR, LARGEST_ANCHOR = 28.0, 112.0
HANDLE_SHARE, LEAST_HANDLE = 1.3, 56.0
"""Edge of the handle in anchors, and what it never falls below."""


@dataclass(frozen=True)
class Ring:
    """A circle with `stops` places at equal distance; the first is at the top, the others follow clockwise.

    Places between stops are counted in stops, as a `LabelPath` counts its legs.
    """

    centre: QPointF
    radius: float
    stops: int

    @staticmethod
    def inside(room: QRectF, stops: int) -> Ring:
        """The largest ring whose anchors and tags fit into a rectangle."""
        half = min(room.width(), room.height()) / 2
        radius = (half - TAG - 8) / (1 + ANCHOR_SHARE / 2)
        return Ring(room.center(), radius, stops)

    @property
    def anchor(self) -> float:
        """Edge of the anchors' pictures in pixels: a share of the radius, less where many have to fit."""
        room = 2 * self.radius * math.sin(math.pi / max(self.stops, 4)) * 0.72
        return min(max(min(ANCHOR_SHARE * self.radius, room), LEAST_ANCHOR), LARGEST_ANCHOR)

    @property
    def handle(self) -> float:
        """Edge of the handle's picture in pixels."""
        return max(HANDLE_SHARE * self.anchor, LEAST_HANDLE)

    @property
    def inner(self) -> float:
        """Radius of the free disc in the middle."""
        return self.radius - self.handle / 2 - 8

    def chord(self, height: float) -> float:
        """Pixels across the free disc in the middle at a height."""
        away = height - self.centre.y()
        return 2 * math.sqrt(max(self.inner**2 - away**2, 0.0))

    def angle(self, position: float) -> float:
        """Radians from the positive x axis, clockwise on the screen, of a place."""
        return math.tau * position / self.stops - math.pi / 2

    def point(self, position: float, radius: float | None = None) -> QPointF:
        """Where a place is, on the ring or at another radius."""
        angle, far = self.angle(position), self.radius if radius is None else radius
        return self.centre + QPointF(far * math.cos(angle), far * math.sin(angle))

    def square(self, position: float, edge: float) -> QRectF:
        """A square around a place of the ring."""
        middle = self.point(position)
        return QRectF(middle.x() - edge / 2, middle.y() - edge / 2, edge, edge)

    def tag(self, position: float) -> QRectF:
        """The square of an anchor's tag, outside the ring."""
        middle = self.point(position, self.radius + self._reach(position) + TAG / 2 + 6)
        return QRectF(middle.x() - TAG / 2, middle.y() - TAG / 2, TAG, TAG)

    def position_of(self, point: QPointF) -> float:
        """The place nearest to a point, 0 … stops."""
        offset = point - self.centre
        turn = (math.atan2(offset.y(), offset.x()) + math.pi / 2) / math.tau
        return (turn % 1) * self.stops

    def distance(self, point: QPointF) -> float:
        """Pixels from a point to the ring, positive outside."""
        offset = point - self.centre
        return math.hypot(offset.x(), offset.y()) - self.radius

    def turned(self, before: QPointF, after: QPointF) -> float:
        """How far, in stops, a pointer has gone round from one point to another; the short way."""
        half = self.stops / 2
        return (self.position_of(after) - self.position_of(before) + half) % self.stops - half

    def _reach(self, position: float) -> float:
        """From an anchor's middle to its edge in the direction of the tag."""
        angle = self.angle(position)
        return self.anchor / 2 / max(abs(math.cos(angle)), abs(math.sin(angle)))
