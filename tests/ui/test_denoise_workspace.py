from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QUrl
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

from lsd_studio.engine.denoising.denoised_image import DenoiseSettings
from lsd_studio.engine.operators.walks import PathSettings
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.denoise.state import DenoiseState
from lsd_studio.ui.denoise.workspace import DESCENT, MEASUREMENT, DenoiseWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.widgets.picture_tile import PictureTile

PATIENCE = 240_000


@pytest.fixture
def workspace(window: MainWindow, qtbot: QtBot) -> DenoiseWorkspace:
    """The workspace in front, with the first test image in it."""
    shown = window.go_to("Denoise")
    assert isinstance(shown, DenoiseWorkspace)
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: shown.is_up_to_date, timeout=PATIENCE)
    return shown


def settled(workspace: DenoiseWorkspace, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: workspace.is_up_to_date, timeout=PATIENCE)


def handle(slider: QSlider) -> QPoint:
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    style = slider.style()
    part = QStyle.SubControl.SC_SliderHandle
    return style.subControlRect(QStyle.ComplexControl.CC_Slider, option, part, slider).center()


def pictures(workspace: DenoiseWorkspace) -> list[np.ndarray]:
    tiles = (workspace.methods.noisy, workspace.methods.chosen, workspace.methods.descended, *workspace.tiles)
    return [tile.judged.picture for tile in tiles if tile.judged is not None]


def test_the_first_test_image_is_noised_denoised_and_judged(workspace: DenoiseWorkspace) -> None:
    shown = workspace.shown
    assert shown is not None
    assert shown.title == "test image 0"
    assert shown.original is not None
    assert [terms for terms, _ in shown.truncations] == [1, 2, 3, 4, 10, 100]
    assert {judged.name for judged in shown.baselines} >= {"total_variation", "non_local_means"}
    assert workspace.methods.noisy.measures.text().endswith(f"{shown.noisy.ssim:.2f}")
    assert workspace.methods.original.measures.text() == "the original"
    assert workspace.descended is not None
    assert not shown.has_saw_noise
    assert not workspace.start.button("saw_noise").isEnabled()


def test_averaged_draws_are_descended_from_too(workspace: DenoiseWorkspace, qtbot: QtBot) -> None:
    before = workspace.descended
    assert before is not None
    qtbot.mouseClick(workspace.draws, Qt.MouseButton.LeftButton)
    settled(workspace, qtbot)
    averaged = workspace.descended
    assert averaged is not None
    assert averaged.found.name == "lsd_posterior"
    assert not np.array_equal(averaged.found.picture, before.found.picture)
    workspace.history.undo()
    settled(workspace, qtbot)
    assert workspace.descended is not None
    np.testing.assert_array_equal(workspace.descended.found.picture, before.found.picture)
    workspace.descent.setChecked(False)
    workspace.descent.setChecked(True)
    qtbot.waitUntil(lambda: workspace.methods.descended.judged is not None, timeout=PATIENCE)
    assert workspace.descended is None, "a descent is shown while it is under way"
    workspace.descent.setChecked(False)
    assert not workspace.tasks.is_running(DESCENT)
    workspace.terms.setValue(7)
    settled(workspace, qtbot)
    assert workspace.descended is None
    assert workspace.methods.descended.judged is None, "no descent is shown that is not wanted any more"


def test_a_drag_of_the_level_is_one_step_and_undo_returns_the_exact_pictures(
    workspace: DenoiseWorkspace, qtbot: QtBot
) -> None:
    before, level = pictures(workspace), workspace.scene.settings.level
    slider = workspace.controls.level
    start = handle(slider)

    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    for right in (10, 20, 30, 40):
        qtbot.mouseMove(slider, start + QPoint(right, 0))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 0))
    settled(workspace, qtbot)

    assert workspace.scene.settings.level > level
    assert workspace.history.count() == 1
    moved = pictures(workspace)
    workspace.history.undo()
    settled(workspace, qtbot)
    assert workspace.scene.settings.level == level
    for now, then in zip(pictures(workspace), before, strict=True):
        np.testing.assert_array_equal(now, then)
    workspace.history.redo()
    settled(workspace, qtbot)
    for now, then in zip(pictures(workspace), moved, strict=True):
        np.testing.assert_array_equal(now, then)


