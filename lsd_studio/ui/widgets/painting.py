"""Words in painted widgets: lines that end with … where there is no room, and hints where there is nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from lsd_studio.bidirectional import isolated
from lsd_studio.ui.app.theme import BODY, Theme, font

MIDDLE = Qt.AlignmentFlag.AlignVCenter


def paint_line(painter: QPainter, where: QRectF, words: str, align: Qt.AlignmentFlag = MIDDLE) -> None:
    """Paint one line of words, shortened to the width of its place."""
    shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(where.width()))
    painter.drawText(where, align, shown)


def named_words(metrics: QFontMetrics, words: str, names: Sequence[str], room: float) -> str:
    """Words with names in the places of "{}"; where there is no room for all of them, long names end with …."""
    room -= metrics.horizontalAdvance(words.replace("{}", ""))
    wide = [metrics.horizontalAdvance(name) for name in names]
    shown = list(names)
    for more, place in enumerate(sorted(range(len(names)), key=wide.__getitem__)):
        share = int(max(room, 0) / (len(names) - more))
        if wide[place] > share:
            shown[place] = metrics.elidedText(names[place], Qt.TextElideMode.ElideRight, share) or "…"
        room -= metrics.horizontalAdvance(shown[place])
    return words.format(*map(isolated, shown))


def paint_hint(painter: QPainter, theme: Theme, room: QRect, hint: str) -> None:
    """Paint what to do in the middle of a widget that is empty."""
    painter.setPen(theme.colour("muted"))
    painter.setFont(font(BODY))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(room.adjusted(32, 0, -32, 0), flags, hint)
