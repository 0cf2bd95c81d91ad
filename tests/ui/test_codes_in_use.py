"""Codes that came without networks, in the real window: dropped, shown, and used by the workspaces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from lsd_studio.engine.figures.spec import FigureView
from lsd_studio.ui.codes.basis import CodesBasisWorkspace
from lsd_studio.ui.codes.evaluate import CodesEvaluateWorkspace
from lsd_studio.ui.codes.missing import NoDecompose
from lsd_studio.ui.codes.operate import CodesOperateWorkspace
from lsd_studio.ui.codes.sheet import CodesSheet
from lsd_studio.ui.latent.workspace import LatentWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.recent import Kind, Recent
from lsd_studio.ui.shell.start_page import StartPage

PATIENCE = 60_000


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of 100 codes, and random labels beside them."""
    random, labels = np.random.default_rng(0), np.arange(300) % 3
    z = random.standard_normal((300, 6)) + 4 * np.eye(6)[labels]
    file = tmp_path_factory.mktemp("codes") / "cells.npz"
    np.savez(
        file,
        z=z.astype(np.float32),
        umap=z[:, :2].astype(np.float32),
        chance=random.integers(3, size=300),
        kind=np.array(["salt", "sea", "fresh"])[labels],
        age=random.uniform(1, 9, size=300),
        images=np.broadcast_to(np.uint8(80 * labels)[:, None, None], (300, 6, 6)),
    )
    return file


def sheet_of(window: MainWindow, qtbot: QtBot) -> CodesSheet:
    qtbot.waitUntil(lambda: bool(window.findChildren(CodesSheet)), timeout=PATIENCE)
    (sheet,) = window.findChildren(CodesSheet)
    qtbot.waitUntil(sheet.open_button.isEnabled, timeout=PATIENCE)
    return sheet


def use(window: MainWindow, qtbot: QtBot, codes: Path, labels: str | None) -> LatentWorkspace:
    """The Latent space workspace with the codes open."""
    window.open_file(codes, "z", labels)
    qtbot.waitUntil(lambda: window.place == "Latent space", timeout=PATIENCE)
    latent = window.workspace
    assert isinstance(latent, LatentWorkspace)
    qtbot.waitUntil(lambda: latent.space is not None, timeout=PATIENCE)
    return latent


def test_a_dropped_file_is_shown_before_it_is_used(
    bare_window: MainWindow, codes: Path, qtbot: QtBot
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(codes))])
    assert bare_window.arrivals.take(data)
    sheet = sheet_of(bare_window, qtbot)

    assert "300 codes of 6 components" in sheet.words.text()
    assert [sheet.array.itemText(place) for place in range(sheet.array.count())] == ["z", "umap"]
    assert sheet.labels.currentData() == "chance"
    heads = [sheet.rows.horizontalHeaderItem(place).text() for place in range(sheet.rows.columnCount())]
    assert heads == ["", "chance", "kind", "age", "0", "1", "2", "3", "4", "5"]
    assert [sheet.rows.item(line, 2).text() for line in (0, 1, 2)] == ["labels", "3 different", "salt"]
    assert sheet.rows.item(0, 3).text() == "numbers"
    assert "No decoder, no encoder, no classifier: make a bundle" in sheet.notes.text()
    assert "pictures" not in sheet.notes.text()
    assert "averages the codes of each chance" in sheet.works["Basis"].text()
    assert "needs an encoder" in sheet.works["Decompose"].text()
    sheet.labels.setCurrentIndex(0)
    assert sheet.works["Evaluate"].text() == "choose a column of labels for it"
    sheet.read("umap")
    qtbot.waitUntil(lambda: "of 2 components" in sheet.words.text(), timeout=PATIENCE)
    assert sheet.labels.currentData() is None
    sheet.choose_labels("kind")
    sheet.open_button.click()

    latent = bare_window.workspace
    assert isinstance(latent, LatentWorkspace)
    qtbot.waitUntil(lambda: latent.space is not None, timeout=PATIENCE)
    assert latent.space is not None
    assert latent.space.label_names == ("fresh", "salt", "sea")
    assert "cells.npz, umap" in bare_window.bundle_button.text()
    assert bare_window.recent.all[0] == Recent(Kind.CODES, str(codes))


