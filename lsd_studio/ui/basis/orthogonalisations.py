"""The ways to make ξ of η that are offered, with their names (R13, R36, R40, R42)."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from lsd_studio.engine.vocabulary import Complement, SetOne


@dataclass(frozen=True)
class Orthogonalisation:
    """How set 1 and the sets 2…n are made, what that is called, and what it does, in a sentence."""

    set_one: SetOne
    complement: Complement
    name: str
    meaning: str


ORTHOGONALISATIONS = (
    Orthogonalisation(
        "gram-schmidt",
        "gram-schmidt",
        "Gram–Schmidt (paper)",
        "Label by label and set by set, each η loses what its predecessors hold (Eq. 6).",
    ),
    Orthogonalisation(
        "symmetric",
        "gram-schmidt",
        "Symmetric set 1",
        "Set 1 is the orthogonal frame nearest to its η, so all labels are treated alike; then Gram–Schmidt.",
    ),
    Orthogonalisation(
        "symmetric",
        "labelled",
        "Labelled frame",
        "After a symmetric set 1, the others are turned until C reads each as its label.",
    ),
    Orthogonalisation(
        "pivoted",
        "pivoted",
        "Pivoted QR",
        "Of set 1 the η of which most is left comes next, then of the others; each keeps its label and set.",
    ),
    Orthogonalisation(
        "symmetric",
        "informative",
        "Informative complement",
        "After a symmetric set 1, each set holds what encoded images vary in most, turned until C reads its labels.",
    ),
)


def orthogonalisation(set_one: SetOne, complement: Complement) -> Orthogonalisation | None:
    """The one with these parts, or None where it is not among those offered."""
    asked = set_one, complement
    return next((each for each in ORTHOGONALISATIONS if (each.set_one, each.complement) == asked), None)


def orthogonalisation_box(name: str) -> QComboBox:
    """A choice between all of them; `name` is what screen readers call it."""
    box = QComboBox()
    box.setAccessibleName(name)
    for place, offered in enumerate(ORTHOGONALISATIONS):
        box.addItem(offered.name, offered)
        box.setItemData(place, offered.meaning, Qt.ItemDataRole.ToolTipRole)
    return box
