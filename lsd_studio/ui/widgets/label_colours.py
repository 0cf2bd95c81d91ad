"""One colour a label, the same in every plot and in both themes (`lsd_studio.palette`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PySide6.QtGui import QColor

from lsd_studio import palette


def label_colour(label: int) -> QColor:
    """The colour of label 0, 1, 2, …"""
    return QColor(palette.label_colour(label))


def edge_colour(label: int, ground: QColor) -> QColor:
    """The label's colour, moved away from the ground until it stands out from it at 3 : 1."""
    return QColor(_edge_colour(palette.label_colour(label), ground.name()))


@dataclass(frozen=True)
class Classes:
    """So many classes of things: labels, or ordered ones; the last may stand for what is missing."""

    number: int = 0
    are_ordered: bool = False
    has_missing: bool = False

    def colours(self, ground: QColor, missing: QColor) -> list[QColor]:
        """A colour for each, which stands out from the ground at 3 : 1."""
        known = self.number - self.has_missing
        names = [
            palette.ordered_colour(place, known) if self.are_ordered else palette.label_colour(place)
            for place in range(known)
        ]
        found = [QColor(_edge_colour(name, ground.name())) for name in names]
        return [*found, missing] if self.has_missing else found


@cache
def _edge_colour(name: str, ground_name: str) -> str:
    colour, ground = QColor(name), QColor(ground_name)
    far = QColor("#000000") if luminance(ground) > 0.4 else QColor("#FFFFFF")
    for step in range(21):
        mixed = mix(colour, far, step / 20)
        if contrast(mixed, ground) >= 3:
            return mixed.name()
    return far.name()


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """The colour that is `share` (0…1) of the way from the first to the second."""
    return QColor.fromRgbF(
        *((1 - share) * a + share * b for a, b in zip(_parts(first), _parts(second), strict=True))
    )


def luminance(colour: QColor) -> float:
    """Relative luminance, 0…1 (WCAG 2.2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio, 1…21 (WCAG 2.2)."""
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _parts(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()
