"""The Train workspace on real digits: started, watched, held, stepped, stopped, gone on with, used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from lsd_studio.engine.api import Engine
from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.runs.manifest import RunData, RunManifest, write_run
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.runs.summary import RunList, RunSummary
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.training.events import Paused, StepDone
from lsd_studio.engine.training.monitoring.broadcasts import TrainingEnded, TrainingReported, TrainingStarted
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.engine.training.stage_settings import run_stages_of
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.train.workspace import LIST, TrainWorkspace

PATIENCE = 240_000
"""Milliseconds; a wait ends as soon as there is what it waits for."""

IMAGES_A_LABEL = 100
SMALL = {
    "latent_dimensions": "4",
    "gan.epochs": "20",
    "gan.batch_size": "20",
    "gan.learning_rate": "1e-3",
    "gan.averaging": "0",
    "classifier.epochs": "5",
    "classifier.batch_size": "20",
    "classifier.averaging": "0",
    "encoder.epochs": "3",
    "encoder.batch_size": "20",
    "encoder.averaging": "0",
    "basis.vectors": "20",
    "basis.max_draws": "200000",
}
"""Settings of a run that is done in seconds and whose generator draws both digits."""


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder data set: real zeros and ones of MNIST's training images, 8 × 8 pixels, a sixth for testing."""
    folder = tmp_path_factory.mktemp("digits")
    training = load_data_set("mnist", "train")
    for label in (0, 1):
        chosen = (training.labels == label).nonzero()[0][:IMAGES_A_LABEL]
        for place, index in enumerate(chosen):
            folder_of_split = folder / ("test" if place % 6 == 5 else "train") / str(label)
            folder_of_split.mkdir(parents=True, exist_ok=True)
            small = Image.fromarray(training.images[index, 0]).resize((8, 8), Image.Resampling.BOX)
            small.save(folder_of_split / f"{index}.png")
    return folder


@pytest.fixture
def workspace(
    bare_window: MainWindow, engine: Engine, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TrainWorkspace]:
    """The workspace with nothing trained yet, and so with the form in front."""
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "data"))
    shown = bare_window.go_to("Train")
    assert isinstance(shown, TrainWorkspace)
    qtbot.waitUntil(lambda: shown.form.isVisible() and shown.form.is_good, timeout=PATIENCE)
    yield shown
    if engine.is_training:
        engine.training.cancel()
        qtbot.waitUntil(lambda: not engine.is_training, timeout=PATIENCE)
    assert not bare_window.message_bar.isVisible(), bare_window.message_bar.text


def fill_in(qtbot: QtBot, workspace: TrainWorkspace, data: Path, **changes: str) -> None:
    """Type the settings of a small run into the form."""
    form = workspace.form
    form.choose_data(str(data))
    for key, text in {**SMALL, **{name.replace("__", "."): text for name, text in changes.items()}}.items():
        form.rows[key].set_text(text)
    assert not form.is_good
    qtbot.waitUntil(lambda: form.is_good, timeout=PATIENCE)


