"""Curves of denoising over noise level or number of terms, ours and the baselines, with what they say in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QProgressBar, QScrollArea, QToolButton, QVBoxLayout, QWidget

from lsd_studio.engine.messages.denoise import CurveShown, DenoisingMeasured, MeasuringDenoising, NoiseChoice
from lsd_studio.engine.messages.figures import Axis, Line, Panel, PlotFigure, ViewSettings
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.denoise.controls import NOISE_WORDS
from lsd_studio.ui.denoise.line_styles import INKS, MethodInk, ink_of
from lsd_studio.ui.plots.plots import Plot
from lsd_studio.ui.widgets.layouts import caption, column, row, tool_button
from lsd_studio.ui.widgets.segments import Segments

__all__ = ["DenoiseCurves"]

NOTHING = (
    "Nothing was measured for this bundle yet. “Measure” denoises 100 test images with every method at five levels of "
    "each kind of noise; it takes some minutes and can be stopped."
)
MEASURES = {"psnr": "PSNR (dB)", "ssim": "SSIM", "label_kept": "label kept (%)"}
AXES = {
    "gaussian": "σ of Gaussian noise (pixels from −1 to 1)",
    "salt_and_pepper": "pixels turned black or white (%)",
    "dropped": "pixels dropped (%)",
    "rectangles": "area covered by rectangles (%)",
}
HIGHEST_PSNR = 34.0
"""dB; what is left alone on a clean image has no end and would flatten the rest."""


@dataclass(frozen=True, eq=False)
class _Axes:
    """Where curves are drawn.

    Args:
        places: float64 [K] on the bottom axis; bottom, left: what the axes show, with units.
        share: by which values are multiplied.
        logarithmic: whether the bottom axis is.
    """

    places: np.ndarray
    bottom: str
    left: str
    share: float
    logarithmic: bool


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
        self._measured: DenoisingMeasured | None = None
        self._kind: NoiseChoice = "gaussian"
        self._level = 0.75
        self._hidden = {name for name, ink in INKS.items() if not ink.first}
        self._running = False
        self._items: list[pg.GraphicsObject] = []
        self._entries: dict[str, QToolButton] = {}
        self.measure = Segments(
            "Measure",
            ("psnr", "PSNR", "Peak signal-to-noise ratio against the original, dB"),
            ("ssim", "SSIM", "Structural similarity to the original"),
            ("label_kept", "Label kept", "Share of images that C reads as their label"),
        )
        self.measure.set_value("psnr")
        self.measure.chosen.connect(self._draw)
        self.axis = Segments(
            "Axis",
            ("levels", "Over level", "Every method over the noise level"),
            ("terms", "Over n", "Truncations over the number of terms, at the level nearest to the slider's"),
        )
        self.axis.set_value("levels")
        self.axis.chosen.connect(self._draw)
        self.start = tool_button("Measure the curves", "Measure every method on 100 test images")
        self.start.setText("Measure")
        self.start.setProperty("role", "outlined")
        self.start.clicked.connect(self._press)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress of the measurement")
        self.doing = caption("", "What is being measured")
        self.verdict = caption(
            NOTHING, "Where descent on G's prior and truncation in ξ win and where they lose"
        )
        self.verdict.setProperty("role", "statement")
        self.source = caption("", "What the curves were measured on")
        self.plot = Plot(themes, AXES["gaussian"], MEASURES["psnr"], "Curves of denoising")
        self.plot.setMinimumHeight(120)
        self._legend = QVBoxLayout()
        self._legend.setContentsMargins(0, 0, 0, 0)
        self._legend.setSpacing(0)
        inside = QWidget()
        inside.setLayout(column(self._legend, None))
        self.legend = QScrollArea()
        self.legend.setWidget(inside)
        self.legend.setWidgetResizable(True)
        self.legend.setFrameShape(QScrollArea.Shape.NoFrame)
        self.legend.setFixedWidth(33 * GRID)
        self.legend.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.legend.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        self.legend.setAccessibleName("Methods, press to hide or show")
        head = row(self.measure, self.axis, None, self.doing, self.progress, self.start)
        self.doing.setWordWrap(False)
        self.progress.setFixedWidth(12 * GRID)
        middle = row(self.plot, self.legend)
        middle.setStretch(0, 1)
        whole = column(head, middle, self.verdict, self.source)
        whole.setStretch(1, 1)
        whole.setSpacing(12)
        self.setLayout(whole)
        self._show_running(False)
        self._draw()
        themes.changed.connect(self._dress)

    @property
    def measured(self) -> DenoisingMeasured | None:
        """The curves shown, if any."""
        return self._measured

    @property
    def curve_names(self) -> tuple[str, ...]:
        """The methods whose curves are drawn now."""
        return tuple(curve.name for curve in self._curves() if curve.name not in self._hidden)

    def show_measured(self, measured: DenoisingMeasured) -> None:
        """Show these curves."""
        self._measured = measured
        self._show_running(False)
        self._draw()

    def show_progress(self, event: MeasuringDenoising) -> None:
        """Show how far a measurement is."""
        self._show_running(True)
        self.progress.setValue(round(1000 * event.fraction))
        self.doing.setText(event.doing)

    def show_stopped(self) -> None:
        """The measurement was stopped or failed; what was shown before stays."""
        self._show_running(False)

    def forget(self) -> None:
        """Another bundle is in use: its curves are not these."""
        self._measured = None
        self._show_running(False)
        self._draw()

    def follow(self, kind: NoiseChoice, level: float) -> None:
        """Show the curves of a kind of noise, with a mark at a level."""
        if kind in AXES and (kind, level) != (self._kind, self._level):
            self._kind, self._level = kind, level
            self._draw()

    @property
    def view_settings(self) -> ViewSettings:
        """What is drawn of the curves, over what, and which methods are left out."""
        return {"measure": self.measure.value, "over": self.axis.value, "hidden": sorted(self._hidden)}

    def show_view(self, settings: ViewSettings) -> None:
        """Draw that again; what is not understood is left as it is."""
        measure, over, hidden = (settings.get(name) for name in ("measure", "over", "hidden"))
        if measure in tuple(MEASURES):
            self.measure.set_value(str(measure))
        if over in ("levels", "terms"):
            self.axis.set_value(str(over))
        if isinstance(hidden, list):
            self._hidden = {name for name in hidden if isinstance(name, str) and name in INKS}
        self._draw()

    def figure(self) -> PlotFigure | None:
        """The curves as they are drawn, as a figure for publication; None while there are none."""
        measured = self._measured
        if measured is None or not self.curve_names:
            return None
        axes = self._axes(measured)
        lines = tuple(
            Line(
                curve.title,
                axes.places,
                axes.share * curve.values,
                ink_of(curve.name).printed,
                axes.share * curve.low,
                axes.share * curve.high,
                ink_of(curve.name).dash,
                ink_of(curve.name).mark,
                ink_of(curve.name).width / 1.5,
            )
            for curve in self._curves()
            if curve.name not in self._hidden
        )
        panel = Panel(
            lines,
            Axis(axes.bottom, logarithmic=axes.logarithmic),
            Axis(axes.left, limits=self._ends(axes)),
            legend="right",
        )
        return PlotFigure(
            f"denoising-{self._kind.replace('_', '-')}",
            f"{axes.left.partition(' (')[0]} of denoising, {NOISE_WORDS[self._kind].lower()}",
            (panel,),
            _images(measured),
            f"Means over {measured.images} test images with 95 % intervals. {measured.verdicts[self._kind]}",
            wide=True,
        )

    @Slot()
    def _press(self) -> None:
        if self._running:
            self.stop_wanted.emit()
        else:
            self._show_running(True)
            self.wanted.emit()

    def _show_running(self, running: bool) -> None:
        self._running = running
        self.start.setText("Stop" if running else "Measure" if self._measured is None else "Measure again")
        self.progress.setVisible(running)
        self.doing.setVisible(running)
        if not running:
            self.progress.setValue(0)
            self.doing.setText("")

    def _curves(self) -> tuple[CurveShown, ...]:
        if self._measured is None:
            return ()
        measure = self.measure.value or "psnr"
        if self.axis.value == "terms":
            return self._measured.over_terms.get((self._kind, self._nearest_level(), measure), ())
        return self._measured.over_levels.get((self._kind, measure), ())

    def _nearest_level(self) -> int:
        assert self._measured is not None
        levels = np.asarray(self._measured.levels[self._kind])
        return int(np.abs(levels - self._level).argmin())

    @Slot()
    def _draw(self) -> None:
        theme = self._themes.theme
        item = self.plot.getPlotItem()
        for drawn in self._items:
            item.removeItem(drawn)
        self._items = []
        measured = self._measured
        if measured is None or self._kind not in measured.levels:
            self.verdict.setText(NOTHING)
            self.source.setText("")
            self._list(())
            self._show_plot(False)
            return
        self._show_plot(True)
        axes, curves = self._axes(measured), self._curves()
        item.setLogMode(x=axes.logarithmic, y=False)
        self.plot.name_axes(axes.bottom, axes.left)
        for curve in curves:
            if curve.name not in self._hidden:
                self._add(curve, axes, theme)
        if not axes.logarithmic:
            mark = pg.InfiniteLine(
                self._level * self._percent,
                pen=pg.mkPen(theme.colour("muted"), width=1, style=Qt.PenStyle.DotLine),
            )
            self.plot.addItem(mark)
            self._items.append(mark)
        ends = self._ends(axes)
        if ends is not None:
            sides = axes.places[[0, -1]]
            self.plot.setXRange(*(np.log10(sides) if axes.logarithmic else sides).tolist(), padding=0.03)
            self.plot.setYRange(*ends, padding=0)
        self._list(curves)
        self.verdict.setText(measured.verdicts[self._kind])
        when = "Kept from an earlier measurement of" if measured.kept else "Measured on"
        self.source.setText(
            f"{when} {_images(measured)}; bars are 95 % intervals over images. "
            "Only truncations use ξ; descents use G's prior."
        )

    def _show_plot(self, there: bool) -> None:
        for part in (self.plot, self.legend, self.measure, self.axis):
            part.setVisible(there)

    def _axes(self, measured: DenoisingMeasured) -> _Axes:
        measure, levels = self.measure.value or "psnr", np.asarray(measured.levels[self._kind])
        share = 100.0 if measure == "label_kept" else 1.0
        if self.axis.value != "terms":
            return _Axes(
                levels * self._percent, AXES[self._kind], MEASURES[measure], share, logarithmic=False
            )
        at = levels[self._nearest_level()]
        amount = f"σ = {at:g}" if self._kind == "gaussian" else f"{at:.0%}".replace("%", " %")
        bottom = f"terms kept, n, at {NOISE_WORDS[self._kind].lower()} {amount}"
        places = np.asarray(measured.terms, dtype=float)
        return _Axes(places, bottom, MEASURES[measure], share, logarithmic=True)

    @property
    def _percent(self) -> float:
        """What a level is told in: σ as it is, shares in per cent."""
        return 1.0 if self._kind == "gaussian" else 100.0

    def _add(self, curve: CurveShown, axes: _Axes, theme: Theme) -> None:
        ink = ink_of(curve.name)
        colour = QColor(ink.dark if theme.name == "dark" else ink.light)
        values = axes.share * curve.values
        drawn = self.plot.plot(
            axes.places, values, pen=pg.mkPen(colour, width=ink.width, style=ink.line), symbol=ink.symbol,
            symbolSize=6, symbolBrush=colour, symbolPen=None,
        )  # fmt: skip
        bars = pg.ErrorBarItem(
            x=np.log10(axes.places) if axes.logarithmic else axes.places, y=values,
            top=axes.share * curve.high - values, bottom=values - axes.share * curve.low,
            pen=pg.mkPen(colour, width=1),
        )  # fmt: skip
        self.plot.addItem(bars)
        self._items += [drawn, bars]

    def _ends(self, axes: _Axes) -> tuple[float, float] | None:
        """Where the left axis begins and ends; None while no curve is shown."""
        shown = [curve for curve in self._curves() if curve.name not in self._hidden]
        if not shown:
            return None
        low = axes.share * min(float(curve.low.min()) for curve in shown)
        high = axes.share * max(float(curve.high.max()) for curve in shown)
        if self.measure.value == "psnr":
            high = min(high, HIGHEST_PSNR)
        room = 0.05 * (high - low) or 1.0
        return low - room, high + room

    def _list(self, curves: tuple[CurveShown, ...]) -> None:
        """One entry a curve; made anew only when other curves are to be listed."""
        if list(self._entries) != [curve.name for curve in curves]:
            for entry in self._entries.values():
                self._legend.removeWidget(entry)
                entry.deleteLater()
            self._entries = {}
            for curve in curves:
                entry = QToolButton()
                entry.setText(curve.title)
                entry.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                entry.setProperty("role", "legend")
                entry.setAccessibleName(f"Show or hide {curve.title}")
                entry.setProperty("method", curve.name)
                entry.setIconSize(QSize(24, 12))
                entry.clicked.connect(self._toggle)
                self._legend.addWidget(entry)
                self._entries[curve.name] = entry
        theme = self._themes.theme
        for name, entry in self._entries.items():
            hidden = name in self._hidden
            entry.setIcon(_sample(ink_of(name), theme, hidden=hidden))
            colour = theme.muted if hidden else theme.text
            entry.setStyleSheet(f"color: {colour}; padding: 1px 4px; border: none; font-size: 12px;")

    @Slot()
    def _toggle(self) -> None:
        entry = self.sender()
        self._hidden ^= {entry.property("method")}
        self._draw()

    @Slot(object)
    def _dress(self, theme: Theme) -> None:
        self._draw()


def _images(measured: DenoisingMeasured) -> str:
    """What was measured on, in words."""
    return (
        f"{measured.images} test images of {measured.data_set} with {measured.bundle}, seed {measured.seed}"
    )


def _sample(ink: MethodInk, theme: Theme, *, hidden: bool) -> QIcon:
    """A piece of the line."""
    picture = QPixmap(48, 24)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(ink.dark if theme.name == "dark" else ink.light)
    if hidden:
        colour = theme.colour("line")
    painter.setPen(QPen(colour, ink.width, ink.line))
    painter.drawLine(1, 6, 23, 6)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(10, 4, 4, 4) if ink.symbol == "o" else painter.drawRect(10, 4, 4, 4)
    painter.end()
    return QIcon(picture)
