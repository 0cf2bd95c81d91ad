"""Pictures and plots of Denoise and Operate as figures: what is in them, and the view that they bring back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lsd_studio.engine.figures.drawing import draw_plot, figure_bytes
from lsd_studio.engine.messages.denoise import CurveShown, DenoisingMeasured
from lsd_studio.engine.messages.figures import FigureLook, Line, Mosaic, Panel, PlotFigure
from lsd_studio.ui.denoise_curves import MEASURES, DenoiseCurves
from lsd_studio.ui.denoise_inks import INKS
from lsd_studio.ui.denoise_workspace import DenoiseWorkspace
from lsd_studio.ui.main_window import MainWindow
from lsd_studio.ui.theme import ThemeManager

LONG = 120_000


def mosaic(panel: Panel) -> Mosaic:
    (part,) = panel.parts
    assert isinstance(part, Mosaic)
    return part


def words(figure: PlotFigure) -> str:
    """All that is written in a drawn figure."""
    drawn = draw_plot(figure)
    return " ".join(text.get_text() for axes in drawn.axes for text in axes.findobj(match=_is_text))


def _is_text(artist: object) -> bool:
    return hasattr(artist, "get_text")


@pytest.fixture
def denoise(window: MainWindow, qtbot: QtBot) -> DenoiseWorkspace:
    workspace = window.go_to("Denoise")
    assert isinstance(workspace, DenoiseWorkspace)
    qtbot.waitUntil(lambda: workspace.is_up_to_date, timeout=LONG)
    return workspace


def test_an_image_and_what_methods_make_of_it_are_figures(denoise: DenoiseWorkspace) -> None:
    shown, descended = denoise.shown, denoise.descended
    assert shown is not None
    assert shown.original is not None
    assert descended is not None
    whole, methods, truncations = denoise.figures()
    assert whole.panels == (*methods.panels, *truncations.panels)
    expected = [
        shown.original, shown.noisy, shown.chosen, descended.found, *shown.baselines,
        *(judged for _, judged in shown.truncations),
    ]  # fmt: skip
    for panel, judged in zip(whole.panels, expected, strict=True):
        drawn = mosaic(panel)
        np.testing.assert_array_equal(drawn.pictures[0, 0], judged.picture)
        assert drawn.marked is not None
        assert drawn.marked.item() == (judged.label != shown.original.label)
    written = words(methods)
    assert f"{shown.noisy.psnr:.1f} dB · SSIM {shown.noisy.ssim:.2f}" in written
    assert f"LSD, n = {shown.terms}" in written
    assert "seed 0" in whole.source
    assert shown.parameters in whole.caption


def measured_curves() -> DenoisingMeasured:
    """Curves of all methods that are known, at five levels and four n."""
    random = np.random.default_rng(0)

    def curve(name: str, points: int) -> CurveShown:
        values = random.random(points)
        return CurveShown(name, f"method {name}", "lsd", values, values - 0.1, values + 0.1)

    methods = [name for name in INKS if name not in ("bundle", "saw_noise")]
    return DenoisingMeasured(
        1,
        bundle="mine",
        data_set="mnist",
        images=7,
        seed=3,
        levels={"gaussian": (0.1, 0.25, 0.5, 0.75, 1.0)},
        terms=(1, 2, 10, 100),
        over_levels={
            ("gaussian", measure): tuple(curve(name, 5) for name in methods) for measure in MEASURES
        },
        over_terms={
            ("gaussian", level, measure): (curve("bundle", 4), curve("saw_noise", 4))
            for level in range(5)
            for measure in MEASURES
        },
        verdicts={"gaussian": "Nobody wins."},
        kept=False,
    )


def test_curves_are_a_figure_and_come_back_as_they_were_drawn(qtbot: QtBot, themes: ThemeManager) -> None:
    curves, measured = DenoiseCurves(themes), measured_curves()
    qtbot.addWidget(curves)
    assert curves.figure() is None
    curves.show_measured(measured)
    curves.measure.button("label_kept").click()
    figure = curves.figure()
    assert figure is not None
    lines = [part for part in figure.panels[0].parts if isinstance(part, Line)]
    known = {curve.title: curve for curve in measured.over_levels["gaussian", "label_kept"]}
    assert [line.name for line in lines] == [f"method {name}" for name in curves.curve_names]
    assert len({(line.ink, line.dash, line.mark) for line in lines}) == len(lines)
    for line in lines:
        np.testing.assert_array_equal(line.y, 100 * known[line.name].values)
        np.testing.assert_array_equal(line.x, measured.levels["gaussian"])
    assert "label kept (%)" in words(figure)
    assert figure.source == "7 test images of mnist with mine, seed 3"
    assert "Nobody wins." in figure.caption

    curves.axis.button("terms").click()
    over_terms, settings = curves.figure(), json.loads(json.dumps(curves.view_settings))
    assert over_terms is not None
    assert over_terms.panels[0].bottom.logarithmic
    other = DenoiseCurves(themes)
    qtbot.addWidget(other)
    other.show_measured(measured)
    other.show_view(settings)
    again = other.figure()
    assert again is not None
    assert figure_bytes(again, FigureLook(dpi=50), "png") == figure_bytes(
        over_terms, FigureLook(dpi=50), "png"
    )
