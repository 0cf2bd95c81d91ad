"""Inner products of all vectors of a basis with each other, as a heatmap (Figure 4c–d)."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QFontMetricsF

from lsd_studio.bidirectional import isolated
from lsd_studio.ui.app.theme import CAPTION, Theme, ThemeManager, font
from lsd_studio.ui.plots.pointed_plot import MatrixPlot
from lsd_studio.ui.widgets.label_colours import label_colour

STRIP, GAP = 0.02, 0.008
"""Width of the strips of label colours beside the matrix, and the gap before them, as shares of M."""

AXIS = 48

"""Pixels at the left for the axis' name and the number of a set; the name of a label comes on top."""

NAMES, AFTER_NAME = 48, 24
"""Pixels for the name of a label at the left, and for the number of the set after a name anywhere."""

BAR = 12
"""Pixels of the bar of colours."""

CELL_FOR_LABEL_LINES = 7.0
"""Pixels of a cell from which on the boundaries between labels are drawn too."""


class GramHeatmap(MatrixPlot):
    """An M × M matrix of inner products, row against column, on a diverging map with 0 in its middle.

    Strips in the labels' colours run along both sides; lines part the sets, and the labels once a cell is large
    enough. Dragging moves.

    Attributes:
        values: the matrix shown, float64 [M, M]; colour_range: the magnitude at which the colours end.

    Signals:
        pointed: row and column under the pointer, or −1, −1.
        picked: row and column that were clicked.
    """

    pointed = Signal(int, int)
    picked = Signal(int, int)

    def __init__(self, themes: ThemeManager, name: str) -> None:
        self._strips = [pg.ImageItem() for _ in range(2)]
        self._set_lines = pg.PlotCurveItem(connect="pairs", antialias=False)
        self._label_lines = pg.PlotCurveItem(connect="pairs", antialias=False)
        self._cross = [pg.InfiniteLine(angle=angle, movable=False) for angle in (0, 90)]
        self.values: np.ndarray | None = None
        self._label_names: tuple[str, ...] = ()
        self.colour_range = 1.0
        axes = {side: VectorAxis(side) for side in ("bottom", "left")}
        super().__init__(themes, "set i, its labels α in their colours", "set i", name, axes, bar_width=BAR)
        self._lay_out()
        self.plotItem.vb.sigRangeChanged.connect(self._mark_labels)

    def show_matrix(
        self, values: np.ndarray, label_names: tuple[str, ...], colour_range: float, scale: str
    ) -> None:
        """Show a matrix float64 [M, M], set outer and label inner, with colours from −range to range.

        `scale` says what the colours mean, with its unit.
        """
        fresh = self.values is None or self.values.shape != values.shape
        self.values, self._label_names = values, label_names
        self.image.setImage(values, autoLevels=False)
        self.end_colours_at(colour_range)
        self.name_scale(scale)
        self._draw_boundaries()
        size = len(values)
        longest = max(QFontMetricsF(font(CAPTION)).horizontalAdvance(name) for name in label_names)
        self.getAxis("left").setWidth(AXIS + min(longest, NAMES))
        for axis in ("bottom", "left"):
            self.getAxis(axis).use(size, label_names)
        if fresh:
            self.hold_rows(size, least_cells=4)
            self.plotItem.vb.setRange(self.whole, padding=0.0)
        self._mark_labels()

    def end_colours_at(self, colour_range: float) -> None:
        """Let the colours go from −range to range; beyond, they stay as they are at the ends."""
        self.colour_range = colour_range
        self.image.setLevels((-colour_range, colour_range))
        self._bar.setLevels((-colour_range, colour_range))

    def clear_matrix(self) -> None:
        """Show nothing."""
        self.values = None
        self.hold_rows(0, least_cells=4)
        for item in (self.image, *self._strips):
            item.clear()
        for lines in (self._set_lines, self._label_lines, self._cell):
            lines.clear()
        self.show_cross(-1, -1)

    @property
    def whole(self) -> QRectF:
        """The matrix and its strips in units of the axes; null while nothing is shown."""
        if self.values is None:
            return QRectF()
        size = len(self.values)
        out = (STRIP + GAP) * size
        return QRectF(-out, -out, size + 2 * out, size + 2 * out)

    def show_cross(self, row: int, column: int) -> None:
        """Cross out one cell's row and column; −1 takes the cross away."""
        for line, place in zip(self._cross, (row, column), strict=True):
            line.setVisible(place >= 0)
            line.setValue(place + 0.5)
        self.frame_cell(row, column)

    def tell(self, thing: tuple[int, int] | None) -> None:
        self.pointed.emit(*(thing or (-1, -1)))

    def pick(self, thing: tuple[int, int]) -> None:
        self.picked.emit(*thing)

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(None))
        thin, faint = theme.colour("text"), theme.colour("muted")
        thin.setAlpha(70)
        faint.setAlpha(50)
        self._set_lines.setPen(pg.mkPen(thin))
        self._label_lines.setPen(pg.mkPen(faint))
        cross = theme.colour("text")
        cross.setAlpha(110)
        for line in self._cross:
            line.setPen(pg.mkPen(cross))

    def _lay_out(self) -> None:
        plot = self.getPlotItem()
        plot.layout.setContentsMargins(0, 8, 0, 0)
        for item in (self.image, *self._strips, self._label_lines, self._set_lines, self._cell, *self._cross):
            plot.addItem(item, ignoreBounds=True)
        self.show_cross(-1, -1)

    def _draw_boundaries(self) -> None:
        assert self.values is not None
        size, labels = len(self.values), len(self._label_names)
        for lines, every in ((self._set_lines, labels), (self._label_lines, 1)):
            lines.setData(*_grid(size, every))
        colours = [label_colour(place % labels) for place in range(size)]
        strip = np.array([(each.red(), each.green(), each.blue()) for each in colours], np.uint8)
        wide, gap = STRIP * size, GAP * size
        for image, pixels, where in (
            (self._strips[0], strip[None], QRectF(0, size + gap, size, wide)),
            (self._strips[1], strip[:, None], QRectF(-gap - wide, 0, wide, size)),
        ):
            image.setImage(pixels, levels=(0, 255))
            image.setRect(where)

    @Slot()
    def _mark_labels(self) -> None:
        """Part the labels where a cell is large enough."""
        pixel = self.plotItem.vb.viewPixelSize()[0]
        self._label_lines.setVisible(bool(pixel) and 1 / pixel >= CELL_FOR_LABEL_LINES)


