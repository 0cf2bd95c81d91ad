"""The Decompose workspace, driven by mouse, keyboard, pen, drop and paste."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QDropEvent,
    QFontMetrics,
    QImage,
    QInputDevice,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QSlider
from pytestqt.qtbot import QtBot

from lsd_studio.engine.decomposition.outliers import OutlierScores
from lsd_studio.engine.operations.decompose import DecomposedImage
from lsd_studio.ui.app.theme import CAPTION, font
from lsd_studio.ui.decompose.workspace import DecomposeWorkspace
from lsd_studio.ui.shell.main_window import MainWindow

PATIENCE = 120_000


def draw_with_mouse(qtbot: QtBot, workspace: DecomposeWorkspace, *places: tuple[float, float]) -> None:
    """Press at the first place (0…1 of the canvas), drag over the others, release at the last."""
    canvas = workspace.canvas
    points = [QPoint(round(x * canvas.width()), round(y * canvas.height())) for x, y in places]
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(canvas, point)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=points[-1])


def wait_for_answer(
    qtbot: QtBot, workspace: DecomposeWorkspace, before: DecomposedImage | None = None
) -> None:
    """Wait until the answer to the last question about an image is shown, and it is not the one before."""
    qtbot.waitUntil(lambda: workspace.is_up_to_date and workspace.shown is not before, timeout=PATIENCE)


@pytest.fixture
def workspace(window: MainWindow) -> DecomposeWorkspace:
    return window.decompose


def test_a_stroke_changes_the_ranking_while_it_is_drawn(qtbot: QtBot, workspace: DecomposeWorkspace) -> None:
    canvas = workspace.canvas
    top, bottom = (
        QPoint(canvas.width() // 2, canvas.height() // 4),
        QPoint(canvas.width() // 2, canvas.height() // 2),
    )
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=top)
    qtbot.mouseMove(canvas, bottom)
    wait_for_answer(qtbot, workspace)
    first = workspace.shown
    assert first is not None
    assert canvas.is_drawing
    qtbot.mouseMove(canvas, QPoint(canvas.width() * 3 // 4, canvas.height() * 3 // 4))
    wait_for_answer(qtbot, workspace, first)
    qtbot.mouseRelease(
        canvas, Qt.MouseButton.LeftButton, pos=QPoint(canvas.width() * 3 // 4, canvas.height() * 3 // 4)
    )
    assert workspace.ranking.shown is workspace.shown
    assert workspace.shown is not None
    assert not np.array_equal(workspace.shown.amplitudes, first.amplitudes)
    assert workspace.shown.steps


def test_undo_returns_the_exact_picture(qtbot: QtBot, workspace: DecomposeWorkspace) -> None:
    draw_with_mouse(qtbot, workspace, (0.3, 0.2), (0.3, 0.8))
    wait_for_answer(qtbot, workspace)
    first_ink, first = workspace.canvas.ink(), workspace.shown
    assert first is not None
    draw_with_mouse(qtbot, workspace, (0.2, 0.5), (0.8, 0.5))
    wait_for_answer(qtbot, workspace, first)
    second_ink = workspace.canvas.ink()
    assert not np.array_equal(first_ink, second_ink)
    workspace.history.undo()
    wait_for_answer(qtbot, workspace)
    np.testing.assert_array_equal(workspace.canvas.ink(), first_ink)
    assert workspace.shown is not None
    np.testing.assert_array_equal(workspace.shown.picture, first.picture)
    np.testing.assert_array_equal(workspace.shown.amplitudes, first.amplitudes)
    workspace.history.redo()
    np.testing.assert_array_equal(workspace.canvas.ink(), second_ink)


def test_an_empty_sheet_shows_what_to_do_and_undo_brings_the_drawing_back(
    qtbot: QtBot, window: MainWindow, workspace: DecomposeWorkspace
) -> None:
    assert workspace.shown is None
    assert "Draw a digit" in workspace.ranking.hint
    draw_with_mouse(qtbot, workspace, (0.3, 0.2), (0.3, 0.8))
    wait_for_answer(qtbot, workspace)
    ink = workspace.canvas.ink()
    workspace.clear_button.click()
    assert not workspace.canvas.ink().any()
    assert workspace.shown is None
    assert workspace.readings.lsd.name == ""
    assert "drawing" not in window.source.text()
    assert window.next_step.text().startswith("Draw a digit")
    workspace.history.undo()
    wait_for_answer(qtbot, workspace)
    np.testing.assert_array_equal(workspace.canvas.ink(), ink)


def test_the_eraser_takes_ink_away(qtbot: QtBot, workspace: DecomposeWorkspace) -> None:
    draw_with_mouse(qtbot, workspace, (0.2, 0.5), (0.8, 0.5))
    ink = workspace.canvas.ink()
    workspace.eraser.click()
    draw_with_mouse(qtbot, workspace, (0.5, 0.2), (0.5, 0.8))
    erased = workspace.canvas.ink()
    assert int(erased.sum()) < int(ink.sum())
    assert (erased <= ink).all()
    workspace.pen.click()
    draw_with_mouse(qtbot, workspace, (0.5, 0.2), (0.5, 0.8))
    assert int(workspace.canvas.ink().sum()) > int(ink.sum())


def test_brush_width_and_pen_pressure_set_the_width_of_a_stroke(
    qtbot: QtBot, workspace: DecomposeWorkspace
) -> None:
    widths = []
    for width in (10, 40):
        workspace.width_slider.setValue(width)
        draw_with_mouse(qtbot, workspace, (0.2, 0.5), (0.8, 0.5))
        widths.append(int((workspace.canvas.ink()[:, 140] > 0).sum()))
        workspace.clear()
    assert abs(widths[0] - 10) <= 2
    assert abs(widths[1] - 40) <= 2
    pressed = []
    for pressure in (0.1, 1.0):
        draw_with_pen(workspace, pressure, QPointingDevice.PointerType.Pen)
        pressed.append(int(workspace.canvas.ink().sum()))
        workspace.clear()
    assert pressed[0] < pressed[1]


def test_the_other_end_of_a_pen_erases(qtbot: QtBot, workspace: DecomposeWorkspace) -> None:
    draw_with_pen(workspace, 1.0, QPointingDevice.PointerType.Pen)
    draw_with_pen(workspace, 1.0, QPointingDevice.PointerType.Eraser)
    assert workspace.canvas.ink().max() < 128


def draw_with_pen(workspace: DecomposeWorkspace, pressure: float, end: QPointingDevice.PointerType) -> None:
    """Draw across the canvas with a graphics tablet."""
    canvas = workspace.canvas
    device = QPointingDevice(
        "pen", 1, QInputDevice.DeviceType.Stylus, end, QInputDevice.Capability.Pressure, 1, 1
    )
    for kind, share in (
        (QEvent.Type.TabletPress, 0.3),
        (QEvent.Type.TabletMove, 0.7),
        (QEvent.Type.TabletRelease, 0.7),
    ):
        place = QPointF(share * canvas.width(), 0.5 * canvas.height())
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else Qt.MouseButton.LeftButton
        event = QTabletEvent(
            kind, device, place, place, pressure, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier, held, held
        )
        QApplication.sendEvent(canvas, event)


def test_a_picked_test_image_is_decomposed_and_drawing_starts_a_new_sheet(
    qtbot: QtBot, workspace: DecomposeWorkspace
) -> None:
    grid = workspace.picker.grid
    workspace.picker.filter_by(3)
    index = grid.model().index(0, 0)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.visualRect(index).center())
    wait_for_answer(qtbot, workspace)
    assert workspace.shown is not None
    assert workspace.shown.title.startswith("test image")
    assert "label 3" in grid.model().data(index, Qt.ItemDataRole.ToolTipRole)
    assert workspace.canvas.backdrop is not None
    picked = workspace.shown
    draw_with_mouse(qtbot, workspace, (0.3, 0.2), (0.3, 0.8))
    wait_for_answer(qtbot, workspace, picked)
    assert workspace.canvas.backdrop is None
    assert workspace.shown.title == "drawing"
    workspace.history.undo()
    wait_for_answer(qtbot, workspace)
    np.testing.assert_array_equal(workspace.shown.picture, picked.picture)


def test_shuffling_offers_the_same_images_in_another_order(workspace: DecomposeWorkspace) -> None:
    model = workspace.picker.grid.model()
    before = [model.number_at(row) for row in range(model.rowCount())]
    workspace.picker.shuffle()
    after = [model.number_at(row) for row in range(model.rowCount())]
    assert before != after
    assert sorted(before) == sorted(after)


def test_a_dropped_file_and_a_pasted_image_are_decomposed(
    qtbot: QtBot, workspace: DecomposeWorkspace, tmp_path: Path
) -> None:
    page = np.full((60, 80, 3), 255, np.uint8)
    page[10:50, 35:42] = 0
    Image.fromarray(page).save(tmp_path / "one.png")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "one.png"))])
    drop = QDropEvent(
        QPointF(400, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    dropped_on = workspace.window()
    assert isinstance(dropped_on, MainWindow)
    dropped_on.dropEvent(drop)
    wait_for_answer(qtbot, workspace)
    dropped = workspace.shown
    assert dropped is not None
    assert dropped.title == "one.png"
    assert dropped.picture.max() > 200
    assert workspace.canvas.backdrop is not None

    pasted = QMimeData()
    pasted.setImageData(QImage(str(tmp_path / "one.png")))
    assert workspace.paste(pasted)
    wait_for_answer(qtbot, workspace, dropped)
    assert workspace.shown is not None
    assert workspace.shown.title == "pasted image"
    np.testing.assert_array_equal(workspace.shown.picture, dropped.picture)


def test_a_file_that_is_no_image_is_told_and_leaves_what_was_there(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    workspace = window.decompose
    draw_with_mouse(qtbot, workspace, (0.3, 0.2), (0.3, 0.8))
    wait_for_answer(qtbot, workspace)
    shown, canvas, undone = workspace.shown, workspace.canvas.grab().toImage(), workspace.history.undoText()
    (tmp_path / "broken.png").write_bytes(b"no image")
    workspace.look_at_file(tmp_path / "broken.png")
    qtbot.waitUntil(window.message_bar.isVisible, timeout=PATIENCE)
    assert "broken.png" in window.message_bar.text
    assert workspace.shown is shown
    assert workspace.is_up_to_date
    assert workspace.canvas.grab().toImage() == canvas
    assert workspace.history.undoText() == undone


def test_the_slider_keeps_as_many_terms_as_it_says(qtbot: QtBot, workspace: DecomposeWorkspace) -> None:
    draw_with_mouse(qtbot, workspace, (0.3, 0.2), (0.3, 0.8))
    wait_for_answer(qtbot, workspace)
    for terms in (3, 100):
        with qtbot.waitSignal(workspace.answered, timeout=PATIENCE):
            workspace.terms.setValue(terms)
        fixed = {3: 2, 100: 5}[terms]
        assert workspace.slider_tile.image == workspace.tiles[fixed].image
    assert workspace.terms_text.text() == "100 of 100"


def test_sampling_and_resampling_change_the_code_and_the_mean_comes_back(
    qtbot: QtBot, workspace: DecomposeWorkspace
) -> None:
    draw_with_mouse(qtbot, workspace, (0.3, 0.2), (0.3, 0.8))
    wait_for_answer(qtbot, workspace)
    answers = [workspace.shown]
    for press in (workspace.latent.button("sample"), workspace.resample, workspace.latent.button("mean")):
        with qtbot.waitSignal(workspace.answered, timeout=PATIENCE):
            press.click()
        answers.append(workspace.shown)
    mean, sample, other, again = (answer.amplitudes for answer in answers if answer is not None)
    assert not np.array_equal(mean, sample)
    assert not np.array_equal(sample, other)
    np.testing.assert_array_equal(mean, again)


def test_the_reading_is_the_bundles_own_and_can_be_changed(
    qtbot: QtBot, workspace: DecomposeWorkspace
) -> None:
    assert workspace.reading.value == "signed"
    draw_with_mouse(qtbot, workspace, (0.3, 0.2), (0.3, 0.8))
    wait_for_answer(qtbot, workspace)
    with qtbot.waitSignal(workspace.answered, timeout=PATIENCE):
        workspace.reading.button("absolute").click()
    assert workspace.shown is not None
    assert workspace.shown.reading == "absolute"
    assert workspace.shown.winner == int(np.abs(workspace.shown.amplitudes).argmax())


def test_refining_brings_the_reconstruction_nearer(qtbot: QtBot, workspace: DecomposeWorkspace) -> None:
    draw_with_mouse(qtbot, workspace, (0.3, 0.2), (0.3, 0.8))
    wait_for_answer(qtbot, workspace)
    before = workspace.shown
    workspace.refine.setFocus()
    qtbot.keyClick(workspace.refine, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: workspace.shown is not None and workspace.shown.refined, timeout=PATIENCE)
    assert workspace.shown is not None
    assert before is not None
    assert workspace.shown.root_mean_square_error < before.root_mean_square_error
    assert not workspace.refine.isEnabled()
    assert workspace.window().focusWidget() is workspace.terms


def test_pointing_at_a_bar_names_its_vector(qtbot: QtBot, workspace: DecomposeWorkspace) -> None:
    draw_with_mouse(qtbot, workspace, (0.3, 0.2), (0.3, 0.8))
    wait_for_answer(qtbot, workspace)
    ranking, shown = workspace.ranking, workspace.shown
    assert shown is not None
    for rank in (0, 4, 60, 99):
        vector = int(shown.ranking[rank])
        with qtbot.waitSignal(ranking.hovered, timeout=PATIENCE) as hovered:
            qtbot.mouseMove(ranking, ranking.bar_centre(rank).toPoint())
        assert hovered.args == [vector]
        assert ranking.vector_name(vector) == f"ξ({vector % 10}, {vector // 10 + 1})"
    with qtbot.waitSignal(ranking.selected, timeout=PATIENCE) as selected:
        qtbot.keyClick(ranking, Qt.Key.Key_Left)
    assert selected.args == [int(shown.ranking[98])]


def test_all_of_set_one_has_pictures_in_the_least_recommended_window(
    qtbot: QtBot, window: MainWindow, workspace: DecomposeWorkspace
) -> None:
    window.resize(1280, 800)
    workspace.look_at_test_image(3)
    wait_for_answer(qtbot, workspace)
    ranking = workspace.ranking
    widths = [ranking.bar_centre(rank + 1).x() - ranking.bar_centre(rank).x() for rank in range(9)]
    assert min(widths) == max(widths)
    assert ranking.bar_centre(12).x() - ranking.bar_centre(11).x() < 4


def test_a_drawing_made_before_the_bundle_is_open_is_decomposed_once_it_is(
    qtbot: QtBot, bare_window: MainWindow, mnist_sized_bundle: Path
) -> None:
    draw_with_mouse(qtbot, bare_window.decompose, (0.3, 0.2), (0.3, 0.8))
    bare_window.open_bundle(mnist_sized_bundle)
    draw_with_mouse(qtbot, bare_window.decompose, (0.6, 0.2), (0.6, 0.8))
    wait_for_answer(qtbot, bare_window.decompose)
    assert bare_window.decompose.shown is not None
    assert bare_window.decompose.shown.title == "drawing"


def test_every_control_can_be_reached_and_has_a_name(window: MainWindow) -> None:
    own = [
        control
        for kind in (QAbstractButton, QSlider, QComboBox)
        for control in window.decompose.findChildren(kind)
        if control.isVisible()
    ]
    assert len(own) > 10
    for control in own:
        interface = QAccessible.queryAccessibleInterface(control)
        assert interface.text(QAccessible.Text.Name), control


def test_the_workspace_fits_the_least_window_whatever_labels_are_called(
    qtbot: QtBot, workspace: DecomposeWorkspace, window: MainWindow
) -> None:
    window.resize(960, 640)
    workspace.look_at_test_image(3)
    wait_for_answer(qtbot, workspace)
    for names in (LONG_NAMES, tuple("0123456789")):
        give_names(workspace, names)
        assert workspace.minimumSizeHint().width() <= 840
    wide = {tile.width() for tile in (*workspace.tiles, workspace.slider_tile)}
    assert len(wide) == 1


LONG_NAMES = (
    "T-shirt/top", "a name of forty letters in Latin script!", "Пальто из очень тёплой овечьей шерсти, да",
    "运动鞋和其他鞋子以及各种各样的配件与包袋", "حذاء رياضي من الجلد الطبيعي الفاخر جدا", "Bag", "W", "Ankle boot",
    "shirt, top", "Hemd & Hose",
)  # fmt: skip


def give_names(workspace: DecomposeWorkspace, names: tuple[str, ...]) -> None:
    """Show the same image as if the bundle's labels were called so."""
    bundle, shown = workspace.selection.bundle, workspace.shown
    assert bundle is not None
    assert shown is not None
    named = replace(bundle, label_names=names)
    workspace.ranking.show_bundle(named)
    workspace.ranking.show_decomposition(shown)
    workspace.readings.show_image(shown, names, workspace.ranking.vector_name(shown.winner))
    for tile, part in zip(workspace.tiles, shown.truncations, strict=True):
        tile.show_picture(part.picture, f"n = {part.terms}", part.label, names[part.label], part.probability)


