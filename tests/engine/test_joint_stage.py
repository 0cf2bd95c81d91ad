"""Generator and encoder fine-tuned together: what moves, what stays, and that a stopped stage ends as a whole one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from lsd_studio.engine.api import Engine
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.networks import Generator
from lsd_studio.engine.operators.walks import AS_FOUND, AS_TRAINED
from lsd_studio.engine.runs.facts import checkpoint_file
from lsd_studio.engine.runs.frames import stored_frames
from lsd_studio.engine.runs.profiles import Profile, load_profile, override_profile
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import EpochDone, RunDone, StepDone, TrainingEvent
from lsd_studio.engine.training.plan import Plan, plan_training
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.engine.training.stage_settings import run_stages_of
from lsd_studio.engine.training.whole_run import carry_out, train_run
from tests.engine.small_digits import small_digits, tiny_profile

JOINT = ("joint.epochs=2", "joint.batch_size=40")


@pytest.fixture(scope="module")
def digits() -> LabelledImages:
    return small_digits()


def profile(*overrides: str) -> Profile:
    return tiny_profile("classifier.learning_rate=4e-3", "encoder.amplitude_weight=40", *overrides)


def train(
    run: Path, data: LabelledImages, chosen: Profile, resume: bool = False, control: Control | None = None
) -> Iterator[TrainingEvent]:
    plan = Plan(chosen, data.name, 3, run_stages_of(chosen), device="cpu", resume=resume)
    return train_run(plan, run, data, control)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, digits: LabelledImages) -> Path:
    run = tmp_path_factory.mktemp("joint") / "run"
    events = list(train(run, digits, profile(*JOINT)))
    assert isinstance(events[-1], RunDone)
    measured = [event for event in events if isinstance(event, EpochDone) and event.stage == "joint"]
    assert [event.epoch for event in measured] == [1, 2]
    assert {"turned_accuracy_mean", "psnr_mean", "signed_accuracy_mean"} <= set(measured[-1].measures)
    return run


def test_a_profile_has_the_stage_only_where_it_has_its_section() -> None:
    everything = ("classifier", "judge", "gan", "encoder", "joint", "basis")
    assert run_stages_of(load_profile("studio")) == everything
    assert run_stages_of(profile(*JOINT)) == ("classifier", "gan", "encoder", "joint", "basis")
    assert run_stages_of(load_profile("paper")) == ("classifier", "gan", "encoder", "basis")
    assert "joint" not in load_profile("paper").settings()
    assert override_profile(profile(*JOINT), ("joint.epochs=0",)) == profile()
    with pytest.raises(StudioError, match="no stage joint"):
        plan_training(TrainingSettings(profile="paper", stages=("joint",)))
    with pytest.raises(StudioError, match=r"no setting 'joint\.epochs'"):
        load_profile("autoencoder", ("joint.epochs=3",))


def test_both_networks_move_and_the_bundle_holds_them(trained: Path) -> None:
    networks = open_bundle(trained).networks
    for stage, network in (("gan", networks.generator), ("encoder", networks.encoder)):
        before = load_file(checkpoint_file(trained, stage))
        name = {"gan": "generator", "encoder": "encoder"}[stage]
        moved = [
            float((before[f"{name}/{key}"] - value).abs().max())
            for key, value in network.state_dict().items()
            if value.is_floating_point()
        ]
        assert max(moved) > 1e-4
    classifier = load_file(checkpoint_file(trained, "classifier"))
    for key, value in networks.classifier.state_dict().items():
        assert torch.equal(classifier[f"classifier/{key}"], value)


def test_the_bundle_and_the_run_tell_of_the_stage(trained: Path) -> None:
    bundle = open_bundle(trained)
    assert [stage.name for stage in bundle.manifest.stages] == ["classifier", "gan", "encoder", "joint"]
    assert bundle.profile.joint is not None
    assert bundle.profile.joint.epochs == 2
    assert stored_frames(trained, "joint")


def test_a_path_begins_with_the_rotation_where_it_was_trained(trained: Path) -> None:
    with Engine() as engine:
        assert engine.bundles.open(trained).result().usual_path == AS_TRAINED
        assert engine.bundles.open("mnist-paper").result().usual_path == AS_FOUND


def test_axes_that_are_fixed_stay_and_running_ones_move(
    trained: Path, digits: LabelledImages, tmp_path: Path
) -> None:
    def axes(run: Path, stage: str) -> np.ndarray:
        return load_file(checkpoint_file(run, stage))["axes/sums"].numpy()

    np.testing.assert_array_equal(axes(trained, "joint"), axes(trained, "encoder"))
    branch = tmp_path / "branch"
    plan = plan_training(
        TrainingSettings(
            branch, parent=trained, overrides=("joint.axes=running", "joint.epochs=1"), device="cpu"
        )
    )
    assert plan.taken_over == ("classifier", "gan", "encoder")
    assert isinstance(list(carry_out(plan, branch, digits, Control()))[-1], RunDone)
    assert np.abs(axes(branch, "joint") - axes(branch, "encoder")).max() > 0


def test_axes_drawn_at_random_stay_and_pull_labels_onto_themselves(
    trained: Path, digits: LabelledImages, tmp_path: Path
) -> None:
    branch = tmp_path / "random"
    overrides = ("encoder.axes=random", "encoder.epochs=5", "joint.epochs=0")
    plan = plan_training(TrainingSettings(branch, parent=trained, overrides=overrides, device="cpu"))
    assert plan.taken_over == ("classifier", "gan")
    events = list(carry_out(plan, branch, digits, Control()))
    assert isinstance(events[-1], RunDone)
    kept = load_file(checkpoint_file(branch, "encoder"))
    axes = kept["axes/sums"].numpy()
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-6)
    np.testing.assert_array_equal(kept["axes/weights"].numpy(), 1)
    codes, _ = open_bundle(branch).networks.encode(scale_pixels(digits.images))
    assert ((codes @ axes.T).argmax(axis=1) == digits.labels).mean() > 0.8


def test_the_anchor_keeps_what_random_codes_are_drawn_as(
    trained: Path, digits: LabelledImages, tmp_path: Path
) -> None:
    before = Generator(4, digits.image_shape).eval()
    of_gan = load_file(checkpoint_file(trained, "gan"))
    before.load_state_dict({key: of_gan[f"generator/{key}"] for key in before.state_dict()})
    codes = torch.randn((200, 4), generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        pictures = before(codes).numpy()

    def moved(weight: float) -> float:
        branch = tmp_path / f"{weight:g}"
        settings = TrainingSettings(
            branch, parent=trained, overrides=(f"joint.anchor_weight={weight}",), device="cpu"
        )
        assert isinstance(list(carry_out(plan_training(settings), branch, digits, Control()))[-1], RunDone)
        return float(np.square(open_bundle(branch).networks.decode(codes.numpy()) - pictures).mean())

    assert moved(10000) < 0.7 * moved(0)


def test_a_stage_that_is_stopped_again_and_again_ends_at_the_same_weights(
    trained: Path, digits: LabelledImages, tmp_path: Path
) -> None:
    """Every third batch, so that it ends within epochs and between them."""
    run, finished, stops = tmp_path / "parted", False, 0
    while not finished:
        control = Control()
        for event in train(run, digits, profile(*JOINT), resume=stops > 0, control=control):
            finished = isinstance(event, RunDone)
            if isinstance(event, StepDone) and event.stage == "joint" and event.step % 3 == 0:
                control.cancel()
        stops += 1
    assert stops > 2
    whole, parted = (load_file(checkpoint_file(each, "joint")) for each in (trained, run))
    assert whole.keys() == parted.keys()
    for name, value in whole.items():
        assert torch.equal(value, parted[name]), name


def test_settings_that_are_not_of_the_stage_are_named() -> None:
    with pytest.raises(StudioError, match=r"joint\.turn_weight"):
        override_profile(profile(*JOINT), ("joint.turn_weigth=3",))
    with pytest.raises(StudioError, match=r"joint\.epochs = -1 is refused"):
        profile("joint.epochs=-1")
