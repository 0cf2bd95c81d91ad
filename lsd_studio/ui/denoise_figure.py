"""Figure 7b in a window of its own: 125 test images and what few terms leave of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QScrollArea, QWidget

from lsd_studio.engine.messages.denoise import FigureSeven
from lsd_studio.ui.layouts import caption, column, row, tool_button
from lsd_studio.ui.pictures import picture_image

__all__ = ["FigureSevenDialog"]


class FigureSevenDialog(QDialog):
    """Shows Figure 7b and saves it as PNG."""

    def __init__(self, figure: FigureSeven, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Figure 7b: truncations of 125 test images")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._image = picture_image(figure.picture)
        picture = QLabel()
        picture.setPixmap(QPixmap.fromImage(self._image))
        picture.setAccessibleName("Figure 7b")
        scroll = QScrollArea()
        scroll.setWidget(picture)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        shares = ", ".join(
            f"{column} {share:.0%}".replace("%", " %")
            for column, share in zip(figure.columns, figure.label_kept, strict=True)
        )
        words = caption(
            f"Each row, from left: {', '.join(figure.columns)}. Share that the classifier reads as the image's label: "
            f"{shares}. Posterior means of {figure.bundle}; 125 test images drawn with seed 0."
        )
        self.save_button = tool_button("Save the figure", "Save as a PNG file")
        self.save_button.setText("Save as PNG…")
        self.save_button.setProperty("role", "outlined")
        self.save_button.clicked.connect(self._ask)
        bottom = row(words, self.save_button)
        bottom.setStretch(0, 1)
        whole = column(scroll, bottom)
        whole.setStretch(0, 1)
        whole.setContentsMargins(16, 16, 16, 16)
        self.setLayout(whole)
        self.resize(min(1200, self._image.width() + 64), min(860, self._image.height() + 112))

    @Slot()
    def _ask(self) -> None:
        dialog = QFileDialog(self, "Save Figure 7b", "figure-7b.png", "PNG (*.png)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._save)
        dialog.open()

    @Slot(str)
    def _save(self, path: str) -> None:
        self._image.save(path)
