"""The Operate workspace on the real engine, driven by mouse and keyboard."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operators.products import Factor, Turn
from lsd_studio.engine.operators.walks import PathSettings
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.session import NotedSnapshot, OperateSession
from lsd_studio.ui.operate.state import PathState, Snapshot
from lsd_studio.ui.operate.workspace import OperateWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.selection import Selection

PATIENCE = 120_000


def at(point: QPointF) -> QPoint:
    return QPoint(round(point.x()), round(point.y()))


@pytest.fixture
def workspace(window: MainWindow, qtbot: QtBot) -> OperateWorkspace:
    workspace = window.go_to("Operate")
    assert isinstance(workspace, OperateWorkspace)
    wait_for_picture(qtbot, workspace)
    return workspace


def wait_for_picture(qtbot: QtBot, workspace: OperateWorkspace) -> np.ndarray:
    """Wait until the handle shows the answer to the last question; the pictures."""
    qtbot.waitUntil(lambda: workspace.path.is_up_to_date, timeout=PATIENCE)
    assert workspace.path.here is not None
    return workspace.path.here.pictures


def bundle_in_use(workspace: OperateWorkspace) -> OpenedBundle:
    assert workspace.selection.bundle is not None
    return workspace.selection.bundle


def drag_handle(qtbot: QtBot, workspace: OperateWorkspace, *places: float) -> None:
    """Take the handle by its picture over places of the ring, and let go."""
    editor = workspace.path.editor
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(editor, left, pos=at(editor.places.ring.point(editor.position)))
    for place in places:
        qtbot.mouseMove(editor, at(editor.places.ring.point(place)))
    qtbot.mouseRelease(editor, left, pos=at(editor.places.ring.point(places[-1])))


def test_a_dragged_handle_shows_another_picture_and_undo_returns_the_exact_one(
    qtbot: QtBot, workspace: OperateWorkspace
) -> None:
    first = wait_for_picture(qtbot, workspace)
    drag_handle(qtbot, workspace, 0.3, 0.9, 1.6)
    assert workspace.history.count() == 1, "one step a drag"
    second = wait_for_picture(qtbot, workspace)
    assert not np.array_equal(first, second)
    assert workspace.path.editor.shown is not None
    np.testing.assert_array_equal(workspace.path.editor.shown.pictures, second)
    workspace.history.undo()
    np.testing.assert_array_equal(wait_for_picture(qtbot, workspace), first)
    assert workspace.path.editor.position == 0.0
    workspace.history.redo()
    np.testing.assert_array_equal(wait_for_picture(qtbot, workspace), second)


def test_pictures_follow_the_hand_before_it_lets_go(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    editor, first = workspace.path.editor, wait_for_picture(qtbot, workspace)
    qtbot.mousePress(editor, Qt.MouseButton.LeftButton, pos=at(editor.places.ring.point(editor.position)))
    qtbot.mouseMove(editor, at(editor.places.ring.point(1.5)))
    during = wait_for_picture(qtbot, workspace)
    assert editor.is_dragging
    assert not np.array_equal(first, during)
    qtbot.mouseRelease(editor, Qt.MouseButton.LeftButton, pos=at(editor.places.ring.point(1.5)))


def test_arrow_keys_step_by_the_chosen_angle_and_each_step_is_undone(
    qtbot: QtBot, workspace: OperateWorkspace
) -> None:
    editor = workspace.path.editor
    workspace.path.controls.step.setCurrentText("Δθ 45°")
    for _ in range(3):
        qtbot.keyClick(editor, Qt.Key.Key_Right)
    assert editor.position == pytest.approx(1.5)
    workspace.history.undo()
    assert editor.position == pytest.approx(1.0)
    assert workspace.path.state.step == 45.0


def test_edits_of_the_path_are_undone_with_their_picture(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    editor, left = workspace.path.editor, Qt.MouseButton.LeftButton
    drag_handle(qtbot, workspace, 0.5, 1.5)
    before = wait_for_picture(qtbot, workspace)
    qtbot.mousePress(editor, left, pos=at(editor.places.ring.tag(2).center()))
    qtbot.mouseMove(editor, at(editor.places.ring.point(4)))
    qtbot.mouseMove(editor, at(editor.places.ring.point(5)))
    qtbot.mouseRelease(editor, left, pos=at(editor.places.ring.point(5)))
    assert workspace.path.state.path.labels == (0, 1, 3, 4, 5, 2, 6, 7, 8, 9)
    after = wait_for_picture(qtbot, workspace)
    assert not np.array_equal(before, after), "from 1 to 3 is another way than from 1 to 2"
    workspace.history.undo()
    assert workspace.path.state.path.labels == tuple(range(10))
    np.testing.assert_array_equal(wait_for_picture(qtbot, workspace), before)


def test_ten_images_are_taken_along_at_once(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    one = wait_for_picture(qtbot, workspace)
    workspace.path.taken.button("ten").click()
    ten = wait_for_picture(qtbot, workspace)
    assert len(one) == 1
    assert len(ten) == 10
    tests = workspace.selection.tests
    assert tests is not None
    assert set(tests.labels[list(workspace.path.state.numbers)]) == {0}
    workspace.path.shuffle.click()
    other = wait_for_picture(qtbot, workspace)
    assert not np.array_equal(ten, other)
    workspace.history.undo()
    np.testing.assert_array_equal(wait_for_picture(qtbot, workspace), ten)


def test_the_current_image_is_moved(qtbot: QtBot, window: MainWindow, workspace: OperateWorkspace) -> None:
    workspace.path.taken.button("current").click()
    assert workspace.path.here is None
    assert "draw in Decompose" in workspace.path.editor.hint
    window.decompose.look_at_test_image(18)
    first = wait_for_picture(qtbot, workspace)
    window.decompose.look_at_test_image(3)
    qtbot.waitUntil(
        lambda: (
            workspace.path.is_up_to_date
            and workspace.path.here is not None
            and not np.array_equal(workspace.path.here.pictures, first)
        ),
        timeout=PATIENCE,
    )


def test_the_style_kept_leads_from_rotation_to_transport(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    page = workspace.path
    page.taken.button("ten").click()
    page.editor.go_to(2.5)
    page.controls.through.button("vectors").click()
    page.controls.style_slider.setValue(100)
    rotated = wait_for_picture(qtbot, workspace)
    page.controls.style_slider.setValue(0)
    carried = wait_for_picture(qtbot, workspace)
    assert len(np.unique(rotated, axis=0)) == 10
    assert len(np.unique(carried, axis=0)) <= 2, "the transport makes all codes one, up to sign"
    workspace.history.undo()
    np.testing.assert_array_equal(wait_for_picture(qtbot, workspace), rotated)


def test_a_path_through_averages_shows_another_picture(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    page = workspace.path
    page.editor.go_to(0.5)
    through_averages = wait_for_picture(qtbot, workspace)
    assert page.here is not None
    assert "through the averages" in page.here.provenance
    page.controls.through.button("vectors").click()
    through_vectors = wait_for_picture(qtbot, workspace)
    assert not np.array_equal(through_vectors, through_averages)
    workspace.history.undo()
    np.testing.assert_array_equal(wait_for_picture(qtbot, workspace), through_averages)


def test_play_moves_the_handle_and_is_one_step_of_the_history(
    qtbot: QtBot, workspace: OperateWorkspace
) -> None:
    page, before = workspace.path, workspace.history.count()
    qtbot.keyClick(page.editor, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.editor.position > 0.2, timeout=PATIENCE)
    qtbot.keyClick(page.editor, Qt.Key.Key_Space)
    stopped = page.editor.position
    qtbot.wait(100)
    assert page.editor.position == stopped
    assert workspace.history.count() == before + 1
    workspace.history.undo()
    assert page.editor.position == 0.0


def test_a_closed_path_is_played_round_and_round(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    page = workspace.path
    page.editor.path_edited.emit(LabelPath((3, 5), closed=True), "take another path")
    page.controls.speed.setCurrentText("360°/s")
    page.controls.play.click()
    qtbot.waitUntil(lambda: page.editor.position > 2.2, timeout=PATIENCE)
    page.controls.play.click()
    qtbot.waitUntil(lambda: page.is_up_to_date, timeout=PATIENCE)


def test_both_operators_are_followed_and_the_marker_is_where_the_handle_is(
    qtbot: QtBot, workspace: OperateWorkspace
) -> None:
    page = workspace.path
    page.editor.path_edited.emit(LabelPath((0, 4, 2)), "take another path")
    qtbot.waitUntil(lambda: len(page.followed) == 2, timeout=PATIENCE)
    usual = bundle_in_use(workspace).usual_path
    for name, style in (("transport", 0.0), ("rotation", usual.style)):
        followed = page.followed[name]
        assert followed.path.through == usual.through
        assert followed.path.stations == (0, 4, 2)
        assert followed.path.style == style
        np.testing.assert_allclose(followed.probabilities.sum(axis=-1), 1, atol=1e-5)
    plot = page.views.rotation.shares
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.viewport().rect().center())
    assert 0.5 < page.editor.position < 1.5
    assert workspace.history.undoText() == "move the handle"


def test_all_views_follow_the_one_setting_and_name_it(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    page = workspace.path
    page.editor.path_edited.emit(LabelPath((0, 4)), "take another path")
    qtbot.waitUntil(lambda: len(page.followed) == 2, timeout=PATIENCE)
    transport = page.followed["transport"]
    page.controls.style_slider.setValue(60)
    page.controls.through.button("vectors").click()
    page.controls.style_slider.setValue(75)
    assert "rotation" not in page.followed
    qtbot.waitUntil(lambda: len(page.followed) == 2, timeout=PATIENCE)
    assert page.followed["transport"] is not transport, "it leads through the quasi-eigenvectors too"
    assert page.followed["rotation"].path == PathSettings((0, 4), style=0.75)
    before = page.followed["transport"]
    page.controls.style_slider.setValue(80)
    qtbot.waitUntil(lambda: len(page.followed) == 2, timeout=PATIENCE)
    assert page.followed["transport"] is before, "it has no share of the rest"
    assert page.views.transport.setting.text() == "nothing of the rest, through ξ"
    assert page.views.rotation.setting.text() == "80 % of the rest, through ξ"
    assert "80 %" in page.views.conservation._legend.text()
    assert page.measurement._paths["rotation"].style == 0.8
    titles = [panel.title for panel in page.figures()[0].panels]
    assert titles[2] == "Rotation with 80 % of the rest: pictures along the path"


def test_stations_at_which_c_reads_another_label_are_marked(
    qtbot: QtBot, workspace: OperateWorkspace
) -> None:
    page = workspace.path
    qtbot.waitUntil(lambda: len(page.followed) == 2, timeout=PATIENCE)
    followed = page.followed["rotation"]
    wrong = [place for place, at in enumerate(followed.stations) if followed.misread[at].any()]
    assert wrong, "networks drawn from a seed read at random"
    assert sorted(page.editor._misread) == wrong
    place = wrong[0]
    marked = page.editor.grab().toImage()
    qtbot.mouseMove(page.editor, at(page.editor.places.ring.tag(place).center()))
    read = page.editor._names[int(followed.probabilities[followed.stations[place], 0].argmax())]
    assert page.editor._advice() == f"{place}: C reads {read}"
    page.editor.show_misread({})
    assert page.editor.grab().toImage() != marked


def test_pictures_move_while_the_handle_goes_by_itself(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    page, seen = workspace.path, {"handle": set(), "transport": set(), "rotation": set()}

    def look() -> bool:
        if page.editor.shown is not None:
            seen["handle"].add(page.editor.shown.pictures.tobytes())
        for name, card in (("transport", page.views.transport), ("rotation", page.views.rotation)):
            if card.tile.image is not None:
                seen[name].add(card.tile.image.cacheKey())
        return all(len(pictures) > 4 for pictures in seen.values())

    page.controls.play.click()
    qtbot.waitUntil(look, timeout=PATIENCE)
    assert page.player.is_playing
    page.controls.play.click()
    qtbot.waitUntil(lambda: page.is_up_to_date, timeout=PATIENCE)


def test_every_page_fits_a_small_window(
    qtbot: QtBot, window: MainWindow, workspace: OperateWorkspace
) -> None:
    names = ["x" * 40, "Ёлка " * 8, "漢字" * 20, "كتاب " * 8, *"456789"]
    assert window.selection.bundle is not None
    window.selection.use_bundle(replace(window.selection.bundle, label_names=tuple(names)))
    workspace.fitted._show_saved(())
    window.resize(960, 640)
    for page in ("path", "fitted", "snapshots"):
        workspace.go_to(page)
        assert workspace.minimumSizeHint().width() <= 840, page
    form = workspace.fitted.form
    for size in ((960, 640), (1280, 720)):
        window.resize(*size)
        workspace.go_to("fitted")
        qtbot.wait(50)
        for field in (form.pairs, form.label, form.method):
            assert field.height() >= field.sizeHint().height(), size


def test_measuring_over_test_images_can_be_stopped(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    measurement = workspace.path.measurement
    measurement.button.click()
    assert measurement.is_measuring
    assert measurement.button.text() == "Stop"
    told: list[str] = []
    measurement.measured.connect(lambda name, legs, words: told.append(words))
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    measurement.button.click()
    assert not measurement.is_measuring
    assert measurement.button.text() == "Measure on test images"
    assert not measurement.progress.isVisible()
    assert not workspace.path.measurement.is_done
    told.clear()
    workspace.engine.operate.measure(PathSettings((0, 1)), "mnist", images_a_leg=1).result()
    qtbot.wait(50)
    assert not told


def test_a_snapshot_brings_the_exact_picture_back(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    drag_handle(qtbot, workspace, 0.5, 2.4)
    kept = wait_for_picture(qtbot, workspace)
    workspace.keep.click()
    workspace.path.editor.toggle_loop()
    drag_handle(qtbot, workspace, 3.0, 5.3)
    wait_for_picture(qtbot, workspace)
    workspace.keep.click()
    first, second = workspace.snapshots.snapshots
    assert (first.name, second.name) == ("Snapshot 1", "Snapshot 2")
    assert not np.array_equal(first.pictures, second.pictures)
    workspace.page.button("snapshots").click()
    card = workspace.snapshots.cards[0]
    card.name.setText("a crooked three")
    card.name.editingFinished.emit()
    card.return_button.click()
    np.testing.assert_array_equal(wait_for_picture(qtbot, workspace), kept)
    assert workspace.history.undoText() == "restore a crooked three"
    assert not workspace.path.state.path.closed
    workspace.history.undo()
    assert workspace.path.state.path.closed


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Sixteen images and the same shifted by two pixels, as files."""
    random = np.random.default_rng(5)
    for side in ("before", "after"):
        (tmp_path / side).mkdir()
    for number in range(16):
        image = np.zeros((28, 28), np.uint8)
        row, wide = int(random.integers(6, 18)), int(random.integers(4, 12))
        image[row : row + 4, 6 : 6 + wide] = 255
        Image.fromarray(image).save(tmp_path / "before" / f"{number}.png")
        Image.fromarray(np.roll(image, 2, axis=1)).save(tmp_path / "after" / f"{number}.png")
    return tmp_path


