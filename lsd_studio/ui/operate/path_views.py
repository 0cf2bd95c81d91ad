"""What both operators make of the images along a path, and what each of them preserves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.operators.results import FollowedPath
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.operate.conservation_card import ConservationCard
from lsd_studio.ui.operate.operator_card import OperatorCard
from lsd_studio.ui.operate.path_measurement import PathMeasurement
from lsd_studio.ui.operate.state import PathState, setting_in_words
from lsd_studio.ui.widgets.layouts import column

if TYPE_CHECKING:
    from lsd_studio.engine.operators.path_quality import LegQuality

__all__ = ["ROTATION", "TRANSPORT", "PathViews"]

TRANSPORT, ROTATION = "transport", "rotation"
"""Operators beside the handle; the second shows what the handle does."""


class PathViews(QWidget):
    """A card for each operator, and one for what they preserve.

    Attributes:
        along: all that is shown along the path, where a person can point to a place.
    """

    def __init__(self, themes: ThemeManager, measurement: PathMeasurement) -> None:
        super().__init__()
        self._measurement = measurement
        self.transport, self.rotation = OperatorCard(themes, "Transport"), OperatorCard(themes, "Rotation")
        self._cards = {TRANSPORT: self.transport, ROTATION: self.rotation}
        self.conservation = ConservationCard(
            themes, ((TRANSPORT, "warning"), (ROTATION, "accent")), measurement
        )
        self.along = *self.transport.along, *self.rotation.along, *self.conservation.plots
        self.setLayout(
            column((self.transport, 10), (self.rotation, 10), (self.conservation, 6), spacing=2 * GRID)
        )
        measurement.measured.connect(self._show_measured)

    @property
    def measured(self) -> str:
        """What was measured with both operators, in sentences; "" before."""
        if not self._measurement.is_done:
            return ""
        return " ".join(f"{name.capitalize()}: {card.measured}." for name, card in self._cards.items())

    def show_film(self, alone: bool) -> None:
        """Show the images at every step, alone or above the curves."""
        for card in self._cards.values():
            card.show_film(alone)
        self.conservation.setVisible(not alone)

    def show_path(self, state: PathState, names: Sequence[str], data_set: str) -> None:
        """Lay everything out for a path through labels with these names, which is measured on a data set."""
        for name, card in self._cards.items():
            card.show_path(state.path, names, setting_in_words(state.beside[name]))
        self.conservation.show_path(state.path, names, setting_in_words(state.beside[ROTATION]))
        self._measurement.use(state.beside, data_set)

    def show_place(self, place: float) -> None:
        """Mark a place, in legs of the first round."""
        views: tuple[OperatorCard | ConservationCard, ...] = (
            self.transport,
            self.rotation,
            self.conservation,
        )
        for each in views:
            each.show_place(place)

    def show_followed(self, name: str, followed: FollowedPath, step: float) -> None:
        """Show the whole path under an operator, with pictures at every Δθ."""
        self._cards[name].show_followed(followed, step)
        self.conservation.show_followed(name, followed)

    def clear(self, name: str, hint: str) -> None:
        """Show nothing of an operator, and say what to wait for."""
        self._cards[name].clear(hint)
        self.conservation.clear(name)

    @Slot(str, str)
    def say(self, name: str, hint: str) -> None:
        """Say how far the path of an operator is that is not shown yet."""
        self._cards[name].say(hint)

    @Slot(str, object, str)
    def _show_measured(self, name: str, legs: tuple[LegQuality, ...], words: str) -> None:
        self._cards[name].show_measured(legs, words)
