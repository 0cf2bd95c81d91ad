"""The parts of the Operate workspace that need no engine."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lsd_studio.engine.figures.panels.operators import eigenvalues_panel
from lsd_studio.engine.operators.pair_sources import FolderPairs, MeasuredPairs, SequencePairs
from lsd_studio.engine.operators.products import Factor, Turn
from lsd_studio.engine.operators.results import AnalysedOperator
from lsd_studio.engine.operators.store import Operator
from lsd_studio.ui.app.theme import Choice, ThemeChoice, ThemeManager
from lsd_studio.ui.operate.anchor_easing import AnchorEasing
from lsd_studio.ui.operate.error_bars import ErrorBars
from lsd_studio.ui.operate.film_strip import FilmStrip
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.operator_product import OperatorProduct
from lsd_studio.ui.operate.pair_form import PairForm
from lsd_studio.ui.operate.path_curves import SharesPlot
from lsd_studio.ui.operate.path_painting import middle_squares, rows_of
from lsd_studio.ui.operate.path_player import PathPlayer
from lsd_studio.ui.operate.ring import Ring
from lsd_studio.ui.operate.state import OperateState, PathState
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.widgets.picture_rows import PictureRows


def shown(qtbot: QtBot, widget: QWidget, width: int = 480, height: int = 240) -> np.ndarray:
    """What a widget paints, [height, width, 4]."""
    qtbot.addWidget(widget)
    widget.resize(width, height)
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).copy()


def test_an_open_path_is_played_to_and_fro(qtbot: QtBot) -> None:
    player, places = PathPlayer(3600.0), []
    player.moved.connect(places.append)
    player.play(LabelPath((0, 1, 2)), 1.9)
    qtbot.waitUntil(lambda: len(places) > 20 and min(places) < 1 < max(places), timeout=20_000)
    player.stop()
    assert min(places) >= 0
    assert max(places) <= 2
    assert not player.is_playing


def test_anchors_that_stay_glide_and_those_that_come_are_there_at_once(qtbot: QtBot) -> None:
    easing = AnchorEasing()
    easing.go_to((4, 7))
    assert easing.places == [0.0, 0.5]
    easing.go_to((4, 5, 7))
    assert easing.places == pytest.approx([0.0, 1 / 3, 0.5])
    qtbot.waitUntil(lambda: easing.places == pytest.approx([0.0, 1 / 3, 2 / 3]), timeout=20_000)


@pytest.mark.parametrize("count", [1, 2, 5, 7, 10, 16, 30])
def test_pictures_in_the_middle_of_a_ring_touch_neither_it_nor_each_other(count: int) -> None:
    ring = Ring.inside(QRectF(0, 0, 450, 450), 10)
    squares = middle_squares(ring, count, 28)
    assert len(squares) == count == sum(rows_of(count))
    for place, square in enumerate(squares):
        for corner in (square.topLeft(), square.topRight(), square.bottomLeft(), square.bottomRight()):
            assert ring.distance(corner) < -ring.handle / 2
        assert not any(square.intersects(other) for other in squares[:place])


def test_the_film_shows_every_step_and_tells_where_it_is_pointed_at(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    film, wanted = FilmStrip(themes, "film"), []
    film.place_wanted.connect(wanted.append)
    film.hint = "nothing yet"
    empty = shown(qtbot, film, 600, 60)
    places = np.linspace(0, 2, 7)
    pictures = np.arange(7, dtype=np.uint8)[:, None, None, None, None] * 30 + np.zeros(
        (7, 1, 8, 8, 1), np.uint8
    )
    film.show_pictures(places, pictures)
    assert not np.array_equal(shown(qtbot, film, 600, 60), empty)
    for fraction, place in ((0.0, 0.0), (0.5, 1.0), (1.0, 2.0)):
        room = film._room()
        where = QPoint(round(room.left() + fraction * room.width()), 30)
        qtbot.mouseClick(film, Qt.MouseButton.LeftButton, pos=where)
        assert wanted[-1] == pytest.approx(place)


def test_the_film_shows_as_many_rows_as_can_be_read_and_marks_what_is_read_otherwise(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    film = FilmStrip(themes, "film")
    pictures, misread = np.zeros((3, 10, 8, 8, 1), np.uint8), np.zeros((3, 10), np.bool_)
    film.show_pictures(np.arange(3.0), pictures, misread)
    plain = shown(qtbot, film, 600, 280)
    assert film.rows == 10
    misread[1, 4] = True
    film.show_pictures(np.arange(3.0), pictures, misread)
    changed = np.argwhere((shown(qtbot, film, 600, 280) != plain).any(axis=2))
    assert len(changed) > 10
    assert 4 * 28 <= changed[:, 0].min() <= changed[:, 0].max() <= 5 * 28
    shown(qtbot, film, 600, 60)
    assert film.rows == 2


def test_stacked_shares_fill_the_plot_in_the_labels_colours(qtbot: QtBot, themes: ThemeManager) -> None:
    plot = SharesPlot(themes, "shares")
    plot.show_path(LabelPath((0, 1)), ("0", "1"))
    before = shown(qtbot, plot)
    plot.show_shares(np.array([0.0, 1.0]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    after = shown(qtbot, plot)
    colours = {tuple(colour) for colour in after[40:160:8, 100:420:8, :3].reshape(-1, 3).tolist()}
    assert (0x77, 0x66, 0xCC) in colours, "label 0, as blue, green, red"
    assert (0x88, 0x22, 0x33) in colours
    assert not np.array_equal(before, after)
    plot.clear_shares()
    assert np.array_equal(shown(qtbot, plot), before)


def test_a_product_is_inverted_from_its_end(qtbot: QtBot, themes: ThemeManager) -> None:
    product = OperatorProduct(themes)
    qtbot.addWidget(product)
    product.use_labels(("a", "b", "c"))
    assert not product.invert.isEnabled()
    product.use_factors((Turn(0, 4), Factor("slant", 2.0)))
    assert [product.list.item(place).text() for place in range(2)] == [
        "ξ(a, 1) → ξ(b, 2)   90°",
        "slant   t = 2.00",
    ]
    with qtbot.waitSignal(product.changed):
        product.invert.click()
    assert product.factors == (Factor("slant", -2.0), Turn(4, 0))
    assert not product.power.isEnabled(), "a turn has no power"
    product.list.setCurrentRow(0)
    product.power.setValue(50)
    assert product.factors[0] == Factor("slant", 0.5)
    product.remove("slant")
    assert product.factors == (Turn(4, 0),)
    product.use_factors((Turn(0, 1, style=0.0),))
    assert not product.invert.isEnabled(), "the transport cannot be undone"


def test_pairs_are_chosen_by_measure_label_or_folder(
    qtbot: QtBot, themes: ThemeManager, tmp_path: object
) -> None:
    form, wanted = PairForm(themes), []
    qtbot.addWidget(form)
    form.fit_wanted.connect(lambda pairs, method: wanted.append((pairs, method)))
    assert not form.fit.isEnabled(), "no bundle is open"
    form.use_data("mnist", ("0", "1"))
    form.pairs.setCurrentIndex(1)
    form.label.setCurrentIndex(2)
    form.fit.click()
    assert wanted == [(MeasuredPairs("mnist", "slant", (1,)), "least squares")]
    form.show_fitting(True)
    assert form.is_fitting
    with qtbot.waitSignal(form.stop_wanted):
        form.fit.click()
    form.show_fitting(False)
    form.say("Stopped.")
    assert form.notes.text() == "Stopped."
    form.method.button("orthogonal").click()
    form.use_folder(tmp_path)
    for place, kind in ((2, FolderPairs), (3, SequencePairs)):
        form.pairs.setCurrentIndex(place)
        form.fit.click()
        pairs, method = wanted[-1]
        assert isinstance(pairs, kind)
        assert str(pairs.folder) == str(tmp_path)
        assert method == "orthogonal"


@pytest.mark.parametrize("theme", [Choice.LIGHT, Choice.DARK])
def test_an_operator_is_drawn_with_its_eigenvalues_and_errors(
    qtbot: QtBot, themes: ThemeChoice, theme: Choice
) -> None:
    themes.choose(theme)
    turn = np.exp(1j * np.linspace(-1, 1, 8))
    operator = Operator("slant", np.eye(8), "orthogonal", "pairs", 80, 20, 0.2, 0.3, 0.6, 0.5, 0.4)
    bars = ErrorBars(themes)
    empty = shown(qtbot, bars)
    bars.show_operator(operator)
    assert not np.array_equal(shown(qtbot, bars), empty)
    assert bars.accessibleDescription() == (
        "held-out pairs (20): 0.300, pairs fitted on (80): 0.200, doing nothing: 0.600, one shift for all: 0.500, "
        "one shift per label: 0.400"
    )
    plot = PanelPlot(themes, "eigenvalues")
    plot.setAspectLocked(True)
    empty = shown(qtbot, plot)
    plot.show_panel(eigenvalues_panel(AnalysedOperator(operator, turn, orthogonal=True, invertible=True)))
    assert not np.array_equal(shown(qtbot, plot), empty)


def test_rows_of_pictures_show_their_pixels(qtbot: QtBot, themes: ThemeManager) -> None:
    rows = PictureRows(themes, "rows")
    rows.clear("nothing yet")
    white, grey = np.full((3, 8, 8, 1), 255, np.uint8), np.full((3, 8, 8, 1), 90, np.uint8)
    rows.show_rows(("before", white, None), ("after", grey, [0, 1, 2]))
    painted = shown(qtbot, rows)
    assert (painted[:, :, :3] == 255).all(axis=2).sum() > 100
    assert (painted[:, :, :3] == 90).all(axis=2).sum() > 100


def test_what_is_shown_comes_back_from_json_and_what_is_not_valid_is_left_as_it_is() -> None:
    path = PathState(LabelPath((0, 3, 1), closed=True), 3.5, 0.25, 45.0, "averages", "ten", (4, 8))
    state = OperateState(page="fitted", along="film", path=path, factors=(Factor("thicker", 2.0), Turn(0, 1)))
    noted = json.loads(json.dumps(state.model_dump(mode="json")))
    assert OperateState.model_validate(noted) == state
    for field, hostile in (
        ("page", "nowhere"),
        ("along", 3),
        ("path", {"path": []}),
        ("factors", [{"name": 1}]),
    ):
        read = OperateState.model_validate({**noted, field: hostile})
        assert read == state.model_copy(update={field: OperateState.model_fields[field].default})
