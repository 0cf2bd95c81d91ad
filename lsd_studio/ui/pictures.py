"""Pictures from the engine as Qt's images."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPen


def picture_image(picture: np.ndarray) -> QImage:
    """A QImage with its own memory from uint8 [H, W, 1 or 3]."""
    height, width, channels = picture.shape
    kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    data = np.ascontiguousarray(picture)
    return QImage(data.data, width, height, width * channels, kind).copy()


def paint_picture(
    painter: QPainter, image: QImage | None, where: QRectF, edge: QColor, *, smooth: bool = True
) -> None:
    """Paint a picture with a thin edge; None paints an empty frame."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if image is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(where, image)
    painter.setPen(QPen(edge, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(where)
    painter.restore()


def png_bytes(image: QImage) -> bytes:
    """The image as a PNG file's bytes."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
