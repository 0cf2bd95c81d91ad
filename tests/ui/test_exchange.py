"""What leaves the window and what comes in: archives, networks and tables; files that are dropped anywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.bundle.imported import bundles_folder
from lsd_studio.engine.exchange.adoption import Adopted
from lsd_studio.engine.exchange.archives import write_archive
from lsd_studio.engine.operators.store import Operator, remove_operator, save_operator, share_operator
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.training.events import BasisProgress, RunDone, StepDone
from lsd_studio.ui.denoise.workspace import DenoiseWorkspace
from lsd_studio.ui.exchange.adoption import adopted_in_words, adopting
from lsd_studio.ui.operate.workspace import OperateWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.recent import Kind, Recent
from lsd_studio.ui.widgets.eliding_label import ElidingLabel

PATIENCE = 120_000


@pytest.fixture(autouse=True)
def no_bundles_of_others(folders_of_its_own: None) -> None:
    shutil.rmtree(bundles_folder(), ignore_errors=True)


def dropped(window: MainWindow, *files: Path) -> None:
    """Drop files on the window, as a file manager does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    copy, left, none = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    entered = QDragEnterEvent(QPoint(300, 300), copy, data, left, none)
    window.dragEnterEvent(entered)
    assert entered.isAccepted()
    drop = QDropEvent(QPointF(300, 300), copy, data, left, none)
    window.dropEvent(drop)
    assert drop.isAccepted()


def offered(window: MainWindow) -> list[str]:
    return [action.text() for action in window.bundle_button.menu().actions() if action.text()]


def test_a_dropped_archive_is_imported_opened_and_in_the_bundle_menu(
    qtbot: QtBot, window: MainWindow, mnist_sized_bundle: Path, tmp_path: Path
) -> None:
    write_archive(open_bundle(mnist_sized_bundle), tmp_path / "from-a-friend.zip")
    dropped(window, tmp_path / "from-a-friend.zip")
    qtbot.waitUntil(lambda: window.bundle_button.text() == "from-a-friend", timeout=PATIENCE)
    assert "Open from-a-friend" in offered(window)
    qtbot.waitUntil(window.message_bar.isVisible, timeout=PATIENCE)
    assert window.message_bar.text == (
        "Imported as from-a-friend; it is in the bundle menu from now on, and in "
        f"{bundles_folder() / 'from-a-friend'}."
    )
    assert not window.jobs.isVisible()
    window.open_bundle(mnist_sized_bundle)
    qtbot.waitUntil(lambda: window.bundle_button.text() == "seeded", timeout=PATIENCE)
    next(each for each in window.bundle_button.menu().actions() if "friend" in each.text()).trigger()
    qtbot.waitUntil(lambda: window.bundle_button.text() == "from-a-friend", timeout=PATIENCE)


