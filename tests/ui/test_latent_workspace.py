"""The Latent space workspace on the real engine, driven by mouse and keyboard, over a folder of MNIST images."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydantic import JsonValue, TypeAdapter
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QScrollArea, QTableView
from pytestqt.qtbot import QtBot

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.samplers import Sampler
from lsd_studio.ui.app.theme import DARK, LIGHT, ThemeManager
from lsd_studio.ui.latent.header import LatentSource
from lsd_studio.ui.latent.plane_pane import PlanePane
from lsd_studio.ui.latent.twin import TwinPanes
from lsd_studio.ui.latent.workspace import VIEWS, LatentWorkspace
from lsd_studio.ui.shell.selection import Selection
from tests.ui.mnist_folder import mnist_folder

PATIENCE = 240_000
EACH = 20
WRITTEN = TypeAdapter(dict[str, JsonValue])
CODES = 10 * EACH


def at(point: QPointF) -> QPoint:
    return QPoint(round(point.x()), round(point.y()))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of MNIST images, twenty of each label for testing, one for training."""
    return mnist_folder(tmp_path_factory.mktemp("digits"), train=1, test=EACH)


@pytest.fixture
def empty(engine: Engine, themes: ThemeManager, qtbot: QtBot) -> Iterator[LatentWorkspace]:
    """The workspace before it is seen."""
    workspace = LatentWorkspace(engine, themes, Selection())
    themes.apply_to(workspace)
    workspace.resize(1176, 700)
    yield workspace
    workspace.close()
    workspace.deleteLater()


@pytest.fixture
def workspace(
    empty: LatentWorkspace, mnist_sized_bundle: Path, digits: Path, qtbot: QtBot
) -> LatentWorkspace:
    """The workspace with the codes of the folder's test images."""
    empty.open(LatentSource(mnist_sized_bundle, str(digits)))
    empty.show()
    settle(qtbot, empty)
    assert empty.space is not None
    assert empty.space.count == CODES
    return empty


def settle(qtbot: QtBot, workspace: LatentWorkspace) -> None:
    """Wait until all is answered, and nothing is asked a moment later."""
    while workspace.tasks.is_busy:
        qtbot.waitUntil(lambda: not workspace.tasks.is_busy, timeout=PATIENCE)
        qtbot.wait(60)


def visit(qtbot: QtBot, workspace: LatentWorkspace, view: str) -> None:
    qtbot.mouseClick(workspace.views.button(view), Qt.MouseButton.LeftButton)
    qtbot.wait(30)
    settle(qtbot, workspace)


