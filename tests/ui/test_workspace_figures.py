"""Pictures and plots of Denoise and Operate as figures: what is in them, and the view that they bring back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text
from pytestqt.qtbot import QtBot

from lsd_studio.engine.denoising.curves import Curve, Curves, KindCurves, Measure
from lsd_studio.engine.figures.drawing import draw_plot, figure_bytes
from lsd_studio.engine.figures.spec import (
    Bars,
    FigureLook,
    Line,
    Mosaic,
    NumberedFigure,
    Panel,
    PlotFigure,
    Points,
)
from lsd_studio.engine.figures.tables import data_file
from lsd_studio.engine.operators.products import Factor, Turn
from lsd_studio.engine.operators.results import AnalysedOperator, FittedOperator
from lsd_studio.engine.operators.store import Operator
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.denoise.curves import CUTS, MEASURES, DenoiseCurves
from lsd_studio.ui.denoise.line_styles import INKS
from lsd_studio.ui.denoise.state import CurvesState
from lsd_studio.ui.denoise.workspace import DenoiseWorkspace
from lsd_studio.ui.operate.figures import fitted_figures
from lsd_studio.ui.operate.state import OperateState
from lsd_studio.ui.operate.workspace import OperateWorkspace
from lsd_studio.ui.shell.main_window import MainWindow

LONG = 120_000


def mosaic(panel: Panel) -> Mosaic:
    (part,) = panel.parts
    assert isinstance(part, Mosaic)
    return part


def words(figure: PlotFigure) -> str:
    """All that is written in a drawn figure."""
    written = draw_plot(figure).findobj(Text)
    return " ".join(text.get_text() for text in written if isinstance(text, Text))


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
        shown.original, shown.noisy, shown.chosen, shown.control, descended.found, *shown.baselines,
        *(judged for _, judged in shown.truncations),
    ]  # fmt: skip
    for panel, judged in zip(whole.panels, expected, strict=True):
        drawn = mosaic(panel)
        np.testing.assert_array_equal(drawn.pictures[0, 0], judged.picture)
        assert drawn.marked is not None
        assert drawn.marked.item() == (judged.label != shown.original.label)
    written = words(methods)
    assert f"{shown.noisy.psnr:.1f} dB · SSIM {shown.noisy.ssim:.2f}" in written
    assert f"In ξ, n = {shown.terms}" in written
    assert "seed 0" in whole.source
    assert shown.parameters in whole.caption


def measured_curves() -> Curves:
    """Curves of all methods that are known, at five levels and four n."""
    random = np.random.default_rng(0)

    def by_measure(points: int) -> dict[Measure, Curve]:
        drawn = {measure: random.random(points) for measure in MEASURES}
        return {measure: Curve(values, values - 0.1, values + 0.1) for measure, values in drawn.items()}

    names = [name for name in INKS if name not in CUTS]
    kind = KindCurves(
        "gaussian",
        levels=(0.1, 0.25, 0.5, 0.75, 1.0),
        methods={name: by_measure(5) for name in names},
        terms=(1, 2, 10, 100),
        by_terms={name: tuple(by_measure(4) for _ in range(5)) for name in ("bundle", "saw_noise")},
        verdict="Nobody wins.",
    )
    titles = {name: f"method {name}" for name in names}
    return Curves(7, 3, titles, dict.fromkeys(names, "lsd"), (kind,))


def test_curves_are_a_figure_and_come_back_as_they_were_drawn(qtbot: QtBot, themes: ThemeManager) -> None:
    curves, measured = DenoiseCurves(themes), measured_curves()
    qtbot.addWidget(curves)
    assert curves.figure() is None
    curves.show_curves(measured, "mnist with mine", stored=False)
    curves.measure.button("label_kept").click()
    figure = curves.figure()
    assert figure is not None
    lines = [part for part in figure.panels[0].parts if isinstance(part, Line)]
    (kind,) = measured.kinds
    known = {f"method {name}": by_measure["label_kept"] for name, by_measure in kind.methods.items()}
    assert [line.name for line in lines] == [f"method {name}" for name in curves.curve_names]
    assert len({(line.ink, line.dash, line.mark) for line in lines}) == len(lines)
    for line in lines:
        np.testing.assert_array_equal(line.y, 100 * known[line.name].values)
        np.testing.assert_array_equal(line.x, kind.levels)
    assert "label kept (%)" in words(figure)
    assert figure.source == "7 test images of mnist with mine, seed 3"
    assert "Nobody wins." in figure.caption

    curves.axis.button("terms").click()
    over_terms, state = curves.figure(), CurvesState.model_validate(curves.state.model_dump(mode="json"))
    assert over_terms is not None
    assert over_terms.panels[0].bottom.logarithmic
    other = DenoiseCurves(themes)
    qtbot.addWidget(other)
    other.show_curves(measured, "mnist with mine", stored=False)
    other.show_state(state)
    again = other.figure()
    assert again is not None
    assert figure_bytes(again, FigureLook(dpi=50), "png") == figure_bytes(
        over_terms, FigureLook(dpi=50), "png"
    )


@pytest.fixture
def operate(window: MainWindow, qtbot: QtBot) -> OperateWorkspace:
    workspace = window.go_to("Operate")
    assert isinstance(workspace, OperateWorkspace)
    followed(workspace, qtbot)
    return workspace


def followed(workspace: OperateWorkspace, qtbot: QtBot) -> None:
    """Wait until the handle and both operators' ways show the answers to the last questions."""
    path = workspace.path
    qtbot.waitUntil(lambda: path.is_up_to_date and len(path.followed) == 2, timeout=LONG)