def test_what_is_shared_and_exported_is_told_with_its_place(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    exchange, bar = window.exchange, window.message_bar
    for export, name in ((exchange.share_as, "shared.zip"), (exchange.export_vectors_to, "tables")):
        export(tmp_path / name)
        assert window.jobs.isVisible()
        qtbot.waitUntil(lambda name=name: str(tmp_path / name) in bar.text, timeout=PATIENCE)
        assert (tmp_path / name).exists()
        assert not window.jobs.isVisible()


def test_the_networks_leave_as_onnx(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    window.exchange.export_networks_to(tmp_path / "onnx")
    qtbot.waitUntil(lambda: str(tmp_path / "onnx") in window.message_bar.text, timeout=3 * PATIENCE)
    assert {file.name for file in (tmp_path / "onnx").iterdir()} == {
        "generator.onnx", "encoder.onnx", "classifier.onnx",
    }  # fmt: skip


def test_a_job_that_is_stopped_leaves_nothing_behind(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.exchange.share_as(tmp_path / "shared.zip")
    assert window.jobs.names == ("Sharing the bundle",)
    window.jobs.stop("Sharing the bundle")
    assert not window.jobs.isVisible()
    window.exchange.export_vectors_to(tmp_path / "tables")
    qtbot.waitUntil(lambda: "tables" in window.message_bar.text, timeout=PATIENCE)
    qtbot.waitUntil(lambda: [each.name for each in tmp_path.iterdir() if "shared" in each.name] == [])


def test_files_dropped_anywhere_lead_where_they_belong(
    qtbot: QtBot, window: MainWindow, mnist_sized_bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    image = tmp_path / "photos" / "cat" / "one.png"
    Image.fromarray(np.eye(28, dtype=np.uint8) * 255).save(image)
    window.go_to("Basis")
    dropped(window, image)
    qtbot.waitUntil(lambda: window.place == "Decompose", timeout=PATIENCE)
    qtbot.waitUntil(lambda: "one.png" in window.source.text(), timeout=PATIENCE)
    window.go_to("Denoise")
    dropped(window, image)
    qtbot.waitUntil(lambda: "one.png" in window.source.text(), timeout=PATIENCE)
    assert window.place == "Denoise"
    dropped(window, tmp_path / "photos")
    qtbot.waitUntil(lambda: window.place == "Train", timeout=PATIENCE)
    data = window.train().form.data
    qtbot.waitUntil(lambda: data.currentText() == str(tmp_path / "photos"), timeout=PATIENCE)
    (tmp_path / "a run").mkdir()
    (tmp_path / "a run" / "run.json").write_text("{}")
    window.go_to("Basis")
    dropped(window, tmp_path / "a run")
    qtbot.waitUntil(lambda: window.place == "Train", timeout=PATIENCE)
    assert Recent(Kind.RUN, str(tmp_path / "a run")) in window.recent.all
    another = Path(shutil.copytree(mnist_sized_bundle, tmp_path / "another"))
    dropped(window, another)
    qtbot.waitUntil(lambda: window.bundle_button.text() == "another", timeout=PATIENCE)
    (tmp_path / "notes.md").write_text("words")
    dropped(window, tmp_path / "notes.md")
    qtbot.waitUntil(lambda: "notes.md is nothing that can be opened" in window.message_bar.text)


def test_a_dropped_operator_is_added_to_the_bundle_that_it_was_made_with(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    assert window.selection.bundle is not None
    bundle = open_bundle(window.selection.bundle.path)
    matrix = np.eye(bundle.networks.latent_dimensions)
    save_operator(bundle, Operator("stay", matrix, "composed", "nothing moved", shift=matrix[0]))
    share_operator(bundle, "stay", tmp_path / "sent.safetensors")
    remove_operator(bundle, "stay")
    dropped(window, tmp_path / "sent.safetensors")
    qtbot.waitUntil(lambda: isinstance(window.workspace, OperateWorkspace), timeout=PATIENCE)
    workspace = window.workspace
    assert isinstance(workspace, OperateWorkspace)
    listed = workspace.fitted.operators
    qtbot.waitUntil(lambda: listed.count() == 1 and listed.item(0).text() == "stay", timeout=PATIENCE)
    remove_operator(bundle, "stay")
    (tmp_path / "sent.safetensors").write_bytes(b"words")
    dropped(window, tmp_path / "sent.safetensors")
    qtbot.waitUntil(lambda: "expected an operator" in window.message_bar.text, timeout=PATIENCE)


def test_a_pasted_file_is_taken_like_a_dropped_one(
    qtbot: QtBot, window: MainWindow, mnist_sized_bundle: Path, tmp_path: Path
) -> None:
    another = Path(shutil.copytree(mnist_sized_bundle, tmp_path / "pasted"))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(another))])
    QGuiApplication.clipboard().setMimeData(data)
    window.paste.trigger()
    qtbot.waitUntil(lambda: window.bundle_button.text() == "pasted", timeout=PATIENCE)
    QGuiApplication.clipboard().clear()
    window.paste.trigger()
    assert "on the clipboard" in window.message_bar.text


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("archive", "Share the bundle as one file"),
        ("share", "Share the bundle as one file"),
        ("import", "Import a shared bundle"),
        ("onnx", "Export networks as ONNX"),
        ("film", "Export a film of the path"),
        ("gif", "Export a film of the path"),
        ("noise", "Train denoisers"),
        ("adopt", "Adopt networks of your own"),
        ("own model", "Adopt networks of your own"),
        ("leace", "Compare operators"),
        ("optimal transport", "Compare operators"),
        ("shared operator", "Add a shared operator"),
    ],
)
def test_the_palette_knows_the_words_that_people_use(
    qtbot: QtBot, bare_window: MainWindow, typed: str, text: str
) -> None:
    palette = bare_window.guidance.palette
    palette.open()
    qtbot.keyClicks(palette.field, typed)
    assert text in [command.text for command in palette.shown[:4]]
    palette.put_away()