def test_every_page_shows_the_codes_and_what_the_hand_asks_for(
    qtbot: QtBot, workspace: LatentWorkspace
) -> None:
    densities = workspace.pages.densities
    assert densities.shown is not None
    assert densities.radii is not None
    np.testing.assert_allclose(densities.shown.curves.density.sum(axis=1) * 0.25, 1.0, rtol=1e-4)
    qtbot.mouseClick(
        densities.curves[False].viewport(),
        Qt.MouseButton.LeftButton,
        pos=at(densities.curves[False].point_of(0)),
    )
    assert densities.words.text().startswith("Component ")
    densities.width_of_intervals.setValue(0.5)
    settle(qtbot, workspace)
    assert densities.shown.curves.width == 0.5

    visit(qtbot, workspace, "planes")
    planes = workspace.pages.planes
    assert planes.own.shown is not None
    assert planes.own.shown.inside == CODES
    assert "18 March 2023" in planes.correction.text()
    assert planes.own.shown.points is not None
    place = QPointF(*planes.own.shown.points[0])
    qtbot.mouseMove(planes.own.viewport(), at(planes.own.pixel_of(place)))
    qtbot.waitUntil(lambda: planes.code.code is not None, timeout=PATIENCE)
    assert planes.code.original.image is not None
    assert planes.code.decoded.image is not None
    qtbot.mouseClick(planes.zoom.button("0.25"), Qt.MouseButton.LeftButton)
    qtbot.wait(30)
    settle(qtbot, workspace)
    bottom, top = planes.own.shown.window[2:]
    assert (bottom, top) == pytest.approx((-0.25, 0.25), abs=0.01)
    assert planes.own.shown.inside < CODES
    qtbot.keyClick(planes.own, Qt.Key.Key_Home)
    qtbot.waitUntil(
        lambda: planes.own.shown is not None and planes.own.shown.inside == CODES, timeout=PATIENCE
    )

    visit(qtbot, workspace, "pairs")
    pairs = workspace.pages.pairs
    qtbot.mouseClick(
        pairs.matrix.viewport(), Qt.MouseButton.LeftButton, pos=at(pairs.matrix.cell_centre(40, 12))
    )
    qtbot.waitUntil(lambda: pairs.shown is not None, timeout=PATIENCE)
    assert pairs.shown is not None
    assert pairs.pair == (pairs.shown.plane.x, pairs.shown.plane.y) == (12, 40)
    assert [ellipse.exact for ellipse in pairs.shown.ellipses] == pytest.approx(
        [1 - np.exp(-(k**2) / 2) for k in (1, 2, 3)]
    )
    assert "86.47" in pairs.coverage.text()
    settle(qtbot, workspace)

    for theme in (LIGHT, DARK):
        workspace.themes.use(theme)
        ground = workspace.grab().toImage().pixelColor(2, 2).lightnessF()
        assert ground > 0.8 if theme is LIGHT else ground < 0.3


def test_a_path_is_followed_from_end_to_end_and_changed_by_hand(
    qtbot: QtBot, workspace: LatentWorkspace
) -> None:
    visit(qtbot, workspace, "paths")
    paths = workspace.pages.paths
    qtbot.waitUntil(lambda: paths.here is not None and paths.followed is not None, timeout=PATIENCE)
    first, second = paths.path.codes
    assert first != second
    paths.slider.setFocus()
    qtbot.keyClick(paths.slider, Qt.Key.Key_End)
    settle(qtbot, workspace)
    assert paths.here.position == 1.0
    assert paths.here.nearest == second
    np.testing.assert_array_equal(paths.here.code.decoded, paths.followed.pictures[-1])
    workspace.history.undo()
    settle(qtbot, workspace)
    assert paths.here.position == 0.5
    paths.numbers[1].setValue(first)
    settle(qtbot, workspace)
    assert paths.path.codes == (first, first)
    qtbot.mouseClick(paths.kind.button("places"), Qt.MouseButton.LeftButton)
    settle(qtbot, workspace)
    assert "principal axis" in paths.here.name or "mean" in paths.here.name


def test_a_path_whose_codes_were_not_found_yet_is_come_back_to(
    qtbot: QtBot, workspace: LatentWorkspace
) -> None:
    visit(qtbot, workspace, "paths")
    paths = workspace.pages.paths
    qtbot.waitUntil(lambda: paths.here is not None and paths.followed is not None, timeout=PATIENCE)

    paths.shuffle.click()
    assert paths.path.codes == (-1, -1)
    qtbot.keyClick(paths.slider, Qt.Key.Key_End)
    workspace.history.undo()
    settle(qtbot, workspace)

    assert paths.path.is_known


