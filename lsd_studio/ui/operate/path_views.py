"""What both operators make of the images along a path, and what each of them preserves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from lsd_studio.engine.figures.panels.operators import mean_along
from lsd_studio.engine.operators.results import FollowedPath
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.operator_card import OperatorCard
from lsd_studio.ui.operate.path_curves import MeasuresPlot
from lsd_studio.ui.operate.path_measurement import PathMeasurement
from lsd_studio.ui.operate.state import PathState, setting_in_words
from lsd_studio.ui.widgets.layouts import column, row, title
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.side_by_side import SideBySide

if TYPE_CHECKING:
    from lsd_studio.engine.operators.path_quality import LegQuality

TRANSPORT, ROTATION = "transport", "rotation"
"""Operators beside the handle; the second shows what the handle does."""


class ConservationCard(QFrame):
    """⟨z|z⟩ / M and by how much the pictures' slant moves along a path, side by side.

    Args:
        curves: for each operator its name and the role of its colour in the theme.
        control: a widget for the head of the card.
    """

    def __init__(self, themes: ThemeManager, curves: Sequence[tuple[str, str]], control: QWidget) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._curves, self._themes = tuple(curves), themes
        self.norms = MeasuresPlot(themes, "⟨z|z⟩ / M", "Squared norm along the path", curves)
        self.slant = MeasuresPlot(
            themes, "Δ slant, °", "Change of slant in the pictures along the path", curves, step=10.0
        )
        self.plots = self.norms, self.slant
        for plot in self.plots:
            plot.setMinimumHeight(116)
        self._legend = plain_label()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._setting = ""
        head = SideBySide(row(title("Preserved along the path"), None), row(self._legend, None, control))
        head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        plots = row((self.norms, 1), (self.slant, 1))
        self.setLayout(column(head, (plots, 1), margin=12))
        themes.changed.connect(self._apply_theme)
        self._apply_theme(themes.theme)

    def show_path(self, path: LabelPath, names: Sequence[str], setting: str) -> None:
        """Lay the plots out for a path that the last of the operators walks as `setting` says."""
        self._setting = setting
        self._apply_theme(self._themes.theme)
        for plot in self.plots:
            plot.show_path(path, names)

    def show_place(self, place: float) -> None:
        """Mark a place, in legs of the first round."""
        for plot in self.plots:
            plot.show_place(place)

    def show_followed(self, name: str, followed: FollowedPath) -> None:
        """Show the curves of an operator, means over the images."""
        which = [each for each, _ in self._curves].index(name)
        self.norms.show_curve(which, *mean_along(followed, "squared_norms"))
        self.slant.show_curve(which, *mean_along(followed, "slant_moved"))

    def clear(self, name: str) -> None:
        """Show no curves of an operator."""
        which = [each for each, _ in self._curves].index(name)
        for plot in self.plots:
            plot.clear_curve(which)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        kept = self._setting.partition(" of")[0]
        last = len(self._curves) - 1
        squares = (
            f'<span style="color:{getattr(theme, role)}">■</span> {words}'
            f"{f', {kept}' if place == last and kept else ''}"
            for place, (words, role) in enumerate(self._curves)
        )
        self._legend.setText(" &nbsp; ".join(squares))
        self._legend.setToolTip(f"The {self._curves[-1][0]}: {self._setting}" if self._setting else "")


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
