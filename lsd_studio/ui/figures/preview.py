"""A figure as it will be, on a white page, to be copied or dragged into another program."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QColor, QDrag, QGuiApplication, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from lsd_studio.engine.operations.figures import RenderedFigure
from lsd_studio.ui.app.theme import GRID, ThemeManager

INCH = 0.0254
"""Metres."""


def copy_figure(rendered: RenderedFigure) -> None:
    """Put a figure on the clipboard as an image with its resolution.

    The image alone: what Python makes and Qt's clipboard still holds at the end of the program crashes it there.
    """
    QGuiApplication.clipboard().setImage(_image(rendered))


def _image(rendered: RenderedFigure) -> QImage:
    image = QImage.fromData(rendered.png)
    for set_dots in (image.setDotsPerMeterX, image.setDotsPerMeterY):
        set_dots(round(rendered.dpi / INCH))
    return image


def _dragged(rendered: RenderedFigure) -> QMimeData:
    """As an image, and as PNG."""
    data = QMimeData()
    data.setImageData(_image(rendered))
    data.setData("image/png", rendered.png)
    return data


class FigurePreview(QWidget):
    """Shows the last rendering in the room there is; a drag takes it along."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.rendered: RenderedFigure | None = None
        self._name = ""
        self._folder = Path()
        self._image = QImage()
        self._words = ""
        self._pressed = QPoint()
        self.setMinimumSize(360, 300)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("The figure as it will be")
        self.setToolTip(
            "Drag the figure into another program, as it is shown; Copy has the resolution chosen"
        )
        themes.changed.connect(self.update)

    def show_figure(self, rendered: RenderedFigure, name: str) -> None:
        """Show a rendering; `name` is that of its file where it is dragged along."""
        self.rendered, self._image, self._words = rendered, QImage.fromData(rendered.png), ""
        self._name = name
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.update()

    def say(self, words: str) -> None:
        """Say something over what is shown, such as what the engine does."""
        self._words = words
        self.update()

    def clear(self) -> None:
        """Show no figure."""
        self.rendered, self._image = None, QImage()
        self.unsetCursor()
        self.update()

    def drag_data(self) -> QMimeData:
        """What a drag takes along: the figure as an image, as PNG, and as a file for programs that take files.

        The file lies in a folder for temporary files, where the other program finds it also after this one has ended.
        """
        assert self.rendered is not None
        if not self._folder.name:
            self._folder = Path(tempfile.mkdtemp(prefix="lsd-studio-"))
        file = self._folder / f"{self._name}.png"
        file.write_bytes(self.rendered.png)
        data = _dragged(self.rendered)
        data.setUrls([QUrl.fromLocalFile(str(file))])
        return data

    def sizeHint(self) -> QSize:
        return QSize(620, 480)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin here."""
        self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the figure along."""
        far = (event.position().toPoint() - self._pressed).manhattanLength()
        if self.rendered is None or far < QApplication.startDragDistance():
            return
        drag = QDrag(self)
        drag.setMimeData(self.drag_data())
        drag.setPixmap(self.grab().scaledToWidth(160, Qt.TransformationMode.SmoothTransformation))
        drag.exec(Qt.DropAction.CopyAction)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not self._image.isNull():
            page = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            size = self._image.size().scaled(page.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRectF(0, 0, size.width(), size.height())
            where.moveCenter(page.center())
            painter.fillRect(where, QColor("#FFFFFF"))
            painter.setOpacity(0.35 if self._words else 1.0)
            painter.drawImage(where, self._image)
            painter.setOpacity(1.0)
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawRect(where)
        if self._words:
            below = QRectF(self.rect()).adjusted(4 * GRID, 0, -4 * GRID, 0)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            words = painter.boundingRect(below, flags, self._words).adjusted(-12, -GRID, 12, GRID)
            painter.setBrush(theme.colour("surface"))
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawRoundedRect(words, 6, 6)
            painter.setPen(theme.colour("text"))
            painter.drawText(below, flags, self._words)
