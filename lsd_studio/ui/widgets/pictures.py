"""Pictures from the engine as Qt's images."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QImageWriter, QPainter, QPen


def picture_image(picture: np.ndarray) -> QImage:
    """A QImage with its own memory from uint8 [H, W, 1 or 3]."""
    height, width, channels = picture.shape
    kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    data = np.ascontiguousarray(picture)
    return QImage(data.data, width, height, width * channels, kind).copy()


def picture_sheet(pictures: np.ndarray, columns: int) -> QImage:
    """Pictures uint8 [N, H, W, 1 or 3] side by side in rows of so many; black where there are none left."""
    count, high, wide, channels = pictures.shape
    rows = -(-count // columns)
    cells = np.zeros((rows * columns, high, wide, channels), np.uint8)
    cells[:count] = pictures
    sheet = cells.reshape(rows, columns, high, wide, channels).swapaxes(1, 2)
    return picture_image(sheet.reshape(rows * high, columns * wide, channels))


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


def drawing_from(content: bytes, size: QSize) -> QImage | None:
    """A grey drawing of exactly this size from a PNG file's bytes; None for anything else.

    Other formats are not read (an SVG would read files that it names), nor are other sizes decoded.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"png"))
    reader.setAutoDetectImageFormat(False)
    if reader.size() != size:
        return None
    image = reader.read()
    return None if image.isNull() else image.convertToFormat(QImage.Format.Format_Grayscale8)


def png_bytes(image: QImage) -> bytes:
    """The image as a PNG file's bytes."""
    return _written(image, b"png")


def encoded(image: QImage) -> bytes:
    """The image as a file's bytes, larger than they need be and soon written: BMP, or PNG where it has opacity."""
    return _written(image, b"png" if image.hasAlphaChannel() else b"bmp", quality=100)


def _written(image: QImage, kind: bytes, quality: int = -1) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(kind))
    writer.setQuality(quality)
    writer.write(image)
    return bytes(buffer.data().data())
