"""Figures out of the window: looked at, saved, copied, and opened again to the same view."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.record import read_record
from lsd_studio.engine.figures.spec import (
    FigureView,
    NumberedFigure,
)
from lsd_studio.engine.images.files import decode_png
from lsd_studio.engine.images.pictures import EncodedPixels
from lsd_studio.ui.basis.workspace import BasisWorkspace
from lsd_studio.ui.denoise.workspace import DenoiseWorkspace
from lsd_studio.ui.shell.image_source import ImageSource, ImageState
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.widgets.canvas import blank

LONG = 120_000


def save(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    dialog = window.figures.export()
    dialog.dpi.setValue(50)
    dialog.save(path)
    qtbot.waitUntil(lambda: path.with_suffix(".json").exists(), timeout=LONG)
    qtbot.waitUntil(lambda: "Saved" in dialog.state.text(), timeout=LONG)
    dialog.reject()


def test_a_view_of_the_basis_is_shown_copied_saved_and_comes_back(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    basis = window.go_to("Basis")
    assert isinstance(basis, BasisWorkspace)
    qtbot.waitUntil(lambda: basis.view is not None, timeout=LONG)
    basis.go_to("products")
    basis.views.products.range.setValue(20)
    window.selection.look_at_vector(13)
    dialog = window.figures.export()
    qtbot.waitUntil(lambda: dialog.preview.rendered is not None, timeout=LONG)
    assert [dialog.what.itemText(place) for place in range(3)] == [
        "Inner products of η and ξ", "Inner products of η", "Inner products of ξ",
    ]  # fmt: skip
    rendered, dragged = dialog.preview.rendered, dialog.preview.drag_data()
    assert rendered is not None
    assert bytes(dragged.data("image/png").data()) == rendered.png
    assert QImage(dragged.imageData()).width() == rendered.width
    (url,) = dragged.urls()
    assert Path(url.toLocalFile()).read_bytes() == rendered.png
    assert url.fileName() == "basis-products.png"
    dialog.dpi.setValue(50)
    dialog.height_mm.setValue(70)  # the preview is drawn anew while the figure is copied
    dialog.copy()
    qtbot.waitUntil(lambda: "clipboard" in dialog.state.text(), timeout=LONG)
    assert QGuiApplication.clipboard().image().width() == int(178 / 25.4 * 50)
    dialog.reject()
    save(qtbot, window, tmp_path / "products.png")
    basis.go_to("audit")
    basis.views.products.range.setValue(90)
    window.selection.look_at_vector(2)
    window.go_to("Decompose")
    window.figures.open(tmp_path / "products.json")
    qtbot.waitUntil(lambda: window.workspace is basis, timeout=LONG)
    assert basis.segments.value == "products"
    assert basis.views.products.range.value() == 20
    assert window.selection.vector == 13


def test_figure_seven_is_exported_from_its_button_with_its_data_and_origin(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    denoise = window.go_to("Denoise")
    assert isinstance(denoise, DenoiseWorkspace)
    denoise.figure_button.click()
    dialog = window.figures.dialog
    assert dialog is not None
    assert dialog.figure == NumberedFigure("7b")
    assert dialog.width_mm.value() == 178
    qtbot.waitUntil(lambda: dialog.preview.rendered is not None, timeout=LONG)
    assert "% of them with all terms" in dialog.words.text()
    dialog.dpi.setValue(50)
    dialog.save(tmp_path / "seven.png")
    qtbot.waitUntil(lambda: "Saved" in dialog.state.text(), timeout=LONG)
    dialog.reject()
    record = read_record(tmp_path / "seven.json")
    assert (record.number, record.data) == ("7b", "seven.npz")
    with np.load(tmp_path / "seven.npz") as data:
        (mosaic,) = data.values()
    assert mosaic.shape == (25, 35, 28, 28, 1)


def test_an_image_comes_back_with_its_sampled_code(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    decompose = window.decompose
    decompose.look_at_test_image(17)
    qtbot.waitUntil(lambda: decompose.is_up_to_date, timeout=LONG)
    decompose.latent.button("sample").click()
    decompose.resample.click()
    decompose.terms.setValue(7)
    qtbot.waitUntil(
        lambda: (
            decompose.is_up_to_date and decompose.shown is not None and decompose.shown.settings.seed == 1
        ),
        timeout=LONG,
    )
    shown = decompose.shown
    assert shown is not None
    save(qtbot, window, tmp_path / "seventeen.png")
    decompose.latent.button("mean").click()
    decompose.look_at_test_image(3)
    qtbot.waitUntil(
        lambda: decompose.shown is not None and decompose.shown.title == "test image 3", timeout=LONG
    )
    window.figures.open(tmp_path / "seventeen.json")
    qtbot.waitUntil(
        lambda: decompose.shown is not None and decompose.shown.title == "test image 17", timeout=LONG
    )
    again = decompose.shown
    assert again is not None
    np.testing.assert_array_equal(again.amplitudes, shown.amplitudes)
    np.testing.assert_array_equal(again.picture, shown.picture)
    assert decompose.terms.value() == 7
    assert decompose.latent.value == "sample"


def test_a_workspace_that_is_not_here_is_told(window: MainWindow) -> None:
    window.figures.show(FigureView("Kitchen", {"view": "oven"}))
    assert "Kitchen" in window.message_bar.text


def test_what_is_looked_at_is_written_without_a_path(qapp: QApplication) -> None:
    pixels = load_data_set("mnist", "test").images[5]
    settings = ImageSource(blank(), pixels, "test image 5").as_text
    source = ImageState.model_validate(settings).source
    assert source is not None
    assert isinstance(source.image, EncodedPixels)
    np.testing.assert_array_equal(decode_png(source.image.png, pixels.shape), pixels)
    assert source.as_text == settings
    for broken in ({}, {**settings, "content": "ÿ"}, {**settings, "title": 3}):
        assert ImageState.model_validate(broken).source is None
    damaged = ImageState.model_validate({**settings, "content": "AAAA"}).source
    assert damaged is not None
    assert isinstance(damaged.image, EncodedPixels)
    with pytest.raises(StudioError, match=r"\.$"):
        decode_png(damaged.image.png, pixels.shape)


def test_the_dialog_says_how_many_pixels_a_png_has_and_offers_none_of_too_many(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.decompose.look_at_test_image(3)
    qtbot.waitUntil(lambda: window.decompose.is_up_to_date, timeout=LONG)
    dialog = window.figures.export()
    qtbot.waitUntil(lambda: dialog.preview.rendered is not None, timeout=LONG)
    first = dialog.preview.rendered
    dialog.format.button("png").click()
    dialog.dpi.setValue(300)
    assert "pixels as PNG" in dialog.pixels.text()
    assert dialog.save_button.isEnabled()
    dialog.width_mm.setValue(1000)
    dialog.height_mm.setValue(1000)
    dialog.dpi.setValue(1200)
    qtbot.waitUntil(lambda: dialog.preview.rendered is not first, timeout=LONG)
    assert dialog.preview.rendered is not None
    assert dialog.preview.rendered.width <= 2000, "the preview is bounded by what can be seen of it"
    assert "more than 100 million" in dialog.pixels.text()
    assert not dialog.save_button.isEnabled()
    assert not dialog.copy_button.isEnabled()
    dialog.format.button("pdf").click()
    assert dialog.save_button.isEnabled()
    dialog.copy()
    qtbot.waitUntil(lambda: "choose at most" in dialog.state.text(), timeout=LONG)
    dialog.reject()


COPY_AND_LEAVE = """
import io
from PIL import Image
from PySide6.QtGui import QGuiApplication
from lsd_studio.engine.operations.figures import RenderedFigure
from lsd_studio.ui.app.application import prepare_application
from lsd_studio.ui.figures.preview import copy_figure
application = prepare_application()
png = io.BytesIO()
Image.new("L", (30, 20)).save(png, "PNG")
copy_figure(RenderedFigure({fields}))
print(QGuiApplication.clipboard().image().width())
"""


def test_a_program_that_copied_a_figure_leaves_as_any_other() -> None:
    """Qt's own clipboard outlives Python's objects: one of these on it ends the process by a segmentation fault."""
    fields = "png=png.getvalue(), width=30, height=20, dpi=100, caption='', source=''"
    code = COPY_AND_LEAVE.replace("{fields}", fields)
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (finished.stdout.strip(), finished.returncode) == ("30", 0), finished.stderr