def test_terms_by_hand_and_by_the_noise_floor(workspace: DenoiseWorkspace, qtbot: QtBot) -> None:
    assert workspace.automatic.isChecked()
    workspace.terms.setValue(7)
    settled(workspace, qtbot)

    assert not workspace.automatic.isChecked()
    assert workspace.shown is not None
    assert workspace.shown.terms == 7
    workspace.rescale.click()
    settled(workspace, qtbot)
    assert workspace.shown.settings.rescale
    workspace.automatic.click()
    settled(workspace, qtbot)
    assert workspace.scene.settings.terms is None
    assert [workspace.history.text(step) for step in range(3)] == [
        "change the number of terms",
        "rescale to √M",
        "choose n by the noise floor",
    ]


def test_every_kind_of_noise_another_draw_and_being_told_where(
    workspace: DenoiseWorkspace, qtbot: QtBot
) -> None:
    noisy = workspace.methods.noisy.judged
    assert workspace.methods.baselines["autoencoder"].measures.text() == "not trained"
    for place in range(1, 4):
        workspace.controls.kind.setCurrentIndex(place)
        workspace.controls.kind.activated.emit(place)
        settled(workspace, qtbot)
        assert workspace.methods.noisy.judged is not None
        assert noisy is not None
        assert not np.array_equal(workspace.methods.noisy.judged.picture, noisy.picture)
        assert workspace.told.isEnabled() == (place > 1)
        noisy = workspace.methods.noisy.judged
    workspace.told.click()
    settled(workspace, qtbot)
    assert workspace.shown is not None
    assert workspace.shown.settings.told_where
    workspace.controls.again.click()
    settled(workspace, qtbot)
    assert workspace.methods.noisy.judged is not None
    assert not np.array_equal(workspace.methods.noisy.judged.picture, noisy.picture)


def test_a_dropped_file_keeps_its_own_noise_and_has_no_original(
    workspace: DenoiseWorkspace, qtbot: QtBot, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    pixels[[0, -1]], pixels[:, [0, -1]] = 0, 0
    Image.fromarray(pixels).save(tmp_path / "mine.png")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "mine.png"))])

    assert workspace.paste(data)
    settled(workspace, qtbot)

    assert workspace.shown is not None
    np.testing.assert_array_equal(workspace.shown.noisy.picture[..., 0], pixels)
    assert workspace.shown.original is None
    assert workspace.shown.noise.startswith("own noise, estimated: ")
    assert workspace.words.text().startswith("mine.png: own noise, estimated: ")
    assert ". Left as it is" in workspace.words.text()
    assert workspace.shown.noise.endswith(f"(certainty {100 * workspace.shown.noisy_image.certainty:.0f} %)")
    assert workspace.methods.noisy.measures.text() == ""
    assert not workspace.controls.level.isEnabled()

    kinds = workspace.controls.kind
    place = kinds.findText("Own noise: rectangles")
    kinds.setCurrentIndex(place)
    kinds.activated.emit(place)
    settled(workspace, qtbot)
    assert workspace.shown.noise.startswith("own noise, taken as rectangles, ")
    assert workspace.shown.noisy_image.certainty is None
    assert kinds.currentIndex() == place
    assert workspace.controls.level.isEnabled()
    workspace.controls.level.setValue(50)
    settled(workspace, qtbot)
    assert workspace.shown.noise == "own noise, taken as rectangles, 38 %"
    np.testing.assert_array_equal(workspace.shown.noisy.picture[..., 0], pixels)
    workspace.history.undo()
    workspace.history.undo()
    settled(workspace, qtbot)
    assert workspace.shown.noise.startswith("own noise, estimated: ")

    assert not workspace.paste(None)
    assert not workspace.paste(QMimeData())


def test_the_drawing_of_decompose_is_taken(
    workspace: DenoiseWorkspace, window: MainWindow, qtbot: QtBot
) -> None:
    assert not workspace.from_decompose.isEnabled()
    window.decompose.look_at_test_image(5)
    qtbot.waitUntil(lambda: workspace.from_decompose.isEnabled(), timeout=PATIENCE)
    assert window.selection.image is not None

    workspace.from_decompose.click()
    settled(workspace, qtbot)

    assert workspace.shown is not None
    assert workspace.shown.title == "test image 5"
    assert workspace.shown.original is not None
    np.testing.assert_array_equal(workspace.shown.original.picture, window.selection.image.picture)