class VectorAxis(pg.AxisItem):
    """Ticks of vectors: the numbers of the sets, or each vector's label and set where one sees few enough."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._size = 0
        self._label_names: tuple[str, ...] = ("",)
        self._room = 0.0
        self.setStyle(tickLength=0, tickAlpha=0)

    def use(self, size: int, label_names: tuple[str, ...]) -> None:
        """Name `size` vectors of these labels, set outer and label inner."""
        self._size, self._label_names = size, label_names
        self.picture = None
        self.update()

    def tickValues(self, least: float, largest: float, size: float) -> list[tuple[float, list[float]]]:
        """The middles of the sets or of the vectors that are seen."""
        least, largest = sorted((least, largest))
        step = self._step(largest - least, size)
        self._room = NAMES if self.orientation == "left" else size / max(largest - least, 1) - AFTER_NAME
        places = [place + step / 2 for place in range(0, self._size, step)]
        return [(step, [place for place in places if least <= place <= largest])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        labels = len(self._label_names)
        if spacing > 1 or labels == 1:
            return [str(int(value // labels) + 1) for value in values]
        metrics = QFontMetrics(font(CAPTION))
        names = [
            metrics.elidedText(name, Qt.TextElideMode.ElideRight, round(self._room))
            for name in self._label_names
        ]
        return [f"{isolated(names[int(value) % labels])}, {int(value) // labels + 1}" for value in values]

    def _step(self, span: float, size: float) -> int:
        room = 36 if self.orientation == "bottom" else 16
        return 1 if span > 0 and size / span >= room else len(self._label_names)


def plain_number(value: float) -> str:
    """A number in four figures; what is only a rounding error keeps its power of ten."""
    if value == 0:
        return "0"
    if abs(value) >= 1e-3:
        return f"{value:.4g}".replace("-", "−")
    mantissa, exponent = f"{value:.1e}".split("e")
    power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa} · 10{power}".replace("-", "−")


def _grid(size: int, every: int) -> tuple[list[float], list[float]]:
    """Lines over a square at every so many places, as pairs of ends."""
    along: list[float] = []
    across: list[float] = []
    for place in range(0, size + 1, every):
        along += [0, size]
        across += [place, place]
    return along + across, across + along
