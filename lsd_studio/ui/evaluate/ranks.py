"""Figure 5c: how often the true label is among the first k, with C's accuracy and the noise floor (R34)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.evaluation.findings import Latent, Measure, Read
from lsd_studio.engine.figures.panels.evaluation import RANK_TICKS, ranks_panel
from lsd_studio.engine.figures.spec import Axis, Ink, Line, Panel, Points
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.evaluate.formatting import LATENTS, READINGS, share
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.widgets.layouts import column, row, title
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

MEANING = (
    "How often the set-1 vector of the true label is among the first k. Thin grey: other codes and readings. "
    "Dashed, the noise floor: what a single amplitude on the true label's axis among noise on all others would show, "
    "with a, the measured amplitude over the measured noise. KS (Kolmogorov–Smirnov) is their largest gap."
)
MARKED = 10
"""Ranks that have a mark; those that follow would run into each other."""
BOTTOM = "first k ranks (log scale)"
NOTHING = Panel((), Axis(BOTTOM), Axis("true label among them", "%"))


@dataclass(frozen=True, eq=False)
class RankCurve:
    """What is shown: [R] shares for k = 1…R, and the noise floor's [R] where it is known."""

    latent: Latent
    reading: Reading
    measured: np.ndarray
    floor: np.ndarray | None


class RanksView(QWidget):
    """The chosen curve with its noise floor in front, those of the other codes and readings faint behind it."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.chosen: RankCurve | None = None
        self._classifier: Measure | None = None
        self._floor_words = ""
        self.setToolTip(MEANING)
        self.plot = PanelPlot(themes, "Cumulative rank of the true label (Figure 5c)")
        self.legend = WrappedLabel("Noise floor of the ranks")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        head = row(title("Rank of the true label"), None)
        self.setLayout(column(head, self.legend, (self.plot, 1), spacing=GRID // 2))
        themes.changed.connect(self._apply_theme)

    def show_curves(
        self,
        chosen: RankCurve | None,
        others: tuple[RankCurve, ...],
        classifier: Measure | None,
        floor: str = "",
    ) -> None:
        """Show a curve before others; `floor` says what its noise floor is."""
        self.chosen, self._classifier, self._floor_words = chosen, classifier, floor
        self.plot.show_panel(NOTHING if chosen is None else _panel(chosen, others, classifier))
        self._apply_theme(self._themes.theme)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        self.legend.setText(self._legend(theme))

    def _legend(self, theme: Theme) -> str:
        if self.chosen is None:
            return "not measured yet"
        name = f"{LATENTS[self.chosen.latent]}, {READINGS[self.chosen.reading]}"
        first = _bold(theme, share(float(self.chosen.measured[0])))
        parts = [f"{_glyph(theme, 'red', '◆')}{name} {first}"]
        if self._classifier is not None:
            parts.append(f"{_glyph(theme, 'teal', '—')}C")
        if self._floor_words:
            parts.append(f"{_glyph(theme, 'purple', '╌')}noise floor, {self._floor_words}")
        return " &nbsp; ".join(parts)


def floor_words(read: Read) -> str:
    """The noise floor's amplitude over noise, its first rank, and its distance beside that of chance."""
    return (
        f"a = {read.signal:.2f} / {read.noise:.2f} = {read.floor.amplitude:.2f}, "
        f"{share(float(read.floor.cumulative[0]))}, KS {read.floor.distance:.4f} "
        f"(5 % by chance: {read.floor.chance_words})"
    )


def _panel(chosen: RankCurve, others: Sequence[RankCurve], classifier: Measure | None) -> Panel:
    """The exported panel with the other curves behind it, marks, and an axis that begins at the lowest curve."""
    panel = ranks_panel(chosen.measured, chosen.floor, None, classifier)
    behind = (Line("", _ranks(curve.measured), 100 * curve.measured, "grey", width=0.7) for curve in others)
    marked = chosen.measured[:MARKED]
    marks = Points("", _ranks(marked), 100 * marked, "red", "diamond")
    floor = () if chosen.floor is None else (chosen.floor,)
    low = 100 * min(float(shares[0]) for shares in (*(curve.measured for curve in (chosen, *others)), *floor))
    limits = (low - 0.08 * (100 - low), 100 + 0.05 * (100 - low))
    ranks = max(len(curve.measured) for curve in (chosen, *others))
    ticks = tuple((float(rank), str(rank)) for rank in RANK_TICKS if rank <= ranks)
    bottom = replace(panel.bottom, title=BOTTOM, limits=(0.91, 1.2 * ranks), ticks=ticks)
    parts = (*behind, *panel.parts, marks)
    return replace(panel, parts=parts, bottom=bottom, left=replace(panel.left, limits=limits))


def _ranks(shares: np.ndarray) -> np.ndarray:
    return np.arange(1, len(shares) + 1)


def _glyph(theme: Theme, ink: Ink, glyph: str) -> str:
    return f'<span style="color:{ink_colour(ink, theme).name()}">{glyph}</span>&nbsp;'


def _bold(theme: Theme, text: str) -> str:
    return f'<span style="color:{theme.text}; font-weight:600">{text}</span>'