def test_a_measurement_shows_its_progress_and_can_be_stopped(
    workspace: DenoiseWorkspace, qtbot: QtBot
) -> None:
    workspace.curves.start.click()
    assert workspace.curves.start.text() == "Stop"
    qtbot.waitUntil(lambda: workspace.curves.doing.text() != "", timeout=PATIENCE)
    workspace.curves.start.click()
    qtbot.waitUntil(lambda: workspace.curves.start.text() == "Measure", timeout=PATIENCE)

    assert not workspace.tasks.is_running(MEASUREMENT)
    assert workspace.curves.measured is None
    assert workspace.curves.doing.text() == ""


def test_curves_follow_the_kind_of_noise_and_can_be_hidden(bare_window: MainWindow, qtbot: QtBot) -> None:
    bare_window.open_bundle(None)
    qtbot.waitUntil(lambda: bare_window.selection.tests is not None, timeout=PATIENCE)
    workspace = bare_window.go_to("Denoise")
    assert isinstance(workspace, DenoiseWorkspace)
    settled(workspace, qtbot)
    curves = workspace.curves
    qtbot.waitUntil(lambda: curves.measured is not None, timeout=PATIENCE)
    assert curves.source.text().startswith("From an earlier measurement on ")
    measured = workspace.engine.denoise.measure(images=2, kinds=("gaussian",)).result()
    curves.show_curves(measured.curves, "mnist", stored=False)
    assert curves.source.text().startswith("Measured on 2 test images of mnist, seed 0; ")

    assert {"total_variation", "lsd_posterior", "autoencoder"} <= set(curves.curve_names)
    assert {"lsd_automatic", "random_automatic", "linear_regression"} <= set(curves.curve_names)
    assert "lsd_four_terms" not in curves.curve_names
    assert curves.verdict.text().startswith(
        "Gaussian noise, PSNR. 8 descents averaged on G's prior, without ξ: "
    )
    assert "Truncation in ξ, the best of 3 at each level: " in curves.verdict.text()
    buttons = curves.legend.findChildren(type(curves.start))
    next(button for button in buttons if button.text() == "Total variation").click()
    assert "total_variation" not in curves.curve_names
    curves.axis.button("terms").click()
    assert curves.curve_names == ("bundle", "bundle_random", "saw_noise", "saw_noise_random")

    workspace.show_page("many")
    seen: dict[tuple[int, int], QSize] = {}
    for size in ((1280, 800), (1500, 1300), (2560, 1440), (1500, 1300), (2560, 1440), (1280, 800)):
        bare_window.resize(*size)
        before = None
        while before != curves.plot.size():
            before = curves.plot.size()
            qtbot.wait(100)
        assert seen.setdefault(size, curves.plot.size()) == curves.plot.size(), (
            "a window's size tells its layout"
        )
    assert len({plot.width() for plot in seen.values()}) == 3

    bare_window.resize(960, 640)
    qtbot.waitUntil(lambda: curves.legend.geometry().top() > curves.plot.geometry().bottom())
    assert curves.start.height() >= curves.start.sizeHint().height() - 2


def test_truncation_in_a_random_basis_and_linear_regression_stand_beside_truncation_in_xi(
    workspace: DenoiseWorkspace, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: workspace.is_complete, timeout=PATIENCE)

    assert workspace.shown is not None
    assert [judged.name for judged in workspace.shown.baselines][-1] == "linear_regression"
    shown = workspace.methods.baselines["linear_regression"].judged
    assert shown is not None
    assert shown.psnr is not None
    assert workspace.methods.control.judged is not None
    assert workspace.methods.chosen.judged is not None
    assert not np.array_equal(
        workspace.methods.control.judged.picture, workspace.methods.chosen.judged.picture
    )
    assert workspace.methods.control.judged.title == f"Random basis, n = {workspace.shown.terms}"
    workspace.terms.setValue(workspace.terms.maximum())
    settled(workspace, qtbot)
    np.testing.assert_array_equal(
        workspace.methods.control.judged.picture, workspace.methods.chosen.judged.picture
    )
    assert workspace.shown.has_regression, "what was fitted once stays"


