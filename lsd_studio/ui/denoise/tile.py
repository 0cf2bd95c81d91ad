"""A picture, what C says of it, and how near it is to the original."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.engine.denoising.denoised_image import Judged
from lsd_studio.ui.app.theme import CAPTION, Theme, ThemeManager
from lsd_studio.ui.widgets.layouts import column
from lsd_studio.ui.widgets.picture_tile import ABOVE, BELOW, PictureTile
from lsd_studio.ui.widgets.plain_text import plain_label


class JudgedTile(QWidget):
    """A PictureTile with PSNR and SSIM below it; the best of a row can be marked."""

    def __init__(self, themes: ThemeManager, caption: str) -> None:
        super().__init__()
        self._themes = themes
        self.judged: Judged | None = None
        self._best = False
        self.tile = PictureTile(themes, caption)
        self.measures = plain_label()
        self.measures.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.measures.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.measures.setAccessibleName(f"PSNR and SSIM, {caption}")
        self.measures.setToolTip(
            "Peak signal-to-noise ratio in dB · structural similarity, against the original"
        )
        self.setLayout(column(None, (self.tile, 1000), self.measures, None, spacing=0))
        themes.changed.connect(self._apply_theme)
        self._apply_theme(themes.theme)

    def show_judged(self, judged: Judged, label_name: str, *, best: bool = False, caption: str = "") -> None:
        """Show a picture with its measures; the best is marked in words and colour."""
        self.judged = judged
        self.tile.show_picture(
            judged.picture, caption or judged.title, judged.label, label_name, judged.probability
        )
        if judged.ssim is None:
            self.measures.setText("")
        elif judged.psnr is None:
            self.measures.setText("the original")
        else:
            self.measures.setText(f"{judged.psnr:.1f} dB\u2009·\u2009{judged.ssim:.2f}")
        self.mark(best=best)

    def mark(self, *, best: bool) -> None:
        """Mark the picture as the best of its row, or as another."""
        self._best = best
        self._apply_theme(self._themes.theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the measures right below the picture, whose edge is a whole multiple of its pixels."""
        lines = ABOVE + BELOW + 2
        room = min(self.width(), self.height() - self.measures.sizeHint().height() - lines + 2) - 2
        wide = 28 if self.tile.image is None else self.tile.image.width()
        self.tile.setMaximumHeight(lines + (room if room < wide else room // wide * wide))

    def clear(self, caption: str | None = None, why: str = "") -> None:
        """Show an empty frame, and below it why it is empty."""
        self.judged, self._best = None, False
        self.tile.clear(caption)
        self.measures.setText(why)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        colour, weight = (theme.good, 600) if self._best else (theme.muted, 400)
        self.measures.setStyleSheet(f"font-size: {CAPTION}px; font-weight: {weight}; color: {colour};")
