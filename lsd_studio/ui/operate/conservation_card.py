"""What is preserved along a path: the codes' norm before it is restored, the pictures' slant; a curve an operator."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from lsd_studio.engine.figures.panels.operators import mean_along
from lsd_studio.engine.operators.results import FollowedPath
from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.path_curves import MeasuresPlot
from lsd_studio.ui.widgets.layouts import column, row, title
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.side_by_side import SideBySide

__all__ = ["ConservationCard"]


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
