"""What a reader of the image says: one label, large, in its colour."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.ui.app.theme import BODY, CAPTION, DISPLAY, GRID, TITLE, ThemeManager, font
from lsd_studio.ui.widgets.label_colours import contrast, label_colour

CHIP = 56


class Verdict(QWidget):
    """A label on a chip of its colour, who says so, and how surely."""

    def __init__(self, themes: ThemeManager, reader: str) -> None:
        super().__init__()
        self._themes = themes
        self._reader = reader
        self._label: int | None = None
        self._name = ""
        self._detail = ""
        self.setMinimumSize(192, CHIP)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(reader)
        themes.changed.connect(self.update)

    @property
    def name(self) -> str:
        """The label shown, empty while there is none."""
        return self._name

    def show_label(self, label: int, name: str, detail: str) -> None:
        """Show a label and how surely it is meant."""
        self._label, self._name, self._detail = label, name, detail
        self.setAccessibleDescription(f"{name}, {detail}")
        self.update()

    def clear(self) -> None:
        """Show no label."""
        self._label, self._name, self._detail = None, "", ""
        self.setAccessibleDescription("nothing yet")
        self.update()

    def sizeHint(self) -> QSize:
        """A chip and room for a few words."""
        return QSize(232, CHIP)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chip, and beside it reader and detail."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chip = QRectF(0, 0, CHIP, CHIP)
        colour = theme.colour("raised") if self._label is None else label_colour(self._label)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(chip, GRID, GRID)
        painter.setPen(max((QColor("#FFFFFF"), QColor("#14161A")), key=lambda ink: contrast(ink, colour)))
        painter.setFont(font(DISPLAY if len(self._name) < 3 else CAPTION, bold=True))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(chip.adjusted(2, 2, -2, -2), flags, self._name)
        words = QRectF(CHIP + 12, 4, self.width() - CHIP - 12, 24)
        painter.setPen(theme.colour("muted"))
        painter.setFont(font(BODY))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._reader)
        painter.setPen(theme.colour("text"))
        painter.setFont(font(TITLE, bold=True))
        painter.drawText(words.translated(0, 24), Qt.AlignmentFlag.AlignVCenter, self._detail or "–")
