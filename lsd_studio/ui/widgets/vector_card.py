"""A small card beside the pointer: the picture of what is under it, and a few lines about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QPen

from lsd_studio.ui.app.theme import BODY, GRID, Theme, font
from lsd_studio.ui.widgets.painting import paint_line
from lsd_studio.ui.widgets.pictures import paint_picture

PICTURE, MARGIN, LINE = 84, 12, 20


def paint_card(
    painter: QPainter, theme: Theme, room: QRectF, beside: QRectF, image: QImage, lines: Sequence[str]
) -> None:
    """Paint the card to the right of `beside`, or to its left, or where `room` has space.

    The first line is bold; lines that are longer than `room` is wide end with ….
    """
    painter.setFont(font(BODY, bold=True))
    longest = max(painter.fontMetrics().horizontalAdvance(line) for line in lines)
    words = min(longest, int(room.width()) - PICTURE - 3 * MARGIN - 1)
    wide = PICTURE + words + 3 * MARGIN
    high = max(PICTURE, LINE * len(lines)) + 2 * MARGIN
    left = beside.right() + GRID
    if left + wide > room.right():
        left = beside.left() - GRID - wide
    left = max(room.left(), min(left, room.right() - wide - 1))
    top = max(room.top(), min(beside.center().y() - high / 2, room.bottom() - high - 1))
    card = QRectF(left, top, wide, high)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("muted"), 1))
    painter.setBrush(theme.colour("surface"))
    painter.drawRoundedRect(card, GRID, GRID)
    square = QRectF(card.left() + MARGIN, card.top() + (high - PICTURE) / 2, PICTURE, PICTURE)
    paint_picture(painter, image, square, theme.colour("line"))
    painter.setPen(theme.colour("text"))
    top_line = card.top() + (high - LINE * len(lines)) / 2
    for place, line in enumerate(lines):
        painter.setFont(font(BODY, bold=place == 0))
        where = QRectF(square.right() + MARGIN, top_line + LINE * place, words, LINE)
        paint_line(painter, where, line)