def test_an_operator_is_fitted_applied_inverted_kept_and_removed(
    qtbot: QtBot, workspace: OperateWorkspace, pairs: Path
) -> None:
    page = workspace.fitted
    workspace.page.button("fitted").click()
    page.form.pairs.setCurrentIndex(page.form.pairs.findText("Folders before and after"))
    assert not page.form.fit.isEnabled(), "no folder is chosen yet"
    page.form.use_folder(pairs)
    page.form.fit.click()
    qtbot.waitUntil(lambda: page.fitted is not None and page.applied is not None, timeout=PATIENCE)
    assert page.fitted is not None
    assert page.fitted.analysed.operator.made == "least squares"
    assert "one shift for all" in page.errors.accessibleDescription()
    assert not page.form.is_fitting
    assert page.form.fit.text() == "Fit on pairs"
    assert "Invertible." in page.about.text()
    assert page.product.factors == (Factor("", 1.0),)
    assert page.applied is not None
    once = page.applied.pictures
    page.product.power.setValue(0)
    qtbot.waitUntil(
        lambda: page.applied is not None and page.applied.factors[0] == Factor("", 0.0), timeout=PATIENCE
    )
    assert not np.array_equal(page.applied.pictures, once)
    page.product.power.setValue(100)
    page.product.invert.click()
    assert page.product.factors == (Factor("", -1.0),)
    page.product.name.setText("to the left")
    page.product.save.click()
    qtbot.waitUntil(lambda: page.operators.count() == 2, timeout=PATIENCE)
    page.operators.setCurrentRow(1)
    page.compose.click()
    qtbot.waitUntil(
        lambda: (
            page.applied is not None and page.applied.factors == (Factor("", -1.0), Factor("to the left"))
        ),
        timeout=PATIENCE,
    )
    page.remove_button.click()
    qtbot.waitUntil(lambda: page.operators.count() == 1, timeout=PATIENCE)
    assert page.product.factors == (Factor("", -1.0),)


