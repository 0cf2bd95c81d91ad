"""Plots in the window's colours and typeface."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QGraphicsItem, QToolTip, QWidget

from lsd_studio.palette import SIGNED_ENDS
from lsd_studio.ui.app.theme import CAPTION, Theme, ThemeManager, font
from lsd_studio.ui.plots.axes import ValueAxis
from lsd_studio.ui.widgets.painting import paint_hint
from lsd_studio.ui.widgets.plain_text import tip_words

BELOW = 3
"""Pixels below the words of the bottom axis, into which their lower parts reach."""

LEAST_PLOT = 104
"""Pixels in height in which a plot can be read, its axes included."""

pg.setConfigOptions(imageAxisOrder="row-major", antialias=True)


class Plot(pg.PlotWidget):
    """A plot that follows the theme. Ctrl and the wheel zoom it; the wheel alone does where no page around it scrolls.

    It takes the theme's colours when it is next painted, so that no plot is drawn twice for one change, nor any that
    nobody sees.

    Args:
        themes: the window's themes.
        bottom, left: what the axes show and its unit, such as "step" or "KL divergence (nats)".
        name: what screen readers call it.
        axes: in the place of axes of values, by their sides.

    Attributes:
        hint: what will be here, shown while nothing is drawn.
    """

    def __init__(
        self,
        themes: ThemeManager,
        bottom: str,
        left: str,
        name: str = "",
        axes: Mapping[str, pg.AxisItem] | None = None,
    ) -> None:
        self.hint = ""
        self._themes = themes
        self._is_stale = True
        given = {} if axes is None else axes
        super().__init__(
            enableMenu=False,
            axisItems={side: given.get(side) or ValueAxis(side) for side in ("bottom", "left")},
        )
        for side in (
            "bottom",
            "left",
            "top",
            "right",
        ):  # SI prefixes lay words out anew at every change of range
            self.getAxis(side).enableAutoSIPrefix(False)
        self._words = {"bottom": bottom, "left": left}
        self.setAccessibleName(name or f"{left} against {bottom}")
        self._tick_alphas: dict[str, float | None] = {}
        self.getPlotItem().hideButtons()
        self.getPlotItem().layout.setContentsMargins(0, 8, 12, BELOW)
        self.scene().sigPrepareForPaint.connect(self._show_ticks)
        themes.changed.connect(self.restyle)

    @property
    def is_empty(self) -> bool:
        """Whether no values are drawn; its axes have no numbers then, which would be of nothing."""
        return not any(_holds_values(item) for item in self.getPlotItem().items)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Catch up with the theme, and say what will be here while nothing is."""
        self.catch_up()
        super().paintEvent(event)
        if self.hint and self.is_empty:
            inside = self.mapFromScene(self.getPlotItem().vb.sceneBoundingRect()).boundingRect()
            paint_hint(QPainter(self.viewport()), self._themes.theme, inside, self.hint)

    @Slot()
    def restyle(self) -> None:
        """Take the colours of the theme, and of what is shown, when the plot is next painted."""
        self._is_stale = True
        self.viewport().update()

    def catch_up(self) -> None:
        """Take them now, where that waits."""
        item = self.getPlotItem()
        if self._is_stale and item is not None:
            self._is_stale = False
            self.apply_theme(self._themes.theme)
            item.layout.activate()

    def name_axes(self, bottom: str, left: str) -> None:
        """Say anew what the axes show."""
        self._words = {"bottom": bottom, "left": left}
        self._fit_words()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Let the axes say as much as there is room for."""
        super().resizeEvent(event)
        if event is not None and self.getPlotItem() is not None:  # None: pyqtgraph has closed it
            self._fit_words()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom, or leave the wheel to the page."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier or not _is_scrolled(self):
            super().wheelEvent(event)
        else:
            event.ignore()

    def _fit_words(self) -> None:
        """Name the axes, with fewer words where an axis is shorter than all of them."""
        metrics, style = QFontMetrics(font(CAPTION)), {"font-size": f"{CAPTION}px"}
        for axis, words in self._named_axes():
            room = axis.size().width() if axis.orientation == "bottom" else axis.size().height()
            shortened = fitting_words(words, metrics, round(room))
            axis.setLabel(shortened, color=self._themes.theme.muted, **style)
            axis.resizeEvent()  # pyqtgraph centres the words only then

    def _named_axes(self) -> list[tuple[pg.AxisItem, str]]:
        """The axes with all of the words that name them."""
        return [(self.getPlotItem().getAxis(side), words) for side, words in self._words.items()]

    def viewportEvent(self, event: QEvent | None) -> bool:
        """Show all words of the axis under the pointer, where it says only some."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.mapToScene(event.pos())
            for axis, words in self._named_axes():
                if axis.labelText != words and axis.sceneBoundingRect().contains(place):
                    QToolTip.showText(event.globalPos(), tip_words(words), self)
                    return True
        return super().viewportEvent(event)

    @Slot()
    def _show_ticks(self) -> None:
        """Leave out the ticks while nothing is drawn."""
        if self.getPlotItem() is None:
            return  # pyqtgraph has closed it, and paints once more
        axes = {side: self.getPlotItem().getAxis(side) for side in self._words}
        if self.is_empty and not self._tick_alphas:
            self._tick_alphas = {side: axis.style["tickAlpha"] for side, axis in axes.items()}
            for axis in axes.values():
                axis.setStyle(showValues=False, tickAlpha=0)
        elif self._tick_alphas and not self.is_empty:
            for side, axis in axes.items():
                axis.setStyle(showValues=True, tickAlpha=self._tick_alphas[side])
            self._tick_alphas = {}

    def sizeHint(self) -> QSize:
        """The least, whatever is shown: a graphics view's own is its size of now, and what stands beside would never
        come back from a larger window.
        """
        return self.minimumSizeHint()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.setBackground(theme.colour("surface"))
        for axis, _ in self._named_axes():
            axis.setPen(pg.mkPen(theme.colour("line")))
            axis.setTextPen(pg.mkPen(theme.colour("muted")))
            axis.setTickFont(font(CAPTION))
        self._fit_words()
        self.getPlotItem().showGrid(x=True, y=True, alpha=0.12)