def test_a_zoom_lasts_when_the_room_changes_and_no_longer_than_a_hand_lets_it(
    qtbot: QtBot, workspace: LatentWorkspace
) -> None:
    def half(pane: PlanePane) -> float:
        view = pane.plotItem.vb.viewRect()
        return min(view.width(), view.height()) / 2

    visit(qtbot, workspace, "planes")
    planes = workspace.pages.planes
    qtbot.mouseClick(planes.zoom.button("1"), Qt.MouseButton.LeftButton)
    settle(qtbot, workspace)
    qtbot.mouseClick(workspace.twin.button("beside"), Qt.MouseButton.LeftButton)
    settle(qtbot, workspace)
    assert half(planes.own) == pytest.approx(1.0, abs=0.01)
    assert half(planes.other) == pytest.approx(1.0, abs=0.01)
    assert planes.zoom.value == "1"
    qtbot.keyClick(planes.other, Qt.Key.Key_Plus)
    settle(qtbot, workspace)
    assert planes.zoom.value is None
    assert half(planes.own) == pytest.approx(0.8, abs=0.01)
    before, in_sight = workspace.size(), planes.own.window_in_sight
    for size in (QSize(2400, 1300), QSize(1600, 900), QSize(1300, 1200), before):
        workspace.resize(size)
        settle(qtbot, workspace)
        assert planes.zoom.value is None
    assert planes.own.window_in_sight == pytest.approx(in_sight, abs=0.01)
    assert planes.other.window_in_sight == pytest.approx(in_sight, abs=0.01)
    qtbot.keyClick(planes.own, Qt.Key.Key_Home)
    settle(qtbot, workspace)
    assert planes.zoom.value == "all"
    assert planes.own.shown is not None
    assert planes.own.shown.inside == CODES