def start(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    """Press the button and wait until the training can be held; for one that lasts longer than a look at it."""
    qtbot.mouseClick(workspace.form.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(workspace.view.pause.isVisible, timeout=PATIENCE)


def state(workspace: TrainWorkspace) -> str:
    run = workspace.runs.current
    return "" if run is None else run.state


def points(workspace: TrainWorkspace) -> float:
    """The last step that the curves in front hold."""
    traces = workspace.view.curves.panels[0].traces.traces
    return float(traces[0].steps[-1]) if traces else 0.0


@pytest.fixture
def reports(engine: Engine) -> Iterator[list[StepDone | Paused]]:
    """Every batch that the engine tells of, and every stop between two."""
    heard: list[StepDone | Paused] = []

    def hear(event: object) -> None:
        if isinstance(event, TrainingReported) and isinstance(event.report, StepDone | Paused):
            heard.append(event.report)

    engine.subscribe(hear)
    yield heard
    engine.unsubscribe(hear)


def test_a_training_is_watched_held_stepped_stopped_and_gone_on_with(
    qtbot: QtBot, workspace: TrainWorkspace, reports: list[StepDone | Paused], digits: Path
) -> None:
    view = workspace.view
    fill_in(qtbot, workspace, digits, gan__epochs="100000")
    workspace.form.name.setText("watched")
    start(qtbot, workspace)
    qtbot.waitUntil(lambda: view.curves.stage == "gan", timeout=PATIENCE)
    assert view.heading.text() == "watched"

    qtbot.waitUntil(lambda: points(workspace) > 10, timeout=PATIENCE)
    before = points(workspace)
    qtbot.waitUntil(lambda: points(workspace) > before, timeout=PATIENCE)

    qtbot.waitUntil(lambda: view.pictures.shown is not None, timeout=PATIENCE)
    first = view.pictures.shown
    assert first is not None
    assert view.pictures.histogram.shown is first
    qtbot.waitUntil(
        lambda: view.pictures.shown is not None and view.pictures.shown.frame.step > first.frame.step,
        timeout=PATIENCE,
    )
    newest = view.pictures.shown
    assert newest is not None
    assert not np.array_equal(newest.frame.groups[0].pictures, first.frame.groups[0].pictures)

    qtbot.mouseClick(view.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(reports[-1], Paused), timeout=PATIENCE)
    held = reports[-1].step
    assert workspace.is_held
    assert view.pause.text() == "Resume"
    qtbot.wait(500)
    assert reports[-1] == Paused("gan", held)

    qtbot.mouseClick(view.step, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: reports[-1] == Paused("gan", held + 1), timeout=PATIENCE)
    qtbot.waitUntil(lambda: workspace.progress.stages["gan"].step == held + 1, timeout=PATIENCE)
    assert workspace.is_held

    qtbot.mouseClick(view.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: reports[-1].step > held + 5, timeout=PATIENCE)
    assert not workspace.is_held

    view.pictures.scrubber.setValue(0)
    qtbot.waitUntil(
        lambda: view.pictures.shown is not None and view.pictures.shown.frame.step == view.pictures.steps[0],
        timeout=PATIENCE,
    )

    qtbot.mouseClick(view.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: state(workspace) == "stopped", timeout=PATIENCE)
    qtbot.waitUntil(view.resume.isVisible, timeout=PATIENCE)
    assert not view.pause.isVisible()
    heard, stopped = len(reports), reports[-1].step

    qtbot.mouseClick(view.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(reports) > heard, timeout=PATIENCE)
    assert reports[heard].step == stopped + 1
    qtbot.waitUntil(view.stop.isVisible, timeout=PATIENCE)
    qtbot.mouseClick(view.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: state(workspace) == "stopped", timeout=PATIENCE)


def test_a_finished_run_becomes_the_bundle_in_use_and_the_parent_of_a_branch(
    qtbot: QtBot, workspace: TrainWorkspace, bare_window: MainWindow, digits: Path
) -> None:
    fill_in(qtbot, workspace, digits)
    workspace.form.name.setText("parent")
    qtbot.mouseClick(workspace.form.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: state(workspace) == "finished", timeout=PATIENCE)
    parent = workspace.runs.current
    assert parent is not None
    assert parent.bundle is not None

    qtbot.mouseClick(workspace.runs.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: (
            bare_window.selection.bundle is not None and bare_window.selection.bundle.path == parent.bundle
        ),
        timeout=PATIENCE,
    )

    qtbot.mouseClick(workspace.runs.branch, Qt.MouseButton.LeftButton)
    form = workspace.form
    qtbot.waitUntil(lambda: form.is_good and form.overrides == (), timeout=PATIENCE)
    assert form.rows["encoder.epochs"].text == "3"
    form.rows["encoder.epochs"].set_text("2")
    qtbot.waitUntil(lambda: form.is_good, timeout=PATIENCE)
    assert form.overrides == ("encoder.epochs=2",)
    assert form.chosen == {
        "classifier": "keep",
        "judge": "keep",
        "gan": "keep",
        "encoder": "train",
        "joint": "train",
        "basis": "train",
    }
    qtbot.mouseClick(form.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: workspace.run not in (None, parent.run), timeout=PATIENCE)
    qtbot.waitUntil(lambda: state(workspace) == "finished", timeout=PATIENCE)
    branch = workspace.runs.current
    assert branch is not None
    assert branch.parent == parent.run
    assert [each.key for each in branch.differences] == ["encoder.epochs"]
    below = workspace.runs.tree.currentItem().parent()
    assert below is not None

    workspace.runs.tree.topLevelItem(0).setSelected(True)
    qtbot.waitUntil(lambda: "●" in workspace.view.curves.names.text(), timeout=PATIENCE)
    assert {trace.run for trace in workspace.view.curves.panels[0].traces.traces} == {branch.name, "parent"}


def test_what_to_do_next_is_in_sight(
    qtbot: QtBot, workspace: TrainWorkspace, bare_window: MainWindow
) -> None:
    assert bare_window.next_step.text().startswith("Choose a profile")
    qtbot.mouseClick(workspace.form.close_button, Qt.MouseButton.LeftButton)
    assert bare_window.next_step.text().startswith("Press New run")
    qtbot.mouseClick(workspace.runs.new_button, Qt.MouseButton.LeftButton)
    assert bare_window.next_step.text().startswith("Choose a profile")


def test_a_refused_setting_is_named_in_the_form(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    form = workspace.form
    row = form.rows["encoder.learning_rate"]
    row.set_text("-3")
    qtbot.waitUntil(form.problem.isVisible, timeout=PATIENCE)
    assert "encoder.learning_rate" in form.problem.text()
    assert not form.start.isEnabled()
    assert "refused" in row.editor.toolTip()
    qtbot.mouseClick(row.reset_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: form.is_good, timeout=PATIENCE)
    assert not form.problem.isVisible()


def test_settings_carry_the_papers_value_and_are_found_by_name(
    qtbot: QtBot, workspace: TrainWorkspace
) -> None:
    form = workspace.form
    assert "R8" in form.rows["encoder.label_weight"].editor.toolTip()
    form.search.setText("kl_weight")
    assert form.rows["encoder.kl_weight"].isVisible()
    assert not form.rows["encoder.epochs"].isVisible()
    form.search.setText("")
    form.profile.setCurrentText("paper")
    assert form.rows["gan.epochs"].text == "500"
    assert form.overrides == ()
    form.rows["gan.epochs"].set_text("9")
    assert form.overrides == ("gan.epochs=9",)
    form.changed_only.setChecked(True)
    assert [key for key, row in form.rows.items() if row.isVisible()] == ["gan.epochs"]


def test_an_estimate_says_how_long_it_takes_and_is_forgotten_with_the_next_change(
    qtbot: QtBot, workspace: TrainWorkspace, digits: Path
) -> None:
    fill_in(qtbot, workspace, digits)
    estimate = workspace.form.estimate
    qtbot.mouseClick(estimate.button, Qt.MouseButton.LeftButton)
    assert estimate.button.text() == "Stop"
    qtbot.waitUntil(lambda: estimate.known is not None, timeout=PATIENCE)
    assert estimate.known is not None
    assert estimate.words.text() == estimate.known.sentence
    assert set(estimate.known.seconds_by_stage) == set(run_stages_of(load_profile("studio")))
    workspace.form.rows["gan.epochs"].set_text("21")
    assert estimate.known is None
    assert "changed" in estimate.words.text()
    qtbot.waitUntil(lambda: workspace.form.is_good, timeout=PATIENCE)


def test_closing_in_the_middle_of_a_training_asks(
    qtbot: QtBot, workspace: TrainWorkspace, bare_window: MainWindow, engine: Engine, digits: Path
) -> None:
    fill_in(qtbot, workspace, digits, classifier__epochs="100000")
    start(qtbot, workspace)
    bare_window.close()
    question = bare_window.question
    assert question is not None
    assert bare_window.isVisible()
    go_on = next(
        button
        for button in question.buttons()
        if question.buttonRole(button) == QMessageBox.ButtonRole.RejectRole
    )
    qtbot.mouseClick(go_on, Qt.MouseButton.LeftButton)
    assert engine.is_training
    qtbot.mouseClick(workspace.view.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not engine.is_training, timeout=PATIENCE)


def test_a_run_from_elsewhere_is_opened_renamed_and_thrown_away_only_when_confirmed(
    qtbot: QtBot,
    workspace: TrainWorkspace,
    engine: Engine,
    tmp_path: Path,
    digits: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere = tmp_path / "elsewhere" / "run"
    overrides = tuple(f"{key}={text}" for key, text in {**SMALL, "gan.epochs": "100000"}.items())
    heard: list[object] = []
    engine.subscribe(heard.append)
    engine.training.start(TrainingSettings(elsewhere, data=str(digits), overrides=overrides))
    qtbot.waitUntil(lambda: any(_has_begun(event) for event in heard), timeout=PATIENCE)
    engine.training.cancel()
    qtbot.waitUntil(lambda: not engine.is_training, timeout=PATIENCE)
    workspace.open_folder(elsewhere.parent.resolve())
    qtbot.waitUntil(lambda: workspace.run == elsewhere.resolve(), timeout=PATIENCE)

    qtbot.mouseClick(workspace.runs.rename, Qt.MouseButton.LeftButton)
    dialog = workspace.management.dialog
    assert dialog is not None
    dialog.setTextValue("from afar")
    dialog.accept()
    qtbot.waitUntil(lambda: workspace.view.heading.text() == "from afar", timeout=PATIENCE)

    qtbot.mouseClick(workspace.runs.trash, Qt.MouseButton.LeftButton)
    question = workspace.management.question
    assert question is not None
    assert "from afar" in question.text()
    question.reject()
    assert elsewhere.exists()


def test_a_list_made_before_a_training_ended_does_not_bring_it_back(
    qtbot: QtBot, workspace: TrainWorkspace, tmp_path: Path
) -> None:
    run = (tmp_path / "run").resolve()
    run.mkdir()
    write_run(
        run, RunManifest(profile=load_profile("studio"), data=RunData(name="mnist", checksum="0"), seed=1)
    )
    tell = workspace._follow_training
    late = RunList(tmp_path, (RunSummary(run, "late", "running"),))
    asked: Call[Any, RunList] = Call()
    tell(TrainingStarted(run, "late"))
    workspace._take_list(late)
    assert workspace.view.pause.isVisible()
    workspace.tasks.deliver(asked, workspace._take_list, LIST)
    tell(TrainingEnded(run, "cancelled"))
    asked.finish(late)
    qtbot.waitUntil(workspace.view.resume.isVisible, timeout=PATIENCE)
    assert not workspace.view.pause.isVisible()


def test_a_training_that_cannot_begin_is_told_in_one_sentence(
    qtbot: QtBot, workspace: TrainWorkspace, bare_window: MainWindow, engine: Engine
) -> None:
    engine.training.start(TrainingSettings(data="mnist", overrides=("latent_dimensions=4",)))
    bar = bare_window.message_bar
    qtbot.waitUntil(bar.isVisible, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not workspace.tasks.is_busy, timeout=PATIENCE)
    assert bar.text.startswith("M = 4 latent dimensions are not a multiple of the 10 labels;")
    bar.hide()


def _has_begun(event: object) -> bool:
    return isinstance(event, TrainingReported) and isinstance(event.report, StepDone)


def test_an_autoencoder_has_settings_stages_and_pictures_of_its_own(
    qtbot: QtBot, workspace: TrainWorkspace, digits: Path
) -> None:
    form, view = workspace.form, workspace.view
    form.profile.setCurrentText("variational-autoencoder")
    assert form.chosen == {"classifier": "train", "autoencoder": "train"}
    assert form.stages["gan"].isHidden()
    form.search.setText("latent")
    assert [key for key, row in form.rows.items() if row.isVisible()] == ["autoencoder.latent_dimensions"]
    form.choose_data(str(digits))
    for key, text in (
        ("classifier.epochs", "1"),
        ("classifier.batch_size", "20"),
        ("autoencoder.epochs", "2"),
        ("autoencoder.batch_size", "20"),
        ("autoencoder.latent_dimensions", "3"),
    ):
        form.rows[key].set_text(text)
    qtbot.waitUntil(lambda: form.is_good, timeout=PATIENCE)
    qtbot.mouseClick(workspace.form.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: "Latent space" in workspace.next_step and view.pictures.shown is not None, timeout=PATIENCE
    )
    assert state(workspace) == "finished"
    shown = [stage for stage, button in view.stages.buttons.items() if not button.isHidden()]
    assert shown == ["classifier", "autoencoder"]
    assert view.stages.buttons["autoencoder"].status.state == "done"
    assert view.pictures.shown is not None
    assert [group.title for group in view.pictures.shown.frame.groups] == ["data", "encoded", "random"]
    assert not workspace.runs.use.isEnabled()
    form.profile.setCurrentText("studio")
    assert set(form.chosen) == set(run_stages_of(load_profile("studio")))