def fitting_words(words: str, metrics: QFontMetrics, room: int) -> str:
    """Words as they are where there is room, else with … in the place of what a comma or a bracket adds."""
    head = re.split(r", | \(", words, maxsplit=1)[0]
    short = head if head == words else f"{head} …"
    shown = words if metrics.horizontalAdvance(words) <= room else short
    return metrics.elidedText(shown, Qt.TextElideMode.ElideRight, room)


def _is_scrolled(inside: QWidget) -> bool:
    """Whether a page around a widget has more than it shows."""
    around = inside.parentWidget()
    while around is not None:
        if isinstance(around, QAbstractScrollArea) and around.verticalScrollBar().maximum() > 0:
            return True
        around = around.parentWidget()
    return False


def _holds_values(item: QGraphicsItem) -> bool:
    """Whether an item of a plot draws values: lines across the plot and words do not."""
    if not item.isVisible() or isinstance(item, pg.InfiniteLine | pg.TextItem):
        return False
    if hasattr(item, "dataBounds"):
        ends = item.dataBounds(0)
        return ends is not None and ends[0] is not None
    return not item.boundingRect().isEmpty()


def signed_colours(theme: Theme) -> pg.ColorMap:
    """Blue over the surface's own colour to red, for values from −a to a: 0 is in the middle (after Tol's sunset)."""
    below, above = SIGNED_ENDS
    return pg.ColorMap([0.0, 0.25, 0.5, 0.75, 1.0], [*below, theme.surface, *above])


def density_colours(theme: Theme) -> pg.ColorMap:
    """From the surface's own colour over blue to yellow or dark blue, for counts and densities from 0 up."""
    dark = theme.name == "dark"
    ends = (
        (theme.surface, "#2B5C8A", "#41B7A5", "#F5E663")
        if dark
        else (theme.surface, "#A6D5C8", "#3E8EB5", "#1B2F5E")
    )
    return pg.ColorMap([0.0, 0.33, 0.66, 1.0], list(ends))