def test_what_was_asked_of_a_bundle_is_not_shown_under_the_one_opened_meanwhile(
    bare_window: MainWindow, mnist_sized_bundle: Path, qtbot: QtBot
) -> None:
    """Measurements of Denoise and Operate that were under way when another bundle was opened end unheard."""
    bare_window.open_bundle(None)
    qtbot.waitUntil(lambda: bare_window.selection.tests is not None, timeout=PATIENCE)
    workspace = bare_window.go_to("Denoise")
    assert isinstance(workspace, DenoiseWorkspace)
    settled(workspace, qtbot)
    qtbot.waitUntil(lambda: workspace.curves.measured is not None, timeout=PATIENCE)
    path = PathSettings(tuple(range(10)), closed=True)
    workspace.curves.start.click()
    told: list[object] = []
    on_path = workspace.engine.operate.measure(path, "mnist")
    on_path.listen(told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    qtbot.waitUntil(lambda: workspace.curves.doing.text() != "", timeout=PATIENCE)

    bare_window.open_bundle(mnist_sized_bundle)
    qtbot.waitUntil(lambda: on_path.done, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not workspace.tasks.is_running(MEASUREMENT), timeout=PATIENCE)
    qtbot.waitUntil(lambda: bare_window.selection.tests is not None, timeout=PATIENCE)
    settled(workspace, qtbot)

    assert not workspace.tasks.is_running(MEASUREMENT)
    assert workspace.curves.start.text() == "Measure"
    assert on_path.cancelled
    assert workspace.curves.measured is None
    assert workspace.shown is not None
    assert f" · {mnist_sized_bundle.name} · " in workspace.computed_from


def test_a_view_comes_back_and_what_is_not_valid_in_it_is_left(
    workspace: DenoiseWorkspace, qtbot: QtBot
) -> None:
    workspace.look_at_test_image(3)
    workspace.curves.axis.set_value("terms")
    settled(workspace, qtbot)
    settings = workspace.view_settings
    before = workspace.scene
    workspace.look_at_test_image(4)
    workspace.show_view({**settings, "page": "none", "over": 7, "hidden": [1]})
    settled(workspace, qtbot)
    assert workspace.scene.title == "test image 3"
    assert workspace.scene.settings == before.settings
    assert workspace.page.value == "one"
    assert workspace.curves.axis.value == "terms"
    assert workspace.view_settings == settings
    broken = DenoiseState.model_validate({"denoising": {"level": "much"}, "descent": "perhaps", "content": 3})
    assert broken == DenoiseState()
    level = DenoiseState.model_validate({"denoising": {"noise": "dropped", "level": 0.5}}).denoising
    assert level == DenoiseSettings(noise="dropped", level=0.5)


def test_both_pages_fit_a_small_window(window: MainWindow, workspace: DenoiseWorkspace, qtbot: QtBot) -> None:
    window.resize(960, 640)
    for page in ("one", "many"):
        workspace.show_page(page)
        assert workspace.minimumSizeHint().width() <= 840, page
        assert window.width() == 960
    workspace.curves.show_progress(Doing("measuring with words that take much room " * 4, 0.5))
    workspace.curves.show_running(True)
    assert workspace.minimumSizeHint().width() <= 840
    workspace.curves.show_running(False)


@pytest.mark.parametrize("name", ["x" * 40, "буква " * 7, "圖" * 40, "حرف " * 10])
def test_a_long_name_is_cut_short_before_how_sure_c_is_and_whole_in_the_tool_tip(
    themes: ThemeManager, name: str, qtbot: QtBot
) -> None:
    tile = PictureTile(themes, "")
    qtbot.addWidget(tile)
    least = tile.minimumSizeHint()
    tile.resize(96, 140)
    tile.show_picture(np.zeros((28, 28, 1), np.uint8), "In ξ, n = 61", 3, name, 0.9)
    assert tile.minimumSizeHint() == least
    assert tile.reading.replace("\u200e", "").replace("\u2069", "").endswith("…  90.0 %")
    assert name[:2] in tile.reading
    assert tile.hidden_words == f"In ξ, n = 61\n{name}"
    tile.show_picture(np.zeros((28, 28, 1), np.uint8), "In ξ, n = 61", 3, "7", 0.9)
    assert tile.reading == "7  90.0 %"
    assert tile.hidden_words == ""