def test_the_ends_of_a_path_are_moved_with_the_keyboard(qtbot: QtBot, workspace: LatentWorkspace) -> None:
    visit(qtbot, workspace, "paths")
    paths, end = workspace.pages.paths, workspace.pages.paths.end_keys[1]
    qtbot.waitUntil(lambda: paths.here is not None and paths.followed is not None, timeout=PATIENCE)
    qtbot.mouseClick(paths.kind.button("places"), Qt.MouseButton.LeftButton)
    settle(qtbot, workspace)
    start, before = paths.path.places[1], workspace.history.count()

    end.setFocus()
    with qtbot.waitSignal(end.settled, timeout=PATIENCE):
        qtbot.keyClick(end, Qt.Key.Key_Up)
        qtbot.keyClick(end, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    settle(qtbot, workspace)

    view = paths.pane.plotItem.vb.viewRect()
    moved = np.subtract(paths.path.places[1], start) / (view.width(), view.height())
    np.testing.assert_allclose(moved, (0.002, 0.02), rtol=1e-6)
    assert workspace.history.count() == before + 1
    assert "Arrow keys" in end.accessibleDescription()
    workspace.history.undo()
    settle(qtbot, workspace)
    assert paths.path.places[1] == start
    qtbot.mouseClick(paths.kind.button("codes"), Qt.MouseButton.LeftButton)
    settle(qtbot, workspace)
    first = paths.path.codes[0]
    with qtbot.waitSignal(paths.end_keys[0].settled, timeout=PATIENCE):
        paths.end_keys[0].setFocus()
        for _ in range(10):
            qtbot.keyClick(paths.end_keys[0], Qt.Key.Key_Right)
    settle(qtbot, workspace)
    assert paths.path.codes[0] != first
    assert paths.numbers[0].value() == paths.path.codes[0]
    assert f"code {paths.path.codes[0]}" in paths.end_keys[0].accessibleDescription()


def test_the_twin_stands_beside_the_codes_or_in_turn_with_a_verdict_in_words(
    qtbot: QtBot, workspace: LatentWorkspace
) -> None:
    visit(qtbot, workspace, "planes")
    planes = workspace.pages.planes
    qtbot.mouseClick(workspace.twin.button("beside"), Qt.MouseButton.LeftButton)
    qtbot.wait(30)
    settle(qtbot, workspace)
    assert planes.other.shown is not None
    assert planes.other.shown.labels is not None
    assert (planes.other.shown.labels == -1).all()
    assert planes.other.isVisible()
    assert "p = " in workspace.verdict.sentence.text()
    assert "a Gaussian of the same mean" in workspace.verdict.sentence.text()
    qtbot.mouseClick(workspace.twin_of.button("labels"), Qt.MouseButton.LeftButton)
    assert not workspace.verdict.sentence.isVisible()
    settle(qtbot, workspace)
    assert "Gaussians, one a label" in workspace.verdict.sentence.text()
    assert workspace.view_settings["twin_of"] == "labels"
    qtbot.mouseClick(workspace.twin_of.button("codes"), Qt.MouseButton.LeftButton)
    settle(qtbot, workspace)
    assert workspace.verdict.isVisible()
    planes.own.show_rect(QRectF(-1, -1, 2, 2))
    assert planes.other.plotItem.vb.viewRect().center().x() == pytest.approx(0.0, abs=0.05)
    settle(qtbot, workspace)
    qtbot.mouseClick(workspace.twin.button("blink"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: planes.other.isVisible() and not planes.own.isVisible(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: planes.own.isVisible(), timeout=PATIENCE)
    visit(qtbot, workspace, "samplers")
    assert not workspace.twin.button("beside").isEnabled()
    assert not workspace.verdict.isVisible()


def test_slow_work_streams_pauses_and_stops(qtbot: QtBot, workspace: LatentWorkspace) -> None:
    visit(qtbot, workspace, "embedding")
    embedding = workspace.pages.embedding
    embedding.perplexity.setValue(10)
    embedding.steps.setValue(embedding.steps.maximum())
    qtbot.mouseClick(embedding.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: embedding.layout_shown is not None, timeout=PATIENCE)
    qtbot.mouseClick(embedding.hold, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: embedding.hold.text() == "Resume", timeout=PATIENCE)
    qtbot.mouseClick(workspace.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not embedding.is_running, timeout=PATIENCE)
    assert embedding.layout_shown is not None
    assert len(embedding.own.cloud) == CODES
    assert embedding.run.text() == "Start"

    visit(qtbot, workspace, "samplers")
    workspace.pages.samplers.points.setValue(100)
    workspace.pages.samplers.start((Sampler("codes"), Sampler("cholesky")))
    assert not workspace.pages.samplers.points.isEnabled()
    assert workspace.stop.isVisible()
    settle(qtbot, workspace)
    assert [row.sampler.kind for row in workspace.pages.samplers.table.rows] == ["codes", "cholesky"]
    assert workspace.pages.samplers.compared is not None
    assert workspace.pages.samplers.sentence.text() == workspace.pages.samplers.compared.sentence


def test_while_images_are_encoded_the_page_says_so(
    qtbot: QtBot, empty: LatentWorkspace, mnist_sized_bundle: Path, digits: Path
) -> None:
    said: list[str] = []
    empty.show()
    empty.open(LatentSource(mnist_sized_bundle, str(digits)))
    empty.tasks.changed.connect(lambda: said.append("" if empty.space else empty.hint.text()))
    assert empty.hint.text().startswith("Encoding images")
    settle(qtbot, empty)
    assert empty.space is not None
    assert not any("Encode" in words for words in said)


def test_what_cannot_be_opened_leaves_a_way_on(qtbot: QtBot, empty: LatentWorkspace, tmp_path: Path) -> None:
    failed: list[Exception] = []
    empty.tasks.failed.connect(failed.append)
    empty.open(LatentSource(tmp_path / "nothing"))
    settle(qtbot, empty)
    assert [type(error) for error in failed] == [StudioError]
    assert not empty.encode.isHidden()
    assert "Encode" in empty.hint.text()


def test_codes_of_a_bundle_are_selected_compared_and_decoded_on_their_way(
    qtbot: QtBot, workspace: LatentWorkspace
) -> None:
    visit(qtbot, workspace, "planes")
    plot, card = workspace.pages.planes.own, workspace.groups
    left, right, bottom, top = plot.window_in_sight
    for group, ends in (("A", (left, (left + right) / 2)), ("B", ((left + right) / 2, right))):
        workspace.selection_bar.group.button(group).click()
        corners = [(ends[0], bottom), (ends[1], bottom), (ends[1], top), (ends[0], top)]
        plot.outlined.emit(np.array(corners), "replace")
        settle(qtbot, workspace)
    assert workspace.selected.now is not None
    assert sum(workspace.selected.now.counts) == CODES
    workspace.selection_bar.compare.click()
    settle(qtbot, workspace)

    assert card.found is not None
    assert card.found.p_value is not None
    assert card.moved.image is not None
    before = card.moved.image.copy()
    card.slider.setFocus()
    qtbot.keyClick(card.slider, Qt.Key.Key_End)
    settle(qtbot, workspace)
    assert card.moved.image != before
    assert card.nearest.image is not None


def test_every_page_comes_back_from_its_settings(
    qtbot: QtBot, workspace: LatentWorkspace, mnist_sized_bundle: Path, digits: Path, tmp_path: Path
) -> None:
    def grabbed(view: str) -> tuple[QImage, dict[str, JsonValue]]:
        """What is in front, once it has not changed for a while: what is asked for a moment later is there too."""
        pictures: list[QImage] = []
        while len(pictures) < 2 or pictures[-1] != pictures[-2]:
            settle(qtbot, workspace)
            qtbot.wait(250)
            settle(qtbot, workspace)
            pictures.append(workspace.page.grab().toImage())
        return pictures[-1], WRITTEN.validate_python(workspace.view_settings)

    def choose(view: str) -> None:
        workspace.go_to(view)
        settle(qtbot, workspace)
        match view:
            case "densities":
                workspace.pages.densities.width_of_intervals.setValue(0.5)
                settle(qtbot, workspace)
                workspace.pages.densities.keep_component(7)
            case "planes":
                workspace.pages.planes.axes.vertical.setValue(4)
                settle(qtbot, workspace)
                workspace.pages.planes.own.show_rect(QRectF(-1, -1, 1.5, 2))
                workspace.colours.choose("one")
            case "pairs":
                workspace.pages.pairs.levels.setText("1, 2.5")
                workspace.pages.pairs.levels.editingFinished.emit()
                workspace.pages.pairs.show_pair(3, 9)
            case _:
                workspace.pages.paths.shuffle.click()
                settle(qtbot, workspace)
                workspace.pages.paths.slider.setValue(300)

    seen = {}
    for view in ("densities", "planes", "pairs", "paths"):
        choose(view)
        seen[view] = *grabbed(view), workspace.computed_from
    workspace.open(LatentSource(mnist_sized_bundle, str(digits), "train"))
    settle(qtbot, workspace)
    for view, (picture, settings, origin) in seen.items():
        workspace.show_view(settings)
        again, told = grabbed(view)
        assert workspace.computed_from == origin
        assert told["split"] == settings["split"] == "test"
        assert again == picture, view
    copy = shutil.copytree(mnist_sized_bundle, tmp_path / mnist_sized_bundle.name)
    workspace.show_view({**workspace.view_settings, "coder": str(mnist_sized_bundle)})
    settle(qtbot, workspace)
    workspace.show_view({**workspace.view_settings, "coder": str(copy)})
    settle(qtbot, workspace)
    assert workspace.view_settings["coder"] == str(copy)


def test_every_page_fits_a_small_window(qtbot: QtBot, workspace: LatentWorkspace) -> None:
    names = tuple(f"{'буква' if at % 2 else '圖'} {at} " * 5 for at in range(10))
    for legend in (workspace.pages.planes.legend, workspace.pages.embedding.legend):
        legend.show_labels(names)
    workspace.header.show_source(LatentSource(Path("a folder with a long name " * 4), "images of " * 20))
    workspace.verdict.show()
    for panes in workspace.findChildren(TwinPanes):
        panes.show_mode("beside")
    for width in (1176, 856):
        workspace.resize(width, 533)
        for view, _, _ in VIEWS:
            visit(qtbot, workspace, view)
            workspace.verdict.show()
            workspace.verdict._show_findings(True)
            assert workspace.minimumSizeHint().width() <= 840, (width, view)
            for area in workspace.findChildren(QScrollArea):
                if (
                    area.isVisible()
                    and area.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
                ):
                    assert area.widget().minimumSizeHint().width() <= area.viewport().width(), (width, view)
            for table in workspace.findChildren(QTableView):
                assert not (table.isVisible() and table.horizontalScrollBar().maximum()), (width, view)
