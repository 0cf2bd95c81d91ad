"""How a path through labels looks: ring, anchors, shelf, the handle's picture and those in the middle."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QConicalGradient, QImage, QPainter, QPen

from lsd_studio.ui.app.theme import BODY, CAPTION, Theme, font
from lsd_studio.ui.operate.ring import TAG, Ring
from lsd_studio.ui.widgets.label_colours import contrast, edge_colour, label_colour
from lsd_studio.ui.widgets.painting import named_words, paint_line
from lsd_studio.ui.widgets.pictures import paint_picture

LINE = 6.0
"""Width of the path in pixels."""

GAP, TEXT = 6.0, 24.0
"""Pixels between pictures, and of a line above or below them."""

ROWS = (1,), (2,), (3,), (2, 2), (2, 3), (3, 3), (2, 3, 2), (3, 2, 3), (3, 3, 3), (3, 4, 3)


def rows_of(count: int) -> tuple[int, ...]:
    """How many pictures stand in each row of a disc: ten as 3, 4, 3; more in a square."""
    if 0 < count <= len(ROWS):
        return ROWS[count - 1]
    wide = math.ceil(math.sqrt(count))
    return tuple(min(wide, count - first) for first in range(0, count, wide))


def paint_path(
    painter: QPainter,
    theme: Theme,
    ring: Ring,
    labels: Sequence[int],
    places: Sequence[float],
    *,
    closed: bool,
    step: float,
    lit: bool,
) -> None:
    """Paint the path along the ring in its labels' colours, with a dot at every step, and the gap where it is open.

    Args:
        labels: in the order of the path; places: where each stands now, in turns from the top, 0…1.
        step: Δθ in legs.
        lit: whether the gap is pointed at.
    """
    circle = QRectF(
        ring.centre.x() - ring.radius, ring.centre.y() - ring.radius, 2 * ring.radius, 2 * ring.radius
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    start, span = places[0], 1.0 if closed else (places[-1] - places[0]) % 1
    gradient = QConicalGradient(ring.centre, 90)
    surface = theme.colour("surface")
    for label, place in zip(labels, places, strict=True):
        for at in {(1 - place) % 1, 1 - place}:
            gradient.setColorAt(at, edge_colour(label, surface))
    if not closed:
        painter.setPen(QPen(theme.colour("accent" if lit else "line"), 2, Qt.PenStyle.DashLine))
        painter.drawArc(circle, _sixteenths(0.25 - start), _sixteenths(1 - span))
    painter.setPen(QPen(gradient, LINE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(circle, _sixteenths(0.25 - start), -_sixteenths(span))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(surface)
    legs = len(labels) if closed else len(labels) - 1
    steps = round(1 / step) if step > 0 else 0
    if steps and ring.radius * math.tau / ring.stops / steps > 5:
        for leg in range(legs):
            for tick in range(1, math.ceil(1 / step - 1e-9)):
                painter.drawEllipse(ring.point(leg + tick * step), 1.6, 1.6)


def paint_anchor(
    painter: QPainter,
    theme: Theme,
    image: QImage,
    square: QRectF,
    label: int,
    *,
    lit: bool,
    faint: bool = False,
) -> None:
    """Paint a label's decoded vector, framed in its colour."""
    surface = theme.colour("surface")
    painter.setOpacity(0.35 if faint else 1.0)
    painter.setPen(QPen(surface, 4))
    painter.setBrush(surface)
    painter.drawRoundedRect(square, 5, 5)
    paint_picture(painter, image, square, edge_colour(label, surface))
    if lit:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawRoundedRect(square.adjusted(-3, -3, 3, 3), 7, 7)
    painter.setOpacity(1.0)


def paint_tag(painter: QPainter, square: QRectF, label: int, name: str) -> None:
    """Paint a label's name on a disc of its colour."""
    colour = label_colour(label)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.setFont(font(CAPTION, bold=True))
    painter.drawRoundedRect(square, TAG / 2, TAG / 2)
    painter.setPen(max((QColor("#FFFFFF"), QColor("#14161A")), key=lambda ink: contrast(ink, colour)))
    short = name[:2].rstrip()
    fits = painter.fontMetrics().horizontalAdvance(short) <= square.width() - 2
    painter.drawText(square, Qt.AlignmentFlag.AlignCenter, short if fits else name[:1])


def paint_warning(painter: QPainter, theme: Theme, square: QRectF) -> None:
    """Paint beside a tag that C reads another label there."""
    sign = QRectF(square.right() - 6, square.top() - 6, 13, 13)
    painter.setPen(QPen(theme.colour("surface"), 1))
    painter.setBrush(theme.colour("warning"))
    painter.drawEllipse(sign)
    painter.setPen(theme.colour("surface"))
    painter.setFont(font(CAPTION, bold=True))
    painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, "≠")


