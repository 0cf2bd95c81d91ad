"""The drawing canvas: ink on black, by mouse, touch or pen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.engine.vocabulary import Subject
from lsd_studio.ui.app.theme import BODY, ThemeManager, font
from lsd_studio.ui.widgets.layouts import tell_size
from lsd_studio.ui.widgets.pictures import paint_picture

EDGE = 280
"""Pixels of the drawing, each way; ten for each of MNIST's."""

LEAST_EDGE = 224
"""Pixels of the screen, each way, that the canvas needs."""

LEAST_WIDTH, LARGEST_WIDTH, DEFAULT_WIDTH = 6, 60, 24
"""Brush widths in the drawing's pixels."""


class DrawingCanvas(QWidget):
    """A square to draw on.

    Signals:
        stroke_begun: a stroke is about to change `ink_image`.
        changed: there is other ink than before, emitted while the stroke is being drawn.
        stroke_ended: the hand lifted.
    """

    stroke_begun = Signal()
    changed = Signal()
    stroke_ended = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._ink = blank()
        self.backdrop: QImage | None = None
        self._last: QPointF | None = None
        self.brush_width = DEFAULT_WIDTH
        self.erasing = False
        self._edge = EDGE
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setMinimumSize(LEAST_EDGE, LEAST_EDGE)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Drawing canvas")
        self.ask_for("digit")
        themes.changed.connect(self.update)

    def ask_for(self, subject: Subject) -> None:
        """Say what is to be drawn."""
        self._prompt = f"Draw a {subject} here"
        self.setAccessibleDescription(f"{self._prompt} with the mouse or a pen. Delete clears it.")
        self.update()

    @property
    def ink_image(self) -> QImage:
        """A copy of the drawing, grey, 0 paper … 255 ink."""
        return self._ink.copy()

    @property
    def is_drawing(self) -> bool:
        """Whether a stroke is under way."""
        return self._last is not None

    def ink(self) -> np.ndarray:
        """The drawing as uint8 [280, 280], 0 paper … 255 ink, in memory of its own."""
        rows = np.frombuffer(self._ink.constBits(), np.uint8).reshape(EDGE, self._ink.bytesPerLine())
        return rows[:, :EDGE].copy()

    def show_image(self, ink: QImage, backdrop: QImage | None) -> None:
        """Show a drawing, or the backdrop in its place."""
        self._ink, self.backdrop = ink.copy(), backdrop
        self.update()

    def begin_stroke(self, at: QPointF, width: float, *, erase: bool = False) -> None:
        """Put the pen down at a place of the drawing (0…280); a backdrop makes way for an empty drawing."""
        self.stroke_begun.emit()
        if self.backdrop is not None:
            self._ink, self.backdrop = blank(), None
        self._last = at
        self._stroke(at, width, erase)

    def continue_stroke(self, to: QPointF, width: float, *, erase: bool = False) -> None:
        """Draw on to a place of the drawing."""
        self._stroke(to, width, erase)
        self._last = to

    def end_stroke(self) -> None:
        """Lift the pen."""
        if self._last is not None:
            self._last = None
            self.stroke_ended.emit()

    def prefer(self, edge: int) -> None:
        """Take so many pixels each way where there is room."""
        if edge != self._edge:
            self._edge = edge
            tell_size(self)

    def sizeHint(self) -> QSize:
        return QSize(self._edge, self._edge)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke with the left button, erase with the right one."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self.begin_stroke(self._place(event.position()), self.brush_width, erase=self._erases(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self.continue_stroke(self._place(event.position()), self.brush_width, erase=self._erases(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.end_stroke()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Draw with a pen: pressure is width, and its other end erases."""
        place = self._place(event.position())
        width = self.brush_width * (0.4 + 0.9 * event.pressure())
        erase = self.erasing or event.pointerType() is QPointingDevice.PointerType.Eraser
        match event.type():
            case QTabletEvent.Type.TabletPress:
                self.begin_stroke(place, width, erase=erase)
            case QTabletEvent.Type.TabletMove if self._last is not None:
                self.continue_stroke(place, width, erase=erase)
            case QTabletEvent.Type.TabletRelease:
                self.end_stroke()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape end a stroke whose release was lost."""
        if event.key() == Qt.Key.Key_Escape:
            self.end_stroke()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        square = self._square()
        edge = theme.colour("accent") if self.hasFocus() else theme.colour("line")
        paint_picture(painter, self.backdrop or self._ink, square, edge, smooth=self.backdrop is None)
        if self.backdrop is None and self._last is None and is_blank(self._ink):
            painter.setPen(QColor("#9AA1AC"))
            painter.setFont(font(BODY))
            painter.drawText(square, Qt.AlignmentFlag.AlignCenter, self._prompt)

    def _stroke(self, to: QPointF, width: float, erase: bool) -> None:
        painter = QPainter(self._ink)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(0, 0, 0) if erase else QColor(255, 255, 255)
        painter.setPen(
            QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        if self._last is None or self._last == to:
            painter.drawPoint(to)
        else:
            painter.drawLine(self._last, to)
        painter.end()
        self.update()
        self.changed.emit()

    def _erases(self, event: QMouseEvent) -> bool:
        right = Qt.MouseButton.RightButton
        return self.erasing or event.button() == right or bool(event.buttons() & right)

    def _square(self) -> QRectF:
        edge = min(self.width(), self.height()) - 1
        return QRectF((self.width() - edge) / 2, (self.height() - edge) / 2, edge, edge)

    def _place(self, position: QPointF) -> QPointF:
        square = self._square()
        return (position - square.topLeft()) * (EDGE / square.width())


def blank() -> QImage:
    """An empty drawing."""
    image = QImage(EDGE, EDGE, QImage.Format.Format_Grayscale8)
    image.fill(0)
    return image


def is_blank(ink: QImage) -> bool:
    """Whether there is no ink on a drawing."""
    return not np.frombuffer(ink.constBits(), np.uint8).any()
