"""The path editor, driven by mouse and keyboard."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lsd_studio.engine.operators.results import ImagesOnPath
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.path_editor import PathEditor

LABELS = 6


def at(point: QPointF) -> QPoint:
    return QPoint(round(point.x()), round(point.y()))


def drag(
    qtbot: QtBot,
    editor: PathEditor,
    *points: QPointF,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press at the first point, go over the others, let go at the last."""
    qtbot.mousePress(editor, Qt.MouseButton.LeftButton, modifier, at(points[0]))
    for point in points[1:]:
        qtbot.mouseMove(editor, at(point))
    qtbot.mouseRelease(editor, Qt.MouseButton.LeftButton, modifier, at(points[-1]))


@pytest.fixture
def editor(qtbot: QtBot, themes: ThemeManager) -> PathEditor:
    editor = PathEditor(themes)
    qtbot.addWidget(editor)
    editor.resize(480, 560)
    random = np.random.default_rng(3)
    pictures = random.integers(0, 256, (LABELS, 8, 8, 1), dtype=np.uint8)
    editor.show_labels(list(pictures), tuple("012345"))
    editor.show_path(LabelPath((0, 1, 2, 3)), 0.0)
    editor.path_edited.connect(lambda path, words: editor.show_path(path, editor.position))
    editor.show()
    return editor


def test_the_handle_follows_the_hand_and_tells_once_when_it_is_let_go(
    qtbot: QtBot, editor: PathEditor
) -> None:
    moved: list[float] = []
    settled: list[tuple[float, float]] = []
    editor.handle_moved.connect(moved.append)
    editor.handle_settled.connect(lambda before, after: settled.append((before, after)))
    editor.snapping = False
    drag(qtbot, editor, *(editor.places.ring.point(place) for place in (0.0, 0.4, 0.8, 1.3)))
    assert editor.position == pytest.approx(1.3, abs=0.02)
    assert moved == sorted(moved)
    assert len(moved) == 3
    assert settled == [(0.0, editor.position)]


def test_a_fine_drag_goes_a_tenth_as_far(qtbot: QtBot, editor: PathEditor) -> None:
    editor.snapping = False
    editor.show_position(1.5)
    start, end = editor.places.ring.point(1.5), editor.places.ring.point(2.5)
    qtbot.mousePress(editor, Qt.MouseButton.LeftButton, pos=at(start))
    shift = Qt.KeyboardModifier.ShiftModifier
    send_move(editor, end, shift)
    qtbot.mouseRelease(editor, Qt.MouseButton.LeftButton, pos=at(end))
    assert editor.position == pytest.approx(1.6, abs=0.01)


def send_move(editor: PathEditor, to: QPointF, modifier: Qt.KeyboardModifier) -> None:
    """A movement with a key held, which qtbot cannot send."""
    left = Qt.MouseButton.LeftButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, to, editor.mapToGlobal(to), Qt.MouseButton.NoButton, left, modifier
    )
    QApplication.sendEvent(editor, event)


def test_a_snapping_handle_stands_on_an_anchor(qtbot: QtBot, editor: PathEditor) -> None:
    drag(qtbot, editor, *(editor.places.ring.point(place) for place in (0.0, 1.5, 1.97)))
    assert editor.position == 2.0
    editor.snapping = False
    drag(qtbot, editor, *(editor.places.ring.point(place) for place in (2.0, 1.5, 1.03)))
    assert editor.position == pytest.approx(1.03, abs=0.015)
    assert editor.position != 1.0


def test_the_handle_of_an_open_path_stops_at_its_ends_and_goes_round_a_closed_one(
    qtbot: QtBot, editor: PathEditor
) -> None:
    drag(qtbot, editor, *(editor.places.ring.point(place) for place in (0.0, -0.3, -0.6)))
    assert editor.position == 0.0
    editor.show_path(LabelPath((0, 1, 2, 3), closed=True), 0.0)
    drag(qtbot, editor, *(editor.places.ring.point(place) for place in (0.0, -0.3, -0.6)))
    assert editor.position == pytest.approx(-0.6, abs=0.02)


@pytest.mark.parametrize(
    ("key", "modifier", "place"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 1 + 1 / 3),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 1 - 1 / 3),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, 1 + 1 / 30),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier, 2.0),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier, 0.0),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 3.0),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0.0),
    ],
)
def test_keys_step_by_the_chosen_angle_or_to_anchors(
    qtbot: QtBot, editor: PathEditor, key: Qt.Key, modifier: Qt.KeyboardModifier, place: float
) -> None:
    editor.show_position(1.0)
    with qtbot.waitSignal(editor.handle_settled):
        qtbot.keyClick(editor, key, modifier)
    assert editor.position == pytest.approx(place)


def test_an_anchor_dragged_round_the_ring_changes_the_order(qtbot: QtBot, editor: PathEditor) -> None:
    ring = editor.places.ring
    drag(qtbot, editor, ring.point(1), ring.point(1.5), ring.point(2.0))
    assert editor.path.labels == (0, 2, 1, 3)


def test_an_anchor_below_the_handle_is_taken_by_its_tag(qtbot: QtBot, editor: PathEditor) -> None:
    ring = editor.places.ring
    drag(qtbot, editor, editor.places.ring.tag(0).center(), ring.point(0.5), ring.point(1.0))
    assert editor.path.labels == (1, 0, 2, 3)