def paint_advice(painter: QPainter, theme: Theme, top: float, width: int, words: str) -> None:
    """Paint above the shelf what can be done with what is pointed at; as many of the words as there is room for."""
    painter.setPen(theme.colour("muted"))
    painter.setFont(font(CAPTION))
    paint_line(painter, QRectF(0, top, width, 20), words, Qt.AlignmentFlag.AlignCenter)


def paint_handle(
    painter: QPainter, theme: Theme, ring: Ring, position: float, image: QImage | None, *, active: bool
) -> None:
    """Paint the handle: the decoded picture, framed in the accent colour."""
    square = ring.square(position, ring.handle)
    accent = theme.colour("accent")
    glow = QColor(accent)
    painter.setPen(Qt.PenStyle.NoPen)
    for grown, opacity in ((9.0, 22), (6.0, 34)) if active else ((6.0, 26),):
        glow.setAlpha(opacity)
        painter.setBrush(glow)
        painter.drawRoundedRect(square.adjusted(-grown, -grown, grown, grown), 8 + grown, 8 + grown)
    painter.setBrush(theme.colour("raised"))
    painter.drawRoundedRect(square, 6, 6)
    paint_picture(painter, image, square, accent)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(accent, 3))
    painter.drawRoundedRect(square, 5, 5)


def paint_pictures(
    painter: QPainter,
    theme: Theme,
    squares: Sequence[QRectF],
    images: Sequence[QImage],
    labels: Sequence[int],
) -> None:
    """Paint pictures, framed in the colours of what C reads."""
    surface = theme.colour("surface")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for square, image, label in zip(squares, images, labels, strict=True):
        painter.drawImage(square, image)
        painter.setPen(QPen(edge_colour(label, surface), 2))
        painter.drawRect(square)


def paint_words(
    painter: QPainter,
    theme: Theme,
    middle: float,
    top: float,
    words: str,
    names: Sequence[str],
    room: float,
    label: int | None = None,
) -> None:
    """Paint a line around a place `middle` from the left, after a dot of a label's colour where there is one.

    Names stand in the words in the places of "{}", and end with … where the line would be wider than `room`.
    """
    painter.setFont(font(BODY))
    words = named_words(painter.fontMetrics(), words, names, room - (0 if label is None else 14))
    wide = painter.fontMetrics().horizontalAdvance(words)
    shift = 0 if label is None else 7
    line = QRectF(middle - wide / 2 + shift, top, wide + 4, 20)
    if label is not None:
        painter.setPen(edge_colour(label, theme.colour("surface")))
        painter.setBrush(label_colour(label))
        painter.drawEllipse(QPointF(line.left() - 10, line.center().y()), 4, 4)
    painter.setPen(theme.colour("text"))
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)


def paint_hint(painter: QPainter, theme: Theme, ring: Ring, hint: str) -> None:
    """Paint in the middle of a ring what to do."""
    painter.setFont(font(BODY))
    painter.setPen(theme.colour("muted"))
    half = 0.68 * ring.inner
    room = QRectF(ring.centre.x() - half, ring.centre.y() - half, 2 * half, 2 * half)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, hint)


def middle_squares(ring: Ring, count: int, wide: int) -> tuple[QRectF, ...]:
    """Where so many pictures, each `wide` pixels, stand in the free disc of a ring, with two lines of text around.

    An edge is a whole multiple of the pictures' where that leaves them at least three quarters of the room.
    """
    rows = rows_of(count)
    edge = 2 * ring.inner
    while edge > 8 and not _fits(rows, edge, ring.inner):
        edge -= 1
    whole = edge // wide * wide
    if whole >= 0.75 * edge:
        edge = whole
    return tuple(square.toRect().toRectF() for square in squares_around(ring.centre, rows, edge))


def squares_around(centre: QPointF, rows: Sequence[int], edge: float) -> tuple[QRectF, ...]:
    """Squares in rows around a point."""
    step = edge + GAP
    top = centre.y() - (len(rows) * step - GAP) / 2
    return tuple(
        QRectF(centre.x() - (row * step - GAP) / 2 + place * step, top + line * step, edge, edge)
        for line, row in enumerate(rows)
        for place in range(row)
    )


def _fits(rows: tuple[int, ...], edge: float, radius: float) -> bool:
    """Whether squares around the middle of a disc are within it, with two lines of text."""
    step = edge + GAP
    high = len(rows) * step - GAP
    corners = [
        ((row * step - GAP) / 2, line * step - high / 2 + y)
        for line, row in enumerate(rows)
        for y in (0, edge)
    ]
    return all(math.hypot(*corner) <= radius for corner in (*corners, (44, high / 2 + TEXT)))


def _sixteenths(turns: float) -> int:
    return round(turns * 360 * 16)
