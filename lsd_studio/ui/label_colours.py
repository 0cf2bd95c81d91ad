"""One colour a label, the same in every plot and in both themes.

Ten from Paul Tol's "muted" scheme, which people with any common colour vision tell apart (his pale grey, meant for
missing data, is a middle grey here); beyond ten, further colours are chosen as Glasbey et al. (2007) do: each as far
as possible from all before it, in OKLab.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from PySide6.QtGui import QColor

TOL_MUTED = (
    "#CC6677",
    "#332288",
    "#DDCC77",
    "#117733",
    "#88CCEE",
    "#882255",
    "#44AA99",
    "#999933",
    "#AA4499",
    "#7A7F87",
)


def label_colour(label: int) -> QColor:
    """The colour of label 0, 1, 2, …"""
    if label < len(TOL_MUTED):
        return QColor(TOL_MUTED[label])
    return QColor(_colours(1 << label.bit_length())[label])


def edge_colour(label: int, ground: QColor) -> QColor:
    """The label's colour, moved away from the ground until it stands out from it at 3 : 1."""
    return QColor(_edge_colour(label, ground.name()))


@cache
def _edge_colour(label: int, ground_name: str) -> str:
    colour, ground = label_colour(label), QColor(ground_name)
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


@cache
def _colours(count: int) -> tuple[str, ...]:
    levels = np.linspace(0.05, 0.95, 13)
    candidates = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    places = _oklab(candidates)
    visible = (places[:, 0] > 0.4) & (places[:, 0] < 0.85)
    candidates, places = candidates[visible], places[visible]
    chosen = [np.array(_parts(QColor(name))) for name in TOL_MUTED]
    nearest = np.min([np.linalg.norm(places - _oklab(colour), axis=1) for colour in chosen], axis=0)
    while len(chosen) < count:
        farthest = int(nearest.argmax())
        chosen.append(candidates[farthest])
        nearest = np.minimum(nearest, np.linalg.norm(places - places[farthest], axis=1))
    return tuple(QColor.fromRgbF(*colour).name() for colour in chosen)


def _oklab(colours: np.ndarray) -> np.ndarray:
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(
        linear
        @ np.array(
            [
                [0.4122214708, 0.2119034982, 0.0883024619],
                [0.5363325363, 0.6806995451, 0.2817188376],
                [0.0514459929, 0.1073969566, 0.6299787005],
            ]
        )
    )
    return cones @ np.array(
        [
            [0.2104542553, 1.9779984951, 0.0259040371],
            [0.7936177850, -2.4285922050, 0.7827717662],
            [-0.0040720468, 0.4505937099, -0.8086757660],
        ]
    )
