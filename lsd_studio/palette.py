"""The colours of labels and of signed values, the same in the window and in figures for publication.

Ten from Paul Tol's "muted" scheme, which people with any common colour vision tell apart (his pale grey, meant for
missing data, is a middle grey here); beyond ten, further colours are chosen as Glasbey et al. (2007) do: each as far
as possible from all before it, in OKLab.
"""

from __future__ import annotations

from functools import cache

import numpy as np

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

SIGNED_ENDS = ("#364B9A", "#6EA6CD"), ("#F67E4B", "#A50026")
"""Colours below and above 0, from the least value to the largest; 0 has the ground's own (after Tol's sunset)."""


ORDERED = "#2A1A8A", "#7A02A8", "#B12A90", "#E16462", "#FCA636"
"""From the least to the largest of ordered classes (after plasma, by Smith and van der Walt)."""


def ordered_colour(place: int, number: int) -> str:
    """The colour of the class at a place among so many ordered ones, as #RRGGBB."""
    anchors = np.array([list(bytes.fromhex(name[1:])) for name in ORDERED])
    at = place * (len(anchors) - 1) / max(number - 1, 1)
    mixed = [np.interp(at, np.arange(len(anchors)), channel) for channel in anchors.T]
    return "#" + np.rint(mixed).astype(np.uint8).tobytes().hex()


def label_colour(label: int) -> str:
    """The colour of label 0, 1, 2, … as #RRGGBB."""
    if label < len(TOL_MUTED):
        return TOL_MUTED[label]
    return _colours(1 << label.bit_length())[label]


@cache
def _colours(count: int) -> tuple[str, ...]:
    levels = np.linspace(0.05, 0.95, 13)
    candidates = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    places = _oklab(candidates)
    visible = (places[:, 0] > 0.4) & (places[:, 0] < 0.85)
    candidates, places = candidates[visible], places[visible]
    chosen = [np.array(list(bytes.fromhex(name[1:]))) / 255 for name in TOL_MUTED]
    nearest = np.min([np.linalg.norm(places - _oklab(colour), axis=1) for colour in chosen], axis=0)
    while len(chosen) < count:
        farthest = int(nearest.argmax())
        chosen.append(candidates[farthest])
        nearest = np.minimum(nearest, np.linalg.norm(places - places[farthest], axis=1))
    return tuple("#" + np.rint(255 * colour).astype(np.uint8).tobytes().hex() for colour in chosen)


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