def test_an_anchor_dragged_away_is_taken_out(qtbot: QtBot, editor: PathEditor) -> None:
    ring = editor.places.ring
    drag(qtbot, editor, ring.point(2), ring.centre + QPointF(10, 60), ring.centre)
    assert editor.path.labels == (0, 1, 3)
    for _ in range(2):
        drag(qtbot, editor, editor.places.ring.tag(1).center(), editor.places.ring.centre)
    assert len(editor.path.labels) == 2, "a path keeps two labels"


def test_a_label_from_the_shelf_is_put_between_two_anchors(qtbot: QtBot, editor: PathEditor) -> None:
    drag(qtbot, editor, editor.places.shelf_square(5).center(), editor.places.ring.point(2.5))
    assert editor.path.labels == (0, 1, 2, 5, 3)


def test_a_label_dropped_beside_the_ring_changes_nothing(qtbot: QtBot, editor: PathEditor) -> None:
    drag(
        qtbot,
        editor,
        editor.places.shelf_square(5).center(),
        editor.places.ring.point(2.5),
        editor.places.ring.centre,
    )
    assert editor.path.labels == (0, 1, 2, 3)


def test_a_click_on_the_shelf_visits_a_label_last(qtbot: QtBot, editor: PathEditor) -> None:
    qtbot.mouseClick(editor, Qt.MouseButton.LeftButton, pos=at(editor.places.shelf_square(4).center()))
    assert editor.path.labels == (0, 1, 2, 3, 4)
    qtbot.mouseClick(editor, Qt.MouseButton.LeftButton, pos=at(editor.places.shelf_square(4).center()))
    assert editor.path.labels == (0, 1, 2, 3, 4), "no leg leads from a label to itself"


def test_a_click_on_the_gap_closes_the_loop(qtbot: QtBot, editor: PathEditor) -> None:
    qtbot.mouseClick(editor, Qt.MouseButton.LeftButton, pos=at(editor.places.ring.point(3.5)))
    assert editor.path == LabelPath((0, 1, 2, 3), closed=True)


def test_a_click_on_the_line_brings_the_handle_there(qtbot: QtBot, editor: PathEditor) -> None:
    qtbot.mouseClick(editor, Qt.MouseButton.LeftButton, pos=at(editor.places.ring.point(1.5)))
    assert editor.position == pytest.approx(1.5, abs=0.01)


def test_keys_edit_the_path(qtbot: QtBot, editor: PathEditor) -> None:
    editor.show_position(1.0)
    qtbot.keyClick(editor, "5")
    assert editor.path.labels == (0, 1, 5, 2, 3)
    qtbot.keyClick(editor, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert editor.path.labels == (0, 5, 1, 2, 3)
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    assert editor.path.labels == (0, 1, 2, 3)
    qtbot.keyClick(editor, "l")
    assert editor.path.closed


def test_escape_gives_a_drag_up(qtbot: QtBot, editor: PathEditor) -> None:
    ring = editor.places.ring
    qtbot.mousePress(editor, Qt.MouseButton.LeftButton, pos=at(ring.point(0)))
    qtbot.mouseMove(editor, at(ring.point(1.4)))
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.mouseRelease(editor, Qt.MouseButton.LeftButton, pos=at(ring.point(1.4)))
    assert editor.position == 0.0
    qtbot.mousePress(editor, Qt.MouseButton.LeftButton, pos=at(ring.point(2)))
    qtbot.mouseMove(editor, at(ring.centre))
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.mouseRelease(editor, Qt.MouseButton.LeftButton, pos=at(ring.centre))
    assert editor.path.labels == (0, 1, 2, 3)


def pixels(editor: PathEditor) -> np.ndarray:
    image = editor.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8)
    return rows.reshape(image.height(), image.bytesPerLine())[:, : 4 * image.width()].copy()


def decoded(images: int, value: int) -> ImagesOnPath:
    """Pictures of one grey, all read as label 0."""
    pictures, probabilities = np.full((images, 8, 8, 1), value, np.uint8), np.zeros((images, LABELS))
    probabilities[:, 0] = 0.9
    return ImagesOnPath(0.5, pictures, probabilities, np.ones(images), "")


@pytest.mark.parametrize("images", [1, 10])
def test_the_pictures_are_painted_on_the_handle_and_in_the_middle(
    qtbot: QtBot, editor: PathEditor, images: int
) -> None:
    def centre(shown: np.ndarray) -> tuple[int, int]:
        middle, handle = editor.places.ring.centre, editor.places.ring.point(editor.position)
        return tuple(int(shown[round(p.y()), 4 * round(p.x())]) for p in (middle, handle))

    qtbot.wait(300)
    editor.show_position(0.5)
    editor.show_pictures(decoded(images, 200))
    before = pixels(editor)
    assert centre(before)[1] == 200
    if images == 1:
        assert centre(before)[0] == 200
    editor.show_pictures(decoded(images, 40))
    assert centre(pixels(editor))[1] == 40
    editor.show_pictures(decoded(images, 200))
    np.testing.assert_array_equal(pixels(editor), before)


def test_the_cost_of_a_movement_is_told_when_its_picture_is_painted(qtbot: QtBot, editor: PathEditor) -> None:
    editor.handle_moved.connect(lambda place: editor.show_pictures(decoded(1, 0)))
    with qtbot.waitSignal(editor.repainted) as told:
        qtbot.keyClick(editor, Qt.Key.Key_Right)
    assert told.args[0] > 0
