"""Pictures that come from elsewhere: in a figure's JSON, on the clipboard, in a drop."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import decode_png, read_image
from lsd_studio.engine.images.pictures import EncodedPixels
from lsd_studio.ui.shell.image_source import ImageSource, ImageState
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.pasting import holds_image, pasted_image
from lsd_studio.ui.widgets.canvas import EDGE, blank, is_blank
from lsd_studio.ui.widgets.pictures import drawing_from, png_bytes

PATIENCE = 120_000


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


@pytest.fixture
def svg(tmp_path: Path) -> bytes:
    """An SVG of the canvas's size that shows a file of this machine."""
    Image.new("L", (EDGE, EDGE), 200).save(tmp_path / "private.png")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{EDGE}" '
        f'height="{EDGE}"><image width="{EDGE}" height="{EDGE}" xlink:href="{tmp_path}/private.png"/></svg>'
    ).encode()


def view_of(kind: str, content: bytes) -> dict[str, object]:
    return {"image": kind, "title": "foreign", "content": base64.b64encode(content).decode()}


def test_a_drawing_is_a_png_of_the_canvas_size_and_nothing_else(svg: bytes) -> None:
    drawn = encoded(Image.new("L", (EDGE, EDGE), 9))
    found = ImageState.model_validate(view_of("drawing", drawn)).source
    assert found is not None
    assert found.ink.pixelColor(3, 3) == QColor(9, 9, 9)
    for content in (
        svg,
        svg.replace(b"<image", b"<g><g><g><image").replace(b"</svg>", b"</g></g></g></svg>"),
        encoded(Image.new("L", (EDGE, EDGE)), "BMP"),
        encoded(Image.new("L", (EDGE, EDGE + 1))),
        encoded(Image.new("1", (30_000, 30_000))),
        drawn[:60],
        b"",
        b"\x89PNG\r\n\x1a\n",
    ):
        assert drawing_from(content, blank().size()) is None
        assert ImageState.model_validate(view_of("drawing", content)).source is None


def test_kept_pixels_are_decoded_by_the_engine_from_png_of_the_right_size_alone(svg: bytes) -> None:
    colours = np.random.default_rng(0).integers(0, 255, (3, 6, 8), np.uint8)
    for channels in (1, 3):
        pixels = colours[:channels]
        rows = pixels[0] if channels == 1 else pixels.transpose(1, 2, 0)
        np.testing.assert_array_equal(decode_png(encoded(Image.fromarray(rows)), (channels, 6, 8)), pixels)
    bomb = encoded(Image.new("1", (30_000, 30_000)))
    for content in (svg, bomb, encoded(Image.new("L", (8, 6)), "JPEG"), b"", bomb[:80]):
        with pytest.raises(StudioError):
            decode_png(content, (1, 6, 8))


def test_what_was_kept_of_pixels_comes_back_and_can_be_kept_again() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (1, 28, 28), np.uint8)
    kept = ImageSource(blank(), pixels, "test image 3").as_text
    found = ImageState.model_validate(kept).source
    assert found is not None
    assert isinstance(found.image, EncodedPixels)
    np.testing.assert_array_equal(decode_png(found.image.png, (1, 28, 28)), pixels)
    assert found.as_text == kept


@pytest.mark.parametrize("content", ["a" * 5, "not base64!", "A" * (8 * 2**20)])
def test_text_that_is_no_picture_is_none(content: str) -> None:
    assert ImageState.model_validate({"image": "file", "title": "x", "content": content}).source is None


@pytest.mark.parametrize("kind", ["pixels", "file"])
@pytest.mark.parametrize("place", ["Decompose", "Denoise"])
def test_an_svg_in_a_figure_is_refused_in_one_sentence(
    qtbot: QtBot, window: MainWindow, svg: bytes, kind: str, place: str
) -> None:
    workspace = window.go_to(place)
    settings = {"denoising": {"noise": "gaussian"}, **view_of(kind, svg)}
    workspace.show_view(settings)
    qtbot.waitUntil(window.message_bar.isVisible, timeout=PATIENCE)
    assert "PNG" in window.message_bar.text
    assert window.message_bar.text.count(". ") == 0


def test_pixels_of_a_figure_are_seen_on_the_canvas(qtbot: QtBot, window: MainWindow) -> None:
    assert window.selection.tests is not None
    pixels = window.selection.tests.images[5]
    window.decompose.show_view(ImageSource(blank(), pixels, "test image 5").as_text)
    qtbot.waitUntil(lambda: window.decompose.is_up_to_date, timeout=PATIENCE)
    assert window.decompose.shown is not None
    assert window.decompose.shown.title == "test image 5"
    np.testing.assert_array_equal(window.decompose.shown.picture[..., 0], pixels[0])
    assert not is_blank(window.decompose.canvas.backdrop)


def test_an_empty_clipboard_is_said(window: MainWindow) -> None:
    for data in (None, QMimeData()):
        assert pasted_image(data) is None
        assert not holds_image(data)
        for place in ("Decompose", "Denoise", "Start", "Evaluate"):
            assert not window.go_to(place).paste(data)


def test_an_encoded_image_goes_to_the_engine_as_it_is(tmp_path: Path) -> None:
    content = encoded(Image.new("RGB", (7, 5), (1, 2, 3)))
    data = QMimeData()
    data.setData("image/png", content)
    assert pasted_image(data) == content
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    assert pasted_image(data) == tmp_path / "a.png"
    data.setUrls([QUrl("https://example.org/a.png")])
    assert pasted_image(data) == content
    data.setUrls([])
    assert pasted_image(data) == content


@pytest.mark.parametrize("kind", [QImage.Format.Format_RGB888, QImage.Format.Format_ARGB32])
def test_an_image_of_the_clipboard_keeps_its_pixels(kind: QImage.Format) -> None:
    image = QImage(9, 4, kind)
    image.fill(QColor(10, 20, 30, 128))
    data = QMimeData()
    data.setImageData(image)
    assert holds_image(data)
    content = pasted_image(data)
    assert isinstance(content, bytes)
    pixels = read_image(content).pixels
    assert pixels.shape == (4, 9, 4 if image.hasAlphaChannel() else 3)
    np.testing.assert_array_equal(pixels[0, 0], [10, 20, 30, 128][: pixels.shape[2]])
    assert png_bytes(image).startswith(b"\x89PNG")
