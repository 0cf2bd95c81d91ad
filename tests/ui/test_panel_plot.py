"""A panel of a figure in the window: its parts where its values are, in the theme's colours, on its axes."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from lsd_studio.engine.figures.spec import Axis, Bars, Heatmap, Line, Panel, Part, Points, Rule, Steps
from lsd_studio.ui.app.theme import Choice, ThemeChoice, ThemeManager
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.plots.plots import Plot

X, Y = np.array([1.0, 10.0, 100.0]), np.array([3.0, 1.0, 2.0])


@pytest.fixture
def plot(qtbot: QtBot, themes: ThemeManager) -> PanelPlot:
    plot = PanelPlot(themes, "Losses")
    qtbot.addWidget(plot)
    return plot


def drawn(plot: PanelPlot, *parts: Part, bottom: Axis | None = None) -> list[pg.GraphicsObject]:
    plot.show_panel(Panel(parts, bottom or Axis(), Axis("loss", "nats", limits=(0.0, 4.0))))
    plot.catch_up()
    return list(plot.getPlotItem().items)


def test_every_part_is_drawn_where_its_values_are(plot: PanelPlot, themes: ThemeManager) -> None:
    line, bars, points, steps, rule, image = drawn(
        plot,
        Line("training", X, Y, "blue", Y - 0.5, Y + 0.25, "dashed", "dot", 2.0),
        Points("wrong", X, Y, 3, "cross"),
        Steps("density", np.arange(4.0), Y, "black"),
        Rule("C", 2.5, "left", "teal", "solid"),
        Heatmap("codes", np.array([[0.0, 4.0, 9.0]]), ends=(0.0, 9.0), edges=(0.0, 3.0, 1.0, 2.0)),
    )
    np.testing.assert_array_equal(line.getOriginalDataset(), (X, Y))
    assert line.opts["pen"].style() is Qt.PenStyle.DashLine
    assert line.opts["pen"].color() == ink_colour("blue", themes.theme)
    np.testing.assert_array_equal([bars.opts["bottom"], bars.opts["top"]], [[0.5] * 3, [0.25] * 3])
    assert (points.opts["pen"], points.opts["symbol"]) == (None, "x")
    assert steps.opts["stepMode"] == "center"
    assert (rule.value(), rule.angle) == (2.5, 0)
    np.testing.assert_array_equal(image.image, [[0.0, 2.0, 3.0]])
    assert image.mapRectToParent(image.boundingRect()) == QRectF(0.0, 1.0, 3.0, 1.0)
    assert plot.getPlotItem().viewRange()[1] == [0.0, 4.0]


def test_a_logarithmic_axis_has_the_panels_ticks(plot: PanelPlot) -> None:
    ticks = ((1.0, "1"), (100.0, "100"))
    bottom = Axis("first k ranks", logarithmic=True, limits=(1.0, 100.0), ticks=ticks)
    line, bars = drawn(plot, Line("", X, Y, "red", Y, Y), bottom=bottom)
    np.testing.assert_array_equal(line.getData()[0], bars.opts["x"])
    np.testing.assert_allclose(bars.opts["x"], [0.0, 1.0, 2.0])
    assert plot.getAxis("bottom")._tickLevels == [[(0.0, "1"), (2.0, "100")]]
    np.testing.assert_allclose(plot.getPlotItem().viewRange()[0], [0.0, 2.0])


def test_colours_follow_the_theme_unless_a_part_has_its_own(plot: PanelPlot, themes: ThemeChoice) -> None:
    own = {"mine": QColor("#123456")}
    plot.show_panel(Panel((Line("mine", X, Y, "blue"), Line("other", X, Y, "blue"))), own)
    for choice in (Choice.LIGHT, Choice.DARK):
        themes.choose(choice)
        plot.catch_up()
        mine, other = plot.getPlotItem().items
        assert mine.opts["pen"].color() == own["mine"]
        assert other.opts["pen"].color() == ink_colour("blue", themes.theme)


def test_what_no_plot_of_the_window_shows_is_refused(plot: PanelPlot) -> None:
    with pytest.raises(TypeError, match="Bars"):
        drawn(plot, Bars("c", X, Y))


def test_numbers_below_zero_have_a_minus_in_every_plot(themes: ThemeManager, qtbot: QtBot) -> None:
    plot = Plot(themes, "x", "y")
    qtbot.addWidget(plot)
    for side in ("bottom", "left"):
        assert plot.getPlotItem().getAxis(side).tickStrings([-5.0, 5.0], 1.0, 5.0) == ["−5", "5"]
