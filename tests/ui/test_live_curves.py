"""Live curves on a real plot: read out, smoothed, zoomed, laid over each other, and cheap however long the run."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lsd_studio.engine.runs.curves import Curve
from lsd_studio.engine.runs.history import BINS, ThinnedHistory
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.plots.axes import step_words
from lsd_studio.ui.plots.live_curves import LiveCurves, ShownRun
from lsd_studio.ui.widgets.number_formatting import counted

EPOCH = 400
PATIENCE = 60_000


def losses(steps: int, offset: float = 0.0) -> tuple[Curve, ...]:
    """The three curves of a GAN after so many steps, through the engine's own thinned history."""
    history = ThinnedHistory(("discriminator_real", "discriminator_fake", "generator"))
    at = np.arange(1, steps + 1)
    history.extend(at, np.stack([offset + 1 / at, offset + 2 + np.sin(at / 50), offset + 0.001 * at], axis=1))
    return tuple(
        Curve("gan", name, name.replace("_", " "), "nats", "batch", middle, lowest, highest, mean)
        for name in history.names
        for middle, lowest, highest, mean in (history.curve(name),)
    )


def accuracy(epochs: int) -> Curve:
    values = np.linspace(0.5, 0.9, epochs, dtype=np.float32)
    steps = EPOCH * np.arange(1, epochs + 1.0)
    return Curve("gan", "confidence", "confidence of C", "share", "held out", steps, values, values, values)