def test_a_file_that_is_refused_says_why(bare_window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    np.save(tmp_path / "pickled.npy", np.array([{}, []], dtype=object), allow_pickle=True)
    sheet = bare_window.show_codes(tmp_path / "pickled.npy")
    qtbot.waitUntil(lambda: bool(sheet.problem.text()), timeout=PATIENCE)

    assert "holds no codes" in sheet.problem.text()
    assert not sheet.open_button.isEnabled()
    sheet.reject()


def test_another_file_takes_the_place_of_the_one_that_was_looked_over(
    bare_window: MainWindow, codes: Path, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("Nothing to see here.\n")
    first = bare_window.show_codes(tmp_path / "note.txt")
    gone: list[int] = []
    first.finished.connect(gone.append)
    second = bare_window.show_codes(codes)

    assert len(gone) == 1
    assert second.isVisible()
    second.reject()


def test_the_start_page_leads_to_codes(bare_window: MainWindow) -> None:
    page = bare_window.go_to("Start")
    assert isinstance(page, StartPage)
    page.choose_codes.click()

    asked = bare_window.findChild(QFileDialog)
    assert asked is not None
    assert asked.windowTitle() == "Open codes"
    asked.reject()


def test_codes_alone_are_looked_at(
    bare_window: MainWindow, codes: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    latent = use(bare_window, qtbot, codes, "kind")

    assert "read" in bare_window.source.text()
    latent.go_to("planes")
    qtbot.waitUntil(lambda: "300" in latent.pages.planes.words.text(), timeout=PATIENCE)
    found = latent.engine.latent.code(7).result()
    latent.pages.planes.code.show_code(found, latent.space)
    assert latent.pages.planes.code.words.text().startswith("Row 7, label sea: radius")
    assert not latent.pages.planes.code.decoded.isVisible()
    view = FigureView("Latent space", latent.view_settings)
    saved = latent.engine.figures.save(latent.figures()[0], tmp_path / "planes.png", view=view).result()
    read = latent.engine.figures.read(saved.files[-1]).result()
    assert (read.view.workspace, read.view.settings["view"], "coder" in read.view.settings) == (
        "Latent space", "planes", False
    )  # fmt: skip
    latent.go_to("samplers")
    assert latent.hint.isVisible()
    assert "need a decoder" in latent.hint.text()
    latent.go_to("densities")
    assert not latent.hint.isVisible()
    by_chance = next(each for each in latent.header.data.menu().actions() if "chance" in each.text())
    by_chance.trigger()
    qtbot.waitUntil(
        lambda: latent.space is not None and latent.space.label_names == ("0", "1", "2"), timeout=PATIENCE
    )
    assert bare_window.selection.codes is not None
    assert bare_window.selection.codes.column == "chance"


def test_labelled_codes_have_a_basis_and_random_labels_none(
    bare_window: MainWindow, codes: Path, qtbot: QtBot
) -> None:
    use(bare_window, qtbot, codes, "kind")
    basis = bare_window.go_to("Basis")
    assert isinstance(basis, CodesBasisWorkspace)
    qtbot.waitUntil(basis.table.isVisible, timeout=PATIENCE)
    assert "2 directions of at most 2 stand above chance" in basis.sentence.text()
    assert [basis.table.item(line, 4).text() for line in range(3)] == ["yes", "yes", "yes"]
    assert basis.products.values is not None
    (figure,) = basis.figures()
    assert figure.source == "cells.npz, z, labels of kind"

    basis.labels.setCurrentText("chance")
    basis.labels.activated.emit(basis.labels.currentIndex())
    qtbot.waitUntil(lambda: "no label is told from the others" in basis.sentence.text(), timeout=PATIENCE)
    assert {basis.table.item(line, 4).text() for line in range(3)} == {"no"}


def test_labelled_codes_are_read_and_moved_on_held_out_rows(
    bare_window: MainWindow, codes: Path, qtbot: QtBot
) -> None:
    use(bare_window, qtbot, codes, "kind")
    evaluate = bare_window.go_to("Evaluate")
    assert isinstance(evaluate, CodesEvaluateWorkspace)
    qtbot.waitUntil(evaluate.table.isVisible, timeout=PATIENCE)
    assert "Beyond chance" in evaluate.sentence.text()
    assert evaluate.table.rowCount() == 8
    (figure,) = evaluate.figures()
    rendered = evaluate.engine.figures.render(figure).result()
    assert rendered.source == "cells.npz, z, labels of kind"
    assert "Beyond chance" in rendered.caption
    operate = bare_window.go_to("Operate")
    assert isinstance(operate, CodesOperateWorkspace)
    qtbot.waitUntil(operate.table.isVisible, timeout=PATIENCE)
    assert "mean difference" in operate.sentence.text()
    (figure,) = operate.figures()
    assert "fitted nothing" in operate.engine.figures.render(figure).result().caption
    qtbot.waitUntil(lambda: operate.path.table.rowCount() == 4, timeout=PATIENCE)
    assert [operate.path.table.item(line, 0).text() for line in (0, 3)] == ["fresh", "salt"]
    assert "of 33" in operate.path.table.item(3, 2).text()
    assert "salt" in operate.path.table.item(3, 4).text()
    qtbot.waitUntil(lambda: len(operate.path.pictures.images) == 2, timeout=PATIENCE)
    assert [len(row) for row in operate.path.pictures.images] == [1, 4]
    operate.path.target.setCurrentIndex(2)
    operate.path.target.activated.emit(2)
    qtbot.waitUntil(lambda: operate.path.table.item(3, 0).text() == "sea", timeout=PATIENCE)
    heads = [
        operate.table.model().headerData(place, 1) for place in range(operate.table.model().columnCount())
    ]
    assert len(heads) == 4


def test_what_codes_cannot_do_is_said_and_a_bundle_brings_it_back(
    bare_window: MainWindow, codes: Path, mnist_sized_bundle: Path, qtbot: QtBot
) -> None:
    use(bare_window, qtbot, codes, None)
    missing = bare_window.go_to("Decompose")
    assert isinstance(missing, NoDecompose)
    assert "needs an encoder, a generator and a classifier" in missing.sentence.text()
    basis = bare_window.go_to("Basis")
    assert isinstance(basis, CodesBasisWorkspace)
    assert "Choose a column of labels" in basis.hint.text()
    bare_window.exchange.train_denoisers()
    assert "No bundle is open" in bare_window.message_bar.text
    bare_window.guidance.begin_tour()
    assert "The tour leads through a bundle" in bare_window.message_bar.text
    bare_window.go_to("Decompose")
    bare_window.open_bundle(mnist_sized_bundle)
    qtbot.waitUntil(lambda: bare_window.selection.bundle is not None, timeout=PATIENCE)
    assert bare_window.selection.codes is None
    assert bare_window.workspace is bare_window.decompose


def test_a_file_of_cells_from_end_to_end(bare_window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    """As AnnData lays it out, written by h5py: opened, a basis and its audit, and a figure exported."""
    h5py = pytest.importorskip("h5py")
    random, types = np.random.default_rng(1), np.arange(300) % 3
    with h5py.File(file := tmp_path / "cells.h5ad", "w") as opened:
        opened.create_group("obsm")["X_scVI"] = random.standard_normal((300, 6)) + 4 * np.eye(6)[types]
        column = opened.create_group("obs/cell_type")
        column["codes"] = types.astype(np.int8)
        column.create_dataset("categories", data=["B cell", "T cell", "NK cell"], dtype=h5py.string_dtype())
    bare_window.open_file(file)
    sheet = sheet_of(bare_window, qtbot)
    assert sheet.labels.currentData() == "cell_type"
    sheet.open_button.click()
    basis = bare_window.go_to("Basis")
    assert isinstance(basis, CodesBasisWorkspace)
    qtbot.waitUntil(basis.table.isVisible, timeout=PATIENCE)
    assert "2 directions of at most 2 stand above chance" in basis.sentence.text()
    (figure,) = basis.figures()
    saved = basis.engine.figures.save(figure, tmp_path / "basis.png").result()
    assert [file.name for file in saved.files] == ["basis.png", "basis.npz", "basis.json"]
