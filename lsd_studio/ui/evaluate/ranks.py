"""Figure 5c: how often the true label is among the first k, with C's accuracy and the noise floor (R34)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lsd_studio.engine.evaluation.findings import Latent, Measure, Read
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.evaluate.colours import figure_colour
from lsd_studio.ui.evaluate.formatting import LATENTS, READINGS, share
from lsd_studio.ui.plots.plots import LEAST_PLOT, Plot
from lsd_studio.ui.widgets.layouts import row, title
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

__all__ = ["RankCurve", "RanksView", "floor_words"]

MEANING = (
    "How often the set-1 vector of the true label is among the first k. Thin grey: other codes and readings. "
    "Dashed, the noise floor: what a single amplitude on the true label's axis among noise on all others would show, "
    "with a, the measured amplitude over the measured noise. KS (Kolmogorov–Smirnov) is their largest gap."
)
MARKED = 10
"""Ranks that have a mark; those that follow would run into each other."""
TICKS = (1, 2, 3, 4, 5, 10, 20, 50, 100, 200, 500, 1000)


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
        self._chosen: RankCurve | None = None
        self._others: tuple[RankCurve, ...] = ()
        self._classifier: Measure | None = None
        self._floor_words = ""
        self.setToolTip(MEANING)
        self.plot = Plot(
            themes,
            "first k ranks (log scale)",
            "share of codes (%)",
            "Cumulative rank of the true label (Figure 5c)",
        )
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.getPlotItem().setLogMode(x=True)
        self.legend = WrappedLabel("Noise floor of the ranks")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GRID // 2)
        whole.addLayout(row(title("Rank of the true label"), None))
        whole.addWidget(self.legend)
        self.plot.setMinimumHeight(LEAST_PLOT)
        whole.addWidget(self.plot, 1)
        themes.changed.connect(self._apply_theme)

    @property
    def chosen(self) -> RankCurve | None:
        """The curve in front."""
        return self._chosen

    def show_curves(
        self,
        chosen: RankCurve | None,
        others: tuple[RankCurve, ...],
        classifier: Measure | None,
        floor: str = "",
    ) -> None:
        """Show a curve before others; `floor` says what its noise floor is."""
        self._chosen, self._others, self._classifier, self._floor_words = chosen, others, classifier, floor
        self._draw()

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        self._draw()

    def _draw(self) -> None:
        theme = self._themes.theme
        self.plot.clear()
        self.legend.setText(self._legend(theme))
        chosen = self._chosen
        if chosen is None:
            return
        ranks = max(len(curve.measured) for curve in (chosen, *self._others))
        for curve in self._others:
            self._plot(curve.measured, pg.mkPen(theme.colour("muted"), width=1))
        if self._classifier is not None:
            height = 100 * self._classifier.value
            self.plot.plot(
                [1, ranks], [height] * 2, pen=pg.mkPen(figure_colour(theme, "classifier"), width=1.5)
            )
        if chosen.floor is not None:
            pen = pg.mkPen(figure_colour(theme, "floor"), width=2, style=Qt.PenStyle.DashLine)
            self._plot(chosen.floor, pen)
        colour = figure_colour(theme, "lsd")
        self._plot(chosen.measured, pg.mkPen(colour, width=2))
        marked = min(MARKED, len(chosen.measured))
        self.plot.plot(
            np.arange(1, marked + 1),
            100 * chosen.measured[:marked],
            pen=None,
            symbol="d",
            symbolSize=11,
            symbolBrush=pg.mkBrush(colour),
            symbolPen=pg.mkPen(theme.colour("surface")),
        )
        first = [curve.measured[0] for curve in (chosen, *self._others)]
        first += [] if chosen.floor is None else [chosen.floor[0]]
        low = 100 * min(first)
        self.plot.setYRange(low - 0.08 * (100 - low), 100 + 0.05 * (100 - low), padding=0)
        self.plot.setXRange(-0.04, np.log10(ranks) + 0.08, padding=0)
        axis = self.plot.getPlotItem().getAxis("bottom")
        axis.setTicks([[(float(np.log10(tick)), str(tick)) for tick in TICKS if tick <= ranks]])

    def _plot(self, shares: np.ndarray, pen: QPen) -> None:
        self.plot.plot(np.arange(1, len(shares) + 1), 100 * shares, pen=pen)

    def _legend(self, theme: Theme) -> str:
        if self._chosen is None:
            return "not measured yet"
        name = f"{LATENTS[self._chosen.latent]}, {READINGS[self._chosen.reading]}"
        first = _bold(theme, share(float(self._chosen.measured[0])))
        parts = [f"{_glyph(theme, 'lsd', '◆')} {name} {first}"]
        if self._classifier is not None:
            parts.append(f"{_glyph(theme, 'classifier', '—')} C")
        if self._floor_words:
            parts.append(f"{_glyph(theme, 'floor', '╌')} noise floor, {self._floor_words}")
        return " &nbsp; ".join(parts)


def floor_words(read: Read) -> str:
    """The noise floor's amplitude over noise, its first rank, and its distance beside that of chance."""
    return (
        f"a = {read.signal:.2f} / {read.noise:.2f} = {read.floor.amplitude:.2f}, "
        f"{share(float(read.floor.cumulative[0]))}, KS {read.floor.distance:.4f} "
        f"(5 % by chance: {read.floor.chance_words})"
    )


def _glyph(theme: Theme, what: str, glyph: str) -> str:
    return f'<span style="color:{figure_colour(theme, what).name()}">{glyph}</span>'


def _bold(theme: Theme, text: str) -> str:
    return f'<span style="color:{theme.text}; font-weight:600">{text}</span>'
