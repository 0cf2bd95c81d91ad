"""What is refused before the first batch, and what a refusal leaves as it was."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.files import choose_runs_folder, run_file
from lsd_studio.engine.runs.manifest import read_run
from lsd_studio.engine.runs.state import hold_run, is_held, read_state
from lsd_studio.engine.training import whole_run
from lsd_studio.engine.training.branch import branch_run
from lsd_studio.engine.training.bundle_facts import bundle_facts
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import EpochDone, StepDone
from lsd_studio.engine.training.plan import Plan, folder_of, plan_training, planned_images
from lsd_studio.engine.training.run import make_fabric
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.engine.training.stages import ClassifierStage
from lsd_studio.engine.training.trial import estimate_in_steps
from lsd_studio.engine.training.whole_run import carry_out, train_run
from lsd_studio.files.writing import is_leftover
from tests.engine.small_digits import TINY, small_digits, tiny_profile


@pytest.fixture(scope="module")
def digits():
    return small_digits()


def tiny(*overrides: str):
    return tiny_profile("classifier.epochs=2", *overrides)


def train(run: Path, data, *overrides: str, resume: bool = False, seed: int = 3):
    plan = Plan(tiny(*overrides), data.name, seed=seed, stages=("classifier",), device="cpu", resume=resume)
    return train_run(plan, run, data)


def train_and(run: Path, data, do: Callable[[], object]) -> None:
    """Train, and do something after the third batch."""
    for event in train(run, data):
        if isinstance(event, StepDone) and event.step == 3:
            do()


def test_a_resume_that_is_refused_changes_nothing_of_the_run_that_is_trained(tmp_path, digits):
    run = tmp_path / "run"
    list(train(run, digits))
    before = {file: file.read_bytes() for file in run.rglob("*.*") if file.is_file()}
    lock = hold_run(run)
    try:
        with pytest.raises(StudioError, match="is being trained by another process"):
            list(train(run, digits, "gan.epochs=9", resume=True))
    finally:
        lock.release()
    assert {file: file.read_bytes() for file in run.rglob("*.*") if file.is_file()} == before
    list(train(run, digits, "gan.epochs=9", resume=True))
    assert read_run(run).profile.gan.epochs == 9


def test_a_run_that_is_not_to_be_resumed_is_left_as_it_is(tmp_path, digits):
    run = tmp_path / "run"
    list(train(run, digits))
    before = {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}
    for refused in (train(run, digits), train(run, digits, resume=True, seed=4)):
        with pytest.raises(StudioError):
            list(refused)
    assert {file: file.read_bytes() for file in run.rglob("*") if file.is_file()} == before


NAMES = ("0", "1")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"label_names": ("", *NAMES[1:])}, "field label_names.0"),
        ({"label_names": ("1", *NAMES[1:])}, "must differ"),
        ({"label_names": ("x" * 301, *NAMES[1:])}, "field label_names.0"),
        ({"name": "d" * 5000}, "field name"),
        ({"name": ""}, "field name"),
        ({"checksum": "none"}, "field checksum"),
    ],
)
def test_what_no_bundle_could_say_is_refused_before_the_first_batch(tmp_path, digits, changes, said):
    data = replace(digits, **changes)
    with pytest.raises(StudioError, match=said) as refused:
        list(train(tmp_path / "run", data))
    assert "no bundle could describe it" in str(refused.value)
    assert not (tmp_path / "run").exists()
    with pytest.raises(StudioError, match=said):
        list(estimate_in_steps(Plan(tiny(), data.name, 0, ("classifier",), device="cpu"), data))


def test_too_many_labels_and_too_large_a_seed_are_refused(tmp_path, digits):
    with pytest.raises(StudioError, match=r"field seeds\.training"):
        list(train(tmp_path / "run", digits, seed=2**63))
    with pytest.raises(StudioError, match="field label_names"):
        bundle_facts(tiny(), replace(digits, label_names=tuple(map(str, range(10_001)))), 0)


def test_images_of_five_channels_are_refused_before_the_first_batch(tmp_path, digits):
    data = replace(digits, images=digits.images.repeat(5, axis=1))
    with pytest.raises(StudioError, match=r"field image_shape\.0"):
        list(train(tmp_path / "run", data))


@pytest.mark.parametrize("variable", ["WORLD_SIZE", "LOCAL_WORLD_SIZE"])
@pytest.mark.parametrize("value", ["abc", "0", "-1", "1.5", "9" * 5000, "²"])
def test_a_number_of_processes_that_is_none(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(StudioError, match=f"The environment variable {variable} is"):
        make_fabric(tiny(), "cpu")


def test_bundles_and_data_sets_are_no_folders_for_runs(tmp_path, digits, save_small_bundle, monkeypatch):
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "settings"))
    bundle = save_small_bundle(tmp_path / "bundle")
    images = tmp_path / "images"
    for label in ("left", "right"):
        (images / label).mkdir(parents=True)
        Image.new("L", (8, 8)).save(images / label / "0.png")
    for folder, said in ((bundle, "is the folder of a bundle"), (images, "is a folder of images")):
        before = sorted(folder.rglob("*"))
        with pytest.raises(StudioError, match=said):
            list(train(folder, digits))
        with pytest.raises(StudioError, match=said):
            choose_runs_folder(folder)
        assert sorted(folder.rglob("*")) == before
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    (tmp_path / "runs" / "mine" / "figure.png").touch()
    choose_runs_folder(tmp_path / "runs")


def test_a_run_that_is_moved_while_it_is_trained_leaves_no_ghost_and_goes_on_where_it_is(tmp_path, digits):
    run, moved = tmp_path / "run", tmp_path / "moved"
    with pytest.raises(StudioError, match="was moved or removed while it was trained"):
        train_and(run, digits, lambda: run.rename(moved))
    assert sorted(os.listdir(tmp_path)) == ["moved"]
    assert not is_held(moved)
    assert any(isinstance(event, EpochDone) for event in train(moved, digits, resume=True))
    state = read_state(moved)
    assert state is not None
    assert state.state == "stopped"


def test_a_run_that_is_thrown_away_while_it_is_trained_leaves_no_ghost(tmp_path, digits):
    run = tmp_path / "run"
    with pytest.raises(StudioError, match="was moved or removed while it was trained"):
        train_and(run, digits, lambda: shutil.rmtree(run))
    assert not run.exists()


def test_what_a_killed_process_left_in_a_run_goes_when_it_is_resumed(tmp_path, digits):
    run = tmp_path / "run"
    list(train(run, digits))
    for place in (run, run / "checkpoints"):
        (place / f".{run_file(run).name}.new-01234567").write_text(json.dumps({}))
    list(train(run, digits, resume=True))
    assert not [file for file in run.rglob("*") if is_leftover(file.name)]


def test_a_run_inside_its_own_data_folder_is_resumed_and_its_files_are_no_images(tmp_path):
    images = tmp_path / "images"
    for label, shade in (("left", 0), ("right", 255)):
        (images / label).mkdir(parents=True)
        for number in range(40):
            Image.new("L", (8, 8), abs(shade - number)).save(images / label / f"{number}.png")
    request = TrainingSettings(
        run=images / "run",
        data=str(images),
        stages=("classifier",),
        device="cpu",
        overrides=(*TINY, "classifier.epochs=2", "classifier.batch_size=8"),
    )
    for asked in (request, replace(request, data=None, resume=True)):
        plan = plan_training(asked)
        data = planned_images(plan)
        assert data.label_names == ("left", "right")
        list(carry_out(plan, images / "run", data, Control()))
        Image.new("L", (8, 8)).save(images / "run" / "figure.png")
    assert any("LSD Studio's own output" in note for note in data.notes)


@pytest.mark.parametrize("named", [True, False])
def test_a_training_that_memory_does_not_suffice_for_leaves_no_folder(
    tmp_path, digits, monkeypatch: pytest.MonkeyPatch, named: bool
):
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(whole_run, "available_bytes", lambda device: 1000)
    run = tmp_path / "run" if named else None
    plan = Plan(tiny(), digits.name, seed=3, stages=("classifier",), run=run, device="cpu")
    folder = folder_of(plan)
    with pytest.raises(StudioError, match="of memory, and 0 MB are free"):
        list(carry_out(plan, folder, digits, Control()))
    assert not folder.exists()


def test_a_branch_that_cannot_be_made_leaves_no_folder(tmp_path, digits):
    parent, branch = tmp_path / "parent", tmp_path / "branch"
    list(train(parent, digits))
    plan = Plan(tiny(), digits.name, seed=3, stages=("encoder",), taken_over=("classifier", "gan"))
    with pytest.raises(StudioError, match="cannot be written"):
        branch_run(plan, parent, branch, digits)
    assert not branch.exists()


def test_a_run_that_ends_by_a_mistake_of_the_program_says_so_in_a_sentence(
    tmp_path, digits, monkeypatch: pytest.MonkeyPatch
):
    def step(*given):
        raise KeyError("weights")

    monkeypatch.setattr(ClassifierStage, "step", step)
    with pytest.raises(KeyError):
        list(train(tmp_path / "run", digits))
    state = read_state(tmp_path / "run")
    assert state is not None
    assert state.sentence.startswith("Something went wrong inside the program")
