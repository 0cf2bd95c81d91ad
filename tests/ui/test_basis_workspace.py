"""The Basis workspace in the real window, on the bundle that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFileDialog, QSlider, QSpinBox
from pytestqt.qtbot import QtBot

from lsd_studio.engine.figures.spec import Line, Mosaic
from lsd_studio.ui.basis.build import suggested_name
from lsd_studio.ui.basis.orthogonalisations import orthogonalisation
from lsd_studio.ui.basis.workspace import BasisWorkspace
from lsd_studio.ui.shell.main_window import MainWindow

PATIENCE = 240_000

pytestmark = pytest.mark.qt_log_ignore(
    "Mouse event .* not accepted"
)  # a plot's scene takes it without saying so


@pytest.fixture
def workspace(qtbot: QtBot, bare_window: MainWindow) -> BasisWorkspace:
    """The workspace with the basis of the shipped bundle."""
    bare_window.open_bundle(Path("mnist-studio"))
    workspace = bare_window.go_to("Basis")
    assert isinstance(workspace, BasisWorkspace)
    qtbot.waitUntil(lambda: workspace.view is not None, timeout=PATIENCE)
    return workspace


def wait_until_idle(qtbot: QtBot, workspace: BasisWorkspace) -> None:
    """Wait for the answers to all that was asked."""
    qtbot.waitUntil(lambda: not workspace.tasks.is_busy, timeout=PATIENCE)


def test_matrices_pictures_and_audit_of_the_shipped_basis_are_shown(
    qtbot: QtBot, workspace: BasisWorkspace, bare_window: MainWindow
) -> None:
    view = workspace.view
    assert view is not None
    assert view.in_use
    assert f"V = {view.vectors} · seed {view.seed} · {view.title}" in bare_window.source.text()
    grid = workspace.views.vectors.xi
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell_of(13).center().toPoint())
    assert bare_window.selection.vector == 13
    assert "ξ(3, 2)" in grid.accessibleDescription()

    workspace.go_to("products")
    products = workspace.views.products
    np.testing.assert_array_equal(products.eta.values, view.eta_gram)
    np.testing.assert_array_equal(products.xi.values, view.xi_gram)
    qtbot.waitUntil(lambda: products.xi.cell_centre(0, 0).x() > 0, timeout=PATIENCE)
    qtbot.mouseMove(products.xi.viewport(), products.xi.cell_centre(4, 27).toPoint())
    assert "ξ(4, 1) (label 4, set 1) and ξ(7, 3) (label 7, set 3)" in products.xi_pair.words
    assert "η(4, 1)" in products.eta_pair.words
    qtbot.mouseClick(
        products.eta.viewport(), Qt.MouseButton.LeftButton, pos=products.eta.cell_centre(6, 6).toPoint()
    )
    assert bare_window.selection.vector == 6
    assert f"⟨η|η⟩ = {view.eta_gram[6, 6]:.4g}" in products.eta_pair.words
    whole = products.eta.viewRange()
    for size in ((1600, 900), (1280, 800), (1900, 1000), (1280, 800)):
        bare_window.resize(*size)
        qtbot.wait(50)
    np.testing.assert_allclose(products.eta.viewRange(), whole, atol=0.5)
    products.eta.plotItem.vb.scaleBy((0.2, 0.2))
    assert products.eta.viewRange() != whole
    np.testing.assert_allclose(products.xi.viewRange(), products.eta.viewRange(), atol=1.0)
    products.whole.click()
    np.testing.assert_allclose(products.eta.viewRange(), whole, atol=0.5)

    workspace.go_to("audit")
    audit = workspace.views.audit
    assert audit.sentence.text() == view.audit.sentence
    assert audit.figures["xi"].value == f"{int(view.xi.kept.sum())} of 100"
    np.testing.assert_array_equal(audit.residuals.values, view.audit.residuals)
    with qtbot.waitSignal(audit.selected):
        qtbot.mouseClick(
            audit.residuals.viewport(), Qt.MouseButton.LeftButton, pos=audit.residuals.point_of(42).toPoint()
        )
    assert bare_window.selection.vector == 42
    bare_window.resize(1280, 800)
    qtbot.wait(50)
    assert not audit.again.geometry().intersects(audit.again_sentence.geometry())


def test_another_orthogonalisation_of_the_same_averages_can_be_shown(
    qtbot: QtBot, workspace: BasisWorkspace
) -> None:
    before = workspace.view
    assert before is not None
    paper = orthogonalisation("gram-schmidt", "gram-schmidt")
    assert paper is not None
    workspace.show_kind(paper)
    wait_until_idle(qtbot, workspace)
    after = workspace.view
    assert after is not None
    assert (after.set_one, after.complement) == ("gram-schmidt", "gram-schmidt")
    np.testing.assert_array_equal(after.eta_gram, before.eta_gram)
    assert after.xi.kept.sum() < before.xi.kept.sum()
    assert not after.in_use
    assert workspace.kind.currentData() is paper
    here = orthogonalisation(before.set_one, before.complement)
    assert here is not None
    workspace.show_kind(here)
    assert workspace.view is before


def test_a_basis_is_built_stopped_with_what_it_has_repeated_used_and_saved(
    qtbot: QtBot, workspace: BasisWorkspace, bare_window: MainWindow, tmp_path: Path
) -> None:
    own = workspace.view
    strip = workspace.strip
    strip.kind.setCurrentIndex(0)
    strip.vectors.setValue(20_000)
    strip.seed.setValue(5)
    strip.build.click()
    assert strip.is_working
    shares = strip.filling.grid
    qtbot.waitUntil(lambda: shares.shares is not None and bool((shares.shares > 0).all()), timeout=PATIENCE)
    assert strip.filling.isVisible()
    strip.finish.click()
    wait_until_idle(qtbot, workspace)
    assert not strip.is_working
    built = workspace.view
    assert built is not None
    assert built is not own
    assert (built.vectors, built.seed, built.is_full) == (20_000, 5, False)
    assert 0 < built.counts.min() < 1_000_000
    assert "Stopped early" in strip.status.text()

    workspace.go_to("audit")
    workspace.repeat(vectors=1)
    wait_until_idle(qtbot, workspace)
    assert workspace.views.audit.again.values is not None
    assert len(workspace.views.audit.again.values) == 100
    assert workspace.views.audit.again_sentence.text()

    strip.use.click()
    wait_until_idle(qtbot, workspace)
    assert workspace.view is not None
    assert workspace.view.key == built.key
    assert workspace.view.in_use
    assert bare_window.selection.bundle is not None
    np.testing.assert_array_equal(bare_window.selection.bundle.vector_pictures, built.xi.pictures)
    assert not strip.open_saved.isVisible()

    strip.save.click()
    dialog = strip.findChild(QFileDialog)
    assert dialog is not None
    assert [Path(file).name for file in dialog.selectedFiles()] == [suggested_name(built)]
    dialog.close()
    assert suggested_name(built) == "mnist-studio-gram-schmidt-V20000-seed5"
    strip.save_wanted.emit(tmp_path / "built")
    wait_until_idle(qtbot, workspace)
    assert bare_window.message_bar.text == f"The bundle is saved in {tmp_path / 'built'}."
    assert (tmp_path / "built" / "manifest.json").is_file()
    assert strip.status.text() == "Saved."
    assert str(tmp_path / "built") in strip.open_saved.toolTip()
    strip.open_saved.click()
    qtbot.waitUntil(lambda: bare_window.bundle_button.text() == "built", timeout=PATIENCE)
    qtbot.waitUntil(lambda: workspace.view is not None, timeout=PATIENCE)
    np.testing.assert_array_equal(workspace.view.xi.pictures, built.xi.pictures)
    assert not strip.open_saved.isVisible()


def test_samples_come_in_and_can_be_stopped(qtbot: QtBot, workspace: BasisWorkspace) -> None:
    workspace.go_to("samples")
    samples = workspace.views.samples
    qtbot.waitUntil(lambda: len(samples.mosaic.samples) == 10, timeout=PATIENCE)
    assert workspace.strip.is_working
    workspace.strip.stop.click()
    wait_until_idle(qtbot, workspace)
    assert not workspace.strip.is_working
    place = samples.mosaic.block_places()[3].center().toPoint()
    qtbot.mouseClick(samples.mosaic, Qt.MouseButton.LeftButton, pos=place)
    assert list(samples.mosaic.samples) == [3]

    workspace.stop()
    workspace.sample("random", each=2)
    wait_until_idle(qtbot, workspace)
    shown = samples.densities["random"].densities
    assert shown is not None, "a stop ends only what was asked before it"

    samples.label.setCurrentIndex(0)
    samples.component.setCurrentIndex(6)
    settings = dict(workspace.view_settings)
    _, pictures, densities = workspace.figures()
    (mosaic,) = pictures.panels[0].parts
    assert isinstance(mosaic, Mosaic)
    np.testing.assert_array_equal(mosaic.pictures[3, 0], samples.mosaic.samples[3][0])
    curve = densities.panels[0].parts[2]
    assert isinstance(curve, Line)
    assert np.isin(curve.y, shown.components[2, 5]).all()
    samples.label.setCurrentIndex(4)
    samples.component.setCurrentIndex(0)
    workspace.go_to("vectors")
    workspace.show_view(settings)
    assert workspace.segments.value == "samples"
    assert dict(workspace.view_settings) == settings


def test_every_control_can_be_reached_and_has_a_name(workspace: BasisWorkspace) -> None:
    own = [
        control
        for kind in (QAbstractButton, QSlider, QComboBox, QSpinBox)
        for control in workspace.findChildren(kind)
        if control.isVisibleTo(workspace)
    ]
    assert len(own) > 10
    for control in own:
        assert QAccessible.queryAccessibleInterface(control).text(QAccessible.Text.Name), control
