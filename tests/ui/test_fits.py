"""Every page of Basis, Train and Evaluate, the start page, the help and the dialogs fit 960×640 logical pixels."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect
from PySide6.QtGui import QFontMetrics, QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from lsd_studio.engine.api import Engine
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.app.theme import CAPTION, GRID, ThemeManager, font
from lsd_studio.ui.basis.workspace import VIEWS as BASIS_VIEWS
from lsd_studio.ui.basis.workspace import BasisWorkspace
from lsd_studio.ui.evaluate.workspace import VIEWS as EVALUATE_VIEWS
from lsd_studio.ui.evaluate.workspace import EvaluateWorkspace
from lsd_studio.ui.plots.axes import LogAxis, ValueAxis
from lsd_studio.ui.plots.live_curves import LiveCurves
from lsd_studio.ui.plots.live_traces import Trace
from lsd_studio.ui.plots.plots import LEAST_PLOT, Plot, fitting_words
from lsd_studio.ui.plots.pointed_plot import MatrixPlot
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.train.panels import PANELS, STAGE_TITLES
from lsd_studio.ui.train.stages import StageStatus
from lsd_studio.ui.train.view import TrainView
from lsd_studio.ui.train.workspace import LEAST_VIEW
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.layouts import row, scrolled
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

PATIENCE = 120_000

WIDEST = 840
"""Pixels in width that a page may need beside the rail and a scroll bar."""

NAMES = (
    "a label whose name is of forty characters",
    "сорок букв в имени этой метки, и ни одной",
    "手写数字" * 10,
    "شارة طويلة الاسم " * 2,
)


@pytest.fixture
def long_named_bundle(mnist_sized_bundle: Path, tmp_path: Path) -> Path:
    bundle = tmp_path / "long names"
    shutil.copytree(mnist_sized_bundle, bundle)
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["label_names"] = [f"{NAMES[label % 4][:38]}{label}" for label in range(10)]
    manifest["data"]["name"] = "nowhere to be found"
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    return bundle


def _narrow(window: MainWindow, workspace: Workspace, page: str, qtbot: QtBot) -> None:
    qtbot.wait(20)
    scrolled = window.workspaces.currentWidget()
    assert workspace.minimumSizeHint().width() <= WIDEST, page
    assert not scrolled.horizontalScrollBar().isVisible(), page
    assert (window.width(), window.height()) == (960, 640), page


@pytest.fixture
def small_window(engine: Engine, themes: ThemeManager, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    window = MainWindow(engine, themes, open_settings(tmp_path / "small.ini"))
    window.resize(960, 640)
    window.show()
    yield window
    window.close()
    window.deleteLater()


def test_every_page_of_basis_evaluate_train_and_start_fits(
    small_window: MainWindow, long_named_bundle: Path, qtbot: QtBot
) -> None:
    window = small_window
    window.open_bundle(long_named_bundle)
    qtbot.waitUntil(lambda: window.selection.bundle is not None, timeout=PATIENCE)
    basis = window.go_to("Basis")
    assert isinstance(basis, BasisWorkspace)
    qtbot.waitUntil(lambda: basis.view is not None, timeout=PATIENCE)
    for view, *_ in BASIS_VIEWS:
        basis.go_to(view)
        _narrow(window, basis, view, qtbot)
    evaluate = window.go_to("Evaluate")
    assert isinstance(evaluate, EvaluateWorkspace)
    for view, *_ in EVALUATE_VIEWS:
        evaluate.go_to(view)
        evaluate._stack.setCurrentWidget(evaluate._views[view])
        _narrow(window, evaluate, view, qtbot)
    train = window.train()
    _narrow(window, train, "runs", qtbot)
    train.begin()
    _narrow(window, train, "form", qtbot)
    _narrow(window, window.go_to("Start"), "start", qtbot)


def test_the_help_takes_room_of_its_own_beside_or_below_the_page(
    small_window: MainWindow, qtbot: QtBot
) -> None:
    help_sheet, workspaces = small_window.guidance.help, small_window.workspaces
    small_window.go_to("Evaluate")
    for size in ((960, 640), (1280, 800)):
        small_window.resize(*size)
        help_sheet.toggle()
        qtbot.waitUntil(lambda: help_sheet.isVisible())
        page = workspaces.currentWidget()
        within = QRect(page.mapTo(workspaces, QPoint(0, 0)), page.size())
        assert not within.intersects(help_sheet.geometry()), size
        assert not page.horizontalScrollBar().isVisible(), size
        assert help_sheet.parts.is_stacked == (size == (1280, 800))
        help_sheet.toggle()
        qtbot.waitUntil(lambda: workspaces.currentWidget().size() == workspaces.size())


def test_preferences_and_about_fit(small_window: MainWindow, qtbot: QtBot) -> None:
    guidance = small_window.guidance
    for open_dialog in (guidance.open_preferences, guidance.open_about):
        open_dialog()
        assert guidance.dialog is not None
        qtbot.wait(20)
        size = guidance.dialog.size()
        squeezed = [
            (label.text(), label.size())
            for label in guidance.dialog.findChildren(QLabel)
            if label.height() < max(label.heightForWidth(label.width()), label.fontMetrics().height())
        ]
        assert squeezed == []
        guidance.dialog.close()
        assert size.width() <= 960
        assert size.height() <= 608


def test_the_tour_scrolls_to_what_it_speaks_of(
    small_window: MainWindow, mnist_sized_bundle: Path, qtbot: QtBot
) -> None:
    small_window.open_bundle(mnist_sized_bundle)
    qtbot.waitUntil(lambda: small_window.selection.bundle is not None, timeout=PATIENCE)
    small_window.guidance.begin_tour()
    tour = small_window.guidance.tour
    assert tour is not None
    tour.following.click()
    assert tour.heading.text() == "Its amplitudes"
    qtbot.waitUntil(lambda: tour._light().height() > GRID)
    small_window.resize(1280, 800)
    small_window.resize(960, 640)
    qtbot.waitUntil(lambda: tour._light().height() > GRID)
    tour.put_away()


def test_a_plot_of_nothing_has_no_numbers(themes: ThemeManager, qtbot: QtBot) -> None:
    plot = Plot(themes, "step", "value")
    qtbot.addWidget(plot)
    plot.resize(300, 200)
    plot.show()
    axis = plot.getPlotItem().getAxis("bottom")
    plot.grab()
    assert not axis.style["showValues"]
    curve = plot.plot(np.arange(3), np.arange(3))
    plot.grab()
    assert axis.style["showValues"]
    curve.setData([], [])
    plot.grab()
    assert not axis.style["showValues"]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_an_axis_says_as_much_of_its_name_as_has_room(themes: ThemeManager, qtbot: QtBot) -> None:
    words = "probability density of all codes (1/σ)"
    plot = Plot(themes, "step", words)
    qtbot.addWidget(plot)
    plot.resize(300, 120)
    plot.show()
    axis = plot.getPlotItem().getAxis("left")
    assert axis.labelText.endswith("…")
    plot.apply_theme(themes.theme)
    assert axis.labelText.endswith("…")
    middle = plot.mapFromScene(axis.sceneBoundingRect().center())
    asked = QHelpEvent(QEvent.Type.ToolTip, middle, plot.viewport().mapToGlobal(middle))
    QApplication.sendEvent(plot.viewport(), asked)
    assert QToolTip.text() == words
    QToolTip.hideText()
    plot.resize(300, 500)
    qtbot.waitUntil(lambda: axis.labelText == words)


def test_wrapped_words_give_room_back_once_they_take_fewer_lines(qtbot: QtBot) -> None:
    label = WrappedLabel("Summary")
    qtbot.addWidget(label)
    label.setText("a sentence of some length that takes several lines " * 3)
    label.resize(160, 400)
    label.show()
    narrow = label.minimumHeight()
    label.resize(900, 400)
    qtbot.waitUntil(lambda: label.minimumHeight() < narrow / 2)


@pytest.mark.usefixtures("qapp")
def test_words_that_have_too_little_room_end_where_a_phrase_does() -> None:
    words, metrics = "labels on the path, a quarter turn apart", QFontMetrics(font(CAPTION))
    whole = metrics.horizontalAdvance(words)
    assert fitting_words(words, metrics, whole) == words
    assert fitting_words(words, metrics, whole - 1) == "labels on the path …"
    assert "," not in fitting_words(words, metrics, whole // 4)
    assert fitting_words("cosine (1)", metrics, metrics.horizontalAdvance("cosine (1)") - 1).startswith(
        "cosin"
    )


def test_the_scale_of_a_matrix_says_as_much_of_its_name_as_has_room(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    words = "inner product (variance of z = 1)"
    matrix = MatrixPlot(themes, "set i", "set i", "Inner products", bar_width=12, scale=words)
    qtbot.addWidget(matrix)
    matrix.resize(300, 180)
    matrix.show()
    axis = matrix._bar.axis
    qtbot.waitUntil(lambda: axis.labelText.endswith("…"))
    matrix.resize(300, 600)
    qtbot.waitUntil(lambda: axis.labelText == words)


def test_a_button_is_never_narrower_than_its_words(qtbot: QtBot) -> None:
    button, page = outlined_button("Take snapshot", "Store what the handle shows"), QWidget()
    qtbot.addWidget(page)
    page.setLayout(row(QLabel("words that take some room"), button))
    page.show()
    page.resize(page.minimumSizeHint())
    assert button.width() >= button.sizeHint().width()


@pytest.mark.parametrize("kind", [LogAxis, ValueAxis])
@pytest.mark.parametrize(("least", "largest"), [(1.85, 2.05), (0.9, 3.1), (-3.0, 4.0), (-12.0, 2.0)])
@pytest.mark.parametrize(("orientation", "size", "apart"), [("bottom", 180, 40), ("left", 90, 16)])
def test_numbers_of_a_logarithmic_axis_do_not_run_into_each_other(
    kind: type[LogAxis] | type[ValueAxis],
    least: float,
    largest: float,
    orientation: str,
    size: int,
    apart: int,
) -> None:
    axis = kind(orientation)
    axis.setLogMode(True)
    ((_, places),) = axis.tickValues(least, largest, size)
    pixels = np.diff(np.array(places)) * size / (largest - least)
    assert len(places)
    assert (pixels >= apart).all()


def test_legends_of_live_curves_are_whole_in_a_narrow_panel(themes: ThemeManager, qtbot: QtBot) -> None:
    curves = LiveCurves(themes)
    qtbot.addWidget(curves)
    curves.show_stage("encoder")
    (panel,) = (each for each in curves.panels if each.plan.unit == "per pixel")
    values = np.array([0.3, 0.217])
    names = tuple(panel.plan.terms.values())
    panel.show_traces(
        [Trace("run", name, np.arange(2), *[values] * 3, 10.0, False, "#2050C0") for name in names]
    )
    panel.setParent(None)
    qtbot.addWidget(panel)
    panel.resize(170, 300)
    panel.show()
    legend = panel._legend
    assert legend.minimumSizeHint().width() <= legend.width()
    assert legend.height() >= legend.heightForWidth(legend.width())


@pytest.mark.parametrize("width", [LEAST_VIEW, 752])
def test_a_run_of_six_stages_is_no_wider_than_its_place(
    width: int, themes: ThemeManager, qtbot: QtBot
) -> None:
    view = TrainView(themes)
    qtbot.addWidget(view)
    stages = [stage for stage in STAGE_TITLES if stage != "autoencoder"]
    view.stages.show_statuses({stage: StageStatus("done", 1.0, "99.9 % of it, held out") for stage in stages})
    for button in (view.pause, view.step, view.stop):
        button.show()
    view.resume.hide()
    for kind in ("given", "data", "encoded", "random"):
        view.pictures.sheets[kind].show()
    view.time_left.setText("12 min 34 s left")
    page = scrolled(view)
    qtbot.addWidget(page)
    page.resize(width, 500)
    page.show()
    for stage, plans in PANELS.items():
        view.show_stage(stage, pictures=True)
        for panel, plan in zip(view.curves.panels, plans, strict=True):
            traces = [
                Trace("run", name, np.arange(2), *[np.array([0.3, 0.217])] * 3, 10.0, False, "#2050C0")
                for name in plan.terms.values()
            ]
            panel.show_traces(traces)
        qtbot.wait(20)
        assert view.minimumSizeHint().width() <= page.viewport().width(), stage
        for panel in view.curves.panels:
            assert panel.plot.height() >= LEAST_PLOT, (stage, panel.plan.title)
            right = panel.mapTo(page.viewport(), panel.rect().topRight()).x()
            assert right < page.viewport().width(), (stage, panel.plan.title)
