"""Codes selected by mouse and keyboard in the real window, on planes, pairs and t-SNE."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from pytestqt.qtbot import QtBot

from lsd_studio.engine.latent.colouring import NO_VALUE
from lsd_studio.engine.latent.thumbnails import MOST_THUMBNAILS
from lsd_studio.engine.latent.views import Layout
from lsd_studio.engine.spaces.reading import read_latent_space
from lsd_studio.ui.codes.evaluate import CodesEvaluateWorkspace
from lsd_studio.ui.latent.embedding.page import EmbeddingPage
from lsd_studio.ui.latent.workspace import LatentWorkspace
from lsd_studio.ui.plots.outlined_plot import OutlinedPlot
from lsd_studio.ui.shell.main_window import MainWindow
from tests.ui.latent_pages import settle

PATIENCE = 120_000
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of 100 codes, with pictures."""
    random, labels = np.random.default_rng(0), np.arange(300) % 3
    z = random.standard_normal((300, 6)) + 6 * np.eye(6)[labels]
    file = tmp_path_factory.mktemp("codes") / "cells.npz"
    kind = np.array(["salt", "sea", "fresh"])[labels]
    images = np.broadcast_to(np.uint8(80 * labels)[:, None, None], (300, 6, 6))
    age = random.uniform(size=300)
    age[:30] = np.nan
    np.savez(file, z=z.astype(np.float32), kind=kind, images=images, age=age)
    return file


@pytest.fixture
def latent(bare_window: MainWindow, codes: Path, qtbot: QtBot) -> LatentWorkspace:
    """The workspace with the codes open, at its planes of components."""
    bare_window.open_file(codes, "z", "kind")
    qtbot.waitUntil(lambda: bare_window.place == "Latent space", timeout=PATIENCE)
    latent = bare_window.workspace
    assert isinstance(latent, LatentWorkspace)
    qtbot.waitUntil(lambda: latent.space is not None, timeout=PATIENCE)
    visit(qtbot, latent, "planes")
    latent.pages.planes.axes.kind.button("components").click()
    settle(qtbot, latent)
    return latent


def visit(qtbot: QtBot, latent: LatentWorkspace, view: str) -> None:
    latent.views.button(view).click()
    settle(qtbot, latent)


