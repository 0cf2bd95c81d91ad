"""What three people bring, from their own programs' files to figures and archives, in the real window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from pytestqt.qtbot import QtBot
from safetensors.numpy import load_file

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.bundle.imported import bundles_folder
from lsd_studio.engine.bundle.profile_text import profile_text
from lsd_studio.engine.figures.record import read_record
from lsd_studio.engine.operators.store import load_operators
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.ui.basis.workspace import BasisWorkspace
from lsd_studio.ui.codes.basis import CodesBasisWorkspace
from lsd_studio.ui.codes.operate import CodesOperateWorkspace
from lsd_studio.ui.codes.sheet import CodesSheet
from lsd_studio.ui.latent.workspace import LatentWorkspace
from lsd_studio.ui.operate.workspace import OperateWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.train.workspace import TrainWorkspace
from tests.outsiders import EDGE, FEW_STEPS, write_cells, write_dcgan, write_digits
from tests.ui.latent_pages import settle

PATIENCE = 60_000


@pytest.fixture
def own_window(bare_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window of a person who has neither bundles nor runs."""
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "data"))
    return bare_window


def drop(window: MainWindow, file: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    assert window.arrivals.take(data)


def export(window: MainWindow, file: Path, qtbot: QtBot) -> None:
    """Export the figure of what is in view."""
    dialog = window.figures.export()
    dialog.dpi.setValue(50)
    dialog.save(file)
    qtbot.waitUntil(lambda: "Saved" in dialog.state.text(), timeout=PATIENCE)
    dialog.reject()


def test_cells_of_anndata(own_window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    pytest.importorskip("h5py")
    window = own_window
    drop(window, write_cells(tmp_path / "cells.h5ad"))
    qtbot.waitUntil(lambda: bool(window.findChildren(CodesSheet)), timeout=PATIENCE)
    (sheet,) = window.findChildren(CodesSheet)
    qtbot.waitUntil(lambda: sheet.array.count() == 2, timeout=PATIENCE)
    assert "obsm/X_scVI: 450 codes of 8 components" in sheet.words.text()
    sheet.choose_labels("cell_type")
    sheet.open_button.click()
    latent = window.workspace
    assert isinstance(latent, LatentWorkspace)
    qtbot.waitUntil(lambda: latent.space is not None, timeout=PATIENCE)

    basis = window.go_to("Basis")
    assert isinstance(basis, CodesBasisWorkspace)
    qtbot.waitUntil(basis.table.isVisible, timeout=PATIENCE)
    assert "2 directions of at most 2 stand above chance" in basis.sentence.text()
    assert "30 of 450 codes have no cell_type" in basis.sentence.text()
    export(window, tmp_path / "basis.svg", qtbot)

    operate = window.go_to("Operate")
    assert isinstance(operate, CodesOperateWorkspace)
    qtbot.waitUntil(lambda: operate.path.table.rowCount() == 4, timeout=PATIENCE)
    operate.table.choose("gaussian_transport")
    assert operate.path.save.text() == "Save Gaussian optimal transport…"
    operate.path.save_operator(tmp_path / "to-nk.safetensors")
    qtbot.waitUntil(lambda: "arrive at NK cell" in operate.path.words.text(), timeout=PATIENCE)
    assert load_file(tmp_path / "to-nk.safetensors")["matrix"].shape == (8, 8)
    assert json.loads((tmp_path / "to-nk.json").read_text())["source"] == "B cell"

    window.figures.open(tmp_path / "basis.json")
    qtbot.waitUntil(lambda: window.workspace is basis, timeout=PATIENCE)
    _saved_column_is_opened(window, latent, tmp_path / "chosen.npz", qtbot)


def _saved_column_is_opened(window: MainWindow, latent: LatentWorkspace, file: Path, qtbot: QtBot) -> None:
    """The cells that match a condition, and those that match another, are a column of a file that is opened again."""
    window.go_to("Latent space")
    for group, kind in (("A", "T cell"), ("B", "B cell")):
        latent.selected.filter.look_for(f"cell_type = {kind}")
        settle(qtbot, latent)
        latent.selected.take_matching(group)
        settle(qtbot, latent)
    latent.selected.write_column(file)
    qtbot.waitUntil(file.exists, timeout=PATIENCE)
    settle(qtbot, latent)
    window.open_file(file, "codes", "selection")
    qtbot.waitUntil(
        lambda: latent.space is not None and "chosen" in window.bundle_button.text(), timeout=PATIENCE
    )
    basis = window.go_to("Basis")
    assert isinstance(basis, CodesBasisWorkspace)
    qtbot.waitUntil(
        lambda: basis.found is not None and basis.found.label_names == ("A", "B"), timeout=PATIENCE
    )


def test_a_generator_of_pytorch_with_codes_of_four_dimensions(
    own_window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    for library in ("pyarrow", "onnxscript"):
        pytest.importorskip(library)
    window, digits = own_window, write_digits(tmp_path / "digits", EDGE)
    profile = tmp_path / "short.toml"
    profile.write_text(profile_text(load_profile("studio", FEW_STEPS)), encoding="utf-8")
    drop(window, write_dcgan(tmp_path / "dcgan.onnx"))
    qtbot.waitUntil(lambda: window.exchange.form is not None, timeout=PATIENCE)
    form = window.exchange.form
    assert form is not None
    qtbot.waitUntil(lambda: "codes of 8×1×1 numbers" in form.lines["generator"].text(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: form.profile.count() > 0, timeout=PATIENCE)
    form.choose_data(str(digits))
    form.choose_profile(profile)
    form.begin.click()
    qtbot.waitUntil(
        lambda: window.selection.bundle is not None and window.selection.bundle.path.name == "dcgan",
        timeout=PATIENCE,
    )
    assert "C reads" in window.message_bar.text
    goes_all_the_way(window, tmp_path, qtbot)


def test_a_table_of_images_of_hugging_face(own_window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    pytest.importorskip("pyarrow")
    window, digits = own_window, write_digits(tmp_path / "digits", 8)
    drop(window, digits)
    qtbot.waitUntil(lambda: window.place == "Train", timeout=PATIENCE)
    train = window.workspace
    assert isinstance(train, TrainWorkspace)
    form = train.form
    qtbot.waitUntil(lambda: form.data.currentText() == str(digits) and form.is_good, timeout=PATIENCE)
    for setting in (*FEW_STEPS, "latent_dimensions=4"):
        name, _, value = setting.partition("=")
        form.rows[name].set_text(value)
    qtbot.waitUntil(lambda: form.is_good, timeout=PATIENCE)
    form.start.click()
    qtbot.waitUntil(
        lambda: train.runs.current is not None and train.runs.current.state == "finished", timeout=PATIENCE
    )
    train.runs.use.click()
    qtbot.waitUntil(lambda: window.selection.bundle is not None, timeout=PATIENCE)
    goes_all_the_way(window, tmp_path, qtbot)


def goes_all_the_way(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    """Audit, an operator that is fitted and kept, a figure, and the archive, which is imported and opened."""
    basis = window.go_to("Basis")
    assert isinstance(basis, BasisWorkspace)
    qtbot.waitUntil(lambda: basis.view is not None, timeout=PATIENCE)
    basis.go_to("audit")
    assert basis.views.audit.figures["xi"].value.endswith((" of 4", " of 8"))
    audited = basis.views.audit.sentence.text()
    export(window, folder / "audit.svg", qtbot)

    operate = window.go_to("Operate")
    assert isinstance(operate, OperateWorkspace)
    operate.go_to("fitted")
    page = operate.fitted
    qtbot.waitUntil(page.form.fit.isEnabled, timeout=PATIENCE)
    page.form.fit.click()
    qtbot.waitUntil(lambda: page.fitted is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.applied is not None, timeout=PATIENCE)
    page.product.name.setText("thicker")
    page.product.save.click()
    qtbot.waitUntil(lambda: page.operators.count() == 1, timeout=PATIENCE)

    window.exchange.share_as(folder / "shared.zip")
    qtbot.waitUntil(lambda: str(folder / "shared.zip") in window.message_bar.text, timeout=PATIENCE)
    drop(window, folder / "shared.zip")
    qtbot.waitUntil(lambda: window.bundle_button.text() == "shared", timeout=PATIENCE)
    bundle = open_bundle(bundles_folder() / "shared")
    assert [operator.name for operator in load_operators(bundle)] == ["thicker"]
    shown = read_record(folder / "audit.json").bundle
    assert shown is not None
    assert shown.hash == bundle.hash
    window.figures.open(folder / "audit.json")
    qtbot.waitUntil(lambda: window.workspace is basis, timeout=PATIENCE)
    qtbot.waitUntil(lambda: basis.view is not None, timeout=PATIENCE)
    assert basis.views.audit.sentence.text() == audited