def test_a_path_is_a_figure_of_pictures_and_curves_and_comes_back(
    operate: OperateWorkspace, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    operate.path.controls.step.setCurrentText("Δθ 45°")
    operate.path.taken.button("ten").click()
    followed(operate, qtbot)
    figures = {figure.name: figure for figure in operate.figures()}
    assert len(figures["path"].panels) == 6
    film, shares = (figures[f"path-{part}-rotation"].panels[0] for part in ("film", "shares"))
    way = operate.path.followed["rotation"]
    at_steps = np.isin(way.positions, np.arange(0, 9.25, 0.5))
    np.testing.assert_array_equal(mosaic(film).pictures, way.pictures[at_steps].swapaxes(0, 1))
    aimed_at = tuple(column.partition("\n")[0] for column in mosaic(film).columns)
    assert aimed_at == tuple("" if place % 2 else str(place // 2) for place in range(19))
    for label, line in enumerate(shares.parts):
        assert isinstance(line, Line)
        np.testing.assert_allclose(line.y, way.probabilities[:, :, label].mean(axis=1), atol=1e-6)
        assert line.ink == label
    handle = mosaic(figures["path-handle"].panels[0])
    assert operate.path.here is not None
    np.testing.assert_array_equal(handle.pictures[0], operate.path.here.pictures)
    assert "10 test images" in figures["path"].source
    assert "slant moved" in words(figures["path-slant"])

    settings = operate.view_settings
    operate.path.taken.button("one").click()
    operate.path.controls.step.setCurrentText("Δθ 30°")
    followed(operate, qtbot)
    operate.show_view(json.loads(json.dumps(settings)))
    followed(operate, qtbot)
    again = {figure.name: figure for figure in operate.figures()}
    assert {name: data_file(figure) for name, figure in again.items()} == {
        name: data_file(figure) for name, figure in figures.items()
    }


def test_figure_8_opens_on_the_same_pictures(
    operate: OperateWorkspace, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "figure-8.png"
    operate.engine.figures.save(NumberedFigure("8"), file, FigureLook(dpi=50)).result()
    with np.load(tmp_path / "figure-8.npz") as data:
        drawn = data["panel1_part1_pictures"]
    window.figures.open(file.with_suffix(".json"))
    qtbot.waitUntil(lambda: operate.path.state.taken == "ten", timeout=LONG)
    followed(operate, qtbot)
    assert operate.path.view.value == "film"
    film = next(figure for figure in operate.figures() if figure.name == "path-film-rotation")
    np.testing.assert_array_equal(mosaic(film.panels[0]).pictures, drawn)


def test_snapshots_are_figures(operate: OperateWorkspace, qtbot: QtBot) -> None:
    operate.keep_snapshot()
    operate.path.taken.button("ten").click()
    followed(operate, qtbot)
    operate.keep_snapshot()
    operate.go_to("snapshots")
    whole, one, ten = operate.figures()
    np.testing.assert_array_equal(mosaic(one.panels[0]).pictures[0], operate.snapshots.snapshots[0].pictures)
    assert mosaic(ten.panels[0]).pictures.shape[:2] == (3, 4)
    assert [panel.title for panel in whole.panels] == ["Snapshot 1", "Snapshot 2"]


def test_an_operator_is_a_figure_of_pairs_images_eigenvalues_and_errors(
    operate: OperateWorkspace, qtbot: QtBot
) -> None:
    operate.go_to("fitted")
    assert operate.figures() == ()
    operate.fitted.product.use_factors((Turn(0, 1, 30.0),))
    qtbot.waitUntil(lambda: operate.fitted.applied is not None, timeout=LONG)
    (applied,) = operate.figures()
    assert operate.fitted.applied is not None
    np.testing.assert_array_equal(mosaic(applied.panels[0]).pictures[1], operate.fitted.applied.pictures)
    assert mosaic(applied.panels[0]).rows == ("image", "operator")
    settings = json.loads(json.dumps(operate.view_settings))
    operate.fitted.product.use_factors((Turn(1, 2, 60.0), Factor("thicker", 2.0)))
    operate.show_view(settings)
    assert operate.fitted.product.factors == (Turn(0, 1, 30.0),)
    operate.fitted.product.use_factors((Turn(1, 2, 60.0), Factor("thicker", 2.0)))
    assert OperateState.model_validate(operate.view_settings).factors == operate.fitted.product.factors
    operate.show_view(settings)
    qtbot.waitUntil(
        lambda: operate.fitted.applied is not None and operate.fitted.applied.factors == (Turn(0, 1, 30.0),),
        timeout=LONG,
    )

    turn = np.exp(1j * np.linspace(-1, 1, 6))
    operator = AnalysedOperator(
        Operator("", np.eye(6), "orthogonal", "slant", 20, 5, 0.1, 0.2, 0.9), turn, True, True
    )
    pictures = np.random.default_rng(0).integers(0, 256, (3, 4, 28, 28, 1), np.uint8)
    fitted = FittedOperator(operator, pictures[0], pictures[1], pictures[2], ())
    figures = fitted_figures(fitted, operate.fitted.applied, operate.path.images, operator, "mine")
    assert [figure.name for figure in figures] == [
        "operator", "operator-pairs", "operator-applied", "operator-eigenvalues", "operator-errors",
    ]  # fmt: skip
    np.testing.assert_array_equal(mosaic(figures[1].panels[0]).pictures, pictures)
    points, bars = figures[3].panels[0].parts[1], figures[4].panels[0].parts[0]
    assert isinstance(points, Points)
    np.testing.assert_array_equal(points.x + 1j * points.y, turn)
    assert isinstance(bars, Bars)
    np.testing.assert_array_equal(bars.heights, [0.2, 0.1, 0.9])
    assert "mean |z′ − O z|² / mean |z′|²" in words(figures[0])
    assert "slant" in figures[0].source
