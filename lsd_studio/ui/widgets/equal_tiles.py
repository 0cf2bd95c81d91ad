"""Tiles in a row, all of one width to the pixel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.widgets.layouts import tell_size
from lsd_studio.ui.widgets.picture_tile import PictureTile


class EqualTiles(QWidget):
    """A row of tiles; pixels that are left over stay empty, for one more would let a picture be a size larger."""

    def __init__(self, *tiles: PictureTile) -> None:
        super().__init__()
        self._tiles = tiles
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        for tile in tiles:
            tile.setParent(self)

    def show_only(self, tiles: list[PictureTile]) -> None:
        """Hide the others."""
        for tile in self._tiles:
            tile.setVisible(tile in tiles)
        tell_size(self)
        self._place()

    def sizeHint(self) -> QSize:
        return self._row_of([tile.sizeHint() for tile in self._shown()])

    def minimumSizeHint(self) -> QSize:
        return self._row_of([tile.minimumSize() for tile in self._shown()])

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def event(self, event: QEvent) -> bool:
        """Share the width anew when a tile prefers another size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)

    def _shown(self) -> list[PictureTile]:
        return [tile for tile in self._tiles if not tile.isHidden()]

    def _row_of(self, sizes: list[QSize]) -> QSize:
        width = sum(size.width() for size in sizes) + GRID * max(0, len(sizes) - 1)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def _place(self) -> None:
        shown = self._shown()
        if not shown:
            return
        wide = (self.width() - GRID * (len(shown) - 1)) // len(shown)
        start = (self.width() - wide * len(shown) - GRID * (len(shown) - 1)) // 2
        for place, tile in enumerate(shown):
            tile.setGeometry(start + place * (wide + GRID), 0, wide, self.height())