def test_a_fit_can_be_stopped_and_one_that_fails_says_why(
    qtbot: QtBot, workspace: OperateWorkspace, pairs: Path
) -> None:
    page = workspace.fitted
    workspace.page.button("fitted").click()
    page.form.fit.click()
    assert page.form.fit.text() == "Stop fitting"
    assert "you can stop it" in page.next_step
    page.form.fit.click()
    assert not page.form.is_fitting
    assert page.form.notes.text() == "Fit stopped."
    for file in (pairs / "after").iterdir():
        file.unlink()
    page.form.pairs.setCurrentIndex(page.form.pairs.findText("Folders before and after"))
    page.form.use_folder(pairs)
    page.form.fit.click()
    qtbot.waitUntil(lambda: "partner" in page.form.notes.text(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: not page.form.is_fitting, timeout=PATIENCE)
    assert page.fitted is None


def test_an_operator_that_cannot_be_applied_says_why_and_the_next_one_is(
    qtbot: QtBot, window: MainWindow, workspace: OperateWorkspace
) -> None:
    page = workspace.fitted
    workspace.page.button("fitted").click()
    page.product.use_factors([Factor("nobody's")])
    qtbot.waitUntil(lambda: "nobody's" in page.words.text(), timeout=PATIENCE)
    assert page.applied is None
    assert not window.message_bar.isVisible()
    page.product.use_factors([Turn(0, 1)])
    qtbot.waitUntil(lambda: page.applied is not None, timeout=PATIENCE)


def test_the_way_to_the_handle_becomes_an_operator(qtbot: QtBot, workspace: OperateWorkspace) -> None:
    workspace.path.editor.go_to(1.5)
    workspace.as_operator.click()
    usual = bundle_in_use(workspace).usual_path
    assert workspace.fitted.product.factors == (
        Turn(0, 1, 90.0, usual.style, usual.through),
        Turn(1, 2, 45.0, 1.0, usual.through),
    ), "the rest is weighed once"
    qtbot.waitUntil(lambda: workspace.fitted.applied is not None, timeout=PATIENCE)


def test_without_a_bundle_the_workspace_says_what_to_do(qtbot: QtBot, bare_window: MainWindow) -> None:
    workspace = bare_window.go_to("Operate")
    assert isinstance(workspace, OperateWorkspace)
    assert "engine is loading" in workspace.path.editor.hint
    assert workspace.next_step


def test_a_bundle_that_is_opened_in_the_middle_of_work_brings_no_complaint(
    qtbot: QtBot, window: MainWindow, workspace: OperateWorkspace, mnist_sized_bundle: Path
) -> None:
    decompose, path = window.decompose, workspace.path
    failed: list[Exception] = []
    workspace.tasks.failed.connect(failed.append)
    path.editor.go_to(0.3)
    path.taken.button("current").click()
    assert path._rest.isActive(), "both operators are to be asked for, and there is no current image"
    qtbot.waitUntil(lambda: not path._rest.isActive(), timeout=PATIENCE)
    qtbot.wait(200)
    assert not failed
    path.taken.button("one").click()
    wait_for_picture(qtbot, workspace)
    decompose.look_at_test_image(0)
    qtbot.waitUntil(lambda: decompose.shown is not None, timeout=PATIENCE)

    with qtbot.waitSignal(window.selection.bundle_changed, timeout=PATIENCE):
        window.open_bundle(mnist_sized_bundle)
        decompose.terms.setValue(3)
        path.editor.go_to(0.5)
    path.shuffle.click()
    assert workspace.history.count() == 0, "there are no images to shuffle yet"
    wait_for_picture(qtbot, workspace)
    qtbot.waitUntil(lambda: decompose.shown is not None, timeout=PATIENCE)
    assert not [error for error in failed if not isinstance(error, StudioError)]
    assert not window.message_bar.isVisible()


def test_path_and_snapshots_survive_a_restart(
    qtbot: QtBot, window: MainWindow, workspace: OperateWorkspace, tmp_path: Path
) -> None:
    page, settings = workspace.path, open_settings(tmp_path / "w.ini")
    page.editor.path_edited.emit(LabelPath((4, 2, 7), closed=True), "take another path")
    page.taken.button("ten").click()
    page.editor.go_to(1.5)
    pictures = wait_for_picture(qtbot, workspace)
    workspace.keep_snapshot()
    workspace.snapshots.cards[0].name.setText("kept")
    workspace.snapshots.cards[0].name.editingFinished.emit()
    state = page.state
    workspace.keep_session(settings)

    again = OperateWorkspace(workspace.engine, workspace.themes, Selection())
    qtbot.addWidget(again)
    again.recall_session(settings)
    assert window.selection.bundle is not None
    assert window.selection.tests is not None
    again.selection.use_bundle(window.selection.bundle)
    again.selection.use_tests(window.selection.tests)
    assert again.path.state == state
    (kept,) = again.snapshots.snapshots
    assert (kept.name, kept.state) == ("kept", state)
    np.testing.assert_array_equal(kept.pictures, pictures)
    np.testing.assert_array_equal(kept.labels, workspace.snapshots.snapshots[0].labels)
    qtbot.waitUntil(lambda: again.path.is_up_to_date, timeout=PATIENCE)
    again.tasks.cancel_all()


@pytest.mark.parametrize(
    "change",
    [{"shape": [9, 28, 28, 1]}, {"labels": [99]}, {"labels": []}, {"pictures": "?"}, {"state": {"path": 1}}],
)
def test_a_noted_snapshot_that_was_tampered_with_is_left_out(change: dict[str, object]) -> None:
    snapshot = Snapshot(
        "s", PathState(LabelPath((0, 1)), numbers=(3,)), "mnist", np.zeros((1, 28, 28, 1), np.uint8),
        np.array([4]), np.array([0.5]), "somewhere",
    )  # fmt: skip
    noted = json.loads(OperateSession(snapshots=(NotedSnapshot.of(snapshot),)).model_dump_json())
    assert len(OperateSession.model_validate(noted).snapshots_of(10, 4)) == 1
    assert len(OperateSession.model_validate(noted).snapshots_of(10, 3)) == 0
    noted["snapshots"][0] |= change
    assert len(OperateSession.model_validate(noted).snapshots_of(10, 4)) == 0
