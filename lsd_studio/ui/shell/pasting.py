"""An image out of the clipboard or a drop, as the engine takes it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from lsd_studio.ui.widgets.pictures import encoded

ENCODED = ("image/png", "image/jpeg", "image/webp", "image/tiff", "image/bmp")
"""What is handed on as it is, decoded by the engine."""


def holds_image(data: QMimeData | None) -> bool:
    """Whether there is an image or an image file in it; an empty clipboard may be None."""
    return data is not None and (bool(local_files(data)) or data.hasImage())


def pasted_image(data: QMimeData | None) -> Path | bytes | None:
    """The first file, else an image file's bytes; None where there is neither."""
    if data is None:
        return None
    if files := local_files(data):
        return files[0]
    for kind in ENCODED:
        if data.hasFormat(kind):
            return bytes(data.data(kind).data())
    image = QImage(data.imageData()) if data.hasImage() else QImage()
    return None if image.isNull() else encoded(image)


def local_files(data: QMimeData | None) -> tuple[Path, ...]:
    """The files and folders of this machine in it; an empty clipboard may be None."""
    urls = data.urls() if data is not None and data.hasUrls() else []
    return tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())