def test_a_film_of_the_path_leaves_the_window(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.go_to("Operate")
    window.exchange.export_film(tmp_path / "path.gif")
    assert "no images on the path yet" in window.message_bar.text
    workspace = window.go_to("Operate")
    assert isinstance(workspace, OperateWorkspace)
    qtbot.waitUntil(lambda: workspace.path.has_images, timeout=PATIENCE)
    window.exchange.export_film(tmp_path / "path.gif")
    qtbot.waitUntil(lambda: str(tmp_path / "path.gif") in window.message_bar.text, timeout=PATIENCE)
    with Image.open(tmp_path / "path.gif") as film:
        assert f"{film.n_frames} pictures, 5° apart" in window.message_bar.text


def test_denoisers_are_trained_from_denoise_with_progress_and_stop(
    qtbot: QtBot, bare_window: MainWindow, bundle_with_images: Path
) -> None:
    window, place = bare_window, bundle_with_images.with_name("small-denoisers")
    window.open_bundle(bundle_with_images)
    qtbot.waitUntil(lambda: window.selection.tests is not None, timeout=PATIENCE)
    denoise = window.go_to("Denoise")
    assert isinstance(denoise, DenoiseWorkspace)
    denoise.train_button.click()
    question = window.exchange.question
    assert question is not None
    next(button for button in question.buttons() if button.text() == "Train").click()
    assert window.jobs.names == ("Training denoisers",)
    words = window.jobs.findChild(ElidingLabel)
    assert words is not None
    qtbot.waitUntil(lambda: "Autoencoder, loss" in words.text(), timeout=PATIENCE)
    assert "training denoisers" in window.engine_state.words
    next(button for button in window.jobs.findChildren(QToolButton) if button.text() == "Stop").click()
    assert not window.jobs.isVisible()
    assert not place.exists()
    train = window._engine.denoise.train(steps=(1, 1))
    window.jobs.start("Training denoisers", train, window.exchange._take_denoisers)
    qtbot.waitUntil(lambda: str(place) in window.message_bar.text, timeout=PATIENCE)
    qtbot.waitUntil(lambda: denoise.start.button("saw_noise").isEnabled(), timeout=PATIENCE)


@pytest.fixture
def networks(tmp_path: Path) -> Path:
    """Three linear networks for grey images of 8 × 8 pixels, M = 4, 2 labels, as ONNX files."""
    onnx = pytest.importorskip("onnx")
    random = np.random.default_rng(0)

    def write(role: str, takes: list[int], gives: dict[str, list[int]]) -> None:
        real = onnx.TensorProto.FLOAT
        size = int(np.prod(takes))
        nodes = [onnx.helper.make_node("Flatten", ["given"], ["flat"])]
        weights = []
        for name, shape in gives.items():
            drawn = random.standard_normal((size, int(np.prod(shape)))).astype(np.float32) / size
            weights.append(onnx.numpy_helper.from_array(drawn, f"{name} weights"))
            weights.append(onnx.numpy_helper.from_array(np.array([-1, *shape]), f"{name} shape"))
            nodes.append(onnx.helper.make_node("MatMul", ["flat", f"{name} weights"], [f"{name} flat"]))
            nodes.append(onnx.helper.make_node("Tanh", [f"{name} flat"], [f"{name} bent"]))
            nodes.append(onnx.helper.make_node("Reshape", [f"{name} bent", f"{name} shape"], [name]))
        graph = onnx.helper.make_graph(
            nodes,
            role,
            [onnx.helper.make_tensor_value_info("given", real, ["N", *takes])],
            [onnx.helper.make_tensor_value_info(name, real, ["N", *shape]) for name, shape in gives.items()],
            weights,
        )
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=10)
        (tmp_path / f"{role}.onnx").write_bytes(model.SerializeToString())

    write("generator", [4], {"images": [1, 8, 8]})
    write("encoder", [1, 8, 8], {"mean": [4], "log_sigma": [4]})
    write("classifier", [1, 8, 8], {"logits": [2]})
    return tmp_path


