"""What a reader of the image says: one label, large, in its colour."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.ui.app.theme import BODY, CAPTION, DISPLAY, GRID, TITLE, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import contrast, label_colour
from lsd_studio.ui.widgets.painting import named_words, paint_line
from lsd_studio.ui.widgets.plain_text import tip_words

CHIP = 56

HELD_BACK = "?"
"""On the chip in place of a label that is not to be relied upon."""


class Verdict(QWidget):
    """A label on a chip of its colour, who says so, and how surely."""

    def __init__(self, themes: ThemeManager, reader: str) -> None:
        super().__init__()
        self._themes = themes
        self._reader = reader
        self._label: int | None = None
        self.name = ""
        self._detail = ""
        self.is_held_back = False
        self.setMinimumSize(192, CHIP)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(reader)
        themes.changed.connect(self.update)

    def show_label(self, label: int, name: str, detail: str) -> None:
        """Show a label and how surely it is meant."""
        self._label, self.name, self._detail = label, name, detail
        self._describe()

    def hold_back(self, held_back: bool) -> None:
        """Say that the image is unlike all that labels are known for, in place of the label; or show it again."""
        if held_back != self.is_held_back:
            self.is_held_back = held_back
            self._describe()

    def clear(self) -> None:
        """Show no label."""
        self._label, self.name, self._detail, self.is_held_back = None, "", "", False
        self.setToolTip("")
        self.setAccessibleDescription("nothing yet")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(232, CHIP)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chip = QRectF(0, 0, CHIP, CHIP)
        unsure = self._label is None or self.is_held_back
        colour = theme.colour("raised") if unsure else label_colour(self._label or 0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(chip, GRID, GRID)
        painter.setPen(max((QColor("#FFFFFF"), QColor("#14161A")), key=lambda ink: contrast(ink, colour)))
        self._paint_name(painter, chip.adjusted(2, 2, -2, -2))
        words = QRectF(CHIP + 12, 4, self.width() - CHIP - 12, 24)
        painter.setPen(theme.colour("muted"))
        painter.setFont(font(BODY))
        held_back = self.is_held_back and self._label is not None
        paint_line(painter, words, self._reader)
        painter.setPen(theme.colour("muted" if held_back else "text"))
        detail = f"held back: {self.name}" if held_back else self._detail or "–"
        for size in (BODY,) if held_back else (TITLE, BODY, CAPTION):
            painter.setFont(font(size, bold=not held_back))
            if painter.fontMetrics().horizontalAdvance(detail) <= words.width():
                break
        before, name, after = detail.partition(self.name) if self.name else ("", "", detail)
        if name:
            room = words.width() - painter.fontMetrics().horizontalAdvance(before + after)
            detail = before + named_words(painter.fontMetrics(), "{}", (name,), room) + after
        paint_line(painter, words.translated(0, 24), detail)

    def _paint_name(self, painter: QPainter, inside: QRectF) -> None:
        """The label on its chip, large where it is short, else on three lines at most."""
        name = HELD_BACK if self.is_held_back and self._label is not None else self.name
        painter.setFont(font(DISPLAY if len(name) < 3 else CAPTION, bold=True))
        metrics = painter.fontMetrics()
        lines = _broken(metrics, name, int(inside.width()))
        top = inside.center().y() - len(lines) * metrics.height() / 2
        for place, line in enumerate(lines):
            at = QRectF(inside.left(), top + place * metrics.height(), inside.width(), metrics.height())
            painter.drawText(at, Qt.AlignmentFlag.AlignCenter, line)

    def _describe(self) -> None:
        said = (
            f"held back, for the image is unlike the training images; would read {self.name}, {self._detail}"
        )
        words = said if self.is_held_back else f"{self.name}, {self._detail}"
        self.setAccessibleDescription(words)
        self.setToolTip(tip_words(f"{self._reader} {words}"))
        self.update()


def _broken(metrics: QFontMetrics, name: str, width: int) -> list[str]:
    """The words of a name, a line each, and what remains on the third; lines that are too long end with …."""
    words = name.split(" ", 2) if metrics.horizontalAdvance(name) > width else [name]
    return [metrics.elidedText(word, Qt.TextElideMode.ElideRight, width) for word in words]
