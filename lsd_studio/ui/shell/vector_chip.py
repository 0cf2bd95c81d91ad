"""The selected vector, in the header of every workspace: its picture, its name, and what C reads in it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Slot
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from lsd_studio.percentages import percent
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import row
from lsd_studio.ui.widgets.pictures import paint_picture, picture_image
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.vector_names import vector_name, vector_words

EDGE = 28


class VectorChip(QWidget):
    """Follows the selection; hidden while no vector is selected."""

    def __init__(self, themes: ThemeManager, selection: Selection) -> None:
        super().__init__()
        self._themes = themes
        self._selection = selection
        self._picture = plain_label()
        self._picture.setFixedSize(EDGE, EDGE)
        self._words = ElidingLabel("Selected vector", role="")
        self.setLayout(row(self._picture, self._words, margin=(0, 0, 2 * GRID, 0)))
        selection.vector_changed.connect(self.show_selection)
        selection.bundle_changed.connect(self.show_selection)
        themes.changed.connect(self.show_selection)
        self.show_selection()

    @Slot()
    def show_selection(self) -> None:
        """Show the selected vector, if there is one."""
        bundle, vector = self._selection.bundle, self._selection.vector
        self.setVisible(bundle is not None and vector is not None)
        if bundle is None or vector is None:
            return
        names = bundle.label_names
        read = names[bundle.vector_labels[vector]]
        probability = percent(float(bundle.vector_probabilities[vector]))
        self._words.setText(f"{vector_name('ξ', vector, names)} · read {read} {probability}")
        self.setToolTip(f"Quasi-eigenvector of {vector_words(vector, names)}; C reads {read}, {probability}")
        scale = self.devicePixelRatioF()
        pixmap = QPixmap(round(EDGE * scale), round(EDGE * scale))
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(self._themes.theme.colour("surface"))
        painter = QPainter(pixmap)
        picture = picture_image(bundle.vector_pictures[vector])
        paint_picture(
            painter, picture, QRectF(0.5, 0.5, EDGE - 1, EDGE - 1), self._themes.theme.colour("line")
        )
        painter.end()
        self._picture.setPixmap(pixmap)
