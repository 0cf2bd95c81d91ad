"""The judge: a second classifier that no loss sees, trained beside C and kept in the bundle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.networks import Judge
from lsd_studio.engine.runs.facts import checkpoint_file
from lsd_studio.engine.runs.profiles import Profile, load_profile
from lsd_studio.engine.training.events import EpochDone, RunDone
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.stage_settings import run_stages_of, settings_behind
from lsd_studio.engine.training.whole_run import train_run
from tests.engine.small_digits import small_digits, tiny_profile


@pytest.fixture(scope="module")
def digits() -> LabelledImages:
    return small_digits()


def profile(*overrides: str) -> Profile:
    return tiny_profile("classifier.learning_rate=4e-3", *overrides)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, digits: LabelledImages) -> Path:
    run = tmp_path_factory.mktemp("judge") / "run"
    chosen = profile("judge.epochs=30", "judge.batch_size=20")
    events = list(train_run(Plan(chosen, digits.name, 3, run_stages_of(chosen), device="cpu"), run, digits))
    assert isinstance(events[-1], RunDone)
    measured = [event for event in events if isinstance(event, EpochDone) and event.stage == "judge"]
    assert measured[-1].measures["held_out_accuracy"] > 0.8
    return run


def test_it_is_trained_beside_the_classifier_where_the_profile_has_its_section() -> None:
    assert run_stages_of(load_profile("studio", ("judge.epochs=2",)))[:3] == ("classifier", "judge", "gan")
    assert "judge" not in run_stages_of(load_profile("studio", ("judge.epochs=0",)))
    assert "judge" not in load_profile("paper").settings()
    with pytest.raises(StudioError, match=r"no setting 'judge\.epochs'"):
        load_profile("autoencoder", ("judge.epochs=3",))


def test_nothing_else_depends_on_it() -> None:
    judged = profile("judge.epochs=2")
    for stage in ("classifier", "gan", "encoder"):
        assert settings_behind(stage, judged) == settings_behind(stage, profile())


def test_the_bundle_holds_it_and_it_reads_images(trained: Path, digits: LabelledImages) -> None:
    bundle = open_bundle(trained)
    images = np.float32(digits.images) / 127.5 - 1
    read = bundle.networks.judge_images(images)
    assert read is not None
    assert np.allclose(read.sum(axis=1), 1, atol=1e-5)
    assert (read.argmax(axis=1) == digits.labels).mean() > 0.8
    assert "judge.safetensors" in bundle.manifest.files
    assert checkpoint_file(trained, "judge").is_file()


def test_a_bundle_without_one_says_so() -> None:
    assert open_bundle("mnist-paper").networks.judge_images(np.zeros((1, 1, 28, 28), np.float32)) is None


def test_its_architecture_takes_colour_and_any_edge() -> None:
    for shape in ((3, 32, 32), (1, 8, 8)):
        assert Judge(shape, 7, (4, 6, 8))(torch.zeros(2, *shape)).shape == (2, 7)