def test_long_names_end_with_an_ellipsis_in_the_room_there_is(
    qtbot: QtBot, workspace: DecomposeWorkspace, window: MainWindow
) -> None:
    window.resize(960, 640)
    workspace.look_at_test_image(3)
    wait_for_answer(qtbot, workspace)
    give_names(workspace, LONG_NAMES)
    metrics = QFontMetrics(font(CAPTION))
    for vector, name in enumerate(LONG_NAMES):
        fitting = workspace.ranking._fitting_name(vector, metrics, 88)
        assert metrics.horizontalAdvance(fitting) <= 88 + metrics.horizontalAdvance("…")
        assert fitting.endswith(", 1)")
        assert (name in fitting) or "…" in fitting
    for tile in workspace.tiles:
        assert tile.reading
        assert tile.hidden_words


def test_readings_are_held_back_where_the_image_is_unlike_the_training_images(
    qtbot: QtBot, workspace: DecomposeWorkspace
) -> None:
    workspace.look_at_test_image(3)
    wait_for_answer(qtbot, workspace)
    qtbot.waitUntil(lambda: "cannot be said" in workspace.readings.usual.text(), timeout=PATIENCE)
    assert "have changed" in workspace.readings.usual.text()
    assert not workspace.readings.lsd.is_held_back
    usual = OutlierScores(0.2, 9.0, 40.0, 50.0, False, 2500, "mnist")
    shown = workspace.shown
    assert shown is not None
    names = tuple("0123456789")
    for outlier, held_back, said in (
        (usual, False, "Reconstruction error above 40"),
        (
            replace(usual, error_percentile=99.98),
            True,
            "Unlike the training images. Reconstruction error above 99.9",
        ),
        (replace(usual, distance_percentile=99.2), True, "Mahalanobis distance above 99.2"),
        (replace(usual, uniform=True), True, "Nothing is on it"),
    ):
        workspace.readings.show_image(replace(shown, outlier=outlier), names, "ξ(1, 1)")
        for verdict in (workspace.readings.lsd, workspace.readings.classifier):
            assert verdict.is_held_back is held_back
            described = QAccessible.queryAccessibleInterface(verdict).text(QAccessible.Text.Description)
            assert ("held back" in described) is held_back
        assert said in workspace.readings.usual.text()


def test_read_signed_the_ranking_says_how_it_is_ordered(qtbot: QtBot, workspace: DecomposeWorkspace) -> None:
    workspace.look_at_test_image(3)
    wait_for_answer(qtbot, workspace)
    for reading, order in (("signed", "set 1 by falling c"), ("absolute", "all sets by falling |c|")):
        before = workspace.shown
        workspace.reading.chosen.emit(reading)
        wait_for_answer(qtbot, workspace, before)
        assert workspace.ranking.order.startswith(order)