def test_dropped_networks_are_adopted_by_a_form(
    qtbot: QtBot, bare_window: MainWindow, networks: Path, bundle_with_images: Path
) -> None:
    window = bare_window
    dropped(window, networks / "classifier.onnx", networks / "encoder.onnx")
    qtbot.waitUntil(lambda: window.exchange.form is not None, timeout=PATIENCE)
    form = window.exchange.form
    assert form is not None
    assert form.lines["encoder"].text() == (
        "encoder.onnx, encoder: takes images 1×8×8, gives mean, log_sigma"
    )
    assert form.lines["classifier"].text() == "classifier.onnx, classifier: takes images 1×8×8, gives logits"
    assert form.lines["generator"].text().startswith("Needed")
    assert not form.begin.isEnabled()
    form.add_files([str(networks / "generator.onnx")])
    qtbot.waitUntil(lambda: "codes of 4 numbers" in form.lines["generator"].text(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: form.data.findText("mnist") >= 0, timeout=PATIENCE)
    form.choose_data(str(bundle_with_images.parent / "halves"))
    assert form.name.text() == "generator"
    form.name.setText("my own")
    assert form.outlook.text().startswith("A bundle my own of Generator G, Encoder E, Classifier C as given.")
    form.begin.click()
    qtbot.waitUntil(lambda: window.jobs.names == ("Adopting my-own",), timeout=PATIENCE)
    words = window.jobs.findChild(ElidingLabel)
    assert words is not None
    qtbot.waitUntil(
        lambda: "hecking the networks" in words.text() or "eading" in words.text(), timeout=PATIENCE
    )
    assert "adopting my-own" in window.engine_state.words
    window.jobs.stop("Adopting my-own")
    assert not window.jobs.isVisible()
    assert not (bundles_folder() / "my-own").exists()


def test_adopted_networks_are_a_bundle_that_is_open_and_in_the_menu(
    qtbot: QtBot, bare_window: MainWindow, networks: Path, bundle_with_images: Path
) -> None:
    window = bare_window
    form = window.exchange.choose_networks()
    form.add_files([str(networks / f"{role}.onnx") for role in ("generator", "encoder", "classifier")])
    qtbot.waitUntil(lambda: len(form.adoption.networks) == 3, timeout=PATIENCE)
    form.choose_data(str(bundle_with_images.parent / "halves"))
    form.name.setText("whole")
    form.prior.setCurrentText("uniform")
    assert form.extent.placeholderText() == "-1,1", "what holds where nothing is typed"
    form.extent.setText("-4, 4")
    assert "generator's own prior, uniform:-4,4." in form.outlook.text()
    form.begin.click()
    qtbot.waitUntil(
        lambda: window.selection.bundle is not None and window.selection.bundle.path.name == "whole",
        timeout=PATIENCE,
    )
    assert window.data_set.text().endswith("sets · prior uniform on [-4, 4]")
    assert (bundles_folder() / "whole" / "generator.onnx").is_file()
    assert "whole" in window.message_bar.text
    assert "Open whole" in offered(window)


def test_the_form_says_what_is_trained_and_what_is_wrong_with_a_file(
    qtbot: QtBot, bare_window: MainWindow, networks: Path
) -> None:
    form = bare_window.exchange.choose_networks()
    form.add_files([str(networks / "generator.onnx")])
    qtbot.waitUntil(lambda: "generator" in form.adoption.networks, timeout=PATIENCE)
    form.choose_data("mnist")
    assert (
        "Encoder E and Classifier C trained here on mnist as the profile studio says" in form.outlook.text()
    )
    (networks / "broken.onnx").write_bytes(b"words")
    form.add_files([str(networks / "broken.onnx")])
    qtbot.waitUntil(lambda: "broken.onnx" in form.problem.text(), timeout=PATIENCE)
    form.reject()


def test_an_adoption_is_told_by_what_was_made_measured_and_steps() -> None:
    made = Adopted(Path("bundles/own"), ("encoder",), ("G is scaled.",), 100, 0.95, 0.3, 1.0)
    assert adopted_in_words(made) == (
        "The networks are the bundle own now, in bundles/own: of 100 held-out images C reads 95.0 % right, and 30.0 % "
        f"once they were encoded and decoded; 100.0 % of ξ are read as their own label. G is scaled. {made.doubts[0]}"
    )
    assert adopting(StepDone("encoder", 3, 10, 1, {}, 0.1)) == Doing("training the encoder", 0.3)
    assert adopting(BasisProgress("gathering", 0.5, 0.25)) == Doing("basis, gathering", 0.25)
    assert adopting(RunDone(Path("own"))) is None
