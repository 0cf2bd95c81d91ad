"""Draw the icon in all sizes: `python packaging/icons.py`, after a change of lsd_studio/ui/app/lsd-studio.svg.

PNG files of 16 to 512 pixels for Linux, an .ico for Windows and an .icns for macOS, all from the one drawing.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

HERE = Path(__file__).resolve().parent
DRAWING = HERE.parent / "lsd_studio" / "ui" / "lsd-studio.svg"
LINUX = (16, 22, 24, 32, 48, 64, 128, 256, 512)
WINDOWS = (16, 24, 32, 48, 64, 128, 256)
MACOS = (16, 32, 64, 128, 256, 512, 1024)


def drawn(renderer: QSvgRenderer, edge: int) -> Image.Image:
    """The drawing in `edge` × `edge` pixels, each size rendered anew."""
    canvas = QImage(edge, edge, QImage.Format.Format_ARGB32)
    canvas.fill(0)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    canvas.save(buffer, "PNG")
    return Image.open(io.BytesIO(buffer.data().data()))


def main() -> None:
    """Write all files of packaging/icons."""
    _application = QGuiApplication([])
    renderer = QSvgRenderer(str(DRAWING))
    made = {edge: drawn(renderer, edge) for edge in sorted({*LINUX, *WINDOWS, *MACOS})}
    folder = HERE / "icons"
    folder.mkdir(exist_ok=True)
    for edge in LINUX:
        made[edge].save(folder / f"lsd-studio-{edge}.png", optimize=True)
    for name, edges in (("lsd-studio.ico", WINDOWS), ("lsd-studio.icns", MACOS)):
        largest, others = made[edges[-1]], [made[edge] for edge in edges[:-1]]
        largest.save(folder / name, sizes=[(edge, edge) for edge in edges], append_images=others)


if __name__ == "__main__":
    main()