def run(name: str, steps: int, offset: float = 0.0) -> ShownRun:
    curves = (*losses(steps, offset), accuracy(max(1, steps // EPOCH)))
    return ShownRun(name, {"gan": curves}, {"gan": EPOCH})


@pytest.fixture
def live(themes: ThemeManager, qtbot: QtBot) -> LiveCurves:
    widget = LiveCurves(themes)
    qtbot.addWidget(widget)
    widget.resize(900, 360)
    widget.show_stage("gan")
    widget.show()
    return widget


def show(qtbot: QtBot, live: LiveCurves, *runs: ShownRun) -> None:
    live.show_runs(runs)
    last = runs[0].curves["gan"][0].steps[-1]
    qtbot.waitUntil(
        lambda: bool(live.panels[0].traces.traces) and live.panels[0].traces.traces[0].steps[-1] == last,
        timeout=PATIENCE,
    )
    QApplication.processEvents()


def test_the_read_out_names_step_epoch_run_term_value_and_unit(qtbot: QtBot, live: LiveCurves) -> None:
    show(qtbot, live, run("first", 1000))
    panel = live.panels[0]
    place = panel.view.mapViewToScene(QPointF(500.0, 1.0))
    panel.plot.scene().sigMouseMoved.emit(place)
    words = live.reading.words
    assert live.reading.isVisible()
    assert f"step {counted(500)}" in words
    assert "epoch 1.25" in words
    assert "first · G" in words
    assert "0.5 nats" in words
    QApplication.sendEvent(panel.plot.viewport(), QEvent(QEvent.Type.Leave))
    assert not live.reading.isVisible()


def test_shares_are_read_in_percent(qtbot: QtBot, live: LiveCurves) -> None:
    show(qtbot, live, run("first", 2000))
    assert "90.0 %" in live.panels[1].read_at(2000.0)


def test_a_zoom_survives_new_points_and_all_can_be_seen_again(qtbot: QtBot, live: LiveCurves) -> None:
    show(qtbot, live, run("first", 1000))
    panel = live.panels[0]
    assert panel.view.viewRange()[0][1] >= 1000
    assert not live.whole.isVisible()
    panel.view.scaleBy((0.3, 0.3))
    panel.view.sigRangeChangedManually.emit([True, True])
    seen = panel.view.viewRange()
    assert live.whole.isVisible()
    show(qtbot, live, run("first", 4000))
    np.testing.assert_allclose(panel.view.viewRange(), seen)
    qtbot.mouseClick(live.whole, Qt.MouseButton.LeftButton)
    live.grab()
    assert panel.view.viewRange()[0][1] >= 4000
    assert not live.whole.isVisible()


def test_all_panels_of_a_stage_show_the_same_steps(qtbot: QtBot, live: LiveCurves) -> None:
    show(qtbot, live, run("first", 4000))
    live.panels[0].view.setXRange(1000, 2000, padding=0)
    live.grab()
    np.testing.assert_allclose(
        live.panels[1].view.viewRange()[0], live.panels[0].view.viewRange()[0], rtol=0.05
    )


def test_several_runs_lie_over_each_other_in_a_colour_each(qtbot: QtBot, live: LiveCurves) -> None:
    show(qtbot, live, run("first", 1000), run("second", 600, 0.5))
    traces = live.panels[0].traces.traces
    colours = {trace.run: {each.colour for each in traces if each.run == trace.run} for trace in traces}
    assert set(colours) == {"first", "second"}
    assert all(len(found) == 1 for found in colours.values())
    assert colours["first"] != colours["second"]
    words = live.panels[0].read_at(100.0)
    assert "first · G" in words
    assert "second · G" in words


def test_a_logarithmic_axis_places_decades_evenly_and_leaves_out_what_has_no_logarithm(
    qtbot: QtBot, live: LiveCurves
) -> None:
    show(qtbot, live, run("first", 1000))
    qtbot.mouseClick(live.scale.button("log"), Qt.MouseButton.LeftButton)
    panel = live.panels[0]
    assert panel.logarithmic
    assert not live.panels[1].logarithmic
    places = panel.traces.on_axis(np.array([0.01, 1.0, 100.0, 0.0, -1.0, np.nan]))
    np.testing.assert_allclose(places[:3], [-2, 0, 2])
    assert np.isnan(places[3:]).all()
    assert "first · G" in panel.read_at(500.0)


def test_smoothing_moves_the_line_and_leaves_band_and_measures(qtbot: QtBot, live: LiveCurves) -> None:
    shown = run("first", 4000)
    show(qtbot, live, shown)
    before = {trace.name: trace for panel in live.panels for trace in panel.traces.traces}
    live.smoothing.setValue(99)
    qtbot.waitUntil(
        lambda: live.panels[0].traces.traces[1].mean is not before["D on generated"].mean, timeout=PATIENCE
    )
    after = {trace.name: trace for panel in live.panels for trace in panel.traces.traces}
    rough, smooth = (np.ptp(each["D on generated"].mean[1000:]) for each in (before, after))
    assert smooth < 0.7 * rough
    np.testing.assert_array_equal(after["D on generated"].highest, before["D on generated"].highest)
    np.testing.assert_array_equal(after["confidence"].mean, before["confidence"].mean)


def test_a_line_is_drawn_where_its_values_are_and_its_band_around_it(qtbot: QtBot, live: LiveCurves) -> None:
    """The picture itself: the line on its mean, a tint inside the band, the ground outside both."""
    steps = np.arange(1.0, 1001.0)
    level = np.full(1000, 1.0, np.float32)
    flat = Curve("gan", "generator", "G", "nats", "batch", steps, level - 0.5, level + 0.5, level)
    show(qtbot, live, ShownRun("first", {"gan": (flat,)}, {"gan": EPOCH}))
    panel = live.panels[0]
    panel.view.setRange(xRange=(0, 1000), yRange=(0, 2), padding=0)
    picture = panel.plot.grab().toImage()

    def colour(value: float) -> tuple[int, int, int]:
        place = panel.plot.mapFromScene(panel.view.mapViewToScene(QPointF(430.0, value)))
        ratio = picture.devicePixelRatio()
        found = picture.pixelColor(round(place.x() * ratio), round(place.y() * ratio))
        return found.red(), found.green(), found.blue()

    line, band, ground = colour(1.0), colour(1.37), colour(1.87)
    assert max(abs(a - b) for a, b in zip(line, ground, strict=True)) > 80
    assert 8 < max(abs(a - b) for a, b in zip(band, ground, strict=True)) < 80


def test_two_million_steps_are_drawn_from_a_bounded_number_of_points(qtbot: QtBot, live: LiveCurves) -> None:
    show(qtbot, live, run("long", 2_000_000))
    assert all(len(trace.steps) <= BINS for trace in live.panels[0].traces.traces)
    assert live.panels[0].view.viewRange()[0][1] >= 2_000_000
    live.grab()


def test_an_empty_panel_says_when_values_come(live: LiveCurves) -> None:
    plot = live.panels[1].plot
    assert plot.is_empty
    assert "after an epoch" in plot.hint
    said = plot.grab().toImage()
    plot.hint = ""
    assert said != plot.grab().toImage()


@pytest.mark.parametrize(
    ("steps", "words"), [(0, "0"), (500, "500"), (1500, "1.5 k"), (20_000, "20 k"), (1_200_000, "1.2 M")]
)
def test_steps_on_the_axis_are_short(steps: int, words: str) -> None:
    assert step_words(steps) == words
