"""Figure 6: normalised amplitudes by rank where the true label ranks first, second and third, with the noise floor."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from lsd_studio.engine.evaluation.findings import TRUE_RANKS, Read
from lsd_studio.engine.figures.panels.evaluation import ORDINALS, amplitude_panels
from lsd_studio.engine.figures.spec import Ink, Panel, Steps
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.evaluate.formatting import share
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.widgets.layouts import column, title
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

AXIS = 48
"""Pixels of the left axes, so that the plots of a column are in line."""

LEGEND: tuple[tuple[Ink, str, str], ...] = (
    ("blue", "▬", "second amplitude"),
    ("orange", "▬", "third amplitude"),
    ("teal", "▬", "fourth amplitude"),
    ("red", "—", "mean"),
    ("purple", "╌", "dashed: noise floor"),
)


class AmplitudesView(QWidget):
    """a–c: how codes spread over amplitude and rank; d–f: densities of the second, third and fourth amplitude."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.read: Read | None = None
        self.legend = WrappedLabel("What Figure 6 shows")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        grid = QGridLayout()
        grid.setSpacing(GRID)
        self._counts = [plain_label() for _ in TRUE_RANKS]
        ranked = [f"true label ranks {ORDINALS[rank]}" for rank in TRUE_RANKS]
        names = [
            f"{what}, {words}"
            for what in ("Amplitude by rank", "Densities of amplitudes")
            for words in ranked
        ]
        self.plots = [PanelPlot(themes, name) for name in names]
        for place, plot in enumerate(self.plots):
            plot.getPlotItem().getAxis("left").setWidth(AXIS)
            grid.addWidget(plot, 1 + place // len(TRUE_RANKS), place % len(TRUE_RANKS))
        for place, count in enumerate(self._counts):
            count.setProperty("role", "caption")
            head = title(f"{'abc'[place]}, {'def'[place]}  {ranked[place].capitalize()}")
            grid.addLayout(column(head, count, spacing=2), 0, place)
            grid.setColumnStretch(place, 1)
        grid.setRowStretch(1, 5)
        grid.setRowStretch(2, 4)
        self.setLayout(column(self.legend, (grid, 1)))
        themes.changed.connect(self._apply_theme)

    def show_read(self, read: Read | None, reading: Reading) -> None:
        """Show the amplitudes of codes read one way."""
        self.read = read
        panels = [Panel(())] * len(self.plots) if read is None else amplitude_panels(read, reading)
        for plot, panel in zip(self.plots, panels, strict=True):
            plot.show_panel(_closer(panel))
        for place, rank in enumerate(TRUE_RANKS):
            codes = 0 if read is None else int(read.statistics.ratios[place, 0].sum())
            words = "" if read is None else f"{counted(codes)} codes"
            if read is not None and rank <= len(read.statistics.ranks):
                words += f", {share(int(read.statistics.ranks[place]) / int(read.statistics.ranks.sum()))}"
            self._counts[place].setText(words)
        self._apply_theme(self._themes.theme)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        parts = (
            f'<span style="color:{ink_colour(ink, theme).name()}">{glyph}</span>&nbsp;{words}'
            for ink, glyph, words in LEGEND
        )
        floor = "" if self.read is None else (
            f", a = {self.read.floor.amplitude:.2f}: measured signal {self.read.signal:.2f} over noise "
            f"{self.read.noise:.2f}, in units of 1/√M"
        )  # fmt: skip
        self.legend.setText(" &nbsp;&nbsp; ".join(parts) + floor)


def _closer(panel: Panel) -> Panel:
    """Densities with an axis for what was measured; noise floors may be many times as high."""
    highest = max(
        (float(part.heights.max()) for part in panel.parts if isinstance(part, Steps)), default=None
    )
    return panel if highest is None else replace(panel, left=replace(panel.left, limits=(0.0, 1.4 * highest)))
