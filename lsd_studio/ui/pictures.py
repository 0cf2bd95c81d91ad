"""Pictures from the engine as Qt's images."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen


def picture_image(picture: np.ndarray) -> QImage:
    """A QImage with its own memory from uint8 [H, W, 1 or 3]."""
    height, width, channels = picture.shape
    kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    data = np.ascontiguousarray(picture)
    return QImage(data.data, width, height, width * channels, kind).copy()


def paint_picture(
    painter: QPainter, image: QImage | None, where: QRectF, edge: QColor, *, smooth: bool = True
) -> None:
    """Paint a picture with round corners and a thin edge; None paints an empty frame."""
    shape = QPainterPath()
    shape.addRoundedRect(where, 4, 4)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if image is not None:
        painter.setClipPath(shape)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(where, image)
        painter.setClipping(False)
    painter.setPen(QPen(edge, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(shape)
    painter.restore()
