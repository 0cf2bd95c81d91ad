"""A code: the image that was encoded, the code decoded, and how far out it lies."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.latent.views import CodeView
from lsd_studio.engine.operations.latent import OpenedLatentSpace
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.widgets.layouts import caption, column, row, title
from lsd_studio.ui.widgets.picture_tile import PictureTile


class CodeCard(QWidget):
    """The code that is under the pointer; empty until it is shown one."""

    def __init__(self, themes: ThemeManager, heading: str, hint: str) -> None:
        super().__init__()
        self._hint = hint
        self.code: CodeView | None = None
        self.original = PictureTile(themes, "image")
        self.decoded = PictureTile(themes, "decoded code")
        for tile in (self.original, self.decoded):
            tile.setMinimumSize(112, 138)
        self.words = caption(name="The code under the pointer")
        self.words.setMinimumHeight(4 * 2 * GRID)
        pictures = row(self.original, self.decoded)
        self.setLayout(column(title(heading), pictures, self.words))
        self.clear()

    def show_code(self, code: CodeView, space: OpenedLatentSpace, whose: str = "Code") -> None:
        self.code = code
        named = code.label >= 0 and len(space.label_names) > 1
        name = f", label {isolated(space.label_names[code.label])}" if named else ""
        if code.original is None:
            self.original.clear("no image")
        else:
            self.original.show_image(code.original, f"image{name}")
        show_decoded(self.decoded, code, space.labels_read)
        whence = "A place between codes" if code.index is None else f"{whose} {code.index}"
        if code.row is not None:
            whence = f"Row {code.row}{name}"
        self.words.setText(f"{whence}: {distance_words(code)}")

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        """Have room for pictures where there are any."""
        self.original.setVisible(space is None or space.has_pictures)
        self.decoded.setVisible(space is None or space.has_decoder)

    def clear(self) -> None:
        """Show nothing, and say what to do."""
        self.code = None
        self.original.clear("image")
        self.decoded.clear("decoded code")
        self.words.setText(self._hint)


def show_decoded(
    tile: PictureTile, code: CodeView, labels_read: tuple[str, ...], words: str = "decoded code"
) -> None:
    """Show a code's decoded picture on a tile, with what C reads in it where there is a C."""
    if code.decoded is None:
        tile.clear("no decoder")
        return
    if code.probabilities is None:
        tile.show_image(code.decoded, words)
        return
    label = int(code.probabilities.argmax())
    tile.show_picture(code.decoded, words, label, labels_read[label], float(code.probabilities[label]))


def distance_words(code: CodeView) -> str:
    """How far out a code lies, in words."""
    return (
        f"radius {code.radius:.2f}, Mahalanobis distance {code.mahalanobis:.2f}; "
        f"{100 * code.share_beyond:.1f} % of the codes lie farther out."
    )