def drag(
    qtbot: QtBot,
    plot: OutlinedPlot,
    places: Sequence[tuple[float, float]],
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Drag from place to place, in the units of the axes."""
    left, pixels = Qt.MouseButton.LeftButton, [plot.pixel_of(QPointF(*place)).toPoint() for place in places]
    qtbot.mousePress(plot.viewport(), left, keys, pixels[0])
    for pixel in pixels[1:]:
        qtbot.mouseMove(plot.viewport(), pixel)
    qtbot.mouseRelease(plot.viewport(), left, keys, pixels[-1])


def within(codes: Path, low: Sequence[float], high: Sequence[float]) -> np.ndarray:
    z = np.load(codes)["z"][:, :2]
    return np.asarray(((z > low) & (z < high)).all(axis=1))


def selected(latent: LatentWorkspace) -> np.ndarray:
    now = latent.selected.now
    return np.zeros(300) if now is None else now.groups


def test_boxes_and_lassos_select_on_all_pages_and_can_be_undone(
    latent: LatentWorkspace, codes: Path, qtbot: QtBot
) -> None:
    planes, bar, before = latent.pages.planes, latent.selection_bar, latent.history.count()
    in_sight = planes.own.window_in_sight
    assert bar.isVisible()
    assert not bar.clear.isEnabled()
    bar.tool.button("box").click()
    drag(qtbot, planes.own, [(3, -2), (8, 3)])
    settle(qtbot, latent)
    wanted = within(codes, (3, -2), (8, 3)).astype(int)
    assert abs(selected(latent) - wanted).sum() <= 2, "but for the width of a pixel"
    assert planes.own.window_in_sight == in_sight

    bar.group.button("B").click()
    bar.tool.button("lasso").click()
    angles = np.linspace(0, 2 * np.pi, 40)
    drag(qtbot, planes.own, [(3 * np.cos(a), 6 + 3 * np.sin(a)) for a in angles])
    settle(qtbot, latent)
    z = np.load(codes)["z"]
    circle = np.hypot(z[:, 0], z[:, 1] - 6) < 3
    assert abs((selected(latent) == 2).sum() - circle.sum()) <= 3
    assert latent.selected.now is not None
    a, b = latent.selected.now.counts
    assert f"A:&nbsp;{a}" in bar.words.text()
    assert f"B:&nbsp;{b}" in bar.words.text()
    assert len(planes.own._selected) == a + b

    visit(qtbot, latent, "pairs")
    assert len(latent.pages.pairs.own._selected) == a + b
    assert bar.isVisible()
    visit(qtbot, latent, "paths")
    assert bar.isVisible()
    assert not bar.tool.isVisible()
    visit(qtbot, latent, "densities")
    curves = latent.pages.densities.curves[False]
    latent.pages.densities.keep_component(1)
    x, y = curves._groups[0].getData()
    first, count = z[selected(latent) == 1][:, 1], (selected(latent) == 1).sum()
    assert y.sum() * 0.25 == pytest.approx(1.0)
    assert x[y.argmax()] == pytest.approx(np.median(first), abs=1.0)
    assert curves._group_densities[0] is not None
    assert curves._group_densities[0].count == count
    visit(qtbot, latent, "planes")

    assert latent.history.count() == before + 2
    latent.history.undo()
    settle(qtbot, latent)
    assert not (selected(latent) == 2).any()
    latent.history.undo()
    settle(qtbot, latent)
    assert latent.selected.now is None
    assert planes.own.cloud.opacity() == 1.0
    latent.history.redo()
    settle(qtbot, latent)
    assert (selected(latent) == 1).sum() == a
    assert latent.pages.densities.curves[False]._group_densities[1] is None


def test_keys_add_remove_give_up_and_select_what_is_visible(
    latent: LatentWorkspace, codes: Path, qtbot: QtBot
) -> None:
    plot = latent.pages.planes.own
    latent.selection_bar.tool.button("box").click()
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    settle(qtbot, latent)
    assert selected(latent).sum() == 300
    drag(qtbot, plot, [(3, -2), (8, 3)], CTRL)
    settle(qtbot, latent)
    gone = 300 - int(selected(latent).sum())
    assert gone > 50
    drag(qtbot, plot, [(3, -2), (8, 3)], SHIFT)
    settle(qtbot, latent)
    assert selected(latent).sum() == 300

    left = Qt.MouseButton.LeftButton
    here, there = (plot.pixel_of(QPointF(*place)).toPoint() for place in ((0, 0), (1, 1)))
    qtbot.mousePress(plot.viewport(), left, pos=here)
    qtbot.mouseMove(plot.viewport(), there)
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    qtbot.mouseRelease(plot.viewport(), left, pos=there)
    settle(qtbot, latent)
    assert selected(latent).sum() == 300
    qtbot.mouseClick(plot.viewport(), left, pos=here)
    settle(qtbot, latent)
    assert selected(latent).sum() == 300, "a click draws nothing"
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    settle(qtbot, latent)
    assert latent.selected.now is None
    latent.history.undo()
    settle(qtbot, latent)
    assert selected(latent).sum() == 300


def test_codes_of_a_layout_are_selected_and_saved(
    latent: LatentWorkspace, tmp_path: Path, qtbot: QtBot
) -> None:
    page, layout = laid_out(qtbot, latent)
    qtbot.keyClick(page.own, Qt.Key.Key_Enter)
    settle(qtbot, latent)
    np.testing.assert_array_equal(np.flatnonzero(selected(latent)), layout.indices)
    assert len(page.own._selected) == 100

    said: list[str] = []
    latent.said.connect(said.append)
    latent.selected.write_column(tmp_path / "all.npz")
    settle(qtbot, latent)
    assert "with the column “selection”" in said[-1]
    column = read_latent_space(tmp_path / "all.npz").label_column("selection")
    np.testing.assert_array_equal(np.flatnonzero(column.values == 0), layout.indices)
    latent.selected.write_pictures(tmp_path / "pictures")
    settle(qtbot, latent)
    assert said[-1].startswith("100 pictures")
    latent.selected.write_rows(tmp_path / "rows.csv")
    settle(qtbot, latent)
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 101

    latent.header.codes_wanted.emit(latent.header.source)
    settle(qtbot, latent)
    assert latent.selected.now is None, "other codes"
    assert latent.history.count() == 0


def test_groups_are_compared_and_a_code_moves_from_one_to_the_other(
    latent: LatentWorkspace, qtbot: QtBot
) -> None:
    plot, card = latent.pages.planes.own, latent.groups
    bar = latent.selection_bar
    bar.tool.button("box").click()
    assert not bar.compare.isEnabled()
    drag(qtbot, plot, [(3, -2), (8, 3)])
    settle(qtbot, latent)
    bar.group.button("B").click()
    drag(qtbot, plot, [(-2, 4), (3, 9)])
    settle(qtbot, latent)
    bar.compare.click()
    settle(qtbot, latent)

    assert card.isVisible()
    assert card.found is not None
    assert latent.selected.now is not None
    assert card.found.counts == latent.selected.now.counts
    assert card.sentence.text() == card.found.sentence
    assert "4 axes left beside components 0 and 1" in card.sentence.text()
    assert card.place.text().startswith("Image")
    assert card.nearest.image is not None
    assert not card.moved.isVisible(), "there is no decoder"
    card.slider.setValue(100)
    settle(qtbot, latent)
    assert card.place.text().startswith("B by mean difference")
    card.operator.button("gaussian_transport").click()
    settle(qtbot, latent)
    assert card.place.text().startswith("B by Gaussian optimal transport")
    bar.clear.click()
    settle(qtbot, latent)
    assert not card.isVisible()
    assert card.found is None


def test_codes_are_coloured_by_any_column_on_planes_and_t_sne(latent: LatentWorkspace, qtbot: QtBot) -> None:
    planes = latent.pages.planes
    box = planes.colours
    assert [box.itemText(place) for place in range(box.count())][:2] == ["Labels", "One colour"]
    box.setCurrentIndex(box.findText("age"))
    box.activated.emit(box.currentIndex())
    settle(qtbot, latent)
    assert latent.colours.now is not None
    assert planes.own.shown is not None
    np.testing.assert_array_equal(planes.own.shown.labels, latent.colours.now.classes)
    assert (latent.colours.now.classes == 8).sum() == 30
    assert NO_VALUE in planes.legend.text()
    assert len(planes.own.cloud._palette) == 10
    assert "…" in planes.panels()[0].parts[0].name
    settings = latent.view_settings

    visit(qtbot, latent, "embedding")
    page = latent.pages.embedding
    assert page.colours.currentIndex() == box.currentIndex()
    page.points.setValue(60)
    page.perplexity.setValue(5)
    page.steps.setValue(10)
    page.run.click()
    settle(qtbot, latent)
    layout = page.layout_shown
    assert layout is not None
    np.testing.assert_array_equal(page.own.cloud._classes, latent.colours.now.classes[layout.indices])
    page.colours.setCurrentIndex(1)
    page.colours.activated.emit(1)
    settle(qtbot, latent)
    assert latent.colours.kind == "one"
    assert not page.legend.isVisible()
    np.testing.assert_array_equal(page.own.cloud._classes, layout.labels)

    visit(qtbot, latent, "planes")
    assert planes.own._shown_colouring is None
    assert len(planes.own.cloud._palette) == 4
    latent.show_view(settings)
    settle(qtbot, latent)
    assert latent.colours.now is not None
    assert latent.colours.now.column == "age"


def test_groups_are_labels_in_all_workspaces_with_a_note_that_they_were_drawn(
    latent: LatentWorkspace, bare_window: MainWindow, qtbot: QtBot
) -> None:
    plot, bar = latent.pages.planes.own, latent.selection_bar
    bar.tool.button("box").click()
    drag(qtbot, plot, [(3, -2), (8, 3)])
    settle(qtbot, latent)
    count = latent.selected.now.counts[0] if latent.selected.now else 0
    latent.selected.use_as_labels()
    settle(qtbot, latent)

    codes = bare_window.selection.codes
    assert codes is not None
    assert codes.column == "selection"
    assert latent.space is not None
    assert latent.space.label_names == ("A", "others")
    assert (codes.space.columns["selection"].values == 0).sum() == count > 0
    note = "The labels of selection were drawn around these codes on components 0 and 1"
    assert note in latent.words.text()
    assert latent.selected.now is None

    evaluate = bare_window.go_to("Evaluate")
    assert isinstance(evaluate, CodesEvaluateWorkspace)
    qtbot.waitUntil(lambda: bool(evaluate.found), timeout=PATIENCE)
    assert note in evaluate.words.text()


def laid_out(qtbot: QtBot, latent: LatentWorkspace) -> tuple[EmbeddingPage, Layout]:
    """The page of t-SNE with a short layout of 100 codes."""
    visit(qtbot, latent, "embedding")
    page = latent.pages.embedding
    page.points.setValue(100)
    page.perplexity.setValue(5)
    page.steps.setValue(20)
    page.run.click()
    settle(qtbot, latent)
    assert page.layout_shown is not None
    return page, page.layout_shown


def write(qtbot: QtBot, latent: LatentWorkspace, condition: str) -> None:
    """Write a condition into the field, as a person does."""
    field = latent.selection_bar.filter.field
    field.selectAll()
    field.insert(condition)  # QTest has no keys for ≠
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle(qtbot, latent)


def test_a_condition_shows_what_matches_on_all_pages_with_points(
    latent: LatentWorkspace, codes: Path, qtbot: QtBot
) -> None:
    of, planes, bar = np.load(codes), latent.pages.planes, latent.selection_bar.filter
    first_of_kind = min(of["kind"])
    assert bar.field.placeholderText() == f"Find codes: kind = {first_of_kind}"
    assert not bar.take[0].isVisible()
    salt = of["kind"] == "salt"
    write(qtbot, latent, "kind = salt")
    assert bar.words.text() == "100 of 300 match"
    np.testing.assert_array_equal(planes.own.cloud._places.T, of["z"][salt, :2])
    np.testing.assert_array_equal(planes.own._others._places.T, of["z"][~salt, :2])
    assert planes.own.sight == "100 of 100 matching visible, as pictures"
    assert planes.panels()[0].title == "Codes that match “kind = salt”"
    settings = latent.view_settings

    z = of["z"][~salt][0]
    planes.own.hovered.emit(float(z[0]), float(z[1]))
    settle(qtbot, latent)
    assert planes.code.code is None or of["kind"][planes.code.code.row] == "salt"
    latent.selection_bar.tool.button("box").click()
    qtbot.keyClick(planes.own, Qt.Key.Key_Return)
    settle(qtbot, latent)
    np.testing.assert_array_equal(selected(latent), salt)

    visit(qtbot, latent, "pairs")
    assert len(latent.pages.pairs.own.cloud) == 100
    write(qtbot, latent, "age > 0.5 and kind ≠ salt")
    young = (of["age"] > 0.5) & ~salt
    assert len(latent.pages.pairs.own.cloud) == young.sum()
    bar.take[1].click()
    settle(qtbot, latent)
    np.testing.assert_array_equal(selected(latent), np.where(young, 2, salt))
    assert latent.history.undoText() == "select codes for B"
    latent.history.undo()
    settle(qtbot, latent)
    np.testing.assert_array_equal(selected(latent), salt)

    page, layout = laid_out(qtbot, latent)
    np.testing.assert_array_equal(page.own.cloud._places.T, layout.points[young[layout.indices]])
    assert len(page.own._others) == 100 - len(page.own.cloud)
    assert page.panels()[0].title.startswith("Codes that match “age > 0.5")

    visit(qtbot, latent, "planes")
    assert len(planes.own.cloud) == young.sum(), "caught up"
    bar.field.clear()
    settle(qtbot, latent)
    assert len(planes.own.cloud) == 300
    assert not len(planes.own._others)
    latent.show_view(settings)
    settle(qtbot, latent)
    assert bar.field.text() == "kind = salt"
    assert len(planes.own.cloud) == 100


def test_a_condition_that_cannot_be_read_is_one_sentence_beside_the_field(
    latent: LatentWorkspace, bare_window: MainWindow, qtbot: QtBot
) -> None:
    bar = latent.selection_bar.filter
    write(qtbot, latent, "kind = salty")
    assert bar.words.text() == "kind is nowhere “salty”; did you mean “salt”?"
    assert bar.field.property("state") == "refused"
    assert not bar.take[0].isVisible()
    assert not bare_window.message_bar.isVisible()
    assert len(latent.pages.planes.own.cloud) == 300
    write(qtbot, latent, "nothing like it")
    assert bar.words.text() == "0 of 300 match"
    assert not bar.take[0].isVisible()
    assert not len(latent.pages.planes.own.cloud)
    latent.header.codes_wanted.emit(latent.header.source)
    settle(qtbot, latent)
    assert bar.field.text() == "", "other codes"
    assert len(latent.pages.planes.own.cloud) == 300


def test_few_visible_codes_are_pictures_in_their_colours_and_many_are_points(
    latent: LatentWorkspace, codes: Path, qtbot: QtBot
) -> None:
    pane, z = latent.pages.planes.own, np.load(codes)["z"]
    assert not pane.pictures.shown
    pane.show_rect(QRectF(5, -1, 2, 2))
    settle(qtbot, latent)
    assert pane.shown is not None
    assert pane.shown.indices is not None
    indices = pane.shown.indices
    assert 0 < len(indices) <= MOST_THUMBNAILS
    assert pane.sight.endswith("visible, as pictures")
    shown = pane.pictures.shown
    np.testing.assert_allclose(
        [(each.place.x(), each.place.y()) for each in shown], z[indices, :2], atol=1e-5
    )
    assert [each.image.pixelColor(3, 3).red() for each in shown] == (80 * (indices % 3)).tolist()
    labels = np.unique(["salt", "sea", "fresh"], return_inverse=True)[1][indices % 3]
    assert [each.frame for each in shown] == (labels + 2).tolist()
    assert latent.pages.planes.own.grab().toImage().pixelColor(0, 0).isValid()

    latent.selection_bar.tool.button("box").click()
    drag(qtbot, pane, [(6, -0.8), (7.5, 0.8)])
    settle(qtbot, latent)
    chosen = selected(latent)[indices] == 1
    assert 0 < chosen.sum() < len(chosen)
    assert [each.frame == 0 for each in pane.pictures.shown] == chosen.tolist()
    assert [each.opacity == 1.0 for each in pane.pictures.shown] == chosen.tolist()
    asked = dict(pane._thumbnails.known)
    pane.show_rect(QRectF(5.5, -0.5, 1, 1))
    settle(qtbot, latent)
    assert pane._thumbnails.known == asked, "nothing is fetched twice"
    pane.show_all()
    settle(qtbot, latent)
    assert not pane.pictures.shown
    assert pane.sight.endswith("each as a point")
