"""Curves of denoising over noise level or number of terms, ours and the baselines, with what they say in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QToolButton, QWidget

from lsd_studio.engine.denoising.denoised_image import NoiseChoice, amount
from lsd_studio.engine.figures.spec import Axis, Line, Panel, PlotFigure, Rule
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.denoise.controls import NOISE_WORDS
from lsd_studio.ui.denoise.line_styles import INKS, MethodInk, ink_of
from lsd_studio.ui.denoise.state import CurvesState
from lsd_studio.ui.plots.panel_plot import DASHES, PanelPlot
from lsd_studio.ui.widgets.controls import outlined_button, progress_bar
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import column, row, scrolled
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from lsd_studio.engine.denoising.curves import Curve, Curves, KindCurves, Measure

NOTHING = (
    "No curves yet. “Measure” denoises 100 test images with every method at five levels of each kind of noise; this "
    "takes a few minutes and can be stopped."
)
MEASURES: dict[Measure, str] = {"psnr": "PSNR (dB)", "ssim": "SSIM", "label_kept": "label kept (%)"}
AXES = {
    "gaussian": "σ of Gaussian noise (pixels from −1 to 1)",
    "salt_and_pepper": "pixels turned black or white (%)",
    "dropped": "pixels dropped (%)",
    "rectangles": "area covered by rectangles (%)",
}
CUTS = {
    "bundle": "The bundle's E, in ξ",
    "bundle_random": "The bundle's E, in a random basis",
    "saw_noise": "E saw noise, in ξ",
    "saw_noise_random": "E saw noise, in a random basis",
}
HIGHEST_PSNR = 34.0
"""dB; what is left alone on a clean image has no end and would flatten the rest."""


class DenoiseCurves(QWidget):
    """The curves that were measured, for one kind of noise at a time.

    Signals:
        wanted: a measurement; stop_wanted: its end.
    """

    wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.measured: Curves | None = None
        self._of = ""
        self._stored = False
        self._kind: NoiseChoice = "gaussian"
        self._level = 0.75
        self._hidden = {name for name, ink in INKS.items() if not ink.first}
        self._entries: dict[str, QToolButton] = {}
        self.measure = Segments(
            "Measure",
            ("psnr", "PSNR", "Peak signal-to-noise ratio against the original, dB"),
            ("ssim", "SSIM", "Structural similarity to the original"),
            ("label_kept", "Label kept", "Share of images that C reads as their label"),
            value="psnr",
            take=self._draw,
        )
        self.axis = Segments(
            "Axis",
            ("levels", "Over level", "Every method over the noise level"),
            ("terms", "Over n", "Truncations over the number of terms, at the level nearest to the slider's"),
            value="levels",
            take=self._draw,
        )
        self.start = outlined_button(
            "Measure",
            "Measure every method on 100 test images",
            self._press,
            name="Measure the curves",
        )
        self.progress = progress_bar("Progress of the measurement")
        self.progress.setFixedWidth(12 * GRID)
        self.doing = ElidingLabel("What is being measured")
        self.doing.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.verdict = WrappedLabel(
            "Where descent on G's prior and truncation in ξ win and where they lose", "statement"
        )
        self.source = WrappedLabel("What the curves were measured on")
        self.plot = PanelPlot(themes, "Curves of denoising")
        self.plot.setMinimumSize(320, 220)
        self._legend = column(spacing=0)
        listed = QWidget()
        listed.setLayout(column(self._legend, None))
        self.legend = scrolled(listed)
        self.legend.setMinimumHeight(136)
        self.legend.setAccessibleName("Methods: press to hide or show")
        run = row(None, (self.doing, 8), self.progress, self.start)
        head = SideBySide(row(self.measure, self.axis, None), run, stretches=(1, 1))
        middle = SideBySide(self.plot, self.legend, stretches=(1, 0))
        nothing = plain_label(NOTHING)
        nothing.setWordWrap(True)
        nothing.setMaximumWidth(60 * GRID)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty = QWidget()
        self._empty.setLayout(column(None, row(None, (nothing, 100), None), None))
        self._shown = middle
        words = self.verdict, self.source
        self.setLayout(column(head, (middle, 1), (self._empty, 1), *words, spacing=12))
        self.show_running(False)
        self._draw()
        themes.changed.connect(self._draw)

    @property
    def curve_names(self) -> tuple[str, ...]:
        """The methods whose curves are drawn now."""
        return tuple(self._drawn_curves())

    def show_curves(self, curves: Curves, of: str, *, stored: bool) -> None:
        """Show these curves of a data set with a bundle (`of`), just measured or stored before."""
        self.measured, self._of, self._stored = curves, of, stored
        self._draw()

    def show_progress(self, at: Doing) -> None:
        """Show how far a measurement is."""
        self.progress.setValue(round(1000 * (at.share or 0.0)))
        self.doing.setText(at.note or at.what)

    def show_running(self, running: bool) -> None:
        """Show whether a measurement is under way; what was shown before stays."""
        self._running = running
        self.start.setText("Stop" if running else "Measure" if self.measured is None else "Measure again")
        self.progress.setVisible(running)
        self.doing.setVisible(running)
        if not running:
            self.progress.setValue(0)
            self.doing.setText("")

    def forget(self) -> None:
        """Another bundle is in use: its curves are not these."""
        self.measured = None
        self.show_running(False)
        self._draw()

    def follow(self, kind: NoiseChoice, level: float) -> None:
        """Show the curves of a kind of noise, with a mark at a level."""
        if kind in AXES and (kind, level) != (self._kind, self._level):
            self._kind, self._level = kind, level
            self._draw()

    @property
    def state(self) -> CurvesState:
        """What is drawn of the curves, over what, and which methods are left out."""
        over = "terms" if self.axis.value == "terms" else "levels"
        return CurvesState(measure=self._chosen_measure, over=over, hidden=tuple(sorted(self._hidden)))

    def show_state(self, state: CurvesState) -> None:
        """Draw that again."""
        if state.measure is not None:
            self.measure.set_value(state.measure)
        if state.over is not None:
            self.axis.set_value(state.over)
        if state.hidden is not None:
            self._hidden = set(state.hidden) & set(INKS)
        self._draw()

    def figure(self) -> PlotFigure | None:
        """The curves as they are drawn, as a figure for publication; None while there are none."""
        kind = self._kind_curves()
        if self.measured is None or kind is None or not self._drawn_curves():
            return None
        panel = self._panel(kind)
        return PlotFigure(
            f"denoising-{self._kind.replace('_', '-')}",
            f"{panel.left.title.partition(' (')[0]} of denoising, {NOISE_WORDS[self._kind].lower()}",
            (panel,),
            self._measured_on(self.measured),
            f"Means over {self.measured.images} test images with 95 % intervals. {kind.verdict}",
            wide=True,
        )

    @Slot()
    def _press(self) -> None:
        (self.stop_wanted if self._running else self.wanted).emit()

    def _kind_curves(self) -> KindCurves | None:
        """The curves of the kind of noise that is followed, if it was measured."""
        kinds = () if self.measured is None else self.measured.kinds
        return next((found for found in kinds if found.kind == self._kind), None)

    @property
    def _chosen_measure(self) -> Measure:
        return next((measure for measure in MEASURES if measure == self.measure.value), "psnr")

    def _curves(self) -> dict[str, Curve]:
        """By method, or by encoder and basis (`Cut`) over the number of terms."""
        kind, measure = self._kind_curves(), self._chosen_measure
        if kind is None:
            return {}
        if self.axis.value == "terms":
            place = self._nearest_level(kind)
            return {name: levels[place][measure] for name, levels in kind.by_terms.items()}
        return {name: measured[measure] for name, measured in kind.methods.items()}

    def _drawn_curves(self) -> dict[str, Curve]:
        return {name: curve for name, curve in self._curves().items() if name not in self._hidden}

    def _title(self, name: str) -> str:
        assert self.measured is not None
        return CUTS.get(name) or self.measured.titles[name]

    def _nearest_level(self, kind: KindCurves) -> int:
        return int(np.abs(np.asarray(kind.levels) - self._level).argmin())

    def _measured_on(self, measured: Curves) -> str:
        return f"{measured.images} test images of {self._of}, seed {measured.seed}"

    @Slot()
    def _draw(self) -> None:
        theme, measured, kind = self._themes.theme, self.measured, self._kind_curves()
        there = measured is not None and kind is not None
        for part in (self._shown, self.measure, self.axis, self.verdict, self.source):
            part.setVisible(there)
        self._empty.setVisible(not there)
        self._list(self._curves())
        if measured is None or kind is None:
            self.plot.show_panel(Panel(()))
            self.verdict.setText("")
            self.source.setText("")
            return
        panel = self._panel(kind)
        if not panel.bottom.logarithmic:
            here = Rule("level", self._level * self._percent, "bottom", "grey", "dotted")
            panel = replace(panel, parts=(*panel.parts, here))
        self.plot.show_panel(
            panel, {self._title(name): ink_of(name).colour(theme) for name in self._drawn_curves()}
        )
        self.verdict.setText(kind.verdict)
        when = "From an earlier measurement on" if self._stored else "Measured on"
        self.source.setText(
            f"{when} {self._measured_on(measured)}; bars are 95 % intervals over images. "
            "Only truncations use ξ; descents use G's prior."
        )

    def _panel(self, kind: KindCurves) -> Panel:
        """The curves that are not hidden."""
        measure, levels, over_terms = (
            self._chosen_measure,
            np.asarray(kind.levels),
            self.axis.value == "terms",
        )
        share = 100.0 if measure == "label_kept" else 1.0
        places, bottom = levels * self._percent, AXES[self._kind]
        if over_terms:
            at = levels[self._nearest_level(kind)]
            bottom = f"terms kept, n, at {NOISE_WORDS[self._kind].lower()} {amount(self._kind, at)}"
            places = np.asarray(kind.terms, dtype=float)
        lines = tuple(
            Line(
                self._title(name),
                places,
                share * curve.values,
                ink_of(name).printed,
                share * low,
                share * high,
                ink_of(name).dash,
                ink_of(name).mark,
                ink_of(name).width / 1.5,
            )
            for name, curve in self._drawn_curves().items()
            for low, high in (curve.drawn_ends(),)
        )
        left = Axis(MEASURES[measure], limits=self._ends(share))
        return Panel(lines, Axis(bottom, logarithmic=over_terms), left, legend="right")

    @property
    def _percent(self) -> float:
        """The unit of a level: σ as it is, shares in per cent."""
        return 1.0 if self._kind == "gaussian" else 100.0

    def _ends(self, share: float) -> tuple[float, float] | None:
        """Where the left axis begins and ends; None while no curve is shown."""
        shown = [curve.drawn_ends() for curve in self._drawn_curves().values()]
        if not shown:
            return None
        low = share * min(float(lows.min()) for lows, _ in shown)
        high = share * max(float(highs.max()) for _, highs in shown)
        if self.measure.value == "psnr":
            high = min(high, HIGHEST_PSNR)
        room = 0.05 * (high - low) or 1.0
        return low - room, high + room

    def _list(self, curves: dict[str, Curve]) -> None:
        """One entry a curve; made anew only when other curves are to be listed."""
        if list(self._entries) != list(curves):
            for entry in self._entries.values():
                self._legend.removeWidget(entry)
                entry.deleteLater()
            self._entries = {}
            for name in curves:
                entry = QToolButton()
                entry.setText(self._title(name))
                entry.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                entry.setProperty("role", "legend")
                entry.setAccessibleName(f"Show or hide {self._title(name)}")
                entry.setIconSize(QSize(24, 12))
                entry.clicked.connect(lambda _=False, name=name: self._toggle(name))
                self._legend.addWidget(entry)
                self._entries[name] = entry
        theme = self._themes.theme
        for name, entry in self._entries.items():
            hidden = name in self._hidden
            entry.setIcon(_sample(ink_of(name), theme, hidden=hidden))
            colour = theme.muted if hidden else theme.text
            entry.setStyleSheet(f"color: {colour}; padding: 1px 4px; border: none; font-size: 12px;")
        words = max((entry.sizeHint().width() for entry in self._entries.values()), default=0)
        self.legend.setMinimumWidth(words + self.legend.verticalScrollBar().sizeHint().width())

    def _toggle(self, name: str) -> None:
        self._hidden ^= {name}
        self._draw()


def _sample(ink: MethodInk, theme: Theme, *, hidden: bool) -> QIcon:
    """A piece of the line."""
    picture = QPixmap(48, 24)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = theme.colour("line") if hidden else ink.colour(theme)
    painter.setPen(QPen(colour, ink.width, DASHES[ink.dash]))
    painter.drawLine(1, 6, 23, 6)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(10, 4, 4, 4) if ink.mark == "dot" else painter.drawRect(10, 4, 4, 4)
    painter.end()
    return QIcon(picture)
