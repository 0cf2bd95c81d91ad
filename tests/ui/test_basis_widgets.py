"""The widgets of the Basis workspace, driven by mouse and keyboard on matrices and pictures of known content."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from lsd_studio.engine.basis.measures import Accuracies, DecodedVectors, Measures
from lsd_studio.ui.app.theme import BODY, CAPTION, ThemeManager, font
from lsd_studio.ui.basis.comparison_table import COLUMNS, ComparisonTable
from lsd_studio.ui.basis.filling import FillGrid
from lsd_studio.ui.basis.mosaic import Mosaic, samples_that_fit
from lsd_studio.ui.basis.orthogonalisations import ORTHOGONALISATIONS, orthogonalisation
from lsd_studio.ui.basis.vector_grid import VectorGrid
from lsd_studio.ui.plots.axes import LogAxis
from lsd_studio.ui.plots.gram_heatmap import GramHeatmap, plain_number
from lsd_studio.ui.plots.vector_scatter import VectorScatter
from lsd_studio.ui.widgets.vector_names import vector_name, vector_words

pytestmark = pytest.mark.qt_log_ignore(
    "Mouse event .* not accepted"
)  # a plot's scene takes it without saying so

NAMES = ("zero", "one", "two")
SETS = 4
VECTORS = SETS * len(NAMES)


@pytest.fixture
def vectors() -> DecodedVectors:
    """Twelve vectors; the one of label "two" in set 3 is read as "zero"."""
    pictures = np.random.default_rng(0).integers(0, 256, (VECTORS, 8, 8, 1), dtype=np.uint8)
    labels = np.arange(VECTORS) % len(NAMES)
    labels[8] = 0
    probabilities = np.full(VECTORS, 0.75, np.float32)
    kept = labels == np.arange(VECTORS) % len(NAMES)
    return DecodedVectors(pictures, labels, probabilities, kept)


def test_vectors_are_named_by_label_and_set() -> None:
    assert vector_name("ξ", 7, NAMES) == "ξ(one, 3)"
    assert vector_words(7, NAMES) == "label one, set 3"


def test_the_grid_has_labels_in_rows_and_sets_in_columns(
    qtbot: QtBot, themes: ThemeManager, vectors: DecodedVectors
) -> None:
    grid = VectorGrid(themes, "ξ")
    qtbot.addWidget(grid)
    grid.resize(480, 360)
    grid.show()
    grid.show_vectors(vectors, NAMES)
    for vector in range(VECTORS):
        assert grid.vector_at(grid.cell_of(vector).center()) == vector
    assert grid.cell_of(1).top() > grid.cell_of(0).top()
    assert grid.cell_of(3).left() > grid.cell_of(0).left()
    assert "11 of 12" in grid.accessibleDescription()
    with qtbot.waitSignal(grid.hovered) as hovered:
        qtbot.mouseMove(grid, grid.cell_of(8).center().toPoint())
    assert hovered.args == [8]
    with qtbot.waitSignal(grid.selected) as selected:
        qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell_of(8).center().toPoint())
    assert selected.args == [8]
    grid.select(8)
    assert "C reads zero" in grid.accessibleDescription()
    for key, vector in (
        (Qt.Key.Key_Right, 11),
        (Qt.Key.Key_Left, 5),
        (Qt.Key.Key_Up, 7),
        (Qt.Key.Key_Down, 9),
    ):
        with qtbot.waitSignal(grid.selected) as selected:
            qtbot.keyClick(grid, key)
        assert selected.args == [vector]


def test_a_vector_read_as_another_label_is_framed_in_that_labels_colour(
    qtbot: QtBot, themes: ThemeManager, vectors: DecodedVectors
) -> None:
    grid = VectorGrid(themes, "ξ")
    qtbot.addWidget(grid)
    grid.resize(480, 360)
    grid.show_vectors(vectors, NAMES)
    wrong = grid.grab().toImage()
    labels = np.arange(VECTORS) % len(NAMES)
    right = DecodedVectors(vectors.pictures, labels, vectors.probabilities, np.full(VECTORS, True))
    grid.show_vectors(right, NAMES)
    kept = grid.grab().toImage()
    differing = {
        grid.vector_at(QPoint(x, y).toPointF())
        for x in range(0, 480, 2)
        for y in range(0, 360, 2)
        if wrong.pixel(x, y) != kept.pixel(x, y)
    }
    assert differing == {8}


def test_a_heatmap_tells_the_cell_under_the_pointer_and_the_one_clicked(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    heatmap = GramHeatmap(themes, "⟨η|η⟩")
    qtbot.addWidget(heatmap)
    heatmap.resize(420, 360)
    heatmap.show()
    values = np.random.default_rng(0).standard_normal((VECTORS, VECTORS))
    heatmap.show_matrix(values, NAMES, 2.0, "inner product")
    qtbot.waitExposed(heatmap)
    assert heatmap.image.image.shape == (VECTORS, VECTORS)
    assert tuple(heatmap.image.getLevels()) == (-2.0, 2.0)
    with qtbot.waitSignal(heatmap.pointed) as pointed:
        qtbot.mouseMove(heatmap.viewport(), heatmap.cell_centre(2, 9).toPoint())
    assert pointed.args == [2, 9]
    with qtbot.waitSignal(heatmap.picked) as picked:
        qtbot.mouseClick(
            heatmap.viewport(), Qt.MouseButton.LeftButton, pos=heatmap.cell_centre(10, 1).toPoint()
        )
    assert picked.args == [10, 1]
    heatmap.end_colours_at(0.5)
    assert tuple(heatmap.image.getLevels()) == (-0.5, 0.5)
    heatmap.clear_matrix()
    assert heatmap.values is None


def test_numbers_keep_four_figures_and_rounding_errors_their_power() -> None:
    assert plain_number(-12.3456) == "−12.35"
    assert plain_number(3.14e-13) == "3.1 · 10⁻¹³"
    assert plain_number(0.0) == "0"


def test_points_of_vectors_can_be_clicked(qtbot: QtBot, themes: ThemeManager) -> None:
    scatter = VectorScatter(themes, "length", logarithmic=True)
    qtbot.addWidget(scatter)
    scatter.resize(480, 240)
    scatter.show()
    values = np.geomspace(10.0, 0.01, VECTORS)
    scatter.show_values(values, np.arange(VECTORS) % 2 == 0, len(NAMES), (0.005, 20.0), np.full(VECTORS, 0.1))
    qtbot.waitExposed(scatter)
    with qtbot.waitSignal(scatter.pointed) as pointed:
        qtbot.mouseMove(scatter.viewport(), scatter.point_of(7).toPoint())
    assert pointed.args == [7]
    with qtbot.waitSignal(scatter.selected) as selected:
        qtbot.mouseClick(scatter.viewport(), Qt.MouseButton.LeftButton, pos=scatter.point_of(4).toPoint())
    assert selected.args == [4]


@pytest.mark.parametrize(
    ("least", "largest", "written"),
    [(-2.0, 1.0, ["0.01", "0.1", "1", "10"]), (-0.1, 0.8, ["1", "2", "5"])],
)
def test_a_logarithmic_axis_writes_round_numbers(least: float, largest: float, written: list[str]) -> None:
    axis = LogAxis("left")
    ((spacing, places),) = axis.tickValues(largest, least, 200)
    assert axis.tickStrings(places, 1.0, spacing) == written


def test_a_mosaic_shows_whole_rows_of_what_is_held(qtbot: QtBot, themes: ThemeManager) -> None:
    assert samples_that_fit(40 * 18, 30 * 18, 5000) == (30, 40)
    assert samples_that_fit(40 * 18, 30 * 18, 95) == (2, 40)
    assert samples_that_fit(40 * 18, 30 * 18, 7) == (1, 7)
    mosaic = Mosaic(themes)
    qtbot.addWidget(mosaic)
    mosaic.resize(640, 480)
    samples = {label: np.full((30, 8, 8, 1), 80 * label, np.uint8) for label in range(3)}
    mosaic.show_samples(samples, NAMES)
    image = mosaic.grab().toImage()
    for label, place in enumerate(mosaic.block_places()):
        assert mosaic.label_at(place.center()) == label
        inside = place.topLeft().toPoint() + QPoint(20, 30)
        assert image.pixelColor(inside).red() == 80 * label


def test_a_cell_fills_as_its_set_does_and_can_be_picked(qtbot: QtBot, themes: ThemeManager) -> None:
    grid = FillGrid(themes)
    qtbot.addWidget(grid)
    grid.resize(300, 200)
    shares = np.zeros((SETS, len(NAMES)))
    shares[2, 1] = 1.0
    grid.show_shares(shares, NAMES)
    image = grid.grab().toImage()
    colours = {image.pixelColor(grid.cell_of(k).center().toPoint()).name() for k in range(VECTORS) if k != 7}
    assert colours == {themes.theme.raised.lower()}
    assert image.pixelColor(grid.cell_of(7).center().toPoint()).name() not in colours
    with qtbot.waitSignal(grid.picked) as picked:
        qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell_of(7).center().toPoint())
    assert picked.args == [7]


def test_no_line_of_the_comparison_reaches_into_the_next_column(qtbot: QtBot, themes: ThemeManager) -> None:
    table = ComparisonTable(themes)
    qtbot.addWidget(table)
    table.resize(table.minimumSize())
    kind, every = ORTHOGONALISATIONS[0], Accuracies(1.0, 1.0, 1.0)
    measures = Measures(
        "all", kind.name, kind.set_one, kind.complement, 100, every, every, 100, 100, 100, 1e-15, 20, 0.1234,
        1.0, (0.94, 1.0),
    )  # fmt: skip
    bold, small = QFontMetricsF(font(BODY, bold=True)), QFontMetricsF(font(CAPTION))

    assert table.minimumWidth() <= 788
    for column, place in zip(COLUMNS, table._columns(), strict=True):
        lines = column.lines(measures)
        assert 20 * len(lines) < table.row_of(kind).height()
        for _, text, words in lines:
            assert (
                bold.horizontalAdvance(text) + (6 + small.horizontalAdvance(words) if words else 0)
                < place.width()
            )


def test_the_comparison_says_what_each_orthogonalisation_does_and_can_be_chosen_from(
    qtbot: QtBot, themes: ThemeManager, vectors: DecodedVectors
) -> None:
    table = ComparisonTable(themes)
    qtbot.addWidget(table)
    table.resize(1120, 500)
    table.show()
    for place, kind in enumerate(ORTHOGONALISATIONS):
        found = Accuracies(0.90 + 0.01 * place, 0.8, 0.95)
        measures = Measures(
            str(place), kind.name, kind.set_one, kind.complement, 100, found, found, 12, 6 + place, 12,
            1e-15, 12, 0.01, 0.9, (0.6, 1.0),
        )  # fmt: skip
        table.show_measures(kind, measures)
        table.show_pictures(kind, vectors.pictures, len(NAMES))
    assert "Labelled frame: 92.0 % of images, 8 of 12 labels kept" in table.accessibleDescription()
    with qtbot.waitSignal(table.chosen) as chosen:
        qtbot.mouseClick(
            table, Qt.MouseButton.LeftButton, pos=table.row_of(ORTHOGONALISATIONS[3]).center().toPoint()
        )
    assert chosen.args == [ORTHOGONALISATIONS[3]]
    assert orthogonalisation("gram-schmidt", "labelled") is None
