"""The wheel over a plot: it scrolls the page around it, and zooms with Ctrl or where nothing scrolls."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.plots.cloud_plot import CloudPlot
from lsd_studio.ui.plots.live_panel import CurvePanel, Reading
from lsd_studio.ui.plots.live_traces import Trace
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.plots.plots import Plot
from lsd_studio.ui.plots.pointed_plot import MatrixPlot
from lsd_studio.ui.train.panels import PANELS
from lsd_studio.ui.widgets.layouts import column, scrolled

NOTCH = 120
HIGH = 400

NOTHING, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def live_curve(themes: ThemeManager) -> tuple[Plot, QWidget]:
    shown = QWidget()
    panel = CurvePanel(themes, PANELS["gan"][0], Reading(shown))
    shown.setLayout(column(panel))
    values = np.array([0.3, 0.2])
    panel.show_traces([Trace("run", "G", np.arange(2), *[values] * 3, 10.0, False, "#2050C0")])
    return panel.plot, shown


def alone(plot: Plot) -> tuple[Plot, QWidget]:
    return plot, plot


KINDS = {
    "live curve": live_curve,
    "cloud": lambda themes: alone(CloudPlot(themes, "Codes")),
    "matrix": lambda themes: alone(MatrixPlot(themes, "j", "i", "Matrix", bar_width=12)),
    "panel": lambda themes: alone(PanelPlot(themes, "Panel")),
}


def page_with(shown: QWidget, high: int, qtbot: QtBot) -> QScrollArea:
    """A page of 500 × 400 pixels that has the widget at its top and is so many pixels high inside."""
    inside = QWidget()
    shown.setFixedHeight(3 * HIGH // 4)
    inside.setLayout(column(shown, None))
    inside.setMinimumHeight(high)
    page = scrolled(inside)
    qtbot.addWidget(page)
    page.resize(500, HIGH)
    with qtbot.waitExposed(page):
        page.show()
    return page


def turn_wheel(plot: Plot, place: QPointF, keys: Qt.KeyboardModifier) -> None:
    """Turn the wheel one notch towards the user, over a place of a plot."""
    window = plot.window()
    at = plot.viewport().mapTo(window, place.toPoint())
    QTest.wheelEvent(window.windowHandle(), at, QPoint(0, -NOTCH), QPoint(), keys)


def places(plot: Plot) -> tuple[QPointF, QPointF]:
    """In the middle of a plot, and on its axis of values."""
    item = plot.getPlotItem()
    parts = item.vb, item.getAxis("left")
    middle, axis = (QPointF(plot.mapFromScene(part.sceneBoundingRect().center())) for part in parts)
    return middle, axis


def zooms_of(plot: Plot) -> list[object]:
    """What a hand zooms from now on."""
    zooms: list[object] = []
    plot.getPlotItem().vb.sigRangeChangedManually.connect(zooms.append)
    return zooms


@pytest.mark.parametrize("kind", KINDS)
def test_the_wheel_scrolls_the_page_and_with_ctrl_zooms_the_plot(
    kind: str, themes: ThemeManager, qtbot: QtBot
) -> None:
    plot, shown = KINDS[kind](themes)
    page = page_with(shown, 3 * HIGH, qtbot)
    bar, zooms = page.verticalScrollBar(), zooms_of(plot)
    if kind != "panel":  # which cannot be zoomed
        turn_wheel(plot, places(plot)[0], CTRL)
        assert (bar.value(), len(zooms)) == (0, 1)
    before = len(zooms)
    for place in range(2):
        at = bar.value()
        turn_wheel(plot, places(plot)[place], NOTHING)
        assert bar.value() > at
    assert len(zooms) == before


def test_the_wheel_zooms_a_plot_on_a_page_that_shows_all_it_has(themes: ThemeManager, qtbot: QtBot) -> None:
    plot = CloudPlot(themes, "Codes")
    page = page_with(plot, HIGH, qtbot)
    assert page.verticalScrollBar().maximum() == 0
    zooms = zooms_of(plot)
    turn_wheel(plot, places(plot)[0], NOTHING)
    assert len(zooms) == 1
